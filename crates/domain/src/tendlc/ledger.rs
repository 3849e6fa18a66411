//! What a 10DLC campaign and its brand have sent, and what may follow: rates by the minute, caps by the day.
//!
//! Each of the two has a [`Ledger`], which is kept as a record. Whoever is about to send charges messages to both and
//! writes both back as a compare-and-set, so that several SMS campaigns and several engines share what there is. A message
//! is charged as a whole: none is sent in part because the cap was reached in the middle of it.
//!
//! A rate holds in any 60 seconds, not on average. What goes at once after a pause, and what the longest message has more
//! than one segment, come out of the minute first ([`Pace`]); what is left of it is the pace. A rate of less than four a
//! second whose messages have one segment each is its own pace.

use serde::{Deserialize, Serialize};

use super::{day::CapDay, throughput::Allowance};

/// What was sent on a day, and how far the rate is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    day: CapDay,
    segments: u32,
    /// Until when what was charged keeps the rate busy, in microseconds since the Unix epoch.
    busy_until_us: i64,
    /// None: messages have one segment each.
    #[serde(default)]
    long: Option<Long>,
}

/// That messages of several segments are asked for. Beside shorter ones they would never find as much of a rate free at
/// once as they need, so the pace leaves room for the rest of one, from the first on and for a day after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Long {
    /// Of the longest, as far as a rate leaves room for them.
    segments: u32,
    /// The pace leaves room since then, in microseconds since the Unix epoch.
    since_us: i64,
    /// The room until that for the longest is there, in segments.
    before: u32,
    /// When one as long was last asked for, or somewhat before.
    seen_us: i64,
}

impl Long {
    /// The room for it is there when a whole minute has left it.
    const fn room(&self, now_us: i64) -> u32 {
        if now_us.saturating_sub(self.since_us) >= MINUTE_US { self.segments } else { self.before }
    }
}

/// Of one ledger; None: no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub segments_per_minute: Option<u32>,
    pub segments_per_day: Option<u32>,
}

/// Why messages wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// For their turn, within a minute or so.
    Rate,
    /// For the next midnight Pacific time.
    Day,
}

/// What was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    pub campaign: Ledger,
    pub brand: Ledger,
    /// So many of the messages may be sent, from the first on.
    pub messages: usize,
    pub segments: u32,
    /// When the next one may be tried, and why not now; None: all may be sent.
    pub wait: Option<(i64, Waits)>,
}

const MINUTE_US: i64 = 60_000_000;
/// What was charged may be so much later than that until which it keeps the rate busy.
const BURST_MAX_US: i64 = MINUTE_US / 120;
/// At most so many segments of a message are sent before all of them have their turn.
const AHEAD_MAX: u32 = 10;
/// After so long without one of them, no room is left for long messages any more. An answer to a subscriber that is sent now
/// and then finds it.
const LONG_FOR_US: i64 = 24 * 60 * MINUTE_US;
/// What is still going on is not put on record with every message.
const SEEN_AGAIN_US: i64 = 60 * MINUTE_US;
/// What is charged to a day has to be at the carrier before it ends: in its last seconds nothing is charged.
const LAST_OF_DAY_MS: i64 = 5_000;

impl Allowance {
    #[must_use]
    pub const fn campaign_bounds(&self) -> Bounds {
        Bounds {
            segments_per_minute: Some(self.campaign_segments_per_minute),
            segments_per_day: self.campaign_segments_per_day,
        }
    }

    #[must_use]
    pub const fn brand_bounds(&self) -> Bounds {
        Bounds {
            segments_per_minute: self.brand_segments_per_minute,
            segments_per_day: Some(self.brand_segments_per_day),
        }
    }
}

/// How a rate is kept. Before the last message of any 60 seconds go fewer segments than `60 s + burst` has room for, and
/// that message adds `ahead` at most beyond those that waited for their turn: together no more than the rate.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// From one segment to the next.
    segment_us: i64,
    /// What a pause is made up for with: half a second, together with the segment whose turn it is.
    burst_us: i64,
    ahead: u32,
}

/// How many segments of a message a rate leaves room for.
fn ahead_of(per_minute: u32, segments: u32) -> u32 {
    segments.min(per_minute / 4).clamp(1, AHEAD_MAX)
}

impl Pace {
    /// None: a rate of nothing.
    fn of(per_minute: u32, long: Option<Long>, now_us: i64) -> Option<Self> {
        let (room, ahead) = long.map_or((1, 1), |long| (long.segments, long.room(now_us)));
        let room = ahead_of(per_minute, room);
        let burst = (per_minute / 120).saturating_sub(1);
        let steady = per_minute.checked_sub(burst + room - 1).filter(|steady| *steady > 0)?;
        // Rounded up: never a little faster.
        let segment_us = (MINUTE_US + i64::from(steady) - 1) / i64::from(steady);
        // Of the pace without that room, which may be the pace again a moment later.
        let burst_us = i64::from(burst) * MINUTE_US / i64::from(per_minute - burst);
        Some(Self { segment_us, burst_us, ahead: ahead_of(per_minute, ahead) })
    }
}

impl Ledger {
    /// Nothing sent yet.
    #[must_use]
    pub fn fresh(now_ms: i64) -> Self {
        Self { day: CapDay::of(now_ms), segments: 0, busy_until_us: i64::MIN, long: None }
    }

    /// The day of its latest charge.
    #[must_use]
    pub const fn day(&self) -> CapDay {
        self.day
    }

    /// What was sent today.
    #[must_use]
    pub fn segments_on(&self, now_ms: i64) -> u32 {
        if self.day == CapDay::of(now_ms) { self.segments } else { 0 }
    }

