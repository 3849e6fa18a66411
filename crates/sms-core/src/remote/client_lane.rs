//! A lane into a Core in another process: a stream of its own on the connection of the moment.
//!
//! When there is another connection the lane goes over to it: what the former stream has not sent is taken back and
//! submitted by the new one, what has begun is answered by the former one. When a stream breaks, what it has is uncertain.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::future::BoxFuture;
use hyper::StatusCode;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::task::TaskTracker;

use super::{
    client::{Connected, Shared},
    pipe::{Frames, PipeSender, frame, pipe, whole},
    sentinel,
    wire::{Batch, LaneAnswer, LaneRequest},
};
use crate::{
    ChannelId,
    core::{CoreError, Feed, Lane, LaneSender, Priority, Tenant},
    message::{PartOutcome, PartResult, Submission},
};

/// Segments that a lane takes before `submit` waits.
const ROOM_SEGMENTS: usize = 20_000;
/// For the headers of the response.
const OPEN: Duration = Duration::from_secs(10);

pub(super) fn open(
    shared: &Arc<Shared>,
    tenant: Tenant,
    channel: &ChannelId,
    priority: Priority,
    lanes: &TaskTracker,
) -> Lane {
    let (outcomes, receiver) = mpsc::unbounded_channel();
    let (orders, ordered) = mpsc::unbounded_channel();
    let (events, happened) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(ROOM_SEGMENTS));
    let lane = RemoteLane {
        shared: Arc::clone(shared),
        tenant,
        channel: channel.clone(),
        priority,
        streams: HashMap::new(),
        current: None,
        held: HashMap::new(),
        batches: HashMap::new(),
        awaited: VecDeque::new(),
        again: Vec::new(),
        outcomes,
        events,
        room: Arc::clone(&room),
        overdrawn: 0,
        leaving: None,
        next_stream: 0,
        next_batch: 0,
    };
    lanes.spawn(lane.run(ordered, happened));
    Lane { sender: LaneSender::new(Arc::new(RemoteFeed { orders, room })), outcomes: receiver }
}

#[derive(Debug)]
enum Order {
    Submit(Vec<Submission>, oneshot::Sender<Result<(), CoreError>>),
    Withdraw,
}

#[derive(Debug)]
struct RemoteFeed {
    orders: mpsc::UnboundedSender<Order>,
    room: Arc<Semaphore>,
}

impl RemoteFeed {
    async fn queue(&self, mut batch: Vec<Submission>) -> Result<(), CoreError> {
        // Without a part there is nothing to send and nothing to report.
        batch.retain(|submission| !submission.encoded.parts.is_empty());
        if batch.is_empty() {
            return Ok(());
        }
        // A batch goes as one, also one that is larger than the lane.
        let permits = segments(&batch).min(ROOM_SEGMENTS);
        if let Ok(room) = self.room.acquire_many(u32::try_from(permits).unwrap_or(u32::MAX)).await {
            room.forget();
        }
        let (done, is_done) = oneshot::channel();
        self.orders.send(Order::Submit(batch, done)).map_err(|_| CoreError::ShutDown)?;
        is_done.await.unwrap_or(Err(CoreError::ShutDown))
    }
}

fn segments(batch: &[Submission]) -> usize {
    batch.iter().map(|submission| submission.encoded.parts.len()).sum()
}

impl Feed for RemoteFeed {
    fn submit(&self, batch: Vec<Submission>) -> BoxFuture<'_, Result<(), CoreError>> {
        Box::pin(self.queue(batch))
    }

    fn withdraw(&self) {
        let _ = self.orders.send(Order::Withdraw);
    }
}

#[derive(Debug)]
enum Happened {
    Answer(LaneAnswer),
    Ended,
}

/// A request on one connection.
#[derive(Debug)]
struct Stream {
    connection: u64,
    sender: PipeSender,
    /// Messages that it answers for.
    held: usize,
}

/// A message that a stream has, until its last part is answered.
#[derive(Debug)]
struct Held {
    submission: Submission,
    stream: u64,
    parts_open: usize,
    /// None of its parts is answered.
    untouched: bool,
    /// To be submitted by the next stream when this one gives it back.
    moves: bool,
    /// Whoever submitted it wants it back.
    withdrawn: bool,
}

/// A batch whose fate the Core has not told.
#[derive(Debug)]
struct Sent {
    stream: u64,
    tokens: Vec<u64>,
    /// None: it was taken back from another stream, and nobody waits.
    done: Option<oneshot::Sender<Result<(), CoreError>>>,
}

