//! What is in memory: claims that have not settled in shards, and filters of who was claimed since campaigns were weighed.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{id::CampaignId, policy::Sent};

use super::Entry;
use crate::suppressions::Bloom;

/// Claims in memory after which they settle: some 25 MiB.
pub(super) const SETTLE_ENTRIES: usize = 1 << 19;
/// Records after which they settle.
const SETTLE_RECORDS: u64 = 8_192;
/// After this time they settle in any case.
const SETTLE_AFTER: Duration = Duration::from_secs(600);
/// Numbers of the smallest and of the largest filter.
const FILTER_NUMBERS: (u64, u64) = (1 << 12, 1 << 20);
/// All filters of a workspace; beyond it the oldest goes, and campaigns that need it are weighed again.
const FILTER_OCTETS_MAX: usize = 32 << 20;
/// All filters of all workspaces.
const BUDGET_OCTETS: usize = 128 << 20;

/// Room for filters, shared by all workspaces.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    used: Arc<AtomicUsize>,
    octets: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { used: Arc::default(), octets: BUDGET_OCTETS }
    }
}

impl Budget {
    fn lend(&self, octets: usize) -> Option<Lent> {
        let more = |used: usize| used.checked_add(octets).filter(|&used| used <= self.octets);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Lent { used: Arc::clone(&self.used), octets })
    }
}

/// Room that is given back when this goes.
#[derive(Debug)]
struct Lent {
    used: Arc<AtomicUsize>,
    octets: usize,
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.used.fetch_sub(self.octets, Ordering::Relaxed);
    }
}

/// Which numbers may be among those that were claimed: it never misses one that is.
#[derive(Debug)]
enum Filter {
    Some {
        bloom: Bloom,
        _room: Lent,
    },
    /// There was no room: the disk is asked about every number.
    Any,
}

impl Filter {
    fn for_numbers(count: u64, budget: &Budget) -> Self {
        match budget.lend(Bloom::octets_for(count)) {
            Some(lent) => Self::Some { bloom: Bloom::for_numbers(count), _room: lent },
            None => Self::Any,
        }
    }

    fn octets(&self) -> usize {
        match self {
            Self::Some { bloom, .. } => bloom.octets(),
            Self::Any => 0,
        }
    }

    fn insert(&self, number: u64) {
        if let Self::Some { bloom, .. } = self {
            bloom.insert(number);
        }
    }

    fn may_hold(&self, number: u64) -> bool {
        match self {
            Self::Some { bloom, .. } => bloom.may_hold(number),
            Self::Any => true,
        }
    }
}

/// Claims by number. Nearly all numbers have one.
#[derive(Debug, Default)]
pub(super) struct Claims {
    first: HashMap<u64, Sent>,
    more: HashMap<u64, Vec<Sent>>,
}

impl Claims {
    pub(super) fn insert(&mut self, entry: Entry) {
        match self.first.entry(entry.number) {
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(entry.sent);
            }
            std::collections::hash_map::Entry::Occupied(known) if *known.get() == entry.sent => {}
            std::collections::hash_map::Entry::Occupied(_) => {
                let more = self.more.entry(entry.number).or_default();
                if !more.contains(&entry.sent) {
                    more.push(entry.sent);
                }
            }
        }
    }

    fn remove(&mut self, entry: &Entry) {
        let more = self.more.get_mut(&entry.number);
        if self.first.get(&entry.number) == Some(&entry.sent) {
            match more.and_then(Vec::pop) {
                Some(another) => _ = self.first.insert(entry.number, another),
                None => _ = self.first.remove(&entry.number),
            }
        } else if let Some(more) = more {
            more.retain(|sent| *sent != entry.sent);
        }
        if self.more.get(&entry.number).is_some_and(Vec::is_empty) {
            self.more.remove(&entry.number);
        }
    }

    pub(super) fn forget(&mut self, number: u64) {
        self.first.remove(&number);
        self.more.remove(&number);
    }

    pub(super) fn of(&self, number: u64) -> impl Iterator<Item = Sent> {
        let more = self.more.get(&number).map(Vec::as_slice).unwrap_or_default();
        self.first.get(&number).into_iter().chain(more).copied()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Entry> {
        let first = self.first.iter().map(|(&number, &sent)| Entry { number, sent });
        let more = self.more.iter().flat_map(|(&number, all)| all.iter().map(move |&sent| Entry { number, sent }));
        first.chain(more)
    }

    pub(super) fn len(&self) -> usize {
        self.first.len()
    }
}

/// Numbers that one campaign claimed while others may be sent, too.
#[derive(Debug)]
struct Generation {
    number: u64,
    campaign: CampaignId,
    filter: Filter,
    room: u64,
}

