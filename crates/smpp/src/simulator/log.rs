//! The list of what the simulator accepted, kept so that a test can hold it against a database after a crash.
//!
//! A line per accepted part: `destination part total reference message_id`, and `tag=value` for the first optional
//! parameter of a carrier's own, if the part has one. A line is handed to the operating system
//! before the response goes out, so it outlives the process; only a crash of the machine could lose it.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// One accepted part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Accepted {
    pub destination: String,
    /// From 1, as in the user data header.
    pub part: u8,
    /// 1 for a message of one part.
    pub total: u8,
    /// Of the user data header; 0 for a message of one part.
    pub reference: u8,
    /// As in the submit_sm_resp.
    pub message_id: String,
    /// The first vendor specific optional parameter: its tag and value.
    pub tlv: Option<(u16, String)>,
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { destination, part, total, reference, message_id, tlv } = self;
        write!(f, "{destination} {part} {total} {reference} {message_id}")?;
        match tlv {
            Some((tag, value)) => write!(f, " {tag:#06x}={value}"),
            None => Ok(()),
        }
    }
}

/// Reads a log; a last line that was cut off is left out.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<Accepted>> {
    let text = std::fs::read_to_string(path)?;
    Ok(text.split_inclusive('\n').filter_map(|line| parse(line.strip_suffix('\n')?)).collect())
}

fn parse(line: &str) -> Option<Accepted> {
    let mut fields = line.split(' ');
    let accepted = Accepted {
        destination: fields.next()?.to_owned(),
        part: fields.next()?.parse().ok()?,
        total: fields.next()?.parse().ok()?,
        reference: fields.next()?.parse().ok()?,
        message_id: fields.next()?.to_owned(),
        tlv: match fields.next() {
            Some(tlv) => Some(parse_tlv(tlv)?),
            None => None,
        },
    };
    fields.next().is_none().then_some(accepted)
}

fn parse_tlv(text: &str) -> Option<(u16, String)> {
    let (tag, value) = text.split_once('=')?;
    Some((u16::from_str_radix(tag.strip_prefix("0x")?, 16).ok()?, value.to_owned()))
}

/// The end to write to. Each session collects its lines and appends them with one call.
#[derive(Debug)]
pub(super) struct Log(File);

impl Log {
    pub fn append_to(path: &Path) -> io::Result<Self> {
        OpenOptions::new().create(true).append(true).open(path).map(Self)
    }

    /// Blocks for a copy into the page cache, which is shorter than a detour over another thread. Appending is atomic
    /// between sessions because the file is opened for it.
    pub fn write(&self, lines: &[u8]) -> io::Result<()> {
        (&self.0).write_all(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_left_out() {
        let path = std::env::temp_dir().join(format!("smpp-log-{}", std::process::id()));
        std::fs::write(&path, "43660 1 1 0 5\n43661 2 3 9 6 0x1400=C1A2B3C\n43662 1 1 0 77").unwrap();
        let accepted = read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(accepted.len(), 2);
        let expected = Accepted {
            destination: "43661".into(),
            part: 2,
            total: 3,
            reference: 9,
            message_id: "6".into(),
            tlv: Some((0x1400, "C1A2B3C".into())),
        };
        assert_eq!(accepted[1], expected);
        assert_eq!(expected.to_string(), "43661 2 3 9 6 0x1400=C1A2B3C");
    }
}
