//! SMPP 3.4.

mod message_id;
mod receipt;

pub use message_id::MessageId;
pub use receipt::ReceiptState;
