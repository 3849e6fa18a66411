//! Delivery receipts.

use serde::{Deserialize, Serialize};

/// What a carrier says has become of a message: `stat:` of SMPP 3.4 appendix B, or the TLV message_state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ReceiptState {
    Enroute = 1,
    Delivered = 2,
    Expired = 3,
    Deleted = 4,
    Undeliverable = 5,
    /// Read by somebody on the subscriber's behalf, or merely taken into the network: final or not by carrier.
    Accepted = 6,
    Unknown = 7,
    Rejected = 8,
}
