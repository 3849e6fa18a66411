//! One connection: read all there is, answer all of it with one write, sleep until something is due.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    io,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::{Buf, BytesMut};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until},
};

use super::{
    Shared,
    account::{Account, Owed},
    behaviour::Behaviour,
    counts::add,
    inbound::Inbound,
    receipts::{self, Dates},
};
use crate::{
    random::SplitMix64,
    wire::{self, DeliverMessage, command},
};

/// While this much waits to be written nothing more is read.
const OUTPUT_LIMIT_OCTETS: usize = 1 << 20;
/// How much is read before it is answered.
const READ_OCTETS: usize = 256 * 1024;
/// When a receipt that was refused is sent again.
const RECEIPT_RETRY: Duration = Duration::from_secs(1);
/// How long a response is held back so that its receipt overtakes it.
const OVERTAKE: Duration = Duration::from_millis(5);

/// A connection and what it owes.
pub(super) struct Session {
    stream: TcpStream,
    pub(super) shared: Arc<Shared>,
    pub(super) behaviour: Arc<Behaviour>,
    pub(super) random: SplitMix64,
    pub(super) input: BytesMut,
    pub(super) output: BytesMut,
    pub(super) log_lines: String,
    pub(super) bound: Option<Bound>,
    /// Responses that are held back for the latency.
    pub(super) delayed: VecDeque<(Instant, Response)>,
    pub(super) accepted: u64,
    pub(super) submits: u64,
    sequence: u32,
    pub(super) unacknowledged: HashMap<u32, Owed>,
    /// What subscribers wrote, until it is answered.
    pub(super) unanswered: HashMap<u32, Inbound>,
    dates: (Dates, Dates),
    /// Write what is there and close.
    pub(super) closing: bool,
}

/// What a bind makes of a connection.
pub(super) struct Bound {
    pub account: Arc<Account>,
    pub submits: bool,
    pub receives: bool,
}

/// The answer to a submit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Response {
    pub sequence: u32,
    pub result: Result<u64, u32>,
}

/// Serves a connection to its end, and gives back the receipts that it leaves unacknowledged.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    add(&shared.tallies.connections, 1);
    let behaviour = Arc::clone(&shared.behaviour.borrow());
    let random = shared.random();
    let mut session = Session {
        stream,
        behaviour,
        random,
        shared,
        input: BytesMut::new(),
        output: BytesMut::new(),
        log_lines: String::new(),
        bound: None,
        delayed: VecDeque::new(),
        accepted: 0,
        submits: 0,
        sequence: 0,
        unacknowledged: HashMap::new(),
        unanswered: HashMap::new(),
        dates: (Dates::default(), Dates::default()),
        closing: false,
    };
    if let Err(error) = session.run().await {
        tracing::debug!(%error, "a session of the simulator ended");
    }
}

impl Drop for Session {
    /// Also when the simulator is shut down in the middle: a receipt is owed until it is acknowledged.
    fn drop(&mut self) {
        for (_, message) in self.unanswered.drain() {
            self.shared.inbound.push(message);
        }
        let Some(bound) = &self.bound else { return };
        let now = Instant::now();
        let mut outbox = bound.account.outbox();
        let mut unacknowledged: Vec<_> = self.unacknowledged.drain().collect();
        unacknowledged.sort_unstable_by_key(|(sequence, _)| *sequence);
        for (_, owed) in unacknowledged {
            outbox.push(now, owed);
        }
        drop(outbox);
        bound.account.changed.notify_one();
        self.shared.tallies.sessions.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut knobs = self.shared.behaviour.subscribe();
        let mut hang_up = self.shared.hang_up.subscribe();
        loop {
            self.read()?;
            let now = Instant::now();
            self.take_frames(now, unix_second());
            self.answer_due(now);
            self.send_receipts(now);
            self.send_inbound();
            self.write()?;
            if self.closing && self.output.is_empty() {
                return Ok(());
            }
            let wake_at = self.wake_at();
            let account = self.bound.as_ref().map(|bound| Arc::clone(&bound.account));
            let shared = Arc::clone(&self.shared);
            tokio::select! {
                ready = self.stream.readable(), if self.reads() => ready?,
                ready = self.stream.writable(), if !self.output.is_empty() => ready?,
                () = sleep_until(wake_at.unwrap_or(now)), if wake_at.is_some() => (),
                () = changed(account.as_deref()), if self.sends() => (),
                () = shared.inbound.arrived(), if self.sends() => (),
                Ok(()) = knobs.changed() => self.behaviour = Arc::clone(&knobs.borrow_and_update()),
                Ok(()) = hang_up.changed() => return Ok(()),
            }
        }
    }

    fn reads(&self) -> bool {
        !self.closing && self.output.len() < OUTPUT_LIMIT_OCTETS
    }

    /// Whether there is room for another receipt.
    fn sends(&self) -> bool {
        let receives = self.bound.as_ref().is_some_and(|bound| bound.receives);
        let open = self.unacknowledged.len() + self.unanswered.len();
        receives && !self.behaviour.deaf && open < self.shared.receipt_window
    }

