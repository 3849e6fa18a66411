use proptest::prelude::*;

use super::*;

fn counted(text: &str) -> (Encoding, usize, usize, usize) {
    let measure = measure(text);
    (measure.encoding, measure.units, measure.segments, measure.units_left)
}

fn decode(encoded: &Encoded) -> String {
    let octets = encoded.parts.concat();
    match encoded.encoding {
        Encoding::Gsm7 => gsm::decode(&octets),
        Encoding::Ucs2 => {
            let units: Vec<u16> = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).unwrap()
        }
    }
}

#[test]
fn limits_of_gsm_7() {
    use Encoding::Gsm7;
    assert_eq!(counted(""), (Gsm7, 0, 0, 160));
    assert_eq!(counted("a"), (Gsm7, 1, 1, 159));
    assert_eq!(counted(&"a".repeat(160)), (Gsm7, 160, 1, 0));
    assert_eq!(counted(&"a".repeat(161)), (Gsm7, 161, 2, 145));
    assert_eq!(counted(&"a".repeat(306)), (Gsm7, 306, 2, 0));
    assert_eq!(counted(&"a".repeat(307)), (Gsm7, 307, 3, 152));
    assert_eq!(counted(&"€".repeat(80)), (Gsm7, 160, 1, 0));
}

#[test]
fn limits_of_ucs_2() {
    use Encoding::Ucs2;
    assert_eq!(counted(&"ж".repeat(70)), (Ucs2, 70, 1, 0));
    assert_eq!(counted(&"ж".repeat(71)), (Ucs2, 71, 2, 63));
    assert_eq!(counted(&"ж".repeat(134)), (Ucs2, 134, 2, 0));
    assert_eq!(counted(&"ж".repeat(135)), (Ucs2, 135, 3, 66));
    assert_eq!(counted(&"😀".repeat(35)), (Ucs2, 70, 1, 0));
}

#[test]
fn names_the_first_character_that_forces_ucs_2() {
    let measure = measure("Grüße, it’s «5 €»");
    assert_eq!((measure.first_non_gsm, measure.characters), (Some('’'), 17));
}

#[test]
fn an_escape_pair_is_not_split() {
    // 152 septets and a pair: the pair moves on, and the septet before it stays empty.
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(10));
    let encoded = encode(&text).unwrap();
    assert_eq!(encoded.parts.iter().map(Vec::len).collect::<Vec<_>>(), [152, 12]);
    assert_eq!(encoded.parts[1][..2], [gsm::ESCAPE, 0x65]);
    // A pair at each boundary makes one part more than the units alone would.
    assert_eq!(counted(&format!("a{}", "€".repeat(229))), (Encoding::Gsm7, 459, 4, 151));
}

#[test]
fn a_surrogate_pair_is_not_split() {
    let text = format!("{}😀{}", "ж".repeat(66), "ж".repeat(10));
    let encoded = encode(&text).unwrap();
    assert_eq!(encoded.parts.iter().map(Vec::len).collect::<Vec<_>>(), [132, 24]);
    assert_eq!((encoded.encoding, encoded.data_coding), (Encoding::Ucs2, 8));
}

#[test]
fn refuses_what_no_header_can_number() {
    let longest = "a".repeat(153 * 255);
    assert_eq!(encode(&longest).unwrap().parts.len(), 255);
    assert_eq!(encode(&format!("{longest}a")), Err(SegmentError::TooLong { segments: 256, limit: 255 }));
    assert_eq!(encode(""), Err(SegmentError::Empty));
}

#[test]
fn refuses_what_nobody_means_to_send() {
    assert_eq!(check(""), Err(SegmentError::Empty));
    assert_eq!(check(&"a".repeat(1530)).unwrap().segments, 10);
    assert_eq!(check(&"a".repeat(1531)), Err(SegmentError::TooLong { segments: 11, limit: 10 }));
}

#[test]
fn debug_output_has_no_text() {
    assert_eq!(format!("{:?}", encode("secret").unwrap()), "Encoded(GSM-7, 1 parts)");
}

fn message() -> impl Strategy<Value = String> {
    let gsm = "[a-z€\\[\\]{}~^|@£ΔΩ \n\u{c}]{0,700}";
    prop_oneof![gsm, "[a-zж😀👩€漢]{0,300}", "[€😀]{0,200}", any::<String>()]
}

proptest! {
    #[test]
    fn parts_reassemble_and_none_exceeds(text in message()) {
        prop_assume!(!text.is_empty());
        let measure = measure(&text);
        let encoded = encode(&text).unwrap();
        prop_assert_eq!(decode(&encoded), text.as_str());
        prop_assert_eq!(encoded.parts.len(), measure.segments);
        prop_assert_eq!(measure.characters, text.chars().count());
        let octets_per_unit = if encoded.encoding == Encoding::Ucs2 { 2 } else { 1 };
        let room = if measure.segments == 1 { encoded.encoding.single() } else { encoded.encoding.per_part() };
        prop_assert_eq!(encoded.parts.concat().len(), measure.units * octets_per_unit);
        for part in &encoded.parts {
            prop_assert!(!part.is_empty() && part.len() <= room * octets_per_unit);
            // Each part can be read on its own: nothing that takes two units is divided.
            if encoded.encoding == Encoding::Gsm7 {
                prop_assert_ne!(part.last(), Some(&gsm::ESCAPE));
            } else {
                let units = part.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                prop_assert!(char::decode_utf16(units).all(|character| character.is_ok()));
            }
        }
        prop_assert_eq!(measure.units_left, room - encoded.parts.last().unwrap().len() / octets_per_unit);
    }

    #[test]
    fn gsm_7_is_used_whenever_it_can_be(text in message()) {
        let all_gsm = text.chars().all(|character| gsm::septets(character).is_some());
        prop_assert_eq!(measure(&text).encoding == Encoding::Gsm7, all_gsm);
    }
}
