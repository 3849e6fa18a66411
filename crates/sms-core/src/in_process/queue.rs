//! What waits for a link: a queue per lane, so that a campaign of ten million does not hold up anybody else.
//!
//! Interactive lanes are served before bulk ones; within a priority tenants take turns, and within a tenant its lanes
//! ([`super::turns`]). What a broken session gives back goes before everything, because it has waited longest or is the
//! rest of a message.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    sync::{Notify, Semaphore, mpsc},
    time::Instant,
};

use super::turns::Turns;
use crate::{
    core::{Priority, Tenant},
    message::{PartOutcome, PartResult, Submission},
};

/// The end of a lane to which outcomes go.
#[derive(Debug)]
pub(super) struct LaneEnd {
    pub id: u64,
    pub priority: Priority,
    pub tenant: Tenant,
    /// Segments that may still be queued.
    pub room: Semaphore,
    outcomes: mpsc::UnboundedSender<Vec<PartOutcome>>,
}

impl LaneEnd {
    /// Hands outcomes to whoever opened the lane, and makes room for as many segments.
    pub fn report(&self, outcomes: Vec<PartOutcome>) {
        self.room.add_permits(outcomes.len());
        // Nobody listens any more: then nobody wants to know.
        let _ = self.outcomes.send(outcomes);
    }
}

/// A message on its way through the link, of which at most one part is out at a time.
#[derive(Debug)]
pub(super) struct Job {
    pub submission: Submission,
    pub lane: Arc<LaneEnd>,
    pub next_part: u8,
    /// Of the concatenation header; one for all parts.
    pub reference: u8,
    /// How often the current part was sent again after a temporary refusal.
    pub retried: u8,
    /// The pacer's epoch when the current part went out.
    pub epoch: u32,
    /// When that was; None until it is.
    pub sent_at: Option<Instant>,
    /// Not to be sent before.
    pub not_before: Option<Instant>,
}

impl Job {
    pub fn parts(&self) -> usize {
        self.submission.encoded.parts.len()
    }

    /// `first` for the current part and `NotSent` for those after it.
    pub fn give_up(&self, first: PartResult, outcomes: &mut Vec<PartOutcome>) {
        let token = self.submission.token;
        let mut result = first;
        for part in usize::from(self.next_part)..self.parts() {
            let part = part as u8;
            outcomes.push(PartOutcome { token, part, result: std::mem::replace(&mut result, PartResult::NotSent) });
        }
    }
}

#[derive(Debug, Default)]
struct Inner {
    returned: VecDeque<Job>,
    lanes: HashMap<u64, LaneQueue>,
    /// The lanes with something in them, by priority.
    turns: [Turns; 2],
    /// Everything that comes is `NotSent` at once.
    closed: bool,
    messages: usize,
}

#[derive(Debug)]
struct LaneQueue {
    end: Arc<LaneEnd>,
    waiting: VecDeque<Submission>,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    next_lane: AtomicU64,
    /// A permit when something was put in.
    pub filled: Notify,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn open_lane(
        &self,
        priority: Priority,
        tenant: Tenant,
        room_segments: u32,
    ) -> (Arc<LaneEnd>, mpsc::UnboundedReceiver<Vec<PartOutcome>>) {
        let (outcomes, receiver) = mpsc::unbounded_channel();
        let id = self.next_lane.fetch_add(1, Ordering::Relaxed);
        let end = Arc::new(LaneEnd { id, priority, tenant, room: Semaphore::new(room_segments as usize), outcomes });
        self.lock().lanes.insert(id, LaneQueue { end: Arc::clone(&end), waiting: VecDeque::new() });
        (end, receiver)
    }

    pub fn len(&self) -> usize {
        self.lock().messages
    }

    /// Puts submissions in for which the lane has given room.
    pub fn push(&self, lane: &LaneEnd, submissions: Vec<Submission>) {
        let mut inner = self.lock();
        if inner.closed {
            drop(inner);
            lane.report(submissions.iter().flat_map(not_sent).collect());
            return;
        }
        let Inner { lanes, turns, messages, .. } = &mut *inner;
        if let Some(queue) = lanes.get_mut(&lane.id) {
            if queue.waiting.is_empty() && !submissions.is_empty() {
                turns[lane.priority as usize].enter(lane.tenant, lane.id);
            }
            *messages += submissions.len();
            queue.waiting.extend(submissions);
        }
        drop(inner);
        self.filled.notify_one();
    }

