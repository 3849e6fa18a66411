//! The lane of a pool: a task that hands each message to one of the links and brings the outcomes together.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::{
    sync::{Semaphore, mpsc},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    Exchange,
    budget::{Asker, Budget},
    shares::{self, Standing},
};
use crate::{
    ChannelId,
    core::{CoreError, Feed, Lane, LaneSender, Priority, Tenant},
    message::{PartOutcome, PartResult, Submission},
    pool::PoolSettings,
    status::{LinkState, LinkStatus},
};

/// Segments that a lane of a pool takes before `submit` waits.
const ROOM_SEGMENTS: usize = 20_000;
/// Room is taken for this many segments at a time, so that a batch larger than the lane gets through.
const CHUNK_SEGMENTS: usize = 256;
/// How often the links are looked at while something is under way.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// A lane that is younger than this has no rate to judge a link by.
const MEASURED_AFTER: Duration = Duration::from_secs(3);

pub(super) fn open(exchange: &Arc<Exchange>, pool: &Arc<PoolSettings>, tenant: Tenant, priority: Priority) -> Lane {
    let (outcomes, receiver) = mpsc::unbounded_channel();
    let (orders, ordered) = mpsc::unbounded_channel();
    let (events, happened) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(ROOM_SEGMENTS));
    let feed = PoolFeed {
        channel: pool.id.clone(),
        opened_with: Arc::clone(pool),
        exchange: Arc::clone(exchange),
        orders,
        room: Arc::clone(&room),
    };
    let lane = PoolLane {
        pool: Arc::clone(pool),
        exchange: Arc::clone(exchange),
        asker: Asker { tenant, lane: exchange.next_lane.fetch_add(1, Ordering::Relaxed), priority },
        budget: exchange.budget(&pool.id),
        links: pool.members.iter().map(|member| member.link.clone()).collect(),
        standings: pool.members.iter().map(|member| Standing::new(member.weight)).collect(),
        ways: pool.members.iter().map(|_| None).collect(),
        waiting: VecDeque::new(),
        held: HashMap::new(),
        outcomes,
        events,
        room,
        next_way: 0,
    };
    tokio::spawn(lane.run(ordered, happened));
    Lane { sender: LaneSender::new(Arc::new(feed)), outcomes: receiver }
}

#[derive(Debug)]
enum Order {
    Submit(Vec<Submission>),
    Withdraw,
}

#[derive(Debug)]
struct PoolFeed {
    channel: ChannelId,
    /// What counts when the pool is gone.
    opened_with: Arc<PoolSettings>,
    exchange: Arc<Exchange>,
    orders: mpsc::UnboundedSender<Order>,
    room: Arc<Semaphore>,
}

impl PoolFeed {
    /// Refuses when nothing will go out before a person does something.
    fn check(&self) -> Result<(), CoreError> {
        let links = self.exchange.links();
        let pool = self.exchange.pool(&self.channel).unwrap_or_else(|| Arc::clone(&self.opened_with));
        let mut reason = None;
        let mut is_down_for_good = false;
        for link in links.iter().filter(|link| pool.members.iter().any(|member| member.link == link.id)) {
            match link.state {
                LinkState::Up | LinkState::Connecting => return Ok(()),
                LinkState::Stopped | LinkState::Disabled | LinkState::Draining | LinkState::ShutDown => {
                    is_down_for_good = true;
                    reason = reason.or_else(|| link.last_error.clone());
                }
            }
        }
        if !is_down_for_good {
            return Ok(());
        }
        let reason = reason.unwrap_or_else(|| "none of its links is in use".to_owned());
        Err(CoreError::Stopped { channel: self.channel.clone(), reason })
    }

