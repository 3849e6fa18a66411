//! A carrier that does everything wrong that it can, one thing at a time. Whatever it does: each part gets one outcome,
//! nothing is lost, nothing is submitted twice, and nobody runs in circles.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::clock::{Clock, ManualClock};
use smpp::wire::{self, Frame, command};
use sms_core::{
    Core, CoreSettings, IdBase, InProcessCore, LinkSettings, PartOutcome, PartResult, Priority, ReceiptState,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Handle,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::support::{
    NOW_MS, PATIENCE, accepted, assert_one_each, channel, count, eventually, messages, outcomes, uncertain,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trick {
    NeverAnswers,
    AnswersLate,
    HalfAPdu,
    HugeLength,
    TinyLength,
    NackWithoutSequence,
    UnbindsInTheMiddle,
    ReceiptsBeforeResponses,
    AnotherBase,
    Outbind,
    TwoASecond,
    SingleOctets,
    /// One id for everybody.
    RepeatsIds,
    /// Accepted, and no id.
    NoIds,
    /// An id of ten thousand octets.
    EndlessIds,
    AnswersTwice,
    NacksEverything,
    /// Receipts for nobody, and enquiries, before each answer.
    Floods,
}

/// What the hostile carrier has seen.
#[derive(Debug, Default)]
struct Seen {
    connections: u32,
    /// How often each destination was submitted and not refused.
    taken: HashMap<Vec<u8>, u32>,
    throttled: u32,
    acknowledged: u32,
}

struct Hostile {
    core: InProcessCore,
    seen: Arc<Mutex<Seen>>,
    listening: JoinHandle<()>,
}

impl Hostile {
    async fn start(trick: Trick, change: impl FnOnce(&mut LinkSettings)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let listening = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let first = {
                    let mut seen = shared.lock().unwrap();
                    seen.connections += 1;
                    seen.connections == 1
                };
                tokio::spawn(Connection::new(stream, trick, first, Arc::clone(&shared)).serve());
            }
        });
        let mut link = LinkSettings::simulator(channel(), port);
        link.timers.response_s = 2;
        change(&mut link);
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
        let core = InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap();
        Self { core, seen, listening }
    }

    /// Sends so many messages, and holds what comes of them against what the carrier has.
    async fn send(&self, messages_sent: u64) -> Vec<PartOutcome> {
        let mut lane = self.core.open_lane(&channel(), Priority::Bulk).unwrap();
        lane.sender.submit(messages(0..messages_sent)).await.unwrap();
        let got = outcomes(&mut lane, messages_sent as usize).await;
        assert_one_each(&got);
        let seen = self.seen.lock().unwrap();
        assert!(seen.taken.values().all(|times| *times == 1), "submitted twice: {:?}", seen.taken);
        let (sure, maybe) = (accepted(&got), count(&got, &uncertain()));
        assert!(sure <= seen.taken.len() && seen.taken.len() <= sure + maybe, "{sure} {maybe} {}", seen.taken.len());
        drop(seen);
        let status = self.core.links().remove(0);
        assert_eq!((status.queued_messages, status.retrying_parts), (0, 0));
        got
    }

    /// Whatever it did, nothing of it is left: no session, no place in a window, no message, no task.
    async fn end(self) {
        let idle = || {
            let status = self.core.links().remove(0);
            (status.window_used, status.queued_messages, status.retrying_parts) == (0, 0, 0)
        };
        eventually(|| idle().then_some(())).await;
        self.core.shutdown(Duration::from_secs(2)).await;
        assert!(idle());
        assert_eq!(self.core.links().remove(0).sessions_bound, 0);
        self.listening.abort();
        left_alone().await;
    }

    fn seen<T>(&self, read: impl FnOnce(&Seen) -> T) -> T {
        read(&self.seen.lock().unwrap())
    }
}

struct Connection {
    stream: TcpStream,
    trick: Trick,
    first: bool,
    seen: Arc<Mutex<Seen>>,
    submits: u32,
    allowed: (Instant, u32),
}

