//! Reading what carriers send, as leniently as is safe.

use super::tlv::{Tlvs, tag};

/// A C octet string with or without its NUL: what stands before the NUL, and what comes after it.
#[must_use]
pub fn octets_until_nul(octets: &[u8]) -> (&[u8], &[u8]) {
    match octets.iter().position(|octet| *octet == 0) {
        Some(end) => (&octets[..end], &octets[end + 1..]),
        None => (octets, &[]),
    }
}

/// The message_id of a submit_sm_resp. Carriers leave out the NUL, or the whole id; what is no UTF-8 is replaced.
#[must_use]
pub fn message_id(body: &[u8]) -> Box<str> {
    let (id, _) = octets_until_nul(body);
    match std::str::from_utf8(id) {
        Ok(id) => id.into(),
        Err(_) => String::from_utf8_lossy(id).into(),
    }
}

/// A deliver_sm (SMPP 3.4 §4.6.1), as far as it is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverSm<'a> {
    pub source: &'a [u8],
    pub destination: &'a [u8],
    pub esm_class: u8,
    pub data_coding: u8,
    /// short_message, or message_payload where that is used instead.
    pub content: &'a [u8],
    pub tlvs: Tlvs<'a>,
}

impl<'a> DeliverSm<'a> {
    /// `None` when mandatory fields are missing or sm_length runs past the end.
    #[must_use]
    pub fn decode(body: &'a [u8]) -> Option<Self> {
        let mut rest = Fields(body);
        rest.text()?; // service_type
        rest.skip(2)?;
        let source = rest.text()?;
        rest.skip(2)?;
        let destination = rest.text()?;
        let esm_class = rest.octet()?;
        rest.skip(2)?; // protocol_id, priority_flag
        rest.text()?; // schedule_delivery_time
        rest.text()?; // validity_period
        rest.skip(2)?; // registered_delivery, replace_if_present_flag
        let data_coding = rest.octet()?;
        rest.skip(1)?; // sm_default_msg_id
        let sm_length = rest.octet()?;
        let short_message = rest.take(usize::from(sm_length))?;
        let tlvs = Tlvs(rest.0);
        let content = match tlvs.get(tag::MESSAGE_PAYLOAD) {
            Some(payload) if short_message.is_empty() => payload,
            _ => short_message,
        };
        Some(Self { source, destination, esm_class, data_coding, content, tlvs })
    }
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, octets: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(octets)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, octets: usize) -> Option<()> {
        self.take(octets).map(|_| ())
    }

    fn octet(&mut self) -> Option<u8> {
        self.take(1).map(|octet| octet[0])
    }

    /// A C octet string in the middle of a PDU: here the NUL is what makes the rest readable.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|octet| *octet == 0)?;
        let text = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(text)
    }
}
