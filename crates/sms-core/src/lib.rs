//! Links to carriers. [`Core`] is what the engine sees: lanes that take submissions and give one outcome per part, a
//! stream of receipts that are answered only when acknowledged, and the health of the links.
//!
//! *Invariants*: nothing here is durable, and nothing here resends what may be with a carrier: a part whose answer is
//! lost is [`PartResult::Uncertain`] and stays so. Only what a carrier has said no to, or what was certainly never
//! written, is tried again.

pub mod certificate;
mod core;
mod in_process;
mod message;
pub mod metrics;
mod policy;
mod pool;
mod receipts;
pub mod remote;
mod settings;
mod status;
mod switchboard;

pub use core::{Core, CoreError, Feed, Lane, LaneSender, LinkOrder, Outcomes, Priority, Tenant};
pub use domain::{
    channel::{ChannelId, InvalidChannelId},
    link::{AddressRange, BindMode, LongMessages, ReceiptRequest, RetryRule, StatusPolicy, Timers},
};
pub use in_process::{InProcessCore, test_bind};
pub use message::{PartOutcome, PartResult, Submission};
pub use pool::{PoolMember, PoolSettings};
pub use receipts::{Inbound, Receipt, ReceiptBatch, ReceiptStream};
pub use settings::{CoreSettings, LinkSettings, SettingsError};
pub use smpp::{
    IdBase, MessageId, Password, ReceiptState,
    tls::{TlsSettings, TlsTexts},
};
pub use status::{LinkCounters, LinkState, LinkStatus, LinkTimes};
pub use switchboard::Switchboard;