    /// With segments less that were charged on a day and were certainly not sent. Of a day that is over nothing is left to
    /// be given back, and a rate is not made up for.
    #[must_use]
    pub fn less(self, day: CapDay, segments: u32) -> Self {
        if day == self.day { Self { segments: self.segments.saturating_sub(segments), ..self } } else { self }
    }

    /// Until when a message of so many segments waits for another day; None: today has room for it.
    #[must_use]
    pub fn waits_until(&self, bounds: Bounds, segments: u32, now_ms: i64) -> Option<i64> {
        let total = self.segments_on(now_ms).saturating_add(segments);
        bounds.segments_per_day.filter(|most| total > *most).map(|_| CapDay::of(now_ms).ends_at_ms())
    }

    /// A day that is over counts no more. A clock that goes back does not bring one back.
    fn today(self, now_ms: i64) -> Self {
        let day = CapDay::of(now_ms);
        if day > self.day { Self { day, segments: 0, ..self } } else { self }
    }

    /// Knows that a message of so many segments is asked for, whether it can be sent now or not.
    fn asked(self, bounds: Bounds, segments: u32, now_us: i64) -> Self {
        let Some(per_minute) = bounds.segments_per_minute else { return self };
        let wanted = ahead_of(per_minute, segments);
        // Since the last charge nothing took the room, whatever the pace.
        let since_us = now_us.min(self.busy_until_us.saturating_add(BURST_MAX_US));
        let anew = |before| Long { segments: wanted, since_us, before, seen_us: now_us };
        let long = match self.long {
            None => (wanted > 1).then(|| anew(1)),
            Some(long) if wanted > long.segments => Some(anew(long.room(now_us))),
            Some(long) if now_us - long.seen_us >= LONG_FOR_US => (wanted > 1).then(|| Long {
                segments: wanted,
                before: long.before.min(wanted),
                seen_us: now_us,
                ..long
            }),
            Some(long) if wanted == long.segments && now_us - long.seen_us >= SEEN_AGAIN_US => {
                Some(Long { seen_us: now_us, ..long })
            }
            long => long,
        };
        Self { long, ..self }
    }

    /// With a message more, or when and why not. A message that no bound could ever hold waits for ever, which is what
    /// [`Ledger::holds`] tells beforehand.
    fn with(self, bounds: Bounds, segments: u32, now_ms: i64) -> Result<Self, (i64, Waits)> {
        let total = self.segments.saturating_add(segments);
        let ends_at_ms = self.day.ends_at_ms();
        if now_ms < ends_at_ms && ends_at_ms - now_ms <= LAST_OF_DAY_MS {
            return Err((ends_at_ms, Waits::Rate));
        }
        if bounds.segments_per_day.is_some_and(|most| total > most) {
            return Err((ends_at_ms, Waits::Day));
        }
        let Some(per_minute) = bounds.segments_per_minute else {
            return Ok(Self { segments: total, ..self });
        };
        let now_us = now_ms.saturating_mul(1_000);
        let Some(pace) = Pace::of(per_minute, self.long, now_us) else {
            return Err((now_ms.saturating_add(MINUTE_US / 1_000), Waits::Rate));
        };
        if segments > per_minute {
            return Err((ends_at_ms, Waits::Day));
        }
        let turn_us =
            self.busy_until_us.saturating_add(i64::from(segments.saturating_sub(pace.ahead)) * pace.segment_us);
        if turn_us > now_us {
            // Rounded up, or it would be tried too early.
            return Err(((turn_us - 1).div_euclid(1_000) + 1, Waits::Rate));
        }
        let begun_us = self.busy_until_us.max(now_us - pace.burst_us);
        Ok(Self { segments: total, busy_until_us: begun_us + i64::from(segments) * pace.segment_us, ..self })
    }

    /// Whether a message of so many segments could be sent in an empty minute of an empty day.
    #[must_use]
    pub fn holds(bounds: Bounds, segments: u32) -> bool {
        [bounds.segments_per_day, bounds.segments_per_minute].into_iter().flatten().all(|most| segments.max(1) <= most)
    }
}

/// Charges messages, given by their segments, to a 10DLC campaign and its brand: as many of them, from the first on, as
/// both have room for. The ledgers may be others even if it is none.
#[must_use]
pub fn charge(
    campaign: Ledger,
    brand: Ledger,
    allowance: &Allowance,
    messages: impl IntoIterator<Item = u32>,
    now_ms: i64,
) -> Charged {
    let (campaign, brand) = (campaign.today(now_ms), brand.today(now_ms));
    let mut charged = Charged { campaign, brand, messages: 0, segments: 0, wait: None };
    for segments in messages {
        let asked = |ledger: Ledger, bounds| ledger.asked(bounds, segments, now_ms.saturating_mul(1_000));
        charged.campaign = asked(charged.campaign, allowance.campaign_bounds());
        charged.brand = asked(charged.brand, allowance.brand_bounds());
        let with = |ledger: Ledger, bounds| ledger.with(bounds, segments, now_ms);
        let both = (with(charged.campaign, allowance.campaign_bounds()), with(charged.brand, allowance.brand_bounds()));
        match both {
            (Ok(campaign), Ok(brand)) => {
                (charged.campaign, charged.brand) = (campaign, brand);
                charged.messages += 1;
                charged.segments += segments;
            }
            // The later of the two.
            (Err(one), Err(other)) => {
                charged.wait = Some(if one.0 >= other.0 { one } else { other });
                break;
            }
            (Err(wait), Ok(_)) | (Ok(_), Err(wait)) => {
                charged.wait = Some(wait);
                break;
            }
        }
    }
    charged
}

#[cfg(test)]
mod tests;