#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) fresh: Claims,
    /// On its way into shards.
    pub(super) settling: Option<Arc<Claims>>,
    /// Of each campaign the latest record of its journal whose claims are in memory.
    pub(super) durable: HashMap<CampaignId, u64>,
    pub(super) records: u64,
    pub(super) settled_at: Option<Instant>,
    budget: Budget,
    generations: VecDeque<Generation>,
    /// The number of the next generation.
    next: u64,
    /// Generations below this one take no more numbers: somebody was weighed after them.
    open_from: u64,
    /// Generations below this one are gone.
    kept_from: u64,
    /// The first generation that each campaign in work was not weighed against.
    bases: HashMap<CampaignId, u64>,
}

impl Memory {
    pub(super) fn with(budget: Budget) -> Self {
        Self { budget, ..Self::default() }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.bases.is_empty() && self.fresh.len() == 0 && self.settling.is_none() && self.records == 0
    }

    /// Of a number, whatever has not settled.
    pub(super) fn of(&self, number: u64) -> impl Iterator<Item = Sent> {
        self.settling.iter().flat_map(move |claims| claims.of(number)).chain(self.fresh.of(number))
    }

    /// A campaign is weighed from now on: what others claim after this is told apart.
    pub(super) fn begin(&mut self, campaign: CampaignId) -> u64 {
        self.open_from = self.next;
        self.bases.insert(campaign, self.next);
        self.next
    }

    pub(super) fn end(&mut self, campaign: CampaignId) {
        self.bases.remove(&campaign);
        self.prune();
    }

    /// Filters that nobody needs.
    fn prune(&mut self) {
        let needed = self.bases.values().min().copied().unwrap_or(self.next);
        while self.generations.front().is_some_and(|oldest| oldest.number < needed) {
            self.generations.pop_front();
        }
    }

    /// Whether everything that others claimed since then can still be told.
    pub(super) fn reaches(&self, base: u64) -> bool {
        base >= self.kept_from
    }

    /// Whether another campaign may have claimed this number since.
    pub(super) fn may_be_new(&self, campaign: CampaignId, base: u64, number: u64) -> bool {
        let mut others =
            self.generations.iter().rev().take_while(|one| one.number >= base).filter(|one| one.campaign != campaign);
        others.any(|one| one.filter.may_hold(number))
    }

    /// Remembers claims of a campaign.
    pub(super) fn claim(&mut self, campaign: CampaignId, entries: &[Entry]) {
        let others_wait = self.bases.keys().any(|one| *one != campaign);
        for entry in entries {
            self.fresh.insert(*entry);
            if others_wait {
                let generation = self.generation(campaign);
                generation.filter.insert(entry.number);
                generation.room -= 1;
            }
        }
    }

    /// The open generation of a campaign, with room.
    fn generation(&mut self, campaign: CampaignId) -> &mut Generation {
        let open_from = self.open_from;
        let is_open = |one: &Generation| one.campaign == campaign && one.number >= open_from && one.room > 0;
        if let Some(at) = self.generations.iter().rposition(is_open) {
            return &mut self.generations[at];
        }
        let own = self.generations.iter().filter(|one| one.campaign == campaign).count().min(4);
        let numbers = (FILTER_NUMBERS.0 << (own * 2)).min(FILTER_NUMBERS.1);
        let octets = |all: &VecDeque<Generation>| all.iter().map(|one| one.filter.octets()).sum::<usize>();
        while octets(&self.generations) + Bloom::octets_for(numbers) > FILTER_OCTETS_MAX {
            let Some(oldest) = self.generations.pop_front() else { break };
            self.kept_from = oldest.number + 1;
        }
        let filter = Filter::for_numbers(numbers, &self.budget);
        if matches!(filter, Filter::Any) {
            let is_any = |one: &Generation| matches!(one.filter, Filter::Any);
            let is_open = |one: &Generation| one.campaign == campaign && one.number >= open_from && is_any(one);
            if let Some(at) = self.generations.iter().rposition(is_open) {
                // Room is looked for again after some more.
                self.generations[at].room = FILTER_NUMBERS.0;
                return &mut self.generations[at];
            }
        }
        let room = if matches!(filter, Filter::Any) { FILTER_NUMBERS.0 } else { numbers };
        let new = Generation { number: self.next, campaign, filter, room };
        self.next += 1;
        self.generations.push_back(new);
        let last = self.generations.len() - 1;
        &mut self.generations[last]
    }

    /// Claims that were remembered and not made after all.
    pub(super) fn release(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.fresh.remove(entry);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.settling.is_none() && (self.fresh.len() >= SETTLE_ENTRIES || self.records >= SETTLE_RECORDS)
    }

