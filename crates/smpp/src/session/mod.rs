//! One bound connection to an SMSC, as seen by an ESME.
//!
//! A [`Session`] is owned by one task and has no queue, no lock and no task of its own. [`Session::submit`] encodes into
//! an output buffer; [`Session::drive`] writes all of that with one call, reads what has come and hands it out, many
//! events at a time. So the batch sizes follow the load by themselves: while a write is under way the next batch grows.

mod config;
mod establish;
mod frames;
mod transport;
mod window;

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, Sleep},
};
use tokio_util::io::poll_read_buf;

pub use establish::connect;
pub use transport::Transport;

pub use config::{Answer, BindError, Deliver, End, Event, Incoming, SessionConfig, WindowFull};

use crate::wire::{self, SubmitSm, command};
use window::{Sequence, Window};

/// While this much waits to be written nothing more is read, so that a peer that never reads cannot grow the buffer.
const OUTPUT_LIMIT_OCTETS: usize = 1 << 20;
/// After so many reads without anything to hand out the task's other work has its turn: a peer that floods a session with
/// enquire_link keeps nobody else waiting.
const READS_IN_A_ROW: u32 = 16;
/// Room made for one read.
const READ_OCTETS: usize = 64 * 1024;

/// A bound session over any stream. Nothing happens outside of [`Session::drive`].
#[derive(Debug)]
pub struct Session<T> {
    transport: T,
    config: SessionConfig,
    input: BytesMut,
    output: BytesMut,
    /// All that was ever written to the transport.
    written_octets: u64,
    window: Window,
    sequence: Sequence,
    phase: Phase,
    /// The enquire_link that is not answered.
    enquiry: Option<(u32, Instant)>,
    last_heard: Instant,
    timer: Pin<Box<Sleep>>,
    /// What came together with the bind_resp.
    early: Vec<Event>,
}

/// How far the session is from its end.
#[derive(Debug)]
enum Phase {
    Bound,
    /// We want to go: no more submits, and unbind when the window is empty or at the instant.
    Draining(Instant),
    /// Our unbind is out; its response is waited for until the instant.
    Unbinding(u32, Instant),
    /// The SMSC wants to go: what it still answers is taken until the instant, then it gets its unbind_resp.
    PeerUnbinding(u32, Instant),
    /// Everything is said; the output is written out, until the instant at most, and that is the end.
    Flushing(Instant),
    /// Nothing can be written any more. What the SMSC has said before is read until it ends or the instant has come: an
    /// answer that is there already must not be lost.
    Broken(End, Instant),
    Ended(End),
}

impl<T: AsyncRead + AsyncWrite + Unpin> Session<T> {
    /// How many more submits fit into the window at the moment; 0 when the session is on its way out.
    #[must_use]
    pub fn room(&self) -> usize {
        match self.phase {
            Phase::Bound => self.window.room(),
            _ => 0,
        }
    }

