//! Links to carriers. [`Core`] is what the engine sees: lanes that take submissions and give one outcome per part, a
//! stream of receipts that are answered only when acknowledged, and the health of the links.
//!
//! *Invariants*: nothing here is durable, and nothing here resends what may be with a carrier: a part whose answer is
//! lost is [`PartResult::Uncertain`] and stays so. Only what a carrier has said no to, or what was certainly never
//! written, is tried again.

mod channel;
mod core;
mod in_process;
mod message;
mod policy;
mod receipts;
mod settings;
mod status;

pub use channel::{ChannelId, InvalidChannelId};
pub use core::{Core, CoreError, Feed, Lane, LaneSender, Outcomes, Priority};
pub use in_process::InProcessCore;
pub use message::{PartOutcome, PartResult, Submission};
pub use policy::{RetryRule, StatusPolicy};
pub use receipts::{Inbound, Receipt, ReceiptBatch, ReceiptStream};
pub use settings::{CoreSettings, LinkSettings, ReceiptRequest, SettingsError, Timers};
pub use smpp::{BindRole, IdBase, MessageId, Password, ReceiptState};
pub use status::{LinkCounters, LinkState, LinkStatus};
