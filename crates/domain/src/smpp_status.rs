//! What an SMSC says: `command_status` of its answers (SMPP 3.4 §5.1.3) and the states in receipts (§5.2.28).
//!
//! Whether a refusal is worth another try is carrier policy in the end: the classes are defaults that a link overrides.
//! The `err:` of a receipt is the carrier's own code and none of these.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What to do about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Success,
    /// Slow down and try again; it is no failed attempt.
    Throttled,
    /// Back off, and try again a few times.
    Temporary,
    /// Bind again.
    Session,
    /// Stop the link and call somebody.
    Link,
    /// This message fails.
    Permanent,
}

impl Class {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Success => "Accepted",
            Self::Throttled => "Throttled",
            Self::Temporary => "Temporary",
            Self::Session => "Session",
            Self::Link => "Link",
            Self::Permanent => "Permanent",
        }
    }
}

/// A `command_status`, explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub code: u32,
    /// The standard's name; for other codes whose they are.
    pub name: &'static str,
    pub class: Class,
    /// For the person whose message it was.
    pub meaning: &'static str,
}

/// `0x00000058 ESME_RTHROTTLED`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x} {}", self.code, self.name)
    }
}

/// Every code has an explanation; those that the standard does not know count as permanent.
#[must_use]
pub fn describe(code: u32) -> Status {
    if let Ok(index) = STATUSES.binary_search_by_key(&code, |status| status.code) {
        return STATUSES[index];
    }
    let (name, meaning) = match code {
        0x400..=0x4FF => ("vendor-specific", "The carrier refused it with a code of its own; ask the carrier."),
        _ => ("reserved", "The carrier refused it with a code that the standard does not know; ask the carrier."),
    };
    Status { code, name, class: Class::Permanent, meaning }
}

#[must_use]
pub fn class(code: u32) -> Class {
    describe(code).class
}

const fn status(code: u32, name: &'static str, class: Class, meaning: &'static str) -> Status {
    Status { code, name, class, meaning }
}

/// In the order of the codes.
#[rustfmt::skip]
static STATUSES: [Status; 48] = {
    use Class::{Link, Permanent, Session, Success, Temporary, Throttled};
    [
        status(0x00, "ESME_ROK", Success, "The carrier accepted it."),
        status(0x01, "ESME_RINVMSGLEN", Permanent, "The text is longer than the carrier takes."),
        status(0x02, "ESME_RINVCMDLEN", Permanent, "The carrier could not read the request (its length)."),
        status(0x03, "ESME_RINVCMDID", Permanent, "The carrier does not know this kind of request."),
        status(0x04, "ESME_RINVBNDSTS", Session, "The session was not bound for sending; it is bound again."),
        status(0x05, "ESME_RALYBND", Session, "The session was bound already; it is bound again."),
        status(0x06, "ESME_RINVPRTFLG", Permanent, "The carrier does not take this priority."),
        status(0x07, "ESME_RINVREGDLVFLG", Permanent, "The carrier does not give receipts of this kind."),
        status(0x08, "ESME_RSYSERR", Temporary, "The carrier had an error of its own."),
        status(0x0A, "ESME_RINVSRCADR", Permanent, "The carrier does not allow this sender address."),
        status(0x0B, "ESME_RINVDSTADR", Permanent, "The carrier does not know the recipient's number."),
        status(0x0C, "ESME_RINVMSGID", Permanent, "The carrier does not know this message id."),
        status(0x0D, "ESME_RBINDFAIL", Link, "The carrier refused the connection."),
        status(0x0E, "ESME_RINVPASWD", Link, "The carrier refused the link's password."),
        status(0x0F, "ESME_RINVSYSID", Link, "The carrier does not know the link's system id."),
        status(0x11, "ESME_RCANCELFAIL", Permanent, "The message could not be cancelled."),
        status(0x13, "ESME_RREPLACEFAIL", Permanent, "The message could not be replaced."),
        status(0x14, "ESME_RMSGQFUL", Temporary, "The carrier's queue is full."),
        status(0x15, "ESME_RINVSERTYP", Permanent, "The carrier does not know the service type of the link."),
        status(0x33, "ESME_RINVNUMDESTS", Permanent, "The number of destinations is not allowed."),
        status(0x34, "ESME_RINVDLNAME", Permanent, "The carrier does not know this distribution list."),
        status(0x40, "ESME_RINVDESTFLAG", Permanent, "The kind of destination is not allowed."),
        status(0x42, "ESME_RINVSUBREP", Permanent, "The carrier does not replace messages on submission."),
        status(0x43, "ESME_RINVESMCLASS", Permanent, "The carrier does not take this kind of message, such as long ones."),
        status(0x44, "ESME_RCNTSUBDL", Permanent, "The carrier does not send to distribution lists."),
        status(0x45, "ESME_RSUBMITFAIL", Permanent, "The carrier could not take the message and gave no reason."),
        status(0x48, "ESME_RINVSRCTON", Permanent, "The carrier does not allow the sender's TON."),
        status(0x49, "ESME_RINVSRCNPI", Permanent, "The carrier does not allow the sender's NPI."),
        status(0x50, "ESME_RINVDSTTON", Permanent, "The carrier does not allow the destination's TON."),
        status(0x51, "ESME_RINVDSTNPI", Permanent, "The carrier does not allow the destination's NPI."),
        status(0x53, "ESME_RINVSYSTYP", Link, "The carrier does not know the link's system type."),
        status(0x54, "ESME_RINVREPFLAG", Permanent, "The carrier does not take this replace flag."),
        status(0x55, "ESME_RINVNUMMSGS", Permanent, "The number of messages is not allowed."),
        status(0x58, "ESME_RTHROTTLED", Throttled, "More was sent than the carrier allows; the link slows down."),
        status(0x61, "ESME_RINVSCHED", Permanent, "The carrier does not take this delivery time."),
        status(0x62, "ESME_RINVEXPIRY", Permanent, "The carrier does not take this validity."),
        status(0x63, "ESME_RINVDFTMSGID", Permanent, "The carrier does not know this predefined message."),
        status(0x64, "ESME_RX_T_APPN", Temporary, "The receiving side had a temporary error."),
        status(0x65, "ESME_RX_P_APPN", Permanent, "The receiving side had a permanent error."),
        status(0x66, "ESME_RX_R_APPN", Permanent, "The receiving side refused the message."),
        status(0x67, "ESME_RQUERYFAIL", Permanent, "The state of the message could not be asked for."),
        status(0xC0, "ESME_RINVOPTPARSTREAM", Permanent, "The carrier could not read the optional parameters."),
        status(0xC1, "ESME_ROPTPARNOTALLWD", Permanent, "The carrier does not allow an optional parameter that was sent."),
        status(0xC2, "ESME_RINVPARLEN", Permanent, "A parameter has a length that the carrier does not take."),
        status(0xC3, "ESME_RMISSINGOPTPARAM", Permanent, "The carrier expects an optional parameter that was not sent."),
        status(0xC4, "ESME_RINVOPTPARAMVAL", Permanent, "The carrier does not take the value of an optional parameter."),
        status(0xFE, "ESME_RDELIVERYFAILURE", Permanent, "The carrier could not deliver it."),
        status(0xFF, "ESME_RUNKNOWNERR", Permanent, "The carrier refused it and does not say why."),
    ]
};

