//! Whether a campaign can go out by its channel at all.

use sms_core::{ChannelId, LinkStatus};

/// Why nothing can go out by a channel. A link that is down is no reason: its campaigns pause, and go on by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelGap {
    /// Its SMS Core is another process that cannot be used just now, or there is none.
    #[error("SMS Core cannot be reached")]
    CoreAway,
    #[error("the channel is not there any more")]
    NotThere,
}

/// `channels` are what can be sent by, `links` those that they consist of.
pub(super) fn check(channel: &str, channels: &[LinkStatus], links: &[LinkStatus]) -> Result<(), ChannelGap> {
    let Some(found) = channels.iter().find(|known| known.id.as_str() == channel) else {
        // It may be with a Core that was not heard yet.
        let unsure = channels.is_empty() || links.iter().any(LinkStatus::is_core_away);
        return Err(if unsure { ChannelGap::CoreAway } else { ChannelGap::NotThere });
    };
    let is_away = |id: &ChannelId| links.iter().find(|link| link.id == *id).is_none_or(LinkStatus::is_core_away);
    let away = match found.members.as_slice() {
        [] => found.is_core_away(),
        members => members.iter().all(is_away),
    };
    if away { Err(ChannelGap::CoreAway) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use sms_core::{LinkCounters, LinkState, LinkTimes};

    use super::*;

    fn link(id: &str, state: LinkState, trouble: Option<&str>) -> LinkStatus {
        LinkStatus {
            id: ChannelId::parse(id).unwrap(),
            name: id.into(),
            members: Vec::new(),
            submits: true,
            is_simulator: false,
            state,
            since_ms: 0,
            sessions_bound: 0,
            sessions_configured: 1,
            last_error: trouble.map(Into::into),
            last_error_at_ms: None,
            window_used: 0,
            window: 0,
            queued_messages: 0,
            retrying_parts: 0,
            counters: LinkCounters::default(),
            rate_segments_per_s: 0.0,
            rate_limit_segments_per_s: None,
            is_throttled: false,
            times: LinkTimes::default(),
        }
    }

    fn away(id: &str) -> LinkStatus {
        link(id, LinkState::Connecting, Some("SMS Core at https://dmz:7443 cannot be used: it does not answer"))
    }

    fn pool(id: &str, members: &[&LinkStatus]) -> LinkStatus {
        let members = members.iter().map(|link| link.id.clone()).collect();
        LinkStatus { members, ..link(id, LinkState::Connecting, None) }
    }

    #[test]
    fn a_link_that_is_down_is_no_gap_and_a_core_that_is_away_is() {
        let down = link("down", LinkState::Connecting, Some("no connection: refused"));
        let (up, gone) = (link("up", LinkState::Up, None), away("gone"));
        let (mixed, lost) = (pool("mixed", &[&gone, &down]), pool("lost", &[&gone]));
        let links = [down.clone(), up.clone(), gone.clone()];
        let channels = [down, up, gone, mixed, lost];
        for known in ["down", "up", "mixed"] {
            assert_eq!(check(known, &channels, &links), Ok(()), "{known}");
        }
        for unreachable in ["gone", "lost"] {
            assert_eq!(check(unreachable, &channels, &links), Err(ChannelGap::CoreAway), "{unreachable}");
        }
        // Whoever is away may have it.
        assert_eq!(check("other", &channels, &links), Err(ChannelGap::CoreAway));
        assert_eq!(check("other", &channels[..2], &links[..2]), Err(ChannelGap::NotThere));
        assert_eq!(check("other", &[], &[]), Err(ChannelGap::CoreAway));
    }
}
