//! Cutting the stream into PDUs by command_length alone, so that a PDU nobody can decode costs that PDU and no more.

/// The header of every PDU.
pub const HEADER_OCTETS: usize = 16;

/// The largest PDU that is read: a message_payload of 64 KiB with everything around it.
pub const MAX_COMMAND_LENGTH: u32 = 70_000;

/// SMPP 3.4 §3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub command_id: u32,
    pub command_status: u32,
    pub sequence: u32,
}

/// One PDU, not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    pub header: Header,
    pub body: &'a [u8],
}

impl Frame<'_> {
    /// How much of the stream it takes.
    #[must_use]
    pub fn octets(&self) -> usize {
        HEADER_OCTETS + self.body.len()
    }
}

/// The stream cannot be cut any further: where the next PDU begins is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("a PDU claims {0} octets, less than its own header has: this is no SMPP, or the stream is out of step")]
    TooShort(u32),
    #[error(
        "a PDU claims {claimed} octets, more than the {limit} that are read: no SMPP, or the stream is out of step"
    )]
    TooLong { claimed: u32, limit: u32 },
}

/// The PDU at the start of `stream`, or `None` while it is incomplete. A bad length is reported as soon as it is seen.
///
/// # Errors
/// [`FrameError`]: the connection is of no more use.
pub fn next_frame(stream: &[u8], limit: u32) -> Result<Option<Frame<'_>>, FrameError> {
    let Some(command_length) = word(stream, 0) else {
        return Ok(None);
    };
    if (command_length as usize) < HEADER_OCTETS {
        return Err(FrameError::TooShort(command_length));
    }
    if command_length > limit {
        return Err(FrameError::TooLong { claimed: command_length, limit });
    }
    let Some(pdu) = stream.get(..command_length as usize) else {
        return Ok(None);
    };
    let (Some(command_id), Some(command_status), Some(sequence)) = (word(pdu, 4), word(pdu, 8), word(pdu, 12)) else {
        return Ok(None);
    };
    let header = Header { command_id, command_status, sequence };
    Ok(Some(Frame { header, body: &pdu[HEADER_OCTETS..] }))
}

fn word(octets: &[u8], at: usize) -> Option<u32> {
    octets.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_incomplete_pdu_is_waited_for() {
        let pdu = [0, 0, 0, 17, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 9, 0xAA];
        for cut in 0..pdu.len() {
            assert_eq!(next_frame(&pdu[..cut], MAX_COMMAND_LENGTH), Ok(None));
        }
        let frame = next_frame(&pdu, MAX_COMMAND_LENGTH).unwrap().unwrap();
        assert_eq!(frame.header, Header { command_id: 0x15, command_status: 0, sequence: 9 });
        assert_eq!(frame.body, [0xAA]);
        assert_eq!(frame.octets(), 17);
    }

    #[test]
    fn lengths_that_cannot_be_are_refused_at_the_fourth_octet() {
        assert_eq!(next_frame(&[0, 0, 0, 15], MAX_COMMAND_LENGTH), Err(FrameError::TooShort(15)));
        assert_eq!(
            next_frame(b"HTTP", MAX_COMMAND_LENGTH),
            Err(FrameError::TooLong { claimed: 0x4854_5450, limit: MAX_COMMAND_LENGTH })
        );
    }

    proptest! {
        #[test]
        fn any_octets_are_survived(stream in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = next_frame(&stream, 128);
        }
    }
}