impl Connection {
    fn new(stream: TcpStream, trick: Trick, first: bool, seen: Arc<Mutex<Seen>>) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, trick, first, seen, submits: 0, allowed: (Instant::now(), 0) }
    }

    async fn serve(mut self) {
        let mut input = Vec::new();
        loop {
            let mut taken = 0;
            while let Some(frame) = wire::next_frame(&input[taken..], 70_000).unwrap() {
                taken += frame.octets();
                if self.take(&frame).await.is_none() {
                    return;
                }
            }
            input.drain(..taken);
            if self.stream.read_buf(&mut input).await.unwrap_or(0) == 0 {
                return;
            }
        }
    }

    /// None: the connection is to be closed.
    async fn take(&mut self, frame: &Frame<'_>) -> Option<()> {
        let sequence = frame.header.sequence;
        match frame.header.command_id {
            command::BIND_TRANSCEIVER => {
                if self.trick == Trick::Outbind {
                    self.write(&pdu(command::OUTBIND, 0, 1, b"carrier\0secret\0")).await?;
                }
                self.write(&pdu(command::BIND_TRANSCEIVER | command::RESPONSE, 0, sequence, b"SMSC\0")).await
            }
            command::ENQUIRE_LINK | command::SUBMIT_SM if self.trick == Trick::NacksEverything => {
                self.write(&pdu(command::GENERIC_NACK, 0x03, sequence, b"")).await
            }
            command::ENQUIRE_LINK => self.write(&pdu(command::ENQUIRE_LINK_RESP, 0, sequence, b"")).await,
            command::UNBIND => self.write(&pdu(command::UNBIND_RESP, 0, sequence, b"")).await,
            command::DELIVER_SM_RESP => {
                self.seen.lock().unwrap().acknowledged += 1;
                Some(())
            }
            command::SUBMIT_SM => self.submit(sequence, destination(frame.body)).await,
            // The client has to answer the unbind, and closes then.
            _ => Some(()),
        }
    }

    async fn submit(&mut self, sequence: u32, destination: Vec<u8>) -> Option<()> {
        if self.trick == Trick::TwoASecond && !self.within_rate() {
            self.seen.lock().unwrap().throttled += 1;
            return self.write(&pdu(command::SUBMIT_SM_RESP, 0x58, sequence, b"")).await;
        }
        self.submits += 1;
        let number: u64 = std::str::from_utf8(&destination).unwrap().parse().unwrap();
        *self.seen.lock().unwrap().taken.entry(destination).or_default() += 1;
        let decimal = number.to_string();
        let id = if self.trick == Trick::AnotherBase { format!("{number:X}") } else { decimal.clone() };
        let answer = pdu(command::SUBMIT_SM_RESP, 0, sequence, format!("{id}\0").as_bytes());
        let misbehaves = self.first && self.submits == 20;
        match self.trick {
            Trick::NeverAnswers => Some(()),
            Trick::AnswersLate => {
                sleep(Duration::from_millis(2_300)).await;
                self.write(&answer).await
            }
            Trick::HalfAPdu if misbehaves => {
                self.write(&answer[..answer.len() / 2]).await?;
                None
            }
            Trick::HugeLength if misbehaves => {
                self.write(&[0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 4]).await?;
                // Whoever waits for two gigabytes waits for ever.
                let mut rest = Vec::new();
                let _ = self.stream.read_to_end(&mut rest).await;
                None
            }
            Trick::TinyLength if misbehaves => {
                self.write(&[0, 0, 0, 3, 0x80, 0, 0, 4]).await?;
                let mut rest = Vec::new();
                let _ = self.stream.read_to_end(&mut rest).await;
                None
            }
            Trick::NackWithoutSequence if self.submits <= 20 => {
                self.write(&pdu(command::GENERIC_NACK, 0x03, 0, b"")).await
            }
            Trick::UnbindsInTheMiddle if misbehaves => {
                self.write(&pdu(command::UNBIND, 0, 4_711, b"")).await?;
                self.write(&answer).await
            }
            Trick::ReceiptsBeforeResponses | Trick::AnotherBase => {
                self.write(&receipt(self.submits, &decimal)).await?;
                self.write(&answer).await
            }
            Trick::RepeatsIds => self.write(&pdu(command::SUBMIT_SM_RESP, 0, sequence, b"1\0")).await,
            Trick::NoIds => self.write(&pdu(command::SUBMIT_SM_RESP, 0, sequence, b"")).await,
            Trick::EndlessIds => {
                let id = format!("{decimal:0>10000}");
                self.write(&pdu(command::SUBMIT_SM_RESP, 0, sequence, id.as_bytes())).await?;
                self.write(&receipt_by_tlv(self.submits, &id)).await
            }
            Trick::AnswersTwice => self.write(&[answer.clone(), answer].concat()).await,
            Trick::Floods => {
                for flooded in 0..50 {
                    self.write(&receipt(1_000_000 + self.submits * 100 + flooded, "4711")).await?;
                    self.write(&pdu(command::ENQUIRE_LINK, 0, flooded, b"")).await?;
                }
                self.write(&answer).await
            }
            Trick::SingleOctets => {
                for octet in answer {
                    self.write(&[octet]).await?;
                    tokio::task::yield_now().await;
                }
                Some(())
            }
            _ => self.write(&answer).await,
        }
    }

    fn within_rate(&mut self) -> bool {
        if self.allowed.0.elapsed() >= Duration::from_secs(1) {
            self.allowed = (Instant::now(), 0);
        }
        self.allowed.1 += 1;
        self.allowed.1 <= 2
    }

    async fn write(&mut self, octets: &[u8]) -> Option<()> {
        self.stream.write_all(octets).await.ok()
    }
}

