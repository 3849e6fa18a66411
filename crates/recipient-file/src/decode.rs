//! Character encodings: UTF-8 is read as it lies; UTF-16 is turned into UTF-8 on disk first, so that offsets in
//! checkpoints mean the same in both passes.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use encoding_rs::{CoderResult, UTF_16BE, UTF_16LE};

use crate::FileError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// What a file begins with, and how long its byte order mark is. Without a mark, text in UTF-16 shows by its zeros.
    #[must_use]
    pub fn detect(head: &[u8]) -> (Self, usize) {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0xFF, 0xFE, rest @ ..] if !rest.starts_with(&[0, 0]) => (Self::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Self::Utf16Be, 2),
            _ => {
                let sample = &head[..head.len().min(1_024) & !1];
                let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
                let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
                // Numbers and separators are ASCII, whose upper byte is zero.
                match pairs {
                    2.. if odd * 10 >= pairs * 7 && even == 0 => (Self::Utf16Le, 0),
                    2.. if even * 10 >= pairs * 7 && odd == 0 => (Self::Utf16Be, 0),
                    _ => (Self::Utf8, 0),
                }
            }
        }
    }

    /// The beginning of a file as text, without the mark; a character that is cut at the end is left out.
    pub fn decode_head(self, head: &[u8]) -> String {
        match self {
            Self::Utf8 => {
                let whole = match std::str::from_utf8(head) {
                    Err(cause) if cause.error_len().is_none() => &head[..cause.valid_up_to()],
                    _ => head,
                };
                String::from_utf8_lossy(whole).into_owned()
            }
            Self::Utf16Le => UTF_16LE.decode_without_bom_handling(&head[..head.len() & !1]).0.into_owned(),
            Self::Utf16Be => UTF_16BE.decode_without_bom_handling(&head[..head.len() & !1]).0.into_owned(),
        }
    }
}

/// Writes a UTF-16 file (behind its mark) as UTF-8 to `target`.
pub fn transcode(source: &mut File, encoding: Encoding, target: &Path) -> Result<(), FileError> {
    let mut decoder = match encoding {
        Encoding::Utf8 => return Ok(io::copy(source, &mut File::create(target)?).map(drop)?),
        Encoding::Utf16Le => UTF_16LE.new_decoder_without_bom_handling(),
        Encoding::Utf16Be => UTF_16BE.new_decoder_without_bom_handling(),
    };
    let mut out = BufWriter::new(File::create(target)?);
    let (mut input, mut output) = (vec![0; 64 << 10], vec![0; 256 << 10]);
    let mut odd = false;
    loop {
        let read = source.read(&mut input)?;
        odd ^= read % 2 == 1;
        let mut pending = &input[..read];
        loop {
            let (result, used, written, _) = decoder.decode_to_utf8(pending, &mut output, read == 0);
            out.write_all(&output[..written])?;
            pending = &pending[used..];
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if read == 0 {
            break;
        }
    }
    if odd {
        return Err(FileError::CutCharacter);
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;

    fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        let bytes = |unit: u16| {
            if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "phone;name\n+436601234567;Jörg\n";
        assert_eq!(Encoding::detect(text.as_bytes()), (Encoding::Utf8, 0));
        assert_eq!(Encoding::detect(format!("\u{FEFF}{text}").as_bytes()), (Encoding::Utf8, 3));
        for (big_endian, encoding) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
            assert_eq!(Encoding::detect(&utf16(text, big_endian)), (encoding, 0));
            assert_eq!(Encoding::detect(&utf16(&format!("\u{FEFF}{text}"), big_endian)), (encoding, 2));
        }
    }

    #[test]
    fn utf16_becomes_utf8() {
        let dir = tempfile::tempdir().unwrap();
        let text = "+436601234567;Jörg 😀\n".repeat(20_000);
        for (big_endian, encoding) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
            let (from, to) = (dir.path().join("from"), dir.path().join("to"));
            std::fs::write(&from, utf16(&text, big_endian)).unwrap();
            let mut file = File::open(&from).unwrap();
            transcode(&mut file, encoding, &to).unwrap();
            assert_eq!(std::fs::read_to_string(&to).unwrap(), text);
            let cut = File::options().write(true).open(&from).unwrap();
            cut.set_len(99).unwrap();
            file.rewind().unwrap();
            assert!(matches!(transcode(&mut file, encoding, &to), Err(FileError::CutCharacter)));
        }
    }
}
