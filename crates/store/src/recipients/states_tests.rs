use proptest::{collection::vec, option, prelude::*};

use super::*;

fn part() -> impl Strategy<Value = PartStatus> {
    (0_usize..8, option::of("[0-9a-f]{1,12}")).prop_map(|(state, id)| PartStatus {
        state: PartState::ALL[state],
        message_id: id.map(|id| PackedMessageId::new(id.as_bytes())),
    })
}

fn error() -> impl Strategy<Value = SendError> {
    let kind = prop_oneof![Just(ErrorKind::CommandStatus), Just(ErrorKind::CarrierCode), Just(ErrorKind::MessageState)];
    (kind, any::<u32>()).prop_map(|(kind, code)| SendError { kind, code })
}

fn row() -> impl Strategy<Value = RecipientStatus> {
    let times = (option::of(any::<i64>()), option::of(any::<i64>()), option::of(0_i64..4_000_000_000_000));
    let any_row = (0_usize..8, any::<u8>(), option::of(error()), times, vec(part(), 0..4)).prop_map(
        |(state, attempts, error, (claimed_at_ms, submitted_at_ms, done_at_ms), parts)| RecipientStatus {
            state: RecipientState::ALL[state],
            attempts,
            error,
            claimed_at_ms,
            submitted_at_ms,
            done_at_ms,
            parts,
        },
    );
    prop_oneof![Just(RecipientStatus::WAITING), any_row]
}

fn block() -> impl Strategy<Value = StateBlock> {
    vec(row(), 0..80).prop_map(|rows| StateBlock { rows })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(block in block()) {
        let bytes = block.encode();
        prop_assert_eq!(StateBlock::peek_counts(&bytes), Ok(block.counts()));
        prop_assert_eq!(block.counts().total(), block.rows().len() as u64);
        prop_assert_eq!(StateBlock::decode(&bytes), Ok(block));
    }

    #[test]
    fn a_changed_or_cut_block_is_refused(block in block(), at: prop::sample::Index, flip in 1_u8..) {
        let bytes = block.encode();
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= flip;
        prop_assert!(StateBlock::decode(&changed).is_err());
        prop_assert!(StateBlock::decode(&bytes[..at.index(bytes.len())]).is_err());
    }

    /// Behind a matching checksum the body itself has to hold.
    #[test]
    fn any_body_is_answered(len in 0_u64..60, body in vec(0_u8..64, 0..400)) {
        let mut head = Vec::new();
        put_u64(&mut head, len);
        put_u64(&mut head, len);
        head.extend_from_slice(&[0; 7]);
        let _ = StateBlock::decode(&seal(KIND, &head, &body));
        let _ = StateBlock::decode(&seal(KIND, &body, &head));
    }
}

#[test]
fn an_untouched_block_takes_a_few_bytes() {
    let bytes = StateBlock::waiting(4_096).encode();
    assert!(bytes.len() < 32, "{}", bytes.len());
    assert_eq!(StateBlock::peek_counts(&bytes).unwrap().waiting, 4_096);
    assert_eq!(StateBlock::decode(&bytes).unwrap().rows().len(), 4_096);
}

#[test]
fn a_sent_block_takes_about_a_dozen_bytes_a_recipient() {
    let mut block = StateBlock::waiting(4_096);
    for (i, row) in block.rows_mut().iter_mut().enumerate() {
        let at_ms = 1_790_000_000_000 + i as i64 / 20;
        row.state = RecipientState::Delivered;
        row.attempts = 1;
        row.claimed_at_ms = Some(at_ms);
        row.submitted_at_ms = Some(at_ms + 4);
        row.done_at_ms = Some(at_ms + 2_000 + (i as i64 * 7_919) % 3_000);
        let message_id = Some(PackedMessageId::new(format!("{:x}", 0x5F00_0000 + i).as_bytes()));
        row.parts = vec![PartStatus { state: PartState::Delivered, message_id }];
    }
    let bytes = block.encode();
    assert!(bytes.len() < 8 * 4_096, "{}", bytes.len());
    assert_eq!(StateBlock::decode(&bytes), Ok(block));
}

#[test]
fn counts_that_do_not_match_the_states_are_refused() {
    let mut head = Vec::new();
    put_u64(&mut head, 2);
    head.extend_from_slice(&[1, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(StateBlock::decode(&seal(KIND, &head, &[])), Err(DecodeError::Malformed));
}