fn pdu(command_id: u32, command_status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let mut pdu = (body.len() as u32 + 16).to_be_bytes().to_vec();
    for word in [command_id, command_status, sequence] {
        pdu.extend(word.to_be_bytes());
    }
    pdu.extend(body);
    pdu
}

fn receipt(sequence: u32, id: &str) -> Vec<u8> {
    let text =
        format!("id:{id} sub:001 dlvrd:001 submit date:2611202034 done date:2611202034 stat:DELIVRD err:000 text:");
    let mut body = format!("\0\x01\x01{id}\0\x05\0Brand\0").into_bytes();
    body.extend([0x04, 0, 0, 0, 0, 0, 0, 0, 0, text.len() as u8]);
    body.extend(text.into_bytes());
    pdu(command::DELIVER_SM, 0, sequence, &body)
}

/// One whose id is in receipted_message_id only, with parameters around it whose lengths cannot be.
fn receipt_by_tlv(sequence: u32, id: &str) -> Vec<u8> {
    let mut body = b"\0\x01\x01436600000000\0\x05\0Brand\0\x04\0\0\0\0\0\0\0\0\0".to_vec();
    for (tag, value) in [(0x0427_u16, &b""[..]), (0x0423, b"\x03"), (0x001E, id.as_bytes()), (0x0427, b"\x02")] {
        body.extend(tag.to_be_bytes());
        body.extend((value.len() as u16).to_be_bytes());
        body.extend(value);
    }
    body.extend(b"\x14\x01\xFF\xFFcut");
    pdu(command::DELIVER_SM, 0, sequence, &body)
}

/// destination_addr of a submit_sm.
fn destination(body: &[u8]) -> Vec<u8> {
    let (_, rest) = wire::octets_until_nul(body);
    let (_, rest) = wire::octets_until_nul(&rest[2..]);
    wire::octets_until_nul(&rest[2..]).0.to_vec()
}

/// Until no task is left: a test of one peer has none but those of the link and of the peer, which ends with its stream.
async fn left_alone() {
    eventually(|| (Handle::current().metrics().num_alive_tasks() == 0).then_some(())).await;
}

/// What this thread has computed so far.
fn computed() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