/// Until a batch is received it is watched.
#[derive(Debug)]
struct Awaited {
    batch: u64,
    slow_at: Instant,
}

struct RemoteLane {
    shared: Arc<Shared>,
    tenant: Tenant,
    channel: ChannelId,
    priority: Priority,
    streams: HashMap<u64, Stream>,
    current: Option<u64>,
    held: HashMap<u64, Held>,
    batches: HashMap<u64, Sent>,
    awaited: VecDeque<Awaited>,
    /// Taken back from a former stream.
    again: Vec<Submission>,
    outcomes: mpsc::UnboundedSender<Vec<PartOutcome>>,
    events: mpsc::UnboundedSender<(u64, Happened)>,
    room: Arc<Semaphore>,
    /// Segments for which there was no room: their outcomes make none.
    overdrawn: usize,
    /// The connection whose other end is going down: what is handed over at its very end would be uncertain.
    leaving: Option<u64>,
    next_stream: u64,
    next_batch: u64,
}

impl RemoteLane {
    async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<Order>,
        mut events: mpsc::UnboundedReceiver<(u64, Happened)>,
    ) {
        let mut connections = self.shared.connected.subscribe();
        let (closing, stop) = (self.shared.closing.clone(), self.shared.stop.clone());
        let mut is_open = true;
        while is_open || !self.held.is_empty() {
            let slow_at = self.awaited.front().map(|awaited| awaited.slow_at);
            tokio::select! {
                biased;
                Some((stream, happened)) = events.recv() => match happened {
                    Happened::Answer(answer) => self.take(answer),
                    Happened::Ended => self.lose(stream),
                },
                order = orders.recv(), if is_open => match order {
                    Some(Order::Submit(batch, done)) => self.submit(batch, Some(done)).await,
                    Some(Order::Withdraw) => self.withdraw(false).await,
                    None => {
                        is_open = false;
                        self.withdraw(false).await;
                    }
                },
                () = closing.cancelled(), if is_open => {
                    is_open = false;
                    orders.close();
                    self.withdraw(false).await;
                }
                Ok(()) = connections.changed() => self.move_over().await,
                () = sleep_until(slow_at.unwrap_or_else(Instant::now)), if slow_at.is_some() => self.note_slow(),
                () = stop.cancelled() => {
                    let streams: Vec<u64> = self.streams.keys().copied().collect();
                    streams.into_iter().for_each(|stream| self.lose(stream));
                    return;
                }
            }
            if !self.again.is_empty() {
                let again = std::mem::take(&mut self.again);
                if is_open {
                    self.submit(again, None).await;
                } else {
                    self.report(again.iter().flat_map(not_sent).collect());
                }
            }
        }
    }

    /// Sends a batch by the stream of the moment.
    async fn submit(&mut self, batch: Vec<Submission>, done: Option<oneshot::Sender<Result<(), CoreError>>>) {
        let all = segments(&batch);
        if done.is_some() {
            self.overdrawn += all.saturating_sub(ROOM_SEGMENTS);
        }
        let stream = match self.stream().await {
            Ok(stream) => stream,
            Err(error) => return self.refuse(&batch, done, error),
        };
        self.next_batch += 1;
        let number = self.next_batch;
        let octets = match frame(&LaneRequest::Submit(Batch::pack(number, &batch))) {
            Ok(octets) => octets,
            Err(error) => {
                let error = self.broken(error.to_string());
                return self.refuse(&batch, done, error);
            }
        };
        let settings = &self.shared.settings;
        if octets.len() > settings.large_octets {
            sentinel::large(settings.id.as_str(), octets.len(), batch.len());
        }
        self.awaited
            .push_back(Awaited { batch: number, slow_at: Instant::now() + Duration::from_millis(settings.slow_ms) });
        let tokens = batch.iter().map(|submission| submission.token).collect();
        self.batches.insert(number, Sent { stream, tokens, done });
        let Some(Stream { sender, held, .. }) = self.streams.get_mut(&stream) else { return };
        *held += batch.len();
        for submission in batch {
            let parts_open = submission.encoded.parts.len();
            let token = submission.token;
            self.held.insert(
                token,
                Held { submission, stream, parts_open, untouched: true, moves: false, withdrawn: false },
            );
        }
        // From here on nobody knows, should it break.
        if sender.send(octets).await.is_err() {
            self.lose(stream);
        }
    }

    /// Nothing of the batch is queued anywhere.
    fn refuse(&mut self, batch: &[Submission], done: Option<oneshot::Sender<Result<(), CoreError>>>, error: CoreError) {
        match done {
            Some(done) => {
                self.make_room(segments(batch));
                let _ = done.send(Err(error));
            }
            None => self.report(batch.iter().flat_map(not_sent).collect()),
        }
    }

    fn broken(&self, reason: String) -> CoreError {
        CoreError::Unreachable { url: self.shared.settings.url.clone(), reason }
    }

    /// The stream on the connection of the moment, opened if need be.
    async fn stream(&mut self) -> Result<u64, CoreError> {
        let connected = self.shared.connected.borrow().clone();
        let connected = connected.ok_or_else(|| self.shared.unreachable())?;
        if self.leaving == Some(connected.number) {
            return Err(CoreError::ShutDown);
        }
        let current = self.current.and_then(|current| self.streams.get(&current));
        if let (Some(stream), Some(number)) = (current, self.current)
            && stream.connection == connected.number
        {
            return Ok(number);
        }
        let slow = Duration::from_millis(self.shared.settings.slow_ms);
        let opened = {
            let mut opening = std::pin::pin!(self.open_stream(&connected));
            match timeout(slow, &mut opening).await {
                Ok(opened) => opened?,
                Err(_) => {
                    sentinel::slow(self.shared.settings.id.as_str(), "lane", slow);
                    let late = timeout(OPEN, opening).await;
                    late.unwrap_or_else(|_| Err(self.broken("it did not answer in time".to_owned())))?
                }
            }
        };
        let (sender, mut frames) = opened;
        self.next_stream += 1;
        let number = self.next_stream;
        let events = self.events.clone();
        tokio::spawn(async move {
            loop {
                match frames.next::<LaneAnswer>().await {
                    Ok(Some(answer)) => {
                        if events.send((number, Happened::Answer(answer))).is_err() {
                            return;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::debug!(%error, "a lane into SMS Core broke");
                        break;
                    }
                }
            }
            let _ = events.send((number, Happened::Ended));
        });
        self.streams.insert(number, Stream { connection: connected.number, sender, held: 0 });
        self.current = Some(number);
        Ok(number)
    }

    async fn open_stream(&self, connected: &Connected) -> Result<(PipeSender, Frames), CoreError> {
        let (sender, body) = pipe();
        let priority = match self.priority {
            Priority::Interactive => "interactive",
            Priority::Bulk => "bulk",
        };
        let path = format!("/lanes/{}/{priority}/{:032x}", self.channel, self.tenant.0);
        let response = self.shared.request(connected, "POST", &path, body).await;
        let response = response.map_err(|reason| self.broken(reason))?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok((sender, Frames::new(response.into_body())));
        }
        let octets = whole(response.into_body()).await.map_err(|error| self.broken(error.to_string()))?;
        if status == StatusCode::CONFLICT
            && let Ok(Err(error)) = rmp_serde::from_slice::<Result<(), CoreError>>(&octets)
        {
            return Err(error);
        }
        Err(self.broken(String::from_utf8_lossy(&octets).into_owned()))
    }

    /// Asks every stream for what no session has picked up. `moves`: from former streams only, to submit it anew.
    async fn withdraw(&mut self, moves: bool) {
        let streams: Vec<u64> =
            self.streams.keys().copied().filter(|stream| !moves || Some(*stream) != self.current).collect();
        for held in self.held.values_mut() {
            held.withdrawn |= !moves;
            held.moves = moves && !held.withdrawn && streams.contains(&held.stream);
        }
        let Ok(octets) = frame(&LaneRequest::Withdraw) else { return };
        for stream in streams {
            let Some(Stream { sender, .. }) = self.streams.get(&stream) else { continue };
            if sender.send(octets.clone()).await.is_err() {
                self.lose(stream);
            }
        }
    }

    /// There is another connection, or none.
    async fn move_over(&mut self) {
        let number = self.shared.connected.borrow().as_ref().map(|connected| connected.number);
        let Some(number) = number else { return };
        let is_former = |stream: &Stream| stream.connection != number;
        if self.current.and_then(|current| self.streams.get(&current)).is_some_and(is_former) {
            self.current = None;
        }
        if self.streams.values().any(is_former) {
            self.withdraw(true).await;
            self.drop_idle();
        }
    }

    /// Ends former streams that have nothing under way.
    fn drop_idle(&mut self) {
        let current = self.current;
        self.streams.retain(|number, stream| Some(*number) == current || stream.held > 0);
    }

    fn take(&mut self, answer: LaneAnswer) {
        match answer {
            LaneAnswer::Received { batch } => self.awaited.retain(|awaited| awaited.batch != batch),
            LaneAnswer::Queued { batch } => {
                if let Some(Sent { done: Some(done), .. }) = self.batches.remove(&batch) {
                    let _ = done.send(Ok(()));
                }
            }
            LaneAnswer::Refused { batch, error } => {
                let Some(Sent { stream, tokens, done }) = self.batches.remove(&batch) else { return };
                if matches!(error, CoreError::ShutDown) {
                    self.leaving = self.streams.get(&stream).map(|stream| stream.connection).or(self.leaving);
                }
                let refused: Vec<_> = tokens.into_iter().filter_map(|token| self.release(token)).collect();
                self.refuse(&refused, done, error);
                self.drop_idle();
            }
            LaneAnswer::Outcomes(outcomes) => self.take_outcomes(outcomes),
        }
    }

    /// The message is nobody's any more.
    fn release(&mut self, token: u64) -> Option<Submission> {
        let held = self.held.remove(&token)?;
        if let Some(stream) = self.streams.get_mut(&held.stream) {
            stream.held = stream.held.saturating_sub(1);
        }
        Some(held.submission)
    }

    fn take_outcomes(&mut self, outcomes: Vec<PartOutcome>) {
        let mut passed_on = Vec::with_capacity(outcomes.len());
        // Of a message that goes to another stream the outcomes of the further parts follow at once.
        let mut moved = None;
        for outcome in outcomes {
            if moved == Some(outcome.token) && outcome.part > 0 {
                continue;
            }
            moved = None;
            let Some(held) = self.held.get_mut(&outcome.token) else { continue };
            if held.moves && held.untouched && outcome.result == PartResult::NotSent {
                moved = Some(outcome.token);
                let submission = self.release(outcome.token);
                self.again.extend(submission);
                continue;
            }
            held.untouched = false;
            held.parts_open = held.parts_open.saturating_sub(1);
            if held.parts_open == 0 {
                self.release(outcome.token);
            }
            passed_on.push(outcome);
        }
        self.report(passed_on);
        self.drop_idle();
    }

    /// A stream is over. What it has not answered for is uncertain, whatever it was told to do with it.
    fn lose(&mut self, stream: u64) {
        self.streams.remove(&stream);
        if self.current == Some(stream) {
            self.current = None;
        }
        let mut outcomes = Vec::new();
        let lost: Vec<u64> =
            self.held.iter().filter(|(_, held)| held.stream == stream).map(|(token, _)| *token).collect();
        for token in lost {
            let Some(Held { submission, parts_open, .. }) = self.held.remove(&token) else { continue };
            let parts = submission.encoded.parts.len();
            for part in parts - parts_open..parts {
                let result = PartResult::Uncertain { link: self.channel.clone() };
                outcomes.push(PartOutcome { token, part: part as u8, result });
            }
        }
        let batches: Vec<u64> =
            self.batches.iter().filter(|(_, sent)| sent.stream == stream).map(|(number, _)| *number).collect();
        for number in batches {
            self.awaited.retain(|awaited| awaited.batch != number);
            // It has its outcomes.
            if let Some(Sent { done: Some(done), .. }) = self.batches.remove(&number) {
                let _ = done.send(Ok(()));
            }
        }
        if !outcomes.is_empty() {
            tracing::warn!(
                channel = %self.channel,
                parts = outcomes.len(),
                "the connection to SMS Core broke: what it has not answered for is uncertain"
            );
        }
        self.report(outcomes);
    }

    fn note_slow(&mut self) {
        let slow = Duration::from_millis(self.shared.settings.slow_ms);
        // Said once for each batch.
        if self.awaited.pop_front().is_some() {
            sentinel::slow(self.shared.settings.id.as_str(), "submit", slow);
        }
    }

    fn report(&mut self, outcomes: Vec<PartOutcome>) {
        if !outcomes.is_empty() {
            self.make_room(outcomes.len());
            // Nobody listens any more: then nobody wants to know.
            let _ = self.outcomes.send(outcomes);
        }
    }

    fn make_room(&mut self, segments: usize) {
        let owed = self.overdrawn.min(segments);
        self.overdrawn -= owed;
        self.room.add_permits(segments - owed);
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
