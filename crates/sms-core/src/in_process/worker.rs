//! The task of one bound session: takes messages from the link's queue as the window and the rate allow, and turns the
//! session's events into outcomes and receipts, many at a time.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use smpp::{
    Session,
    session::{Answer, End, Event, Transport},
    status::code,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    answers::Reports,
    inbox::Inbox,
    link::{Link, Order, Seat},
    outgoing::{self, Slots},
    pacer::Answers,
    queue::Job,
};
use crate::{
    receipts::{Answered, Verdict},
    settings::LinkSettings,
};

/// A session at work.
pub(super) struct Worker {
    pub link: Arc<Link>,
    /// Those that the session was bound with.
    pub settings: Arc<LinkSettings>,
    pub session: Session<Transport>,
    /// Not a receiver.
    submits: bool,
    /// Messages with a part on the wire, by the token that the session knows them by.
    pub slots: Slots,
    /// First in line: further parts of messages that have begun, and what was throttled.
    pub again: VecDeque<Job>,
    /// What was refused for now.
    pub later: BinaryHeap<Reverse<Later>>,
    pub reports: Reports,
    pub inbox: Inbox,
    /// What is being taken in, as the pacer judges it.
    pub heard: Answers,
    /// Of the same, parts refused for another reason than that they are too many.
    pub refused: u64,
    /// The carrier says that this session is not bound.
    pub unbound: Option<u32>,
    popped: Vec<Job>,
    reported_outstanding: u32,
    reported_retrying: u32,
    reported_held: u32,
}

/// A job and when it is due.
#[derive(Debug)]
pub(super) struct Later {
    pub at: Instant,
    pub job: Job,
}

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Later {}

impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Later {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

/// What a worker waits for besides its session.
#[derive(Debug, Clone, Copy, Default)]
struct Next {
    at: Option<Instant>,
    /// Whether something new in the queue could be sent.
    listens: bool,
}

/// Works until the session ends; why it did, unless it was asked to.
pub(super) async fn run(link: Arc<Link>, seat: &Seat, session: Session<Transport>) -> Option<String> {
    let (acknowledge, mut acknowledged) = mpsc::unbounded_channel();
    let mut orders = link.order.subscribe();
    let mut worker = Worker {
        inbox: Inbox::new(acknowledge),
        link: Arc::clone(&link),
        settings: Arc::clone(&seat.settings),
        session,
        submits: seat.role.submits(),
        slots: Slots::default(),
        again: VecDeque::new(),
        later: BinaryHeap::new(),
        reports: Reports::default(),
        heard: Answers::default(),
        refused: 0,
        unbound: None,
        popped: Vec::new(),
        reported_outstanding: 0,
        reported_retrying: 0,
        reported_held: 0,
    };
    let mut events = Vec::new();
    let mut leaving = false;
    let mut leave_by = None;
    let end = loop {
        let directive = *orders.borrow_and_update();
        let next = match directive.order {
            Order::Leave(by) => worker.fill_to_leave(by, &mut leaving),
            Order::Disabled => worker.fill_to_leave(*leave_by.get_or_insert_with(|| seat.leave_by()), &mut leaving),
            _ if directive.generation != seat.generation => {
                worker.fill_to_leave(*leave_by.get_or_insert_with(|| seat.leave_by()), &mut leaving)
            }
            Order::Run | Order::Stop | Order::Drain => worker.fill(),
        };
        worker.show();
        worker.pass_on();
        while let Ok(answered) = acknowledged.try_recv() {
            worker.acknowledge(answered);
        }
        let waits_for_engine = worker.inbox.has_something();
        tokio::select! {
            biased;
            driven = worker.session.drive(&mut events) => match driven {
                Ok(()) => worker.take_events(&mut events),
                Err(end) => break end,
            },
            Some(answered) = acknowledged.recv() => worker.acknowledge(answered),
            // The room is taken at the top.
            Ok(_) = link.receipts.reserve(), if waits_for_engine => (),
            () = link.queue.filled.notified(), if next.listens => (),
            () = sleep_until(next.at.unwrap_or_else(Instant::now)), if next.at.is_some() => (),
            _ = orders.changed() => (),
        }
    };
    worker.take_events(&mut events);
    worker.give_back();
    (end != End::Unbound).then(|| end.to_string())
}

impl Worker {
    /// Sends what window and rate allow.
    fn fill(&mut self) -> Next {
        let now = Instant::now();
        self.bring_due(now);
        let room = if self.submits { self.session.room() } else { 0 };
        let wanted = room.min(self.again.len() + if room > self.again.len() { self.link.queue.len() } else { 0 });
        if wanted > 0 {
            let (granted, epoch) = {
                let mut pacer = self.link.pacer();
                (pacer.take(wanted, now), pacer.epoch())
            };
            let sent = self.send(granted, epoch, true);
            if sent < granted {
                self.link.pacer().give_back(granted - sent);
            }
            if sent < wanted && granted < wanted {
                let token_at = self.link.pacer().next_at();
                return Next { at: token_at.into_iter().chain(self.retry_at()).min(), listens: false };
            }
            if self.link.queue.len() > 0 {
                // For another session of the link that has nothing to do.
                self.link.queue.filled.notify_one();
            }
        }
        Next { at: self.retry_at(), listens: self.submits && self.session.room() > 0 }
    }

    /// Nothing new any more: what has begun is finished, also where a part of it was refused for now; the rest goes back to
    /// the link, then the session unbinds. A link that is closed reports what comes back as not sent; one that is bound anew sends it with its next session.
    fn fill_to_leave(&mut self, by: Instant, leaving: &mut bool) -> Next {
        if *leaving {
            return Next::default();
        }
        let now = Instant::now();
        self.give_back_unbegun();
        self.bring_due(now);
        let wanted = self.session.room().min(self.again.len());
        let (granted, epoch) = {
            let mut pacer = self.link.pacer();
            (pacer.take(wanted, now), pacer.epoch())
        };
        let sent = self.send(granted, epoch, false);
        if sent < granted {
            self.link.pacer().give_back(granted - sent);
        }
        let retries = self.retry_at().is_some_and(|at| at < by);
        if now >= by || (self.again.is_empty() && self.session.outstanding() == 0 && !retries) {
            *leaving = true;
            self.session.begin_unbind(Duration::ZERO);
            return Next::default();
        }
        let token_at = if self.again.is_empty() { None } else { self.link.pacer().next_at() };
        Next { at: token_at.into_iter().chain(self.retry_at()).chain([by]).min(), listens: false }
    }

    /// Gives back what has not begun: of a message that has, the carrier has a part already.
    fn give_back_unbegun(&mut self) {
        let has_begun = |job: &Job| job.next_part > 0;
        if self.later.iter().all(|Reverse(later)| has_begun(&later.job)) && self.again.iter().all(has_begun) {
            return;
        }
        let (begun, fresh): (VecDeque<_>, VecDeque<_>) = self.again.drain(..).partition(has_begun);
        self.again = begun;
        let all = std::mem::take(&mut self.later);
        let (begun, later): (BinaryHeap<_>, BinaryHeap<_>) =
            all.into_iter().partition(|Reverse(one)| has_begun(&one.job));
        self.later = later;
        let later = self.take_later();
        self.later = begun;
        self.link.queue.give_back(fresh.into_iter().chain(later));
    }

    /// Puts up to `limit` parts into the session's output; how many.
    fn send(&mut self, limit: usize, epoch: u32, from_queue: bool) -> usize {
        let mut sent = 0;
        let now = Instant::now();
        while sent < limit {
            let Some(job) = self.again.pop_front() else { break };
            sent += usize::from(self.send_part(job, epoch, now));
        }
        if sent < limit && from_queue {
            let mut popped = std::mem::take(&mut self.popped);
            self.link.queue.pop(limit - sent, &mut popped);
            for mut job in popped.drain(..) {
                if let Some(at) = job.not_before.filter(|at| *at > now) {
                    self.later.push(Reverse(Later { at, job }));
                    continue;
                }
                if job.next_part == 0 && job.parts() > 1 {
                    job.reference = self.link.reference.fetch_add(1, Ordering::Relaxed);
                }
                sent += usize::from(self.send_part(job, epoch, now));
            }
            self.popped = popped;
        }
        self.link.tallies.submitted.fetch_add(sent as u64, Ordering::Relaxed);
        sent
    }

    fn send_part(&mut self, mut job: Job, epoch: u32, now: Instant) -> bool {
        job.epoch = epoch;
        job.sent_at = Some(now);
        job.not_before = None;
        match outgoing::submit(&mut self.session, &mut self.slots, &self.settings, job) {
            Ok(()) => true,
            Err(job) => {
                self.again.push_front(job);
                false
            }
        }
    }

    fn bring_due(&mut self, now: Instant) {
        while self.later.peek().is_some_and(|Reverse(later)| later.at <= now) {
            if let Some(Reverse(later)) = self.later.pop() {
                self.again.push_back(later.job);
            }
        }
    }

    fn retry_at(&self) -> Option<Instant> {
        self.later.peek().map(|Reverse(later)| later.at)
    }

    /// Hands the engine what it has room for.
    fn pass_on(&mut self) {
        while self.inbox.has_something() {
            let Ok(permit) = self.link.receipts.try_reserve() else {
                return;
            };
            permit.send(self.inbox.take(self.link.id.clone()));
        }
    }

    fn acknowledge(&mut self, Answered { arrived, sequences, verdict }: Answered) {
        self.inbox.answered(&sequences);
        let command_status = match verdict {
            Verdict::Taken => {
                self.link.times.receipt.record_all(arrived.elapsed(), sequences.len() as u64);
                code::OK
            }
            Verdict::ComeAgain => code::RECEIVER_TEMPORARY_ERROR,
        };
        sequences.into_iter().for_each(|sequence| self.session.acknowledge(sequence, command_status));
    }

    fn take_events(&mut self, events: &mut Vec<Event>) {
        let now = Instant::now();
        let is_accepted = |event: &&Event| matches!(event, Event::Answer { answer: Answer::Accepted { .. }, .. });
        let accepted = events.iter().filter(is_accepted).count() as u64;
        let answers = events.iter().filter(|event| matches!(event, Event::Answer { .. })).count() as u64;
        self.link.tallies.accepted.fetch_add(accepted, Ordering::Relaxed);
        self.heard = Answers { epoch: self.link.pacer().epoch(), ..Answers::default() };
        self.refused = 0;
        for event in events.drain(..) {
            match event {
                Event::Answer { token, answer } => self.take_answer(token, answer, now),
                Event::Deliver(deliver) => {
                    if let Some((sequence, status)) = self.inbox.put(deliver, &self.link, &self.settings) {
                        self.session.acknowledge(sequence, status);
                    }
                }
            }
        }
        if answers > 0 {
            let mut pacer = self.link.pacer();
            // Counted first: what is throttled in the same batch slows the link to what it has just achieved.
            pacer.answered(answers, accepted, self.refused, now);
            pacer.heard(self.heard, now);
        }
        self.reports.send();
        if let Some(status) = self.unbound.take() {
            // The others in the window get the same answer in a moment.
            self.session.begin_unbind(Duration::from_secs(self.settings.timers.unbind_s));
            self.link.note(format!("the carrier says the session is not bound: {}", smpp::status::describe(status)));
        }
    }

    /// Shows the link's status what this session has outstanding.
    fn show(&mut self) {
        let outstanding = u32::try_from(self.session.outstanding()).unwrap_or(u32::MAX);
        let retrying = u32::try_from(self.later.len()).unwrap_or(u32::MAX);
        publish(&self.link.outstanding, &mut self.reported_outstanding, outstanding);
        publish(&self.link.retrying, &mut self.reported_retrying, retrying);
        let held = outstanding.saturating_add(retrying).saturating_add(self.again.len() as u32);
        publish(&self.link.held, &mut self.reported_held, held);
    }

    fn take_later(&mut self) -> Vec<Job> {
        let later = std::mem::take(&mut self.later).into_sorted_vec().into_iter().rev();
        later.map(|Reverse(Later { at, job })| Job { not_before: Some(at), ..job }).collect()
    }

    /// The session is over: what is certainly not with the carrier goes back to the link.
    fn give_back(&mut self) {
        let later = self.take_later();
        self.link.queue.give_back(self.again.drain(..).chain(later));
        publish(&self.link.outstanding, &mut self.reported_outstanding, 0);
        publish(&self.link.retrying, &mut self.reported_retrying, 0);
        publish(&self.link.held, &mut self.reported_held, 0);
    }
}

fn publish(total: &std::sync::atomic::AtomicU32, shown: &mut u32, now: u32) {
    total.fetch_add(now.wrapping_sub(*shown), Ordering::Relaxed);
    *shown = now;
}
