//! Octets on the wire: frames, the PDUs written by the thousand, and a lenient reading of what carriers send.
//!
//! PDUs that matter for speed are written by our own encoder straight into the output buffer, and those that carriers
//! get wrong are read by our own decoder; the tests hold both against `rusmpp-core`, which also decodes everything in
//! the simulator, strictly.

mod decode;
mod encode;
mod frame;
mod tlv;

pub use decode::{DeliverSm, message_id, octets_until_nul};
pub use encode::{
    DeliverMessage, DeliverReceipt, Destination, SubmitSm, bind, deliver_message, deliver_receipt, header_only,
    message_id_response, submit_sm, system_id_response,
};
pub use frame::{Frame, FrameError, HEADER_OCTETS, Header, MAX_COMMAND_LENGTH, next_frame};
pub use tlv::{Tlvs, tag};

/// command_id, SMPP 3.4 §5.1.2.1.
pub mod command {
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    pub const BIND_RECEIVER: u32 = 0x0000_0001;
    pub const BIND_TRANSMITTER: u32 = 0x0000_0002;
    pub const SUBMIT_SM: u32 = 0x0000_0004;
    pub const SUBMIT_SM_RESP: u32 = 0x8000_0004;
    pub const DELIVER_SM: u32 = 0x0000_0005;
    pub const DELIVER_SM_RESP: u32 = 0x8000_0005;
    pub const UNBIND: u32 = 0x0000_0006;
    pub const UNBIND_RESP: u32 = 0x8000_0006;
    pub const BIND_TRANSCEIVER: u32 = 0x0000_0009;
    pub const OUTBIND: u32 = 0x0000_000B;
    pub const ENQUIRE_LINK: u32 = 0x0000_0015;
    pub const ENQUIRE_LINK_RESP: u32 = 0x8000_0015;
    pub const ALERT_NOTIFICATION: u32 = 0x0000_0102;

    /// The bit that makes a request's id its response's.
    pub const RESPONSE: u32 = 0x8000_0000;
}
