//! How much may be claimed now: the campaign's segments of today, the workspace's messages of today and its segments of
//! this second.

use domain::campaign::Mode;

use super::runner::Runner;
use crate::run::{Reserved, Rules};

/// What one turn may claim.
#[derive(Debug)]
pub(super) struct Allowance {
    reserved: Reserved,
    /// Of the campaign's day; None: no limit.
    segments_today: Option<u64>,
    messages: u64,
    segments: i64,
}

/// Why a recipient is not claimed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exhausted {
    /// For today; with the segments that the message takes.
    Today(u64),
    /// For some milliseconds.
    Now,
}

impl Allowance {
    /// Takes a message of so many parts out of it.
    pub(super) fn take(&mut self, parts: u64) -> Result<(), Exhausted> {
        if self.segments_today.is_some_and(|left| left < parts) {
            return Err(Exhausted::Today(parts));
        }
        if self.messages == self.reserved.messages {
            return Err(Exhausted::Now);
        }
        if self.reserved.segments.is_some_and(|segments| self.segments >= segments) {
            return Err(Exhausted::Now);
        }
        if let Some(left) = &mut self.segments_today {
            *left -= parts;
        }
        self.messages += 1;
        self.segments += i64::try_from(parts).unwrap_or(i64::MAX);
        Ok(())
    }
}

impl Allowance {
    /// What was taken for a message of so many parts, which is not claimed after all.
    pub(super) fn give_back(&mut self, parts: u64) {
        if let Some(left) = &mut self.segments_today {
            *left += parts;
        }
        self.messages = self.messages.saturating_sub(1);
        self.segments -= i64::try_from(parts).unwrap_or(i64::MAX);
    }
}

impl Runner {
    /// What may be claimed at this moment, up to `messages`; to be handed to [`Runner::settle`].
    pub(super) fn allowance(&self, rules: &Rules, now_ms: i64, messages: u32) -> Allowance {
        let urgent = self.campaign.parameters.mode == Mode::Trigger;
        let reserved = self.tenant.reserve(rules, now_ms, u64::from(messages), urgent);
        Allowance { reserved, segments_today: self.segments_left(rules, now_ms), messages: 0, segments: 0 }
    }

    /// The claims are in the account: what was set aside for more is given back.
    pub(super) fn settle(&self, allowance: &Allowance) {
        self.tenant.settle(self.key.campaign, allowance.reserved, allowance.segments, &self.book.totals().claims);
    }

    /// Whether nobody can be claimed any more today.
    pub(super) fn has_reached_a_limit(&self, rules: &Rules, now_ms: i64) -> bool {
        let needed = self.next_parts.max(1);
        self.segments_left(rules, now_ms).is_some_and(|left| left < needed)
            || self.tenant.messages_left(rules, now_ms) == Some(0)
    }

    /// Segments of the campaign's own limit that are left of today.
    fn segments_left(&self, rules: &Rules, now_ms: i64) -> Option<u64> {
        let limit = u64::from(self.campaign.parameters.daily_limit?);
        let day = rules.zone.day(now_ms);
        Some(limit.saturating_sub(self.book.totals().claims.within(&day).segments))
    }

    /// Recipients that the workspace's pace, and that of 10DLC, let be claimed without an answer: two seconds' worth, so that a link that comes
    /// back does not send in one go what was claimed at that pace.
    pub(super) fn paced_limit(&self) -> u32 {
        let per_s = self.rules.as_ref().and_then(|rules| rules.workspace.segments_per_s_max);
        per_s.map_or(u32::MAX, |per_s| per_s.saturating_mul(2).max(10)).min(self.tendlc.paced_limit())
    }
}