    async fn queue(&self, batch: Vec<Submission>) -> Result<(), CoreError> {
        if self.orders.is_closed() {
            return Err(CoreError::ShutDown);
        }
        self.check()?;
        let (mut chunk, mut segments) = (Vec::new(), 0);
        // Without a part there is nothing to send and nothing to report.
        for submission in batch.into_iter().filter(|submission| !submission.encoded.parts.is_empty()) {
            segments += submission.encoded.parts.len();
            chunk.push(submission);
            if segments >= CHUNK_SEGMENTS {
                self.push(std::mem::take(&mut chunk), std::mem::take(&mut segments)).await;
            }
        }
        if !chunk.is_empty() {
            self.push(chunk, segments).await;
        }
        Ok(())
    }

    async fn push(&self, chunk: Vec<Submission>, segments: usize) {
        let permits = u32::try_from(segments).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        if let Ok(room) = self.room.acquire_many(permits).await {
            room.forget();
        }
        // The task ends with this feed only.
        let _ = self.orders.send(Order::Submit(chunk));
    }
}

impl Feed for PoolFeed {
    fn submit(&self, batch: Vec<Submission>) -> BoxFuture<'_, Result<(), CoreError>> {
        Box::pin(self.queue(batch))
    }

    fn withdraw(&self) {
        let _ = self.orders.send(Order::Withdraw);
    }
}

/// What comes from the lane of a link.
#[derive(Debug)]
enum Happened {
    Outcomes(Vec<PartOutcome>),
    /// Nothing of these was queued.
    Refused(Vec<u64>),
    Ended,
}

/// A lane of one link. Feeding it is a task of its own, because a link that takes nothing must not hold up the others.
#[derive(Debug)]
struct Way {
    number: u64,
    feed: mpsc::UnboundedSender<Vec<Submission>>,
    sender: LaneSender,
    opened_at: Instant,
}

/// A message that a link has, until its last part is answered.
#[derive(Debug)]
struct Held {
    submission: Submission,
    member: usize,
    parts_open: usize,
    /// None of its parts is answered.
    untouched: bool,
    /// Whoever submitted it wants it back.
    withdrawn: bool,
}

struct PoolLane {
    pool: Arc<PoolSettings>,
    exchange: Arc<Exchange>,
    asker: Asker,
    budget: Arc<Budget>,
    /// Those that are or were in the pool. Places stay, and `standings` and `ways` go by them.
    links: Vec<ChannelId>,
    standings: Vec<Standing>,
    ways: Vec<Option<Way>>,
    waiting: VecDeque<Submission>,
    held: HashMap<u64, Held>,
    outcomes: mpsc::UnboundedSender<Vec<PartOutcome>>,
    events: mpsc::UnboundedSender<(usize, u64, Happened)>,
    room: Arc<Semaphore>,
    next_way: u64,
}

