//! What all campaigns of a workspace share while they are sent: its rules as they were read last, the messages of its day
//! and the segments of its second.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    id::{CampaignId, WorkspaceId},
    schedule::Zone,
    workspace::Workspace,
};
use store::{
    Error, SystemScope, holds,
    journal::{self, Claims},
};

use super::bucket::Bucket;

/// Rules that were read so long ago are read again.
const FRESH: Duration = Duration::from_millis(200);

/// A workspace as the engine goes by it.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) workspace: Workspace,
    pub(crate) zone: Zone,
    /// Everything of the workspace, or of the installation, is held.
    pub(crate) held: bool,
}

impl Rules {
    /// Whether the workspace's daily hours let messages out at a moment.
    pub(crate) fn is_open(&self, at_ms: i64) -> bool {
        self.workspace.daily_window.is_none_or(|week| week.is_open(&self.zone, at_ms))
    }
}

/// Messages and segments that one campaign may claim now; what it does not use it gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserved {
    pub(crate) messages: u64,
    /// None: as many as the messages take.
    pub(crate) segments: Option<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct Tenants(Mutex<HashMap<WorkspaceId, Arc<Tenant>>>);

#[derive(Debug, Default)]
pub(crate) struct Tenant(Mutex<State>);

/// What was read, until it is too old or somebody says that it is another. What is being read at that moment does not count
/// either: it may be from before.
#[derive(Debug)]
struct Fresh<T> {
    read: Option<(Instant, T)>,
    /// Grows when what was read is no longer good.
    generation: u64,
}

/// When a reading began.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    generation: u64,
}

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self { read: None, generation: 0 }
    }
}

impl<T: Clone> Fresh<T> {
    fn get(&self) -> Option<T> {
        self.read.as_ref().filter(|(read_at, _)| read_at.elapsed() < FRESH).map(|(_, value)| value.clone())
    }

    fn forget(&mut self) {
        self.read = None;
        self.generation += 1;
    }

    fn begin(&self) -> Reading {
        Reading { at: Instant::now(), generation: self.generation }
    }

    /// False: it is to be read again.
    fn keep(&mut self, reading: Reading, value: T) -> bool {
        let good = self.generation == reading.generation;
        if good {
            self.read = Some((reading.at, value));
        }
        good
    }
}

#[derive(Debug, Default)]
struct State {
    rules: Fresh<Arc<Rules>>,
    claims: HashMap<CampaignId, Claims>,
    /// Their runners say what they claim; what the database has of them is older.
    live: HashSet<CampaignId>,
    /// The claims of all other campaigns have been read.
    all_read: bool,
    /// Messages of campaigns that are about to claim them.
    reserved: u64,
    bucket: Option<Bucket>,
}

impl State {
    /// Messages of all campaigns since midnight.
    fn claimed_today(&self, rules: &Rules, now_ms: i64) -> u64 {
        let day = rules.zone.day(now_ms);
        self.claims.values().map(|claims| claims.within(&day).messages).sum()
    }
}

impl Tenants {
    pub(crate) fn of(&self, workspace: WorkspaceId) -> Arc<Tenant> {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tenants.entry(workspace).or_default())
    }

    /// Something was decided: the rules are read again by whoever needs them next.
    pub(crate) fn look_again(&self) {
        let tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for tenant in tenants.values() {
            tenant.state().rules.forget();
        }
    }
}

impl Tenant {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rules, some moments old at most.
    pub(crate) async fn rules(&self, scope: &SystemScope) -> Result<Arc<Rules>, Error> {
        loop {
            let reading = {
                let state = self.state();
                if let Some(rules) = state.rules.get() {
                    return Ok(rules);
                }
                state.rules.begin()
            };
            let rules = self.read(scope).await?;
            if self.state().rules.keep(reading, Arc::clone(&rules)) {
                return Ok(rules);
            }
        }
    }

    async fn read(&self, scope: &SystemScope) -> Result<Arc<Rules>, Error> {
        let workspace = scope.workspace().await?;
        let zone = Zone::parse(&workspace.time_zone).map_err(|_| Error::Corrupt)?;
        let held = holds::load(scope).await?.any();
        let counts_days = workspace.messages_per_day_max.is_some();
        let rules = Arc::new(Rules { workspace, zone, held });
        if counts_days && !self.state().all_read {
            let all = journal::claims(scope).await?;
            let mut state = self.state();
            for (campaign, claims) in all {
                if !state.live.contains(&campaign) {
                    state.claims.insert(campaign, claims);
                }
            }
            state.all_read = true;
        }
        Ok(rules)
    }

    /// What a campaign has claimed, by its own account.
    pub(crate) fn note(&self, campaign: CampaignId, claims: &Claims) {
        let mut state = self.state();
        state.live.insert(campaign);
        state.claims.insert(campaign, claims.clone());
    }

    /// Messages that the workspace may still send today; None: no limit.
    pub(crate) fn messages_left(&self, rules: &Rules, now_ms: i64) -> Option<u64> {
        let max = rules.workspace.messages_per_day_max?;
        Some(max.saturating_sub(self.state().claimed_today(rules, now_ms)))
    }

    /// Sets aside what a campaign may claim now, up to `messages`. `urgent`: a Trigger campaign, for which bulk ones
    /// leave something.
    pub(crate) fn reserve(&self, rules: &Rules, now_ms: i64, messages: u64, urgent: bool) -> Reserved {
        let mut state = self.state();
        let left = rules.workspace.messages_per_day_max.map(|max| {
            // What others are about to claim is theirs.
            max.saturating_sub(state.claimed_today(rules, now_ms) + state.reserved)
        });
        let messages = messages.min(left.unwrap_or(u64::MAX));
        let segments = rules.workspace.segments_per_s_max.map(|per_s| {
            let bucket = state.bucket.get_or_insert_with(|| Bucket::new(per_s, now_ms));
            bucket.take_all(per_s, now_ms, urgent)
        });
        state.reserved += messages;
        Reserved { messages, segments }
    }

    /// Gives back what a campaign did not claim of what was set aside; `claims` are its own with what it did.
    pub(crate) fn settle(&self, campaign: CampaignId, reserved: Reserved, segments_used: i64, claims: &Claims) {
        let mut state = self.state();
        state.reserved = state.reserved.saturating_sub(reserved.messages);
        if let (Some(segments), Some(bucket)) = (reserved.segments, &mut state.bucket) {
            bucket.give_back(segments - segments_used);
        }
        state.live.insert(campaign);
        state.claims.insert(campaign, claims.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_decision_is_not_kept_after_it() {
        let mut rules = Fresh::default();
        let reading = rules.begin();
        // Somebody holds the workspace while its rules are on their way from the database.
        rules.forget();
        assert!(!rules.keep(reading, "not held"));
        assert_eq!(rules.get(), None);
        let reading = rules.begin();
        assert!(rules.keep(reading, "held"));
        assert_eq!(rules.get(), Some("held"));
    }

    #[test]
    fn how_old_it_is_counts_from_when_the_reading_began() {
        let mut rules = Fresh::default();
        let began = Instant::now().checked_sub(FRESH).unwrap();
        assert!(rules.keep(Reading { at: began, generation: 0 }, ()));
        assert_eq!(rules.get(), None);
    }
}