    fn read(&mut self) -> io::Result<()> {
        let mut octets = 0;
        while self.reads() && octets < READ_OCTETS {
            self.input.reserve(64 * 1024);
            match self.stream.try_read_buf(&mut self.input) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => octets += read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The log first: what it lacks must not have been answered.
    fn write(&mut self) -> io::Result<()> {
        if let Some(log) = &self.shared.log
            && !self.log_lines.is_empty()
        {
            log.write(self.log_lines.as_bytes())?;
            self.log_lines.clear();
        }
        while !self.output.is_empty() {
            match self.stream.try_write(&self.output) {
                Ok(octets) => self.output.advance(octets),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends a response, or holds it back.
    pub(super) fn respond(&mut self, now: Instant, response: Response) {
        let mut latency = Duration::from_millis(self.behaviour.latency_ms);
        if self.behaviour.receipts.before_responses {
            latency = latency.max(OVERTAKE);
        }
        if latency.is_zero() && self.delayed.is_empty() {
            self.write_response(response);
        } else {
            self.delayed.push_back((now + latency, response));
        }
    }

    fn answer_due(&mut self, now: Instant) {
        while let Some((_, response)) = self.delayed.pop_front_if(|(at, _)| *at <= now) {
            self.write_response(response);
        }
    }

    fn write_response(&mut self, response: Response) {
        match response.result {
            Ok(message_id) => {
                let id = self.id_in_response(message_id);
                wire::message_id_response(&mut self.output, command::SUBMIT_SM_RESP, response.sequence, &id);
            }
            Err(command_status) => {
                wire::header_only(&mut self.output, command::SUBMIT_SM_RESP, command_status, response.sequence);
            }
        }
    }

    pub(super) fn id_in_response(&self, message_id: u64) -> String {
        let mut id = String::with_capacity(20);
        let written = match self.behaviour.receipts.ids_in_two_bases {
            true => write!(id, "{message_id:X}"),
            false => write!(id, "{message_id}"),
        };
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        id
    }

    fn send_receipts(&mut self, now: Instant) {
        if !self.sends() || self.closing {
            return;
        }
        let Some(bound) = &self.bound else { return };
        let done_at_s = unix_second();
        let mut outbox = bound.account.outbox();
        let mut sent = 0;
        while self.unacknowledged.len() < self.shared.receipt_window && self.output.len() < OUTPUT_LIMIT_OCTETS {
            let Some(owed) = outbox.pop_due(now) else { break };
            self.sequence = after(self.sequence);
            receipts::write(
                &mut self.output,
                self.sequence,
                &owed,
                &self.behaviour.receipts,
                &mut self.dates,
                done_at_s,
            );
            self.unacknowledged.insert(self.sequence, owed);
            sent += 1;
        }
        drop(outbox);
        add(&self.shared.tallies.receipts_sent, sent);
    }

    fn send_inbound(&mut self) {
        while self.sends() && !self.closing {
            let Some(message) = self.shared.inbound.pop() else { break };
            self.sequence = after(self.sequence);
            let Inbound { from, to, data_coding, content } = &message;
            let pdu = DeliverMessage {
                source: from.as_bytes(),
                destination: to.as_bytes(),
                data_coding: *data_coding,
                content,
            };
            wire::deliver_message(&mut self.output, self.sequence, &pdu);
            self.unanswered.insert(self.sequence, message);
        }
    }

    /// Puts receipts into the account's outbox; whoever of its sessions can will send them.
    pub(super) fn owe(&mut self, now: Instant, owed: &[(Owed, u8)]) {
        let Some(bound) = &self.bound else { return };
        if owed.is_empty() {
            return;
        }
        let at = now + Duration::from_millis(self.behaviour.receipts.delay_ms);
        let (jitter_ms, random) = (self.behaviour.receipts.jitter_ms as f64, &mut self.random);
        let mut outbox = bound.account.outbox();
        for (owed, copies) in owed {
            for _ in 0..*copies {
                let later = if jitter_ms == 0.0 { 0.0 } else { jitter_ms * random.next_f64() };
                outbox.push(at + Duration::from_secs_f64(later / 1_000.0), *owed);
            }
        }
        drop(outbox);
        if !self.sends() {
            bound.account.changed.notify_one();
        }
    }

    /// The receipt was refused, or the client could not make anything of it.
    pub(super) fn owe_again(&mut self, sequence: u32, now: Instant) {
        if let Some(message) = self.unanswered.remove(&sequence) {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                tokio::time::sleep(RECEIPT_RETRY).await;
                shared.inbound.push(message);
            });
        }
        if let (Some(owed), Some(bound)) = (self.unacknowledged.remove(&sequence), &self.bound) {
            bound.account.outbox().push(now + RECEIPT_RETRY, owed);
            add(&self.shared.tallies.receipts_refused, 1);
        }
    }

    fn wake_at(&self) -> Option<Instant> {
        let receipt = match &self.bound {
            Some(bound) if self.sends() && self.output.len() < OUTPUT_LIMIT_OCTETS => bound.account.outbox().next_at(),
            _ => None,
        };
        let response = self.delayed.front().map(|(at, _)| *at);
        [receipt, response].into_iter().flatten().min()
    }
}

/// The next sequence number (SMPP 3.4 §5.1.4).
const fn after(sequence: u32) -> u32 {
    if sequence >= 0x7FFF_FFFF { 1 } else { sequence + 1 }
}

async fn changed(account: Option<&Account>) {
    match account {
        Some(account) => account.changed.notified().await,
        None => std::future::pending().await,
    }
}

fn unix_second() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(0)
}