    pub(super) fn is_due(&self) -> bool {
        let rested = self.settled_at.is_none_or(|at| at.elapsed() >= SETTLE_AFTER);
        self.is_full() || rested && self.records > 0
    }

    #[cfg(test)]
    pub(super) fn filters(&self) -> usize {
        self.generations.len()
    }
}

#[cfg(test)]
mod tests {
    use domain::id::CampaignId;

    use super::*;

    fn entry(number: u64, message: u32) -> Entry {
        Entry { number, sent: Sent { message, minute: 5, text: 1 } }
    }

    fn campaign(n: u128) -> CampaignId {
        CampaignId::from_uuid(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_number_has_as_many_claims_as_were_made() {
        let mut claims = Claims::default();
        for message in [1, 2, 2, 3, 1] {
            claims.insert(entry(7, message));
        }
        assert_eq!(claims.of(7).map(|sent| sent.message).collect::<Vec<_>>(), [1, 2, 3]);
        claims.remove(&entry(7, 1));
        claims.remove(&entry(7, 1));
        let mut left: Vec<u32> = claims.of(7).map(|sent| sent.message).collect();
        left.sort_unstable();
        assert_eq!(left, [2, 3]);
        assert_eq!((claims.all().count(), claims.of(8).count()), (2, 0));
        claims.remove(&entry(7, 2));
        claims.remove(&entry(7, 3));
        assert_eq!(claims.all().count(), 0);
    }

    #[test]
    fn what_others_claim_after_the_weighing_is_told_apart() {
        let (a, b) = (campaign(1), campaign(2));
        let mut memory = Memory::default();
        memory.claim(b, &[entry(1, 2)]);
        let base = memory.begin(a);
        memory.claim(b, &[entry(2, 2)]);
        memory.claim(a, &[entry(3, 1)]);
        assert!(!memory.may_be_new(a, base, 1), "it was there when the campaign was weighed");
        assert!(memory.may_be_new(a, base, 2));
        assert!(!memory.may_be_new(a, base, 3), "its own");
        // A later one does not see what came before it, and the first still sees everything.
        let later = memory.begin(b);
        memory.claim(a, &[entry(4, 1)]);
        assert!(memory.may_be_new(b, later, 4) && !memory.may_be_new(b, later, 3) && memory.may_be_new(a, base, 2));
        memory.end(a);
        memory.end(b);
        assert_eq!(memory.filters(), 0);
    }

    #[test]
    fn filters_of_all_workspaces_share_a_budget_and_what_has_no_room_is_looked_up() {
        let (a, b) = (campaign(1), campaign(2));
        let budget = Budget { octets: 256 << 10, ..Budget::default() };
        let used = || budget.used.load(Ordering::Relaxed);
        // Many workspaces, each within its own bound.
        let mut memories: Vec<(Memory, u64)> = Vec::new();
        while memories.last().is_none_or(|(memory, _)| memory.generations.iter().all(|one| one.filter.octets() > 0)) {
            let mut memory = Memory::with(budget.clone());
            let base = memory.begin(a);
            for from in (0..60_000).step_by(5_000) {
                let entries: Vec<Entry> = (from..from + 5_000).map(|number| entry(number, 1)).collect();
                memory.claim(b, &entries);
                memory.fresh = Claims::default();
            }
            assert!(memory.reaches(base) && used() <= budget.octets);
            memories.push((memory, base));
            assert!(memories.len() < 50, "there is no bound");
        }
        let (last, base) = memories.last().unwrap();
        for number in [0, 4_096, 30_000, 59_999] {
            assert!(last.may_be_new(a, *base, number), "{number} was claimed, and is never skipped");
        }
        assert!(last.filters() < 20, "what has no filter takes no room");
        // What has ended gives its room back, and others have filters again.
        memories.truncate(1);
        let (memory, _) = &mut memories[0];
        memory.end(a);
        assert_eq!(used(), 0);
        memory.begin(a);
        memory.claim(b, &[entry(7, 1)]);
        assert!(used() > 0);
    }

    #[test]
    fn filters_are_bounded_and_whoever_needs_a_former_one_is_told() {
        let (a, b) = (campaign(1), campaign(2));
        let mut memory = Memory::default();
        let base = memory.begin(a);
        let (mut number, mut claims) = (0, 0);
        while memory.reaches(base) {
            let entries: Vec<Entry> = (number..number + 50_000).map(|number| entry(number, 1)).collect();
            memory.claim(b, &entries);
            memory.fresh = Claims::default();
            number += 50_000;
            claims += 1;
            assert!(claims < 1_000, "there is no bound");
        }
        assert!(number > 10_000_000, "{number}");
        let again = memory.begin(a);
        assert!(memory.reaches(again));
    }
}