/// The state that a receipt reports. The discriminants are those of `message_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ReceiptState {
    EnRoute = 1,
    Delivered = 2,
    Expired = 3,
    Deleted = 4,
    Undeliverable = 5,
    /// Final at some carriers, on the way at others: a setting of the link.
    Accepted = 6,
    Unknown = 7,
    Rejected = 8,
}

impl ReceiptState {
    pub const ALL: [Self; 8] = [
        Self::EnRoute,
        Self::Delivered,
        Self::Expired,
        Self::Deleted,
        Self::Undeliverable,
        Self::Accepted,
        Self::Unknown,
        Self::Rejected,
    ];

    /// From the TLV 0x0427.
    #[must_use]
    pub fn from_message_state(octet: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| *state as u8 == octet)
    }

    /// From the `stat:` of a receipt's text, in either case.
    #[must_use]
    pub fn from_stat(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.stat().eq_ignore_ascii_case(text))
    }

    /// As in the text of receipts (SMPP 3.4 appendix B).
    #[must_use]
    pub const fn stat(self) -> &'static str {
        match self {
            Self::EnRoute => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
        }
    }

    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::EnRoute => "On its way to the phone.",
            Self::Delivered => "Delivered to the phone.",
            Self::Expired => "The phone could not be reached before the message's validity ran out.",
            Self::Deleted => "The carrier deleted it.",
            Self::Undeliverable => "It cannot be delivered, for example because the number is not in use.",
            Self::Accepted => "The carrier read it on behalf of the recipient.",
            Self::Unknown => "The carrier does not know what became of it.",
            Self::Rejected => "The carrier refused to deliver it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order() {
        assert!(STATUSES.is_sorted_by(|a, b| a.code < b.code));
    }

    #[test]
    fn classes_are_those_of_the_facts() {
        for (class, codes) in [
            (Class::Success, &[0x00][..]),
            (Class::Throttled, &[0x58]),
            (Class::Temporary, &[0x14, 0x08, 0x64]),
            (Class::Session, &[0x04, 0x05]),
            (Class::Link, &[0x0D, 0x0E, 0x0F, 0x53]),
            (Class::Permanent, &[0x01, 0x0A, 0x0B, 0x15, 0x43, 0x48, 0x51, 0x61, 0x62, 0x65, 0x66, 0xC0, 0xC4]),
            (Class::Permanent, &[0x45, 0xFE, 0xFF, 0x09, 0x400, 0xFFFF_FFFF]),
        ] {
            for &code in codes {
                assert_eq!(super::class(code), class, "{code:#x}");
            }
        }
    }

    #[test]
    fn names_every_code() {
        assert_eq!(describe(0x58).to_string(), "0x00000058 ESME_RTHROTTLED");
        assert_eq!(describe(0x401).name, "vendor-specific");
        assert_eq!(describe(0x500).name, "reserved");
    }

    #[test]
    fn receipt_states_round_trip() {
        for state in ReceiptState::ALL {
            assert_eq!(ReceiptState::from_message_state(state as u8), Some(state));
            assert_eq!(ReceiptState::from_stat(&state.stat().to_lowercase()), Some(state));
        }
        assert_eq!((ReceiptState::from_message_state(0), ReceiptState::from_stat("DELIVERED")), (None, None));
    }
}
