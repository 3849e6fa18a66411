use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::journal::added::Row;

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        ".{0,40}".prop_map(|id| Outcome::Accepted { message_id: id.into() }),
        any::<u32>().prop_map(|command_status| Outcome::Refused { command_status }),
        Just(Outcome::Uncertain),
        Just(Outcome::NotSent),
    ]
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    vec((0..u32::MAX / 2, 0..u32::MAX / 2).prop_map(|(start, len)| Span { start, len }), 0..4)
}

fn entry() -> impl Strategy<Value = Entry> {
    let receipt = (0..8_usize, any::<bool>(), option::of(any::<u32>()), any::<i64>()).prop_map(
        |(state, is_final, error, at_ms)| Receipt { state: ReceiptState::ALL[state], is_final, error, at_ms },
    );
    prop_oneof![
        (spans(), any::<u8>(), any::<i64>()).prop_map(|(spans, parts, at_ms)| Entry::Claim {
            runs: spans.into_iter().map(|span| Run { start: span.start, len: span.len, parts }).collect(),
            at_ms,
        }),
        (any::<u32>(), any::<u8>(), any::<i64>(), outcome()).prop_map(|(index, part, at_ms, outcome)| Entry::Outcome {
            index,
            part,
            at_ms,
            outcome
        }),
        (any::<u32>(), any::<u8>(), receipt).prop_map(|(index, part, receipt)| Entry::Receipt { index, part, receipt }),
        (spans(), 0..Closing::ALL.len(), any::<i64>()).prop_map(|(spans, kind, at_ms)| Entry::Closed {
            spans,
            kind: Closing::ALL[kind],
            at_ms
        }),
        added().prop_map(Entry::Added),
    ]
}

fn added() -> impl Strategy<Value = Added> {
    let row = (any::<u64>(), any::<u8>(), vec(".{0,20}", 0..3)).prop_map(|(number, segments, values)| Row {
        number,
        segments,
        values: values.into_iter().map(String::into_boxed_str).collect(),
    });
    (0..u32::MAX / 2, vec(".{0,10}", 0..3), vec(row, 0..5), any::<i64>())
        .prop_map(|(start, fields, rows, at_ms)| Added { start, fields: fields.into(), rows, at_ms })
}

fn batch() -> impl Strategy<Value = Batch> {
    (any::<u64>(), any::<[u64; 8]>(), vec(entry(), 0..40)).prop_map(|(fence, counts, entries)| Batch {
        fence,
        progress: progress(counts),
        entries,
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(batch in batch()) {
        prop_assert_eq!(Batch::decode(&encode(batch.fence, &batch.progress, &batch.entries)), Ok(batch));
    }

    #[test]
    fn a_changed_byte_is_noticed(batch in batch(), at: prop::sample::Index, flip in 1_u8..) {
        let mut bytes = encode(batch.fence, &batch.progress, &batch.entries);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert_eq!(Batch::decode(&bytes), Err(DecodeError::Checksum));
    }

    #[test]
    fn a_cut_record_is_refused(batch in batch(), keep: prop::sample::Index) {
        let bytes = encode(batch.fence, &batch.progress, &batch.entries);
        prop_assert!(Batch::decode(&bytes[..keep.index(bytes.len())]).is_err());
    }

    /// With a matching checksum the body itself has to hold: whatever is in it, decoding answers.
    #[test]
    fn any_body_is_answered(body in vec(any::<u8>(), 0..200)) {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&body);
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        let _ = Batch::decode(&bytes);
    }
}

#[test]
fn an_outcome_of_a_bulk_campaign_is_small() {
    let entries: Vec<_> = (0..1_000)
        .map(|index| Entry::Outcome {
            index,
            part: 0,
            at_ms: 1_790_000_000_000 + i64::from(index) / 20,
            outcome: Outcome::Accepted { message_id: "0012ab34".into() },
        })
        .collect();
    let bytes = encode(1, &Progress::default(), &entries);
    assert!(bytes.len() < 15_000, "{}", bytes.len());
}

#[test]
fn an_unknown_version_says_so() {
    let mut bytes = vec![9];
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    assert_eq!(Batch::decode(&bytes), Err(DecodeError::Version(9)));
}

#[test]
fn a_number_with_a_code_is_small() {
    let row =
        |index: u64| Row { number: 436_601_000_000 + index, segments: 1, values: vec!["Your code is 123456".into()] };
    let added = Added { start: 7, fields: vec!["text".to_owned()].into(), rows: (0..100).map(row).collect(), at_ms: 1 };
    let bytes = encode(1, &Progress::default(), &[Entry::Added(added)]);
    assert!(bytes.len() < 3_000, "{}", bytes.len());
}
