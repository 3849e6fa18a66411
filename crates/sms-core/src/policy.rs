//! What a refusal means. Temporary or permanent is the carrier's own policy, so every list is a setting of the link.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smpp::status::code;

/// Which command_status belongs to which class; what is in no list fails the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusPolicy {
    /// Slow down and send again, as often as it takes.
    pub throttled: Vec<u32>,
    /// Wait and send again, a limited number of times.
    pub temporary: Vec<RetryRule>,
    /// The session is no longer bound: bind again.
    pub rebind: Vec<u32>,
    /// Refusals of a bind that a person has to look at: the link stops.
    pub stop: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryRule {
    pub command_status: u32,
    pub retries: u8,
    pub delay_s: u64,
}

impl Default for StatusPolicy {
    fn default() -> Self {
        let rule = |command_status, retries, delay_s| RetryRule { command_status, retries, delay_s };
        Self {
            throttled: vec![code::THROTTLED],
            temporary: vec![
                rule(code::SYSTEM_ERROR, 2, 30),
                rule(code::MESSAGE_QUEUE_FULL, 2, 180),
                rule(code::RECEIVER_TEMPORARY_ERROR, 2, 30),
            ],
            rebind: vec![code::INVALID_BIND_STATUS, code::ALREADY_BOUND],
            stop: vec![code::BIND_FAILED, code::INVALID_PASSWORD, code::INVALID_SYSTEM_ID],
        }
    }
}

/// What to do with one refused part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    SlowDown,
    RetryAfter(Duration),
    Rebind,
    Fail,
}

impl StatusPolicy {
    /// `retried`: how often this part was already sent again for a temporary refusal.
    pub(crate) fn judge(&self, command_status: u32, retried: u8) -> Verdict {
        if self.throttled.contains(&command_status) {
            return Verdict::SlowDown;
        }
        if self.rebind.contains(&command_status) {
            return Verdict::Rebind;
        }
        match self.temporary.iter().find(|rule| rule.command_status == command_status) {
            Some(rule) if retried < rule.retries => Verdict::RetryAfter(Duration::from_secs(rule.delay_s)),
            _ => Verdict::Fail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_the_lists() {
        let policy = StatusPolicy::default();
        assert_eq!(policy.judge(0x58, 200), Verdict::SlowDown);
        assert_eq!(policy.judge(0x14, 1), Verdict::RetryAfter(Duration::from_secs(180)));
        assert_eq!(policy.judge(0x14, 2), Verdict::Fail);
        assert_eq!(policy.judge(0x04, 0), Verdict::Rebind);
        assert_eq!(policy.judge(0x0B, 0), Verdict::Fail);
        let strict = StatusPolicy { temporary: Vec::new(), ..policy };
        assert_eq!(strict.judge(0x14, 0), Verdict::Fail);
    }
}
