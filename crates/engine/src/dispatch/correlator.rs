//! From a receipt to its recipient: the index of message ids, receipts that came too early, and those that nobody knows.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use domain::{campaign::Campaign, id::CampaignId};
use sms_core::{ChannelId, Receipt};

use super::{
    acknowledge::Pending,
    index::{Index, Slot, Target},
    runner::Key,
};

/// A receipt on its way, and its share of the carrier's answer.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) receipt: Receipt,
    /// None: it is stored already, and acknowledged.
    pub(crate) pending: Option<Pending>,
}

#[derive(Debug)]
struct Parked {
    link: ChannelId,
    arrived: Arrived,
    until: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Followed {
    key: Key,
    /// Every message of it that awaits a receipt is in the index.
    indexed: bool,
    /// It was deleted.
    is_gone: bool,
}

/// Shared by the router and all runners; held for moments only.
#[derive(Debug)]
pub(crate) struct Correlator(Mutex<State>);

#[derive(Debug)]
struct State {
    index: Index,
    slots: Vec<Followed>,
    slot_of: HashMap<CampaignId, Slot>,
    /// By the key of their message id.
    parked: HashMap<u64, Vec<Parked>>,
    /// Keys of receipts that are stored as unmatched, and when they came.
    stored: HashMap<u64, i64>,
    /// Parts of which nobody knows whether the SMSC has them, by link and number: they have no message id. Since a crash
    /// nobody knows the link of a pool either: then the pool stands for it. They are given up after a while, or a receipt
    /// of somebody else's message to the number would settle them weeks later.
    uncertain: HashMap<(String, u64), Vec<Uncertain>>,
}

#[derive(Debug, Clone, Copy)]
struct Uncertain {
    target: Target,
    since_ms: i64,
}

/// What a message id that has just become known was waited for by.
#[derive(Debug, Default)]
pub(crate) struct Early {
    pub(crate) parked: Vec<Arrived>,
    /// There may be stored receipts of it.
    pub(crate) stored: bool,
}

/// A receipt whose message did not become known in time.
#[derive(Debug)]
pub(crate) struct Overdue {
    pub(crate) link: ChannelId,
    pub(crate) arrived: Arrived,
    /// The uncertain part that it may settle, or the part that the same id was given to in the meantime.
    pub(crate) to: Option<Found>,
}

/// The part that an overdue receipt is for.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) key: Key,
    pub(crate) target: Target,
    /// By the number, not by the message id.
    pub(crate) by_number: bool,
}

/// Where a receipt goes.
#[derive(Debug)]
pub(crate) enum Route {
    To(Key, Target, Arrived),
    /// Its campaign was deleted: nobody waits for it any more.
    Gone(Arrived),
    /// Its message is not known yet, or not at all.
    Parked,
}