    /// Submits that are not answered.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.window.used()
    }

    /// Puts a submit_sm into the output; the next [`Session::drive`] writes it. Exactly one [`Event::Answer`] with this
    /// token will follow.
    ///
    /// # Errors
    /// [`WindowFull`] when [`Session::room`] is 0; then no answer will come.
    pub fn submit(&mut self, token: u64, pdu: &SubmitSm<'_>) -> Result<(), WindowFull> {
        if self.room() == 0 {
            return Err(WindowFull);
        }
        let sequence = self.window.free_sequence(&mut self.sequence);
        wire::submit_sm(&mut self.output, sequence, pdu);
        let end_octet = self.written_octets + self.output.len() as u64;
        self.window.insert(sequence, token, end_octet, Instant::now() + self.config.response_timeout);
        Ok(())
    }

    /// Answers a deliver_sm, with 0 once it is durable.
    pub fn acknowledge(&mut self, sequence: u32, command_status: u32) {
        match command_status {
            0 => wire::message_id_response(&mut self.output, command::DELIVER_SM_RESP, sequence, ""),
            _ => wire::header_only(&mut self.output, command::DELIVER_SM_RESP, command_status, sequence),
        }
    }

    /// Begins to end the session: answers are waited for as long as `drain`, then it unbinds and [`Session::drive`] ends
    /// with [`End::Unbound`].
    pub fn begin_unbind(&mut self, drain: Duration) {
        if matches!(self.phase, Phase::Bound) {
            self.phase = Phase::Draining(Instant::now() + drain);
        }
    }

    /// Writes, reads, keeps the timers, and returns when there is at least one event or the session has ended. May be
    /// dropped and called again at any point.
    ///
    /// # Errors
    /// The [`End`] of the session. By then `events` has an answer for every submit.
    pub async fn drive(&mut self, events: &mut Vec<Event>) -> Result<(), End> {
        poll_fn(|context| self.poll_drive(context, events)).await
    }

    fn poll_drive(&mut self, context: &mut Context<'_>, events: &mut Vec<Event>) -> Poll<Result<(), End>> {
        let before = events.len();
        events.append(&mut self.early);
        if let Phase::Ended(end) = &self.phase {
            return Poll::Ready(Err(end.clone()));
        }
        let end = match self.poll_once(context, events, before) {
            Ok(()) if events.len() > before => return Poll::Ready(Ok(())),
            Ok(()) => return Poll::Pending,
            // Some close instead of answering the unbind: that is the end we asked for.
            Err(End::Closed | End::Broken(_)) if matches!(self.phase, Phase::Unbinding(..)) => End::Unbound,
            Err(end) => end,
        };
        let written = self.written_octets;
        events.extend(self.window.drain().map(|pending| Event::Answer {
            token: pending.token,
            // Without its last octet the peer does not have it.
            answer: if pending.end_octet <= written { Answer::Unknown } else { Answer::NotWritten },
        }));
        self.phase = Phase::Ended(end.clone());
        Poll::Ready(Err(end))
    }

    /// Goes on until nothing moves any more or there is something to hand out.
    fn poll_once(&mut self, context: &mut Context<'_>, events: &mut Vec<Event>, before: usize) -> Result<(), End> {
        let mut reads = 0;
        loop {
            let now = Instant::now();
            self.keep_time(now, events)?;
            self.poll_write_unless_broken(context, now);
            if matches!(self.phase, Phase::Flushing(_)) && self.output.is_empty() {
                return Err(End::UnboundByPeer);
            }
            let heard = self.poll_read(context, now, events).map_err(|end| match &self.phase {
                Phase::Broken(end, _) => end.clone(),
                _ => end,
            })?;
            if events.len() > before {
                return Ok(());
            }
            if !heard && !self.poll_timer(context) {
                return Ok(());
            }
            reads += u32::from(heard);
            if reads == READS_IN_A_ROW {
                context.waker().wake_by_ref();
                return Ok(());
            }
        }
    }

    fn poll_write_unless_broken(&mut self, context: &mut Context<'_>, now: Instant) {
        if !matches!(self.phase, Phase::Broken(..))
            && let Err(end) = self.poll_write(context)
        {
            let end = if matches!(self.phase, Phase::Unbinding(..)) { End::Unbound } else { end };
            self.phase = Phase::Broken(end, now + self.config.unbind_timeout);
        }
        if matches!(self.phase, Phase::Broken(..)) {
            self.output.clear();
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<(), End> {
        while !self.output.is_empty() {
            match Pin::new(&mut self.transport).poll_write(context, &self.output) {
                Poll::Ready(Ok(0)) => return Err(End::Closed),
                Poll::Ready(Ok(octets)) => {
                    self.output.advance(octets);
                    self.written_octets += octets as u64;
                }
                Poll::Ready(Err(error)) => return Err(End::Broken(error.kind())),
                Poll::Pending => return Ok(()),
            }
        }
        match Pin::new(&mut self.transport).poll_flush(context) {
            Poll::Ready(Err(error)) => Err(End::Broken(error.kind())),
            _ => Ok(()),
        }
    }

    /// Whether anything was read.
    fn poll_read(&mut self, context: &mut Context<'_>, now: Instant, events: &mut Vec<Event>) -> Result<bool, End> {
        if self.output.len() >= OUTPUT_LIMIT_OCTETS {
            return Ok(false);
        }
        self.input.reserve(READ_OCTETS);
        match poll_read_buf(Pin::new(&mut self.transport), context, &mut self.input) {
            Poll::Ready(Ok(0)) => Err(End::Closed),
            Poll::Ready(Ok(_)) => {
                self.last_heard = now;
                self.take_frames(now, events)?;
                Ok(true)
            }
            Poll::Ready(Err(error)) => Err(End::Broken(error.kind())),
            Poll::Pending => Ok(false),
        }
    }

    /// Does what is due.
    fn keep_time(&mut self, now: Instant, events: &mut Vec<Event>) -> Result<(), End> {
        if self.window.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.window.expire(now, |pending| {
                events.push(Event::Answer { token: pending.token, answer: Answer::Unknown });
            });
        }
        let drained = self.window.used() == 0;
        match self.phase {
            Phase::Broken(ref end, deadline) if deadline <= now => return Err(end.clone()),
            Phase::Flushing(deadline) if deadline <= now => return Err(End::UnboundByPeer),
            Phase::Bound if self.enquiry.is_some_and(|(_, deadline)| deadline <= now) => return Err(End::Silent),
            Phase::Unbinding(_, deadline) if deadline <= now => return Err(End::Unbound),
            Phase::Bound if self.enquiry.is_none() && self.last_heard + self.config.enquire_link_interval <= now => {
                let sequence = self.window.free_sequence(&mut self.sequence);
                wire::header_only(&mut self.output, command::ENQUIRE_LINK, 0, sequence);
                self.enquiry = Some((sequence, now + self.config.response_timeout));
            }
            Phase::Draining(deadline) if drained || deadline <= now => {
                let sequence = self.window.free_sequence(&mut self.sequence);
                wire::header_only(&mut self.output, command::UNBIND, 0, sequence);
                self.phase = Phase::Unbinding(sequence, now + self.config.unbind_timeout);
            }
            Phase::PeerUnbinding(sequence, deadline) if drained || deadline <= now => {
                wire::header_only(&mut self.output, command::UNBIND_RESP, 0, sequence);
                self.phase = Phase::Flushing(now + self.config.unbind_timeout);
            }
            _ => (),
        }
        Ok(())
    }

    /// Arms the timer for the next thing that is due; whether something is due already.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> bool {
        let phase = match self.phase {
            Phase::Draining(deadline)
            | Phase::PeerUnbinding(_, deadline)
            | Phase::Unbinding(_, deadline)
            | Phase::Flushing(deadline)
            | Phase::Broken(_, deadline) => Some(deadline),
            Phase::Bound | Phase::Ended(_) => None,
        };
        let enquiry = match self.enquiry {
            Some((_, deadline)) => deadline,
            None => self.last_heard + self.config.enquire_link_interval,
        };
        let bound = matches!(self.phase, Phase::Bound).then_some(enquiry);
        let next = [self.window.next_deadline(), phase, bound].into_iter().flatten().min();
        let Some(next) = next else { return false };
        // One that is armed too early is left alone: it costs a wake-up, arming it anew each time costs more.
        if self.timer.is_elapsed() || next < self.timer.deadline() {
            self.timer.as_mut().reset(next);
        }
        self.timer.as_mut().poll(context).is_ready()
    }
}
