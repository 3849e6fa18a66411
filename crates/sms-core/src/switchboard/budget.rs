//! What all lanes of a pool send together, where the pool has a rate of its own.
//!
//! Segments are counted when a message is handed to a link. Lanes ask by themselves, each at its own moments, so the share
//! of a tenant, and within it of a lane, is kept by what each was given: one that is ahead waits while one that is behind
//! asks. Single messages that somebody waits for do not wait for campaigns: they are taken at once, and campaigns make up
//! for it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::core::{Priority, Tenant};

/// So much of a second's segments may come at once.
const BURST_S: f64 = 0.5;
/// How far ahead of the others one may be, as a part of a second's segments.
const AHEAD_S: f64 = 0.1;
/// Whoever has not asked for so long wants nothing. Lanes that wait ask every tenth of a second.
const HUNGRY_FOR: Duration = Duration::from_millis(350);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asker {
    pub tenant: Tenant,
    pub lane: u64,
    pub priority: Priority,
}

/// The segments of a pool.
#[derive(Debug, Default)]
pub(super) struct Budget(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What may be sent now; below zero: what was taken ahead of its time.
    segments: f64,
    counted: Option<Instant>,
    tenants: Shares<Tenant>,
    lanes: HashMap<Tenant, Shares<u64>>,
}

impl Budget {
    /// Takes the segments of a message if it may go now.
    pub(super) fn take(&self, per_s: u32, asker: Asker, segments: usize, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (per_s, segments) = (f64::from(per_s), segments as f64);
        let most = (per_s * BURST_S).max(1.0);
        let gained = match state.counted.replace(now) {
            Some(before) => now.saturating_duration_since(before).as_secs_f64() * per_s,
            None => most,
        };
        state.segments = (state.segments + gained).min(most);
        if asker.priority == Priority::Interactive {
            let may = state.segments > -most;
            if may {
                state.segments -= segments;
            }
            return may;
        }
        let ahead = (per_s * AHEAD_S).max(1.0);
        let lanes = state.lanes.entry(asker.tenant).or_default();
        let in_turn = lanes.ask(asker.lane, ahead, now) & state.tenants.ask(asker.tenant, ahead, now);
        // A message with more parts than may come at once goes when as much as can has gathered.
        if !in_turn || state.segments < segments.min(most) {
            return false;
        }
        state.segments -= segments;
        state.tenants.give(asker.tenant, segments);
        if let Some(lanes) = state.lanes.get_mut(&asker.tenant) {
            lanes.give(asker.lane, segments);
        }
        let State { tenants, lanes, .. } = &mut *state;
        lanes.retain(|tenant, _| tenants.0.contains_key(tenant));
        true
    }

    /// A message was not sent after all.
    pub(super) fn give_back(&self, segments: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).segments += segments as f64;
    }
}

/// What those who asked lately were given.
#[derive(Debug)]
struct Shares<K>(HashMap<K, Share>);

#[derive(Debug, Clone, Copy)]
struct Share {
    given: f64,
    asked: Instant,
}

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash + Copy> Shares<K> {
    /// Whether it is not ahead of anybody else who asks. Whoever is new begins where the one that is furthest behind is.
    fn ask(&mut self, who: K, ahead: f64, now: Instant) -> bool {
        self.0.retain(|_, share| now.saturating_duration_since(share.asked) < HUNGRY_FOR);
        let others = self.0.iter().filter(|(other, _)| **other != who).map(|(_, share)| share.given);
        let behind = others.min_by(f64::total_cmp);
        let share = self.0.entry(who).or_insert(Share { given: behind.unwrap_or(0.0), asked: now });
        share.asked = now;
        behind.is_none_or(|behind| share.given < behind + ahead)
    }

    fn give(&mut self, who: K, segments: f64) {
        if let Some(share) = self.0.get_mut(&who) {
            share.given += segments;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PER_S: u32 = 100;

    fn bulk(tenant: u128, lane: u64) -> Asker {
        Asker { tenant: Tenant(tenant), lane, priority: Priority::Bulk }
    }

    /// What each of these gets who ask for as much as they can every tenth of a second, one behind the other.
    fn over(seconds: u64, askers: &[Asker]) -> Vec<u64> {
        let (budget, start) = (Budget::default(), Instant::now());
        let mut given = vec![0; askers.len()];
        for tick in 0..seconds * 10 {
            for (place, asker) in askers.iter().enumerate() {
                let now = start + Duration::from_millis(tick * 100 + place as u64);
                while budget.take(PER_S, *asker, 1, now) {
                    given[place] += 1;
                }
            }
        }
        given
    }

    fn is_about(found: u64, expected: u64) -> bool {
        found.abs_diff(expected) <= expected / 20 + 12
    }

    #[test]
    fn all_lanes_together_keep_to_the_rate() {
        let given: u64 = over(60, &[bulk(1, 1), bulk(2, 2), bulk(2, 3)]).iter().sum();
        let most = u64::from(PER_S) * 60 + u64::from(PER_S) / 2;
        assert!(given <= most && given > most * 95 / 100, "{given} of {most}");
    }

    #[test]
    fn tenants_get_the_same_however_many_campaigns_each_has() {
        let given = over(60, &[bulk(1, 1), bulk(2, 2), bulk(2, 3), bulk(2, 4)]);
        assert!(is_about(given[0], 3_000), "{given:?}");
        assert!(given[1..].iter().all(|lane| is_about(*lane, 1_000)), "{given:?}");
    }

    #[test]
    fn whoever_wants_less_leaves_the_rest_to_others() {
        let (budget, start) = (Budget::default(), Instant::now());
        let (mut small, mut large) = (0, 0);
        for tick in 0..600 {
            let now = start + Duration::from_millis(tick * 100);
            // One message a second.
            if tick % 10 == 0 {
                small += u64::from(budget.take(PER_S, bulk(1, 1), 1, now));
            }
            while budget.take(PER_S, bulk(2, 2), 1, now) {
                large += 1;
            }
        }
        assert!(small >= 59 && is_about(large, 5_940), "{small} and {large}");
    }

    #[test]
    fn single_messages_go_at_once_and_campaigns_make_up_for_them() {
        let (budget, start) = (Budget::default(), Instant::now());
        let single = Asker { tenant: Tenant(1), lane: 9, priority: Priority::Interactive };
        let (mut singles, mut campaign) = (0, 0);
        for tick in 0..600 {
            let now = start + Duration::from_millis(tick * 100);
            while budget.take(PER_S, bulk(2, 2), 1, now) {
                campaign += 1;
            }
            assert!(budget.take(PER_S, single, 1, now), "nothing of a campaign is ahead of it");
            singles += 1;
        }
        assert!(singles + campaign <= 6_050 && campaign > 5_000, "{singles} and {campaign}");
        // They do not go beyond the rate by themselves either.
        let now = start + Duration::from_secs(60);
        let at_once = (0..1_000).filter(|_| budget.take(PER_S, single, 1, now)).count();
        assert!(at_once <= 110, "{at_once}");
    }

    #[test]
    fn a_message_of_many_parts_goes_where_the_rate_is_low_and_what_was_not_sent_is_not_counted() {
        let (budget, start) = (Budget::default(), Instant::now());
        assert!(budget.take(1, bulk(1, 1), 6, start), "it would wait for ever");
        let later = start + Duration::from_secs(3);
        assert!(!budget.take(1, bulk(1, 1), 1, later), "three of its six seconds are over");
        budget.give_back(6);
        assert!(budget.take(1, bulk(1, 1), 1, later));
    }
}
