//! Optional parameters, read without judging them.

/// SMPP 3.4 §5.3.2.
pub mod tag {
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    pub const SAR_MSG_REF_NUM: u16 = 0x020C;
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    pub const MESSAGE_STATE: u16 = 0x0427;
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
}

/// The optional parameters at the end of a PDU. One that is cut off ends the iteration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tlvs<'a>(pub &'a [u8]);

impl<'a> Tlvs<'a> {
    /// The value of the first parameter with this tag.
    #[must_use]
    pub fn get(&self, tag: u16) -> Option<&'a [u8]> {
        self.into_iter().find(|(found, _)| *found == tag).map(|(_, value)| value)
    }
}

impl<'a> IntoIterator for Tlvs<'a> {
    type Item = (u16, &'a [u8]);
    type IntoIter = TlvIter<'a>;

    fn into_iter(self) -> TlvIter<'a> {
        TlvIter(self.0)
    }
}

#[derive(Debug, Clone)]
pub struct TlvIter<'a>(&'a [u8]);

impl<'a> Iterator for TlvIter<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_at_checked(4)?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([head[2], head[3]])))?;
        self.0 = rest;
        Some((u16::from_be_bytes([head[0], head[1]]), value))
    }
}