impl PoolLane {
    async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
        mut events: mpsc::UnboundedReceiver<(usize, u64, Happened)>,
    ) {
        let mut tick = interval(LOOK_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_open = true;
        while is_open || !self.held.is_empty() {
            let is_busy = !self.held.is_empty() || !self.waiting.is_empty();
            tokio::select! {
                biased;
                Some((member, way, happened)) = events.recv() => self.take(member, way, happened),
                order = orders.recv(), if is_open => match order {
                    Some(Order::Submit(batch)) => {
                        if !is_busy {
                            self.look();
                        }
                        self.waiting.extend(batch);
                    }
                    Some(Order::Withdraw) => self.withdraw(),
                    None => {
                        is_open = false;
                        self.withdraw();
                    }
                },
                _ = tick.tick(), if is_busy => self.look(),
            }
            self.assign();
        }
    }

    /// Who is up; and what links hold that are not is taken back.
    fn look(&mut self) {
        self.adopt();
        let links = self.exchange.links();
        let of_pool = |link: &&LinkStatus| self.pool.members.iter().any(|member| member.link == link.id);
        let mut states = links.iter().filter(of_pool).map(|link| link.state).peekable();
        if states.peek().is_some() && states.all(|state| state == LinkState::ShutDown) {
            self.withdraw();
        }
        for at in 0..self.links.len() {
            let link = links.iter().find(|link| link.id == self.links[at]);
            let is_member = self.pool.members.iter().any(|member| member.link == self.links[at]);
            let up = is_member && link.is_some_and(|link| link.state == LinkState::Up);
            shares::set_up(&mut self.standings, at, up);
            let opened_at = self.ways[at].as_ref().map(|way| way.opened_at);
            let is_old = opened_at.is_some_and(|opened_at| opened_at.elapsed() >= MEASURED_AFTER);
            let standing = &mut self.standings[at];
            standing.limit = link.and_then(|link| link.rate_limit_segments_per_s);
            standing.measured = link.filter(|_| is_old).map(|link| link.rate_segments_per_s);
            let is_draining = link.is_some_and(|link| link.state == LinkState::Draining);
            if let Some(way) = &self.ways[at]
                && self.pool.failover
                && !up
                && !is_draining
                && standing.backlog > 0
            {
                way.sender.withdraw();
            }
        }
    }

    /// Takes what has changed in the pool. A link that is no longer in it keeps its place, gets nothing more, and gives
    /// back what it has not sent.
    fn adopt(&mut self) {
        let Some(pool) = self.exchange.pool(&self.pool.id).filter(|pool| !Arc::ptr_eq(pool, &self.pool)) else {
            return;
        };
        for member in &pool.members {
            match self.links.iter().position(|link| *link == member.link) {
                Some(at) => self.standings[at].weight = member.weight,
                None => {
                    self.links.push(member.link.clone());
                    self.standings.push(Standing::new(member.weight));
                    self.ways.push(None);
                }
            }
        }
        self.pool = pool;
    }

    /// Hands out what waits.
    fn assign(&mut self) {
        let mut batches: Vec<Vec<Submission>> = self.ways.iter().map(|_| Vec::new()).collect();
        let now = Instant::now();
        while let Some(parts) = self.waiting.front().map(|submission| submission.encoded.parts.len()) {
            let Some(member) = shares::next(&self.standings) else { break };
            if !self.open_way(member) {
                shares::set_up(&mut self.standings, member, false);
                continue;
            }
            let goes_now = |per_s| self.budget.take(per_s, self.asker, parts, now);
            if !self.pool.rate_segments_per_s.is_none_or(goes_now) {
                break;
            }
            let Some(submission) = self.waiting.pop_front() else { break };
            self.standings[member].give(parts as u64);
            let held =
                Held { submission: submission.clone(), member, parts_open: parts, untouched: true, withdrawn: false };
            self.held.insert(submission.token, held);
            batches[member].push(submission);
        }
        for (way, batch) in self.ways.iter().zip(batches) {
            if let Some(way) = way
                && !batch.is_empty()
            {
                // The feeding task lives as long as the way.
                let _ = way.feed.send(batch);
            }
        }
    }

    /// Opens a lane of the link unless there is one.
    fn open_way(&mut self, member: usize) -> bool {
        if self.ways[member].is_some() {
            return true;
        }
        let link = &self.links[member];
        let lane = self
            .exchange
            .core_of(link)
            .and_then(|core| core.open_lane_of(self.asker.tenant, link, self.asker.priority));
        let Lane { sender, mut outcomes } = match lane {
            Ok(lane) => lane,
            Err(cause) => {
                tracing::debug!(pool = %self.pool.id, %link, %cause, "a link of a pool takes nothing");
                return false;
            }
        };
        let (feed, mut batches) = mpsc::unbounded_channel::<Vec<Submission>>();
        self.next_way += 1;
        let number = self.next_way;
        let (into, events) = (sender.clone(), self.events.clone());
        tokio::spawn(async move {
            while let Some(batch) = batches.recv().await {
                let tokens = batch.iter().map(|submission| submission.token).collect();
                if let Err(cause) = into.submit(batch).await {
                    tracing::debug!(%cause, "a link of a pool refuses a batch");
                    if events.send((member, number, Happened::Refused(tokens))).is_err() {
                        return;
                    }
                }
            }
        });
        let events = self.events.clone();
        tokio::spawn(async move {
            while let Some(outcomes) = outcomes.recv().await {
                if events.send((member, number, Happened::Outcomes(outcomes))).is_err() {
                    return;
                }
            }
            let _ = events.send((member, number, Happened::Ended));
        });
        self.ways[member] = Some(Way { number, feed, sender, opened_at: Instant::now() });
        true
    }

    fn take(&mut self, member: usize, way: u64, happened: Happened) {
        match happened {
            Happened::Outcomes(outcomes) => self.take_outcomes(outcomes),
            Happened::Refused(tokens) => {
                // Until the next look it is not asked again.
                shares::set_up(&mut self.standings, member, false);
                let mut given_back = Vec::new();
                for token in tokens {
                    let Some(held) = self.held.remove(&token) else { continue };
                    self.return_to_queue(held, &mut given_back);
                }
                self.report(given_back);
            }
            Happened::Ended => {
                if self.ways[member].as_ref().is_some_and(|open| open.number == way) {
                    self.ways[member] = None;
                    shares::set_up(&mut self.standings, member, false);
                    self.lose(member);
                }
            }
        }
    }

    /// The lane of a link is gone and has not said what became of these: nobody knows.
    fn lose(&mut self, member: usize) {
        let tokens: Vec<u64> =
            self.held.iter().filter(|(_, held)| held.member == member).map(|(token, _)| *token).collect();
        let mut outcomes = Vec::new();
        for token in tokens {
            let Some(held) = self.held.remove(&token) else { continue };
            self.standings[member].take_back(held.parts_open as u64);
            let parts = held.submission.encoded.parts.len();
            let link = self.links[member].clone();
            let mut result = PartResult::Uncertain { link };
            for part in parts - held.parts_open..parts {
                let result = std::mem::replace(&mut result, PartResult::NotSent);
                outcomes.push(PartOutcome { token, part: part as u8, result });
            }
        }
        self.report(outcomes);
    }

    fn take_outcomes(&mut self, outcomes: Vec<PartOutcome>) {
        let mut passed_on = Vec::with_capacity(outcomes.len());
        // Of a message that goes to another link the outcomes of the further parts follow at once.
        let mut moved = None;
        for outcome in outcomes {
            if moved == Some(outcome.token) && outcome.part > 0 {
                continue;
            }
            moved = None;
            let Some(held) = self.held.get_mut(&outcome.token) else { continue };
            if held.untouched && outcome.result == PartResult::NotSent {
                moved = Some(outcome.token);
                // Until the next look it is not asked again.
                shares::set_up(&mut self.standings, held.member, false);
                if let Some(held) = self.held.remove(&outcome.token) {
                    self.return_to_queue(held, &mut passed_on);
                }
                continue;
            }
            held.untouched = false;
            held.parts_open = held.parts_open.saturating_sub(1);
            let (member, is_over) = (held.member, held.parts_open == 0);
            self.standings[member].take_back(1);
            if is_over {
                self.held.remove(&outcome.token);
            }
            passed_on.push(outcome);
        }
        self.report(passed_on);
    }

    /// A message that is certainly not with a carrier: for another link, or back to whoever submitted it.
    fn return_to_queue(&mut self, held: Held, given_back: &mut Vec<PartOutcome>) {
        self.standings[held.member].take_back(held.parts_open as u64);
        self.budget.give_back(held.parts_open);
        if held.withdrawn || !self.pool.failover {
            given_back.extend(not_sent(&held.submission));
        } else {
            self.waiting.push_back(held.submission);
        }
    }

    fn withdraw(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.report(waiting.iter().flat_map(not_sent).collect());
        self.held.values_mut().for_each(|held| held.withdrawn = true);
        self.ways.iter().flatten().for_each(|way| way.sender.withdraw());
    }

    fn report(&self, outcomes: Vec<PartOutcome>) {
        if !outcomes.is_empty() {
            self.room.add_permits(outcomes.len());
            // Nobody listens any more: then nobody wants to know.
            let _ = self.outcomes.send(outcomes);
        }
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
