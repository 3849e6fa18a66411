//! Delivery receipts: the TLVs where a carrier sends them, else the text of SMPP 3.4 appendix B as carriers write it.

use serde::{Deserialize, Serialize};

use crate::wire::{DeliverSm, octets_until_nul, tag};

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

impl ReceiptState {
    pub const ALL: [Self; 8] = [
        Self::Enroute,
        Self::Delivered,
        Self::Expired,
        Self::Deleted,
        Self::Undeliverable,
        Self::Accepted,
        Self::Unknown,
        Self::Rejected,
    ];

    /// The TLV message_state; values of later versions are `Enroute` (scheduled) and `Unknown`.
    #[must_use]
    pub fn from_message_state(value: u8) -> Self {
        match value {
            0 => Self::Enroute,
            1..=8 => Self::ALL[usize::from(value) - 1],
            _ => Self::Unknown,
        }
    }

    /// The seven letters of `stat:`.
    #[must_use]
    pub const fn stat(self) -> &'static str {
        match self {
            Self::Enroute => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
        }
    }

    /// `stat:` as carriers write it: in any case, spelt out, cut short.
    #[must_use]
    pub fn from_stat(text: &[u8]) -> Self {
        let starts =
            |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
        match () {
            () if starts("DELIV") => Self::Delivered,
            () if starts("EXPIR") => Self::Expired,
            () if starts("DELET") => Self::Deleted,
            () if starts("UNDEL") || starts("FAIL") => Self::Undeliverable,
            () if starts("ACCEP") => Self::Accepted,
            () if starts("REJEC") => Self::Rejected,
            () if starts("ENROU") || starts("BUFF") || starts("SCHED") => Self::Enroute,
            () => Self::Unknown,
        }
    }
}

/// What a receipt says. Whether an id is in it or not, it is to be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// As the carrier wrote it; empty when it wrote none.
    pub message_id: Box<str>,
    pub state: ReceiptState,
    /// The carrier's own code, not a command_status. `000` is no error.
    pub error: Option<u32>,
}

/// The receipt in a deliver_sm, or `None` when it is a subscriber's message. Only what a subscriber cannot forge makes a
/// receipt: esm_class or the TLV receipted_message_id, never the text alone.
#[must_use]
pub fn parse(deliver: &DeliverSm<'_>) -> Option<Receipt> {
    let id_tlv = deliver.tlvs.get(tag::RECEIPTED_MESSAGE_ID).map(|value| octets_until_nul(value).0.trim_ascii());
    let id_tlv = id_tlv.filter(|id| !id.is_empty());
    // Message type: bits 2 to 5 (§5.2.12): SMSC delivery receipt, or intermediate notification.
    let said_by_class = matches!(deliver.esm_class & 0x3C, 0x04 | 0x20);
    if !said_by_class && id_tlv.is_none() {
        return None;
    }
    let narrowed = narrow(deliver);
    let text = Text::of(narrowed.as_deref().unwrap_or(deliver.content));
    let message_id = id_tlv.or_else(|| text.value(b"id")).unwrap_or_default();
    let state = match deliver.tlvs.get(tag::MESSAGE_STATE) {
        Some([state, ..]) => ReceiptState::from_message_state(*state),
        _ => text.value(b"stat").map_or(ReceiptState::Unknown, ReceiptState::from_stat),
    };
    let error = match deliver.tlvs.get(tag::NETWORK_ERROR_CODE) {
        // One octet of network type and two of code; some send four octets.
        Some([.., high, low]) => Some(u32::from(u16::from_be_bytes([*high, *low]))),
        _ => text.value(b"err").and_then(code),
    };
    Some(Receipt {
        message_id: String::from_utf8_lossy(message_id).into(),
        state,
        error: error.filter(|code| *code != 0),
    })
}

/// A receipt text in UTF-16 (data_coding 8) as the octets that it stands for.
fn narrow(deliver: &DeliverSm<'_>) -> Option<Vec<u8>> {
    let (units, rest) = deliver.content.as_chunks::<2>();
    if deliver.data_coding != 8 || !rest.is_empty() {
        return None;
    }
    units.iter().map(|unit| (unit[0] == 0).then_some(unit[1])).collect()
}

fn code(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok().or_else(|| u32::from_str_radix(text, 16).ok())
}

/// The `key:value` pairs of a receipt, in any order, up to the copy of the message after `text:`.
struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    fn of(content: &'a [u8]) -> Self {
        let end = Self(content).find(b"text").unwrap_or(content.len());
        Self(&content[..end])
    }

    /// Where the value of `key` begins. A key stands at the start or after something that is no letter or digit.
    fn find(&self, key: &[u8]) -> Option<usize> {
        self.0.windows(key.len() + 1).enumerate().find_map(|(at, window)| {
            let (name, colon) = window.split_at(key.len());
            let alone = at == 0 || !self.0[at - 1].is_ascii_alphanumeric();
            (colon == b":" && alone && name.eq_ignore_ascii_case(key)).then_some(at + key.len() + 1)
        })
    }

    fn value(&self, key: &[u8]) -> Option<&'a [u8]> {
        let value = self.0[self.find(key)?..].trim_ascii_start();
        let end = value.iter().position(|octet| octet.is_ascii_whitespace() || matches!(octet, b',' | b';' | 0));
        let value = &value[..end.unwrap_or(value.len())];
        // `id: stat:DELIVRD` has no id rather than the id `stat:DELIVRD`.
        (!value.is_empty() && !value.contains(&b':')).then_some(value)
    }
}