impl Correlator {
    /// `folder`: where the index goes on when memory has no room for what is awaited.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self(Mutex::new(State {
            index: Index::new(folder),
            slots: Vec::new(),
            slot_of: HashMap::new(),
            parked: HashMap::new(),
            stored: HashMap::new(),
            uncertain: HashMap::new(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The campaign's number, and whether its messages are in the index already.
    pub(crate) fn follow(&self, campaign: &Campaign) -> (Slot, bool) {
        let mut state = self.state();
        if let Some(&slot) = state.slot_of.get(&campaign.id) {
            return (slot, state.slots[slot as usize].indexed);
        }
        let slot = state.slots.len() as Slot;
        let key = Key { workspace: campaign.workspace, campaign: campaign.id };
        state.slots.push(Followed { key, indexed: false, is_gone: false });
        state.slot_of.insert(campaign.id, slot);
        (slot, false)
    }

    /// The number of what stands for a campaign without being one.
    pub(crate) fn slot(&self, key: Key) -> Slot {
        let mut state = self.state();
        if let Some(&slot) = state.slot_of.get(&key.campaign) {
            return slot;
        }
        let slot = state.slots.len() as Slot;
        state.slots.push(Followed { key, indexed: true, is_gone: false });
        state.slot_of.insert(key.campaign, slot);
        slot
    }

    pub(crate) fn indexed(&self, slot: Slot) {
        if let Some(followed) = self.state().slots.get_mut(slot as usize) {
            followed.indexed = true;
        }
    }

    /// The SMSC has accepted a part: its receipts can be told from now on. Returns those that were quicker.
    pub(crate) fn accepted(&self, channel: &str, message_id: &str, target: Target) -> Early {
        let mut state = self.state();
        let key = state.index.key(channel, message_id);
        state.index.insert(key, target);
        let parked = state.parked.remove(&key).unwrap_or_default();
        Early {
            parked: parked.into_iter().map(|parked| parked.arrived).collect(),
            stored: state.stored.remove(&key).is_some(),
        }
    }

    /// The part has its final receipt; another one with this id only repeats it.
    pub(crate) fn settled(&self, channel: &str, message_id: &str, target: Target) {
        let mut state = self.state();
        let key = state.index.key(channel, message_id);
        state.index.settle(key, target);
    }

    /// Whose message this is, as far as it is known.
    pub(crate) fn whose(&self, link: &ChannelId, message_id: &str) -> Option<Key> {
        let mut state = self.state();
        let key = state.index.key(link.as_str(), message_id);
        let target = state.index.get(key)?;
        Some(state.slots[target.slot as usize].key)
    }

    /// The campaign was deleted: what still comes of it is for nobody.
    pub(crate) fn gone(&self, key: Key) {
        let mut state = self.state();
        if let Some(&slot) = state.slot_of.get(&key.campaign) {
            state.slots[slot as usize].is_gone = true;
        }
    }

    /// Whether there is a part of which nobody knows whether the SMSC has it.
    pub(crate) fn has_uncertain(&self) -> bool {
        !self.state().uncertain.is_empty()
    }

    /// Nobody knows whether the SMSC has this part, which was claimed then: a receipt that belongs to no other message can
    /// tell.
    pub(crate) fn uncertain(&self, channel: &str, number: u64, target: Target, since_ms: i64) {
        let mut state = self.state();
        let all = state.uncertain.entry((channel.to_owned(), number)).or_default();
        if all.iter().all(|known| known.target != target) {
            all.push(Uncertain { target, since_ms });
        }
    }

    /// Gives up parts that are uncertain since before then.
    pub(crate) fn forget_uncertain_before(&self, before_ms: i64) {
        self.state().uncertain.retain(|_, all| {
            all.retain(|uncertain| uncertain.since_ms >= before_ms);
            !all.is_empty()
        });
    }

    /// Gives up receipts that are stored as unmatched and came before then.
    pub(crate) fn forget_stored_before(&self, before_ms: i64) {
        self.state().stored.retain(|_, at_ms| *at_ms >= before_ms);
    }

    /// When receipts of more messages than that are stored as unmatched, the oldest quarter is given up: what came before
    /// the moment that is returned.
    pub(crate) fn thin_out(&self, most: usize) -> Option<i64> {
        let mut state = self.state();
        let more = state.stored.len().checked_sub(most).filter(|&more| more > 0)?;
        let mut times: Vec<i64> = state.stored.values().copied().collect();
        let last = (more + most / 4).min(times.len()) - 1;
        let before_ms = *times.select_nth_unstable(last).1 + 1;
        state.stored.retain(|_, at_ms| *at_ms >= before_ms);
        Some(before_ms)
    }

    /// Where a receipt goes; what has no message yet is parked until `until`.
    pub(crate) fn route(&self, link: &ChannelId, arrived: Arrived, until: Instant) -> Route {
        let mut state = self.state();
        let key = state.index.key(link.as_str(), arrived.receipt.message_id.as_str());
        let Some(target) = state.index.get(key) else {
            let parked = Parked { link: link.clone(), arrived, until };
            state.parked.entry(key).or_default().push(parked);
            return Route::Parked;
        };
        let Followed { key: to, is_gone, .. } = state.slots[target.slot as usize];
        if is_gone {
            state.index.forget(key, target);
            return Route::Gone(arrived);
        }
        Route::To(to, target, arrived)
    }

    /// A runner found that the receipt is not its recipient's: it belongs to nobody.
    pub(crate) fn disown(&self, link: &ChannelId, arrived: Arrived, target: Target, now: Instant) {
        let mut state = self.state();
        let key = state.index.key(link.as_str(), arrived.receipt.message_id.as_str());
        state.index.forget(key, target);
        let parked = Parked { link: link.clone(), arrived, until: now };
        state.parked.entry(key).or_default().push(parked);
    }

    /// The receipts that have waited long enough: with the uncertain part that each may settle, or for nobody. From now
    /// on the part has the receipt's id, so that another receipt with it does not settle another part. `pools`: those that
    /// a link belongs to.
    pub(crate) fn overdue(&self, now: Instant, pools: impl Fn(&ChannelId) -> Vec<ChannelId>) -> Vec<Overdue> {
        let mut state = self.state();
        let State { index, slots, parked, stored, uncertain, .. } = &mut *state;
        let mut overdue = Vec::new();
        parked.retain(|&key, parked| {
            for Parked { link, arrived, .. } in parked.extract_if(.., |parked| parked.until <= now) {
                let number = arrived.receipt.recipient.map(|number| number.as_u64());
                let by_id = index.get(key);
                let by_number = || {
                    let channels = std::iter::once(link.clone()).chain(pools(&link));
                    channels.into_iter().find_map(|channel| take_uncertain(uncertain, channel.as_str(), number?))
                };
                let target = by_id.or_else(by_number);
                match target {
                    Some(target) if by_id.is_none() => index.insert(key, target),
                    Some(_) => {}
                    None => drop(stored.insert(key, arrived.receipt.received_at_ms)),
                }
                let found =
                    |target: Target| Found { key: slots[target.slot as usize].key, target, by_number: by_id.is_none() };
                overdue.push(Overdue { link, arrived, to: target.map(found) });
            }
            !parked.is_empty()
        });
        overdue
    }

    /// A receipt that came then is stored as unmatched.
    pub(crate) fn remember_stored(&self, channel: &str, message_id: &str, at_ms: i64) {
        let mut state = self.state();
        let key = state.index.key(channel, message_id);
        state.stored.insert(key, at_ms);
    }

    /// Messages whose receipts are awaited.
    pub(crate) fn awaited(&self) -> usize {
        self.state().index.len()
    }
}

/// Of the message that was claimed last the first part: further parts go out only after the answer to it.
fn take_uncertain(
    uncertain: &mut HashMap<(String, u64), Vec<Uncertain>>,
    channel: &str,
    number: u64,
) -> Option<Target> {
    let key = (channel.to_owned(), number);
    let all = uncertain.get_mut(&key)?;
    let last = all.last()?.target;
    let of_last =
        all.iter().enumerate().filter(|(_, one)| (one.target.slot, one.target.index) == (last.slot, last.index));
    let (first, _) = of_last.min_by_key(|(_, one)| one.target.part)?;
    let Uncertain { target, .. } = all.remove(first);
    if all.is_empty() {
        uncertain.remove(&key);
    }
    Some(target)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{id::WorkspaceId, phone::PhoneNumber};
    use sms_core::{MessageId, ReceiptState};
    use uuid::Uuid;

    use super::*;

    const CHANNEL: &str = "carrier";

    fn carrier() -> ChannelId {
        ChannelId::parse(CHANNEL).unwrap()
    }

    const NUMBER: u64 = 436_601_234_567;

    /// Follows two campaigns, of which the second is the newer one.
    fn correlator() -> Correlator {
        let correlator = Correlator::new(std::env::temp_dir());
        for id in 1..3 {
            let workspace = WorkspaceId::from_uuid(Uuid::from_u128(9));
            let key = Key { workspace, campaign: CampaignId::from_uuid(Uuid::from_u128(id)) };
            let slot = correlator.slot(key);
            assert_eq!(u128::from(slot) + 1, id);
        }
        correlator
    }

    const fn target(slot: Slot, part: u8) -> Target {
        Target { slot, index: 5, part }
    }

    fn arrived(message_id: &str) -> Arrived {
        let receipt = Receipt {
            message_id: MessageId::new(message_id),
            state: ReceiptState::Delivered,
            is_final: true,
            error: None,
            recipient: PhoneNumber::from_u64(NUMBER),
            received_at_ms: 0,
        };
        Arrived { receipt, pending: None }
    }

    /// Parks receipts with these ids, and tells whom they are for once they have waited long enough.
    fn overdue(correlator: &Correlator, ids: &[&str]) -> Vec<Option<(Target, bool)>> {
        let now = Instant::now();
        for id in ids {
            assert!(matches!(correlator.route(&carrier(), arrived(id), now), Route::Parked), "{id}");
        }
        let overdue = correlator.overdue(now + Duration::from_secs(1), |_| vec![ChannelId::parse("pool").unwrap()]);
        overdue.into_iter().map(|overdue| overdue.to.map(|found| (found.target, found.by_number))).collect()
    }

    #[test]
    fn a_receipt_that_repeats_settles_no_other_campaigns_message() {
        let correlator = correlator();
        correlator.accepted(CHANNEL, "a", target(0, 0));
        correlator.settled(CHANNEL, "a", target(0, 0));
        correlator.uncertain(CHANNEL, NUMBER, target(1, 0), 0);
        assert!(correlator.whose(&carrier(), "a").is_some());
        let route = correlator.route(&carrier(), arrived("a"), Instant::now());
        assert!(matches!(route, Route::To(_, to, _) if to == target(0, 0)));
        assert_eq!(correlator.awaited(), 0);
        assert!(correlator.has_uncertain());
    }

    #[test]
    fn the_receipt_of_a_campaign_that_is_gone_is_for_nobody() {
        let correlator = correlator();
        correlator.accepted(CHANNEL, "a", target(0, 0));
        let key = correlator.whose(&carrier(), "a").unwrap();
        correlator.gone(key);
        assert!(matches!(correlator.route(&carrier(), arrived("a"), Instant::now()), Route::Gone(_)));
        assert_eq!(correlator.awaited(), 0);
    }

    #[test]
    fn one_id_settles_one_uncertain_part() {
        let correlator = correlator();
        correlator.uncertain(CHANNEL, NUMBER, target(0, 0), 0);
        correlator.uncertain(CHANNEL, NUMBER, target(0, 1), 0);
        // The first by the number, its copy by the id that the part has from now on.
        assert_eq!(overdue(&correlator, &["b", "b"]), [Some((target(0, 0), true)), Some((target(0, 0), false))]);
        assert!(correlator.whose(&carrier(), "b").is_some());
        assert_eq!(overdue(&correlator, &["c"]), [Some((target(0, 1), true))]);
        assert_eq!(overdue(&correlator, &["d"]), [None], "of nobody");
    }

    #[test]
    fn what_is_uncertain_of_a_pool_is_settled_by_any_of_its_links() {
        let correlator = correlator();
        correlator.uncertain("pool", NUMBER, target(0, 0), 0);
        correlator.uncertain("another pool", NUMBER, target(1, 0), 0);
        assert_eq!(overdue(&correlator, &["h", "i"]), [Some((target(0, 0), true)), None]);
    }

    #[test]
    fn what_is_uncertain_and_what_is_stored_is_given_up_after_a_while() {
        let correlator = correlator();
        correlator.uncertain(CHANNEL, NUMBER, target(0, 0), 5);
        correlator.uncertain(CHANNEL, NUMBER, target(1, 0), 10);
        correlator.remember_stored(CHANNEL, "old", 5);
        correlator.remember_stored(CHANNEL, "new", 10);
        correlator.forget_uncertain_before(10);
        correlator.forget_stored_before(10);
        assert_eq!(overdue(&correlator, &["j", "k"]), [Some((target(1, 0), true)), None]);
        assert!(!correlator.accepted(CHANNEL, "old", target(0, 0)).stored);
        assert!(correlator.accepted(CHANNEL, "new", target(0, 0)).stored);
        correlator.uncertain(CHANNEL, NUMBER, target(0, 0), 10);
        correlator.forget_uncertain_before(11);
        assert!(!correlator.has_uncertain());
    }

    #[test]
    fn of_too_many_stored_receipts_the_oldest_go() {
        let correlator = correlator();
        for at_ms in 0..8 {
            assert_eq!(correlator.thin_out(8), None);
            correlator.remember_stored(CHANNEL, &at_ms.to_string(), at_ms);
        }
        correlator.remember_stored(CHANNEL, "8", 8);
        assert_eq!(correlator.thin_out(8), Some(3), "one that is too many, and a quarter of eight");
        let is_stored = |at_ms: i64| correlator.accepted(CHANNEL, &at_ms.to_string(), target(0, 0)).stored;
        let left: Vec<i64> = (0..9).filter(|&at_ms| is_stored(at_ms)).collect();
        assert_eq!(left, [3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn the_same_id_of_two_links_is_two_messages() {
        let correlator = correlator();
        correlator.accepted(CHANNEL, "7", target(0, 0));
        correlator.accepted("other", "7", target(1, 0));
        let route = correlator.route(&carrier(), arrived("7"), Instant::now());
        assert!(matches!(route, Route::To(_, to, _) if to == target(0, 0)));
    }

    #[test]
    fn the_newest_message_is_settled_first_and_its_parts_in_order() {
        let correlator = correlator();
        for uncertain in [target(0, 0), target(1, 1), target(1, 0)] {
            correlator.uncertain(CHANNEL, NUMBER, uncertain, 0);
        }
        let settled = ["e", "f", "g"].map(|id| overdue(&correlator, &[id])[0].map(|(target, _)| target));
        assert_eq!(settled, [Some(target(1, 0)), Some(target(1, 1)), Some(target(0, 0))]);
    }
}