    /// Takes up to `limit` messages out.
    pub fn pop(&self, limit: usize, jobs: &mut Vec<Job>) {
        let mut inner = self.lock();
        let Inner { returned, lanes, turns, messages, .. } = &mut *inner;
        let taken = jobs.len();
        let from_returned = limit.min(returned.len());
        jobs.extend(returned.drain(..from_returned));
        for turns in turns {
            while jobs.len() - taken < limit {
                // Alone it needs no turns.
                let (id, wanted) = match turns.alone() {
                    Some(id) => (id, limit - (jobs.len() - taken)),
                    None => match turns.next(|id| next_segments(lanes, id)) {
                        Some(id) => (id, 1),
                        None => break,
                    },
                };
                let Some(queue) = lanes.get_mut(&id) else { break };
                let count = wanted.min(queue.waiting.len());
                jobs.extend(queue.waiting.drain(..count).map(|submission| Job {
                    submission,
                    lane: Arc::clone(&queue.end),
                    next_part: 0,
                    reference: 0,
                    retried: 0,
                    epoch: 0,
                    sent_at: None,
                    not_before: None,
                }));
                if queue.waiting.is_empty() {
                    turns.leave(queue.end.tenant, id);
                }
            }
        }
        *messages -= jobs.len() - taken;
    }

    /// Takes back what a session could not finish.
    pub fn give_back(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut inner = self.lock();
        let mut refused = Vec::new();
        for job in jobs {
            if inner.closed {
                refused.push(job);
            } else {
                inner.messages += 1;
                inner.returned.push_back(job);
            }
        }
        drop(inner);
        report_not_sent(refused);
        self.filled.notify_one();
    }

    /// Reports what a lane has waiting as `NotSent`; messages that have begun go on.
    pub fn withdraw(&self, lane: &LaneEnd) {
        let mut inner = self.lock();
        let Inner { returned, lanes, turns, messages, .. } = &mut *inner;
        let mut outcomes = Vec::new();
        turns[lane.priority as usize].leave(lane.tenant, lane.id);
        returned.retain(|job| {
            let goes_on = job.lane.id != lane.id || job.next_part > 0;
            if !goes_on {
                *messages -= 1;
                job.give_up(PartResult::NotSent, &mut outcomes);
            }
            goes_on
        });
        if let Some(queue) = lanes.get_mut(&lane.id) {
            *messages -= queue.waiting.len();
            outcomes.extend(std::mem::take(&mut queue.waiting).iter().flat_map(not_sent));
        }
        drop(inner);
        if !outcomes.is_empty() {
            lane.report(outcomes);
        }
    }

    /// Withdraws a lane and forgets it.
    pub fn close_lane(&self, lane: &LaneEnd) {
        self.withdraw(lane);
        self.lock().lanes.remove(&lane.id);
    }

    /// Reports everything as `NotSent`, and what comes from now on too.
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.messages = 0;
        inner.turns.iter_mut().for_each(Turns::clear);
        let returned = std::mem::take(&mut inner.returned);
        let waiting: Vec<_> = inner
            .lanes
            .values_mut()
            .filter(|queue| !queue.waiting.is_empty())
            .map(|queue| (Arc::clone(&queue.end), std::mem::take(&mut queue.waiting)))
            .collect();
        drop(inner);
        report_not_sent(returned);
        for (lane, submissions) in waiting {
            lane.report(submissions.iter().flat_map(not_sent).collect());
        }
    }

    pub fn reopen(&self) {
        self.lock().closed = false;
    }
}

/// Segments of the message that is next in a lane; 0: there is none.
fn next_segments(lanes: &HashMap<u64, LaneQueue>, id: u64) -> usize {
    let next = lanes.get(&id).and_then(|queue| queue.waiting.front());
    next.map_or(0, |submission| submission.encoded.parts.len())
}

fn report_not_sent(jobs: impl IntoIterator<Item = Job>) {
    for job in jobs {
        let mut outcomes = Vec::new();
        job.give_up(PartResult::NotSent, &mut outcomes);
        job.lane.report(outcomes);
    }
}

fn not_sent(submission: &Submission) -> impl Iterator<Item = PartOutcome> + use<> {
    let token = submission.token;
    (0..submission.encoded.parts.len()).map(move |part| PartOutcome {
        token,
        part: part as u8,
        result: PartResult::NotSent,
    })
}
