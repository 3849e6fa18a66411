//! Segments and encoding. The first octet, where it is 0x80 to 0x87, doubles the text that follows up to seven times. That
//! reaches the limits; no other value does, for long texts are slow.
#![no_main]

use domain::segment::{Encoded, Encoding, MAX_PARTS, MAX_SEGMENTS, SegmentError, check, encode, gsm, measure};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    let [doublings, octets @ ..] = input else {
        return Corpus::Reject;
    };
    let text: String = octets.utf8_chunks().map(|chunk| chunk.valid()).collect();
    let doublings = if doublings & 0xF8 == 0x80 { doublings & 7 } else { 0 };
    let text = text.repeat(1 << doublings);
    let measure = measure(&text);
    assert_eq!(measure.characters, text.chars().count());
    assert_eq!(measure.encoding == Encoding::Ucs2, measure.first_non_gsm.is_some());
    assert_eq!(measure.first_non_gsm, text.chars().find(|character| gsm::septets(*character).is_none()));
    assert_eq!(check(&text).is_ok(), (1..=MAX_SEGMENTS).contains(&measure.segments));
    match encode(&text) {
        Ok(encoded) => {
            assert_eq!(encoded.parts.len(), measure.segments);
            assert_eq!((encoded.encoding, encoded.data_coding), (measure.encoding, measure.encoding.data_coding()));
            let left = parts_fit(&encoded, measure.units);
            assert_eq!(left, measure.units_left);
            assert!(decoded(&encoded) == text, "the parts say something else than the text");
        }
        Err(SegmentError::Empty) => assert!(text.is_empty()),
        Err(SegmentError::TooLong { segments, limit }) => {
            assert_eq!((segments, limit), (measure.segments, MAX_PARTS));
            assert!(segments > limit);
        }
    }
    Corpus::Keep
});

/// How many units are left in the last part. No part is empty or overfull.
fn parts_fit(encoded: &Encoded, units: usize) -> usize {
    let octets_per_unit = if encoded.encoding == Encoding::Ucs2 { 2 } else { 1 };
    let room = match encoded.parts.len() {
        1 => encoded.encoding.single(),
        _ => encoded.encoding.per_part(),
    };
    let mut lengths = encoded.parts.iter().map(|part| part.len() / octets_per_unit);
    assert!(lengths.clone().all(|length| (1..=room).contains(&length)));
    assert_eq!(lengths.clone().sum::<usize>(), units);
    room - lengths.next_back().unwrap_or_default()
}

/// Each part is read on its own: what takes two units must not be divided.
fn decoded(encoded: &Encoded) -> String {
    let part = |part: &Vec<u8>| match encoded.encoding {
        Encoding::Gsm7 => gsm::decode(part),
        Encoding::Ucs2 => {
            let units = part.chunks(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            char::decode_utf16(units).map(|character| character.expect("a whole character")).collect()
        }
    };
    encoded.parts.iter().map(part).collect()
}