#[tokio::test]
async fn it_never_answers() {
    let hostile = Hostile::start(Trick::NeverAnswers, |link| link.window = 100).await;
    let before = computed();
    let got = hostile.send(200).await;
    assert_eq!(count(&got, &uncertain()), 200);
    assert_eq!(hostile.seen(|seen| (seen.connections, seen.taken.len())), (1, 200));
    // Four seconds of waiting, on the client's side and the carrier's.
    assert!(computed() - before < Duration::from_secs(1), "{:?}", computed() - before);
    hostile.end().await;
}

#[tokio::test]
async fn it_answers_late() {
    let hostile = Hostile::start(Trick::AnswersLate, |link| link.window = 1).await;
    // The answer to the first comes while the second is under way, and is nobody's.
    let got = hostile.send(3).await;
    assert_eq!(count(&got, &uncertain()), 3);
    hostile.end().await;
}

#[tokio::test]
async fn it_ends_in_the_middle_of_a_pdu_or_claims_lengths_that_cannot_be() {
    for trick in [Trick::HalfAPdu, Trick::HugeLength, Trick::TinyLength] {
        let hostile = Hostile::start(trick, |link| link.window = 50).await;
        let got = hostile.send(500).await;
        let unknown = count(&got, &uncertain());
        assert_eq!(accepted(&got) + unknown, 500, "{trick:?}");
        assert!((1..=50).contains(&unknown), "{trick:?}: {unknown}");
        assert_eq!(hostile.seen(|seen| seen.connections), 2, "{trick:?}");
        hostile.end().await;
    }
}

#[tokio::test]
async fn it_refuses_without_saying_what() {
    let hostile = Hostile::start(Trick::NackWithoutSequence, |link| link.window = 40).await;
    let got = hostile.send(200).await;
    assert_eq!((accepted(&got), count(&got, &uncertain())), (180, 20));
    assert_eq!(hostile.seen(|seen| seen.connections), 1);
    hostile.end().await;
}

#[tokio::test]
async fn it_unbinds_in_the_middle() {
    let hostile = Hostile::start(Trick::UnbindsInTheMiddle, |link| link.window = 50).await;
    let got = hostile.send(500).await;
    assert_eq!(accepted(&got), 500, "what was under way was still answered");
    assert_eq!(hostile.seen(|seen| seen.connections), 2);
    hostile.end().await;
}

#[tokio::test]
async fn its_receipts_come_first_and_its_ids_in_another_base() {
    for (trick, base) in
        [(Trick::ReceiptsBeforeResponses, IdBase::Verbatim), (Trick::AnotherBase, IdBase::HexThenDecimal)]
    {
        let hostile = Hostile::start(trick, |link| link.id_base = base).await;
        let mut receipts = hostile.core.take_receipts().unwrap();
        let got = hostile.send(300).await;
        assert_eq!(accepted(&got), 300);
        let mut ids: Vec<_> = got
            .iter()
            .filter_map(|outcome| match &outcome.result {
                PartResult::Accepted { message_id, .. } => Some(message_id.clone()),
                _ => None,
            })
            .collect();
        let mut received = Vec::new();
        while received.len() < 300 {
            let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
            assert!(batch.receipts.iter().all(|receipt| receipt.state == ReceiptState::Delivered));
            received.extend(batch.receipts.iter().map(|receipt| receipt.message_id.clone()));
            batch.acknowledge();
        }
        ids.sort();
        received.sort();
        assert_eq!(ids, received, "{trick:?}");
        eventually(|| (hostile.seen(|seen| seen.acknowledged) == 300).then_some(())).await;
        hostile.end().await;
    }
}

#[tokio::test]
async fn it_says_outbind_and_writes_octet_by_octet() {
    for trick in [Trick::Outbind, Trick::SingleOctets] {
        let hostile = Hostile::start(trick, |_| ()).await;
        assert_eq!(accepted(&hostile.send(200).await), 200, "{trick:?}");
        assert_eq!(hostile.seen(|seen| seen.connections), 1);
        hostile.end().await;
    }
}

