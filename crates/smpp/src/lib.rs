//! SMPP 3.4: a client session that batches its writes, receipts as carriers really write them, and a simulator SMSC.
//!
//! *Invariants*: a frame is cut by its length before anybody decodes it, so nothing that a peer sends desynchronises the
//! stream or panics; every submit gets exactly one [`session::Answer`], and "not written" is only said of what the peer
//! cannot have received as a whole; numbers, texts and passwords are not logged.

pub mod bind;
mod message_id;
mod password;
pub mod random;
pub mod receipt;
pub mod session;
pub mod simulator;
pub mod status;
pub mod tls;
pub mod wire;

pub use bind::{Bind, BindRange, BindRole};
pub use message_id::{IdBase, MessageId};
pub use password::Password;
pub use receipt::ReceiptState;
pub use session::Session;
pub use simulator::Simulator;
