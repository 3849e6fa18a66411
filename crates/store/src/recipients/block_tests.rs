use proptest::{collection::vec, prelude::*};

use super::*;
use crate::recipients::packed::tests::with_checksum;

type Rows = Vec<(u64, u8, Vec<String>)>;

fn rows() -> impl Strategy<Value = (Vec<String>, Rows)> {
    (0_usize..4).prop_flat_map(|fields| {
        (
            vec("[a-z_]{1,12}", fields..=fields),
            vec((any::<u64>(), any::<u8>(), vec("\\PC{0,20}", fields..=fields)), 0..60),
        )
    })
}

fn block(fields: &[String], rows: &Rows) -> RecipientBlock {
    let mut block = RecipientBlock::new(fields.to_vec().into());
    for (number, segments, values) in rows {
        block.push(*number, *segments, values.iter().map(String::as_str)).unwrap();
    }
    block
}

#[test]
fn what_is_erased_leaves_the_others_as_they_were() {
    let mut block = RecipientBlock::new(vec!["a".to_owned(), "b".to_owned()].into());
    for (i, (a, b)) in [("x", "öö"), ("yy", ""), ("", "z")].into_iter().enumerate() {
        block.push(436_600_000_000 + i as u64, 2, [a, b]).unwrap();
    }
    block.erase(0);
    block.erase(2);
    block.erase(9);
    let block = RecipientBlock::decode(&block.encode()).unwrap();
    assert_eq!(block.numbers(), [ERASED, 436_600_000_001, ERASED]);
    assert_eq!(block.segments(), [2, 2, 2]);
    let values = |row| (block.value(0, row).unwrap(), block.value(1, row).unwrap());
    assert_eq!([values(0), values(1), values(2)], [("", ""), ("yy", ""), ("", "")]);
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded((fields, rows) in rows()) {
        let block = block(&fields, &rows);
        let decoded = RecipientBlock::decode(&block.encode()).unwrap();
        prop_assert_eq!(&decoded, &block);
        for (row, (number, segments, values)) in rows.iter().enumerate() {
            prop_assert_eq!(decoded.numbers()[row], *number);
            prop_assert_eq!(decoded.segments()[row], *segments);
            for (column, value) in values.iter().enumerate() {
                prop_assert_eq!(decoded.value(column, row), Some(value.as_str()));
            }
        }
    }

    #[test]
    fn a_changed_or_cut_block_is_refused((fields, rows) in rows(), at: prop::sample::Index, flip in 1_u8..) {
        let bytes = block(&fields, &rows).encode();
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= flip;
        prop_assert!(RecipientBlock::decode(&changed).is_err());
        prop_assert!(RecipientBlock::decode(&bytes[..at.index(bytes.len())]).is_err());
    }

    /// Behind a matching checksum the body itself has to hold.
    #[test]
    fn any_body_is_answered(len in 0_u64..5_000, body in vec(any::<u8>(), 0..400)) {
        let mut head = Vec::new();
        put_u64(&mut head, len);
        let _ = RecipientBlock::decode(&seal(KIND, &head, &body));
        let mut bare = vec![KIND.magic, KIND.version];
        bare.extend_from_slice(&body);
        let _ = RecipientBlock::decode(&with_checksum(bare));
    }
}

#[test]
fn a_refused_recipient_leaves_nothing_behind() {
    let mut block = RecipientBlock::new(["a".to_owned(), "b".to_owned()].into());
    block.push(1, 1, ["x", "y"]).unwrap();
    let long = "z".repeat(VALUES_OCTETS_MAX);
    assert_eq!(block.push(2, 1, ["one"]), Err(DoesNotFit));
    assert_eq!(block.push(2, 1, ["one", "two", "three"]), Err(DoesNotFit));
    assert_eq!(block.push(2, 1, ["one", &long]), Err(DoesNotFit));
    block.push(3, 1, ["one", "two"]).unwrap();
    assert_eq!((block.field("a", 1), block.field("b", 1), block.field("c", 1)), (Some("one"), Some("two"), None));
    assert_eq!(RecipientBlock::decode(&block.encode()), Ok(block));
}

#[test]
fn a_block_takes_4096_and_no_more() {
    let mut block = RecipientBlock::new([].into());
    for number in 0..u64::from(BLOCK_LEN) {
        block.push(number, 1, []).unwrap();
    }
    assert_eq!(block.push(0, 1, []), Err(DoesNotFit));
}

#[test]
fn numbers_of_one_country_take_five_bytes() {
    let mut block = RecipientBlock::new([].into());
    for i in 0..u64::from(BLOCK_LEN) {
        block.push(43_660_000_000_000 + i.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 10_000_000_000, 1, []).unwrap();
    }
    assert!(block.encode().len() < 5 * BLOCK_LEN as usize + 40, "{}", block.encode().len());
}
