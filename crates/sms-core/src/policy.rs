//! What a refusal means. Temporary or permanent is the carrier's own policy, so every list is a setting of the link.

use std::time::Duration;

use domain::link::StatusPolicy;

/// What to do with one refused part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    SlowDown,
    RetryAfter(Duration),
    Rebind,
    Fail,
}

/// `retried`: how often this part was already sent again for a temporary refusal.
pub(crate) fn judge(policy: &StatusPolicy, command_status: u32, retried: u8) -> Verdict {
    if policy.throttled.contains(&command_status) {
        return Verdict::SlowDown;
    }
    if policy.rebind.contains(&command_status) {
        return Verdict::Rebind;
    }
    match policy.temporary.iter().find(|rule| rule.command_status == command_status) {
        Some(rule) if retried < rule.retries => Verdict::RetryAfter(Duration::from_secs(rule.delay_s)),
        _ => Verdict::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_the_lists() {
        let policy = StatusPolicy::default();
        assert_eq!(judge(&policy, 0x58, 200), Verdict::SlowDown);
        assert_eq!(judge(&policy, 0x14, 1), Verdict::RetryAfter(Duration::from_secs(180)));
        assert_eq!(judge(&policy, 0x14, 2), Verdict::Fail);
        assert_eq!(judge(&policy, 0x04, 0), Verdict::Rebind);
        assert_eq!(judge(&policy, 0x0B, 0), Verdict::Fail);
        let strict = StatusPolicy { temporary: Vec::new(), ..policy };
        assert_eq!(judge(&strict, 0x14, 0), Verdict::Fail);
    }
}
