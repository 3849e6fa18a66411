//! When a mail that could not be handed over is tried again, and when it is given up.

/// A mail that could not be handed over for this long is given up.
pub const GIVE_UP_AFTER_MS: i64 = 24 * 3_600_000;
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    TryAt { at_ms: i64 },
    GiveUp,
}

/// After the `attempts`-th temporary failure of a mail of `created_at_ms`: waits that double from half a minute to an
/// hour, up to a day.
#[must_use]
pub fn after_temporary_failure(created_at_ms: i64, attempts: u32, now_ms: i64) -> Next {
    let doubled = FIRST_WAIT_MS.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let at_ms = now_ms.saturating_add(doubled.min(LONGEST_WAIT_MS));
    if at_ms >= created_at_ms.saturating_add(GIVE_UP_AFTER_MS) { Next::GiveUp } else { Next::TryAt { at_ms } }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mail_is_tried_for_a_day_some_thirty_times() {
        let (mut now_ms, mut attempts) = (1_000, 0);
        let mut waits = Vec::new();
        loop {
            attempts += 1;
            match after_temporary_failure(1_000, attempts, now_ms) {
                Next::TryAt { at_ms } => {
                    waits.push(at_ms - now_ms);
                    now_ms = at_ms;
                }
                Next::GiveUp => break,
            }
        }
        assert!((25..40).contains(&attempts), "{attempts}");
        assert!(waits.is_sorted() && waits[0] == FIRST_WAIT_MS && waits.last() == Some(&LONGEST_WAIT_MS));
        assert!(now_ms > 1_000 + GIVE_UP_AFTER_MS - 2 * LONGEST_WAIT_MS);
    }

    proptest! {
        #[test]
        fn what_is_tried_again_is_tried_later_and_within_the_day(
            attempts in any::<u32>(),
            late_ms in 0..GIVE_UP_AFTER_MS * 2,
        ) {
            if let Next::TryAt { at_ms } = after_temporary_failure(0, attempts, late_ms) {
                prop_assert!(at_ms > late_ms && at_ms < GIVE_UP_AFTER_MS);
            } else {
                prop_assert!(late_ms + LONGEST_WAIT_MS >= GIVE_UP_AFTER_MS);
            }
        }
    }
}