#[tokio::test]
async fn it_takes_two_a_second() {
    let hostile = Hostile::start(Trick::TwoASecond, |link| link.window = 10).await;
    let before = computed();
    let got = hostile.send(12).await;
    assert_eq!(accepted(&got), 12);
    let throttled = hostile.seen(|seen| seen.throttled);
    // A naive loop was measured at 180 refusals for each acceptance.
    assert!(throttled < 60, "{throttled}");
    assert!(computed() - before < Duration::from_secs(1), "{:?}", computed() - before);
    hostile.end().await;
}

#[tokio::test]
async fn its_ids_are_all_the_same_or_none_and_its_answers_come_twice() {
    for trick in [Trick::RepeatsIds, Trick::NoIds, Trick::AnswersTwice] {
        let hostile = Hostile::start(trick, |_| ()).await;
        assert_eq!(accepted(&hostile.send(200).await), 200, "{trick:?}");
        assert_eq!(hostile.seen(|seen| seen.connections), 1);
        hostile.end().await;
    }
}

#[tokio::test]
async fn its_ids_have_no_end() {
    let hostile = Hostile::start(Trick::EndlessIds, |_| ()).await;
    let mut receipts = hostile.core.take_receipts().unwrap();
    let got = hostile.send(50).await;
    let mut ids: Vec<_> = got
        .iter()
        .filter_map(|outcome| match &outcome.result {
            PartResult::Accepted { message_id, .. } => Some(message_id.clone()),
            _ => None,
        })
        .collect();
    let mut received = Vec::new();
    while received.len() < 50 {
        let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        received.extend(batch.receipts.iter().map(|receipt| receipt.message_id.clone()));
        batch.acknowledge();
    }
    ids.sort();
    received.sort();
    assert_eq!(ids, received);
    ids.dedup();
    assert!(ids.len() == 50 && ids.iter().all(|id| id.as_str().len() <= 128), "{ids:?}");
    hostile.end().await;
}

#[tokio::test]
async fn it_understands_nothing() {
    let hostile = Hostile::start(Trick::NacksEverything, |_| ()).await;
    let got = hostile.send(200).await;
    assert_eq!(count(&got, &PartResult::Refused { command_status: 3 }), 200);
    assert_eq!(hostile.seen(|seen| (seen.connections, seen.taken.len())), (1, 0));
    hostile.end().await;
}

#[tokio::test]
async fn it_floods_us_with_receipts_for_nobody_and_enquiries() {
    let hostile = Hostile::start(Trick::Floods, |_| ()).await;
    let mut receipts = hostile.core.take_receipts().unwrap();
    let reading = tokio::spawn(async move {
        let mut count = 0;
        while count < 10_000 {
            let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
            count += batch.receipts.len();
            batch.acknowledge();
        }
        receipts
    });
    assert_eq!(accepted(&hostile.send(200).await), 200);
    let _receipts = reading.await.unwrap();
    eventually(|| (hostile.seen(|seen| seen.acknowledged) == 10_000).then_some(())).await;
    hostile.end().await;
}

/// The connection is taken, and then there is nothing, or half of what a handshake needs.
#[tokio::test]
async fn it_stops_in_the_middle_of_the_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(Mutex::new(Vec::new()));
    let held = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The head of a ServerHello that does not come.
            let _ = stream.write_all(&[0x16, 0x03, 0x03, 0x00, 0x7A, 0x02]).await;
            held.lock().unwrap().push(stream);
        }
    });
    let mut link = LinkSettings::simulator(channel(), port);
    link.tls = Some(smpp::tls::TlsSettings::default());
    (link.timers.connect_s, link.timers.reconnect_min_s) = (1, 1);
    link.host = "localhost".to_owned();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    let authority = crate::remote_rig::authority("carrier").pem();
    link.tls.as_mut().unwrap().texts.ca = Some(authority);
    let core = InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap();
    let before = computed();
    let error = eventually(|| core.links().remove(0).last_error).await;
    assert!(error.contains("TLS: no answer in 1 s"), "{error}");
    // It is tried again, and not in a circle.
    eventually(|| (connections.lock().unwrap().len() >= 2).then_some(())).await;
    assert!(computed() - before < Duration::from_secs(1), "{:?}", computed() - before);
}
