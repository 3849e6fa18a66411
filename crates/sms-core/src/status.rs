//! What a person is told of a link.

use meter::{Distribution, Ladder};
use serde::{Deserialize, Serialize};

use crate::{ChannelId, metrics::REFUSALS};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// No session is bound yet, or none any more, and the link keeps trying.
    Connecting,
    /// At least one session is bound.
    Up,
    /// The carrier refused the bind for good (password, system id): nothing happens until a person restarts the link.
    Stopped,
    /// Takes nothing new and sends what it has.
    Draining,
    /// Out of use by a person's decision.
    Disabled,
    /// Closed on request.
    ShutDown,
}

/// A snapshot of one link, or of a pool as a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkStatus {
    pub id: ChannelId,
    pub name: String,
    /// The links of a pool; none for a link.
    #[serde(default)]
    pub members: Vec<ChannelId>,
    /// Whether messages can be sent by it: not by a link that only receives.
    pub submits: bool,
    /// No real message leaves by this link.
    pub is_simulator: bool,
    pub state: LinkState,
    /// When it came into this state.
    pub since_ms: i64,
    pub sessions_bound: u32,
    pub sessions_configured: u32,
    /// In words, the latest one; kept after the link has recovered.
    pub last_error: Option<String>,
    pub last_error_at_ms: Option<i64>,
    /// Parts written and not answered, over all sessions.
    pub window_used: u32,
    /// Sessions bound times the window of each.
    pub window: u32,
    /// Messages waiting in lanes.
    pub queued_messages: u64,
    /// Parts that wait for their retry after a temporary refusal.
    pub retrying_parts: u64,
    pub counters: LinkCounters,
    /// Parts accepted per second over the last seconds.
    pub rate_segments_per_s: f64,
    /// What the link is held to at the moment: the configured rate, or less while the carrier throttles.
    pub rate_limit_segments_per_s: Option<f64>,
    /// The carrier throttles at the moment, and the link is slower for it than configured.
    pub is_throttled: bool,
    #[serde(default)]
    pub times: LinkTimes,
}

/// How long things took on a link, since the start of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkTimes {
    /// From writing a part to the carrier's answer.
    pub response: Distribution,
    /// From the arrival of a receipt to its acknowledgement, before which it was made durable.
    pub receipt: Distribution,
}

impl Default for LinkTimes {
    fn default() -> Self {
        Self { response: Distribution::empty(Ladder::Quick), receipt: Distribution::empty(Ladder::Quick) }
    }
}

impl LinkTimes {
    #[must_use]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self { response: self.response.plus(&other.response), receipt: self.receipt.plus(&other.receipt) }
    }
}

impl LinkStatus {
    /// What has gone wrong since the link is not up; None while it is, and until the first attempt has failed.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        let waits = matches!(self.state, LinkState::Connecting | LinkState::Stopped);
        let is_recent = self.last_error_at_ms.is_some_and(|at_ms| at_ms >= self.since_ms);
        self.last_error.as_deref().filter(|_| waits && is_recent)
    }

    /// Its SMS Core is another process that cannot be used just now: nothing is known of the link.
    #[must_use]
    pub fn is_core_away(&self) -> bool {
        self.state == LinkState::Connecting
            && self.last_error.as_deref().is_some_and(|trouble| trouble.starts_with(CORE_AWAY))
    }

    /// The same for those who are to know nothing of addresses and names in the network.
    #[must_use]
    pub fn trouble_in_general(&self) -> Option<&str> {
        self.trouble().map(in_general)
    }
}

/// With this the trouble of links begins whose SMS Core in another process cannot be used; its address follows.
pub(crate) const CORE_AWAY: &str = "SMS Core at ";

/// What a carrier says has no addresses in it. What the network says may have: the name that a certificate lacks.
pub(crate) fn in_general(trouble: &str) -> &str {
    if trouble.starts_with(CORE_AWAY) {
        return "SMS Core cannot be reached";
    }
    match trouble.strip_prefix("no connection: ") {
        Some(reason) if reason.contains("certificate") => "no connection: a certificate is not accepted",
        Some(reason) if reason.contains("://") || reason.contains('"') => "no connection",
        _ => trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::in_general;

    #[test]
    fn who_is_to_know_no_addresses_is_told_none() {
        for (said, in_words) in [
            ("SMS Core at https://core.example.org:7443 cannot be used: no answer", "SMS Core cannot be reached"),
            (
                "no connection: invalid peer certificate: certificate not valid for name \"smsc.example.org\"",
                "no connection: a certificate is not accepted",
            ),
            (
                "no connection: TLS failed: invalid peer certificate: certificate not valid for name \"smsc.example.org\"",
                "no connection: a certificate is not accepted",
            ),
            ("no connection: \"smsc.example.org\" is unknown", "no connection"),
        ] {
            assert_eq!(in_general(said), in_words);
        }
        for harmless in [
            "no connection: connection refused",
            "the carrier refused the bind with 0x0000000E ESME_RINVPASWD: invalid password",
            "the connection broke: connection reset",
        ] {
            assert_eq!(in_general(harmless), harmless);
        }
    }
}

/// Since the start of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCounters {
    /// Parts handed to a session, retries included.
    pub submitted: u64,
    pub accepted: u64,
    /// Refused for good.
    pub refused: u64,
    /// The same by the class of the answer, in the order of [`crate::metrics::REFUSALS`].
    pub refused_by_class: [u64; REFUSALS.len()],
    /// Refused for now and tried again.
    pub retried: u64,
    pub throttled: u64,
    pub uncertain: u64,
    pub receipts: u64,
    /// Of these, those that say that a part was delivered.
    pub delivered: u64,
    pub inbound: u64,
    pub reconnects: u64,
}

impl LinkCounters {
    #[must_use]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            submitted: self.submitted + other.submitted,
            accepted: self.accepted + other.accepted,
            refused: self.refused + other.refused,
            refused_by_class: std::array::from_fn(|at| self.refused_by_class[at] + other.refused_by_class[at]),
            retried: self.retried + other.retried,
            throttled: self.throttled + other.throttled,
            uncertain: self.uncertain + other.uncertain,
            receipts: self.receipts + other.receipts,
            delivered: self.delivered + other.delivered,
            inbound: self.inbound + other.inbound,
            reconnects: self.reconnects + other.reconnects,
        }
    }
}
