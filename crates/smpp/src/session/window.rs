//! What is written and not answered, in memory that is bounded by the window whatever the peer leaves unanswered.

use tokio::time::Instant;

/// The largest sequence_number, SMPP 3.4 §3.2.
const LAST_SEQUENCE: u32 = 0x7FFF_FFFF;

/// Sequence numbers from 1, wrapping behind 0x7FFFFFFF.
#[derive(Debug)]
pub(super) struct Sequence(u32);

impl Sequence {
    pub fn starting_at(first: u32) -> Self {
        Self(first.clamp(1, LAST_SEQUENCE))
    }

    pub fn next(&mut self) -> u32 {
        let next = self.0;
        self.0 = if next >= LAST_SEQUENCE { 1 } else { next + 1 };
        next
    }
}

/// A submit that waits for its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    sequence: u32,
    pub token: u64,
    /// Where it ends in all that the session has ever written.
    pub end_octet: u64,
    deadline: Instant,
}

/// Slots found by the low bits of the sequence number: no hashing and no order to keep. A number whose slot is still
/// taken by an old unanswered submit is skipped, which SMPP permits.
#[derive(Debug)]
pub(super) struct Window {
    slots: Vec<Option<Pending>>,
    capacity: usize,
    used: usize,
    /// Not after the earliest deadline.
    next_deadline: Option<Instant>,
}

impl Window {
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self { slots: vec![None; (capacity * 2).next_power_of_two()], capacity, used: 0, next_deadline: None }
    }

    pub fn room(&self) -> usize {
        self.capacity - self.used
    }

    pub fn used(&self) -> usize {
        self.used
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.next_deadline
    }

    /// The next sequence number that [`Window::insert`] has a slot for. Only to be called while there is room.
    pub fn free_sequence(&self, sequence: &mut Sequence) -> u32 {
        loop {
            let next = sequence.next();
            if self.slots[self.slot(next)].is_none() {
                return next;
            }
        }
    }

    pub fn insert(&mut self, sequence: u32, token: u64, end_octet: u64, deadline: Instant) {
        let slot = self.slot(sequence);
        self.slots[slot] = Some(Pending { sequence, token, end_octet, deadline });
        self.used += 1;
        // Later ones have later deadlines: only the first of an empty window sets the clock.
        self.next_deadline.get_or_insert(deadline);
    }

    pub fn remove(&mut self, sequence: u32) -> Option<Pending> {
        let slot = self.slot(sequence);
        let pending = self.slots[slot].take_if(|pending| pending.sequence == sequence)?;
        self.used -= 1;
        if self.used == 0 {
            self.next_deadline = None;
        }
        Some(pending)
    }

    /// Takes out what was due by `now`.
    pub fn expire(&mut self, now: Instant, mut each: impl FnMut(Pending)) {
        let mut next = None;
        for slot in &mut self.slots {
            if let Some(pending) = slot.take_if(|pending| pending.deadline <= now) {
                self.used -= 1;
                each(pending);
            } else if let Some(pending) = slot {
                next = Some(next.map_or(pending.deadline, |next: Instant| next.min(pending.deadline)));
            }
        }
        self.next_deadline = next;
    }

    /// Takes out everything.
    pub fn drain(&mut self) -> impl Iterator<Item = Pending> {
        self.used = 0;
        self.next_deadline = None;
        self.slots.iter_mut().filter_map(Option::take)
    }

    fn slot(&self, sequence: u32) -> usize {
        sequence as usize & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use tokio::time::Duration;

    use super::*;

    #[test]
    fn the_sequence_wraps_to_one() {
        let mut sequence = Sequence::starting_at(0x7FFF_FFFE);
        assert_eq!([sequence.next(), sequence.next(), sequence.next()], [0x7FFF_FFFE, 0x7FFF_FFFF, 1]);
    }

    #[test]
    fn an_unanswered_submit_holds_its_slot_and_no_more() {
        let now = Instant::now();
        let mut sequence = Sequence::starting_at(1);
        let mut window = Window::new(2);
        let stuck = window.free_sequence(&mut sequence);
        window.insert(stuck, 7, 0, now);
        for _ in 0..10_000 {
            let next = window.free_sequence(&mut sequence);
            window.insert(next, 8, 0, now);
            assert_eq!(window.room(), 0);
            assert_eq!(window.remove(next).map(|pending| pending.token), Some(8));
        }
        assert_eq!(window.slots.len(), 4);
        assert_eq!(window.remove(stuck).map(|pending| pending.token), Some(7));
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_would(first in 1u32..=LAST_SEQUENCE, steps in proptest::collection::vec((0u8..4, 0u16..64), 1..400)) {
            let start = Instant::now();
            let mut sequence = Sequence::starting_at(first);
            let mut window = Window::new(16);
            let mut model: HashMap<u32, (u64, Instant)> = HashMap::new();
            for (step, (kind, pick)) in steps.into_iter().enumerate() {
                let now = start + Duration::from_millis(step as u64);
                match kind {
                    0 | 1 if window.room() > 0 => {
                        let next = window.free_sequence(&mut sequence);
                        let deadline = now + Duration::from_millis(40);
                        window.insert(next, step as u64, 0, deadline);
                        prop_assert!(model.insert(next, (step as u64, deadline)).is_none());
                    }
                    2 => {
                        let picked = model.keys().copied().nth(usize::from(pick) % model.len().max(1));
                        let picked = picked.unwrap_or(u32::from(pick));
                        let found = window.remove(picked).map(|pending| pending.token);
                        prop_assert_eq!(found, model.remove(&picked).map(|(token, _)| token));
                    }
                    _ => {
                        let mut expired = Vec::new();
                        window.expire(now, |pending| expired.push(pending.token));
                        expired.sort_unstable();
                        let mut expected: Vec<_> =
                            model.values().filter(|(_, deadline)| *deadline <= now).map(|(token, _)| *token).collect();
                        expected.sort_unstable();
                        model.retain(|_, (_, deadline)| *deadline > now);
                        prop_assert_eq!(expired, expected);
                    }
                }
                prop_assert_eq!(window.used(), model.len());
                let earliest = model.values().map(|(_, deadline)| *deadline).min();
                prop_assert!(window.next_deadline().is_none() == earliest.is_none());
                prop_assert!(window.next_deadline() <= earliest);
            }
        }
    }
}
