//! Subscribers write back over SMPP: STOP and START act in every workspace that uses the address, and are confirmed.

use std::{net::TcpListener, sync::Arc, time::Duration};

use domain::{
    campaign::Status, channel::ChannelId, clock::ManualClock, inbound::Wish, permission::kind, phone::PhoneNumber,
    recipient::RecipientState, suppression::Source,
};
use engine::{EngineConfig, InboundConfig};
use smpp::simulator::Inbound;
use sms_core::{Core, LinkSettings};
use store::{Granted, inbound, recipients::Reveal, suppressions};

use crate::fixture::{
    FIRST_NUMBER, Order, PATIENCE, People, Process, START_MS, Smsc, enter, links, open, quick, start, start_with,
    submit,
};

/// What the fixture sends with.
const SADDR: &str = "ACME";

fn number(i: u64) -> PhoneNumber {
    PhoneNumber::from_u64(FIRST_NUMBER + i).unwrap()
}

fn write(smsc: &Smsc, i: u64, text: &str) {
    smsc.control.write(Inbound::text(&number(i).as_u64().to_string(), SADDR, text));
}

async fn proof(process: &Process, people: &People) -> Granted<kind::ManageWorkspace> {
    enter(&process.gate, &people.root).await.grant().unwrap()
}

async fn until(mut ready: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !ready().await {
        assert!(begun.elapsed() < PATIENCE, "it does not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Everything that was written is answered for.
async fn settled(smsc: &Smsc) {
    until(async || smsc.control.unanswered() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_and_start_act_before_the_next_claim_and_are_confirmed_once() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::of(10)).await;
    let proof = proof(&process, &people).await;
    let entry = async |i| suppressions::find(&proof, number(i)).await.unwrap();
    for text in ["Stop.", "STOP"] {
        write(&smsc, 3, text);
    }
    write(&smsc, 4, "\u{421}\u{422}\u{41e}\u{41f}");
    for text in ["Stop by at five", "yes"] {
        write(&smsc, 5, text);
    }
    settled(&smsc).await;
    assert_eq!(entry(3).await.unwrap().source, Source::Stop);
    assert_eq!(entry(4).await.unwrap().source, Source::Stop);
    assert_eq!(entry(5).await, None, "it is no keyword");

    // Somebody whom a person put there stays, whatever they write.
    suppressions::add(&proof, &[number(6)], suppressions::AddedAs::Person).await.unwrap();
    write(&smsc, 6, "START");
    write(&smsc, 4, "start");
    settled(&smsc).await;
    assert_eq!(entry(6).await.unwrap().source, Source::Hand);
    assert_eq!(entry(4).await, None);

    for _ in 0..2 {
        write(&smsc, 7, "help");
    }
    settled(&smsc).await;

    // The confirmations are on their way, and nobody waits for them.
    until(async || {
        smsc.accepted().iter().filter(|((_, part), _)| *part == 1).map(|(_, times)| times).sum::<u32>() >= 4
    })
    .await;
    let confirmations = smsc.accepted();
    let of = |i: u64| confirmations.iter().filter(move |((to, part), _)| *to == number(i).as_u64() && *part == 1);
    for (i, sent) in [(3, 1), (4, 2), (5, 0), (6, 0), (7, 1)] {
        assert_eq!(of(i).map(|(_, times)| times).sum::<u32>(), sent, "confirmations to number {i}");
    }

    // Everything that was written is there to be read, keyword or not, and whose numbers are masked.
    let scope = enter(&process.gate, &people.author).await;
    let written = inbound::page(&scope, None, 100, Reveal::Masked).await.unwrap().rows;
    assert_eq!(written.len(), 9);
    let says = |text: &str| written.iter().filter(|row| row.text.as_deref() == Some(text)).collect::<Vec<_>>();
    assert_eq!(says("Stop by at five")[0].wish, None);
    assert_eq!((says("Stop.")[0].wish, says("help").len()), (Some(Wish::Stop), 2));
    assert!(written.iter().all(|row| row.saddr == SADDR && row.from.starts_with('\u{2022}')), "{written:?}");

    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
    for (digits, row) in job.rows(&process.system).await {
        let is_withheld = [number(3), number(6)].iter().any(|number| number.as_u64() == digits);
        assert_eq!(row.state == RecipientState::NotSent, is_withheld, "{digits}");
    }
}

/// Of what is written together each STOP counts at once, whatever becomes of the confirmations.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_no_confirmation() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    smsc.control.update(|behaviour| behaviour.silence_rate = 1.0);
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (_, people) = submit(&process.gate, &process.system, Order::of(10)).await;
    let proof = proof(&process, &people).await;
    let begun = std::time::Instant::now();
    for i in 0..5 {
        write(&smsc, i, "STOP");
    }
    settled(&smsc).await;
    // The link waits for the answer to a confirmation for a minute.
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    for i in 0..5 {
        assert!(suppressions::find(&proof, number(i)).await.unwrap().is_some(), "{i}");
    }
    until(async || smsc.control.counts().submits == 5).await;
    process.engine.shutdown(Duration::from_secs(1)).await;
}

/// The confirmation is kept, and sent once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_counts_while_the_link_of_confirmations_is_down_and_is_confirmed_when_it_is_up() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let (gate, system) = open(dir.path(), &clock).await;
    let replies = ChannelId::parse("replies").unwrap();
    let inbound = InboundConfig { reply_by: Some(replies.clone()), ..InboundConfig::standard() };
    let config = EngineConfig { dispatch: quick(), inbound, ..EngineConfig::standard() };
    let process = start_with(gate, system, smsc.port, &clock, config);
    let with_replies_at = |port: u16| {
        let mut settings = links(smsc.port, None);
        settings.links.push(LinkSettings::simulator(replies.clone(), port));
        process.core.configure(settings).unwrap();
    };
    // A port at which nobody listens.
    with_replies_at(TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
    let (_, people) = submit(&process.gate, &process.system, Order::of(10)).await;
    let proof = proof(&process, &people).await;
    for i in 0..3 {
        write(&smsc, i, "STOP");
    }
    settled(&smsc).await;
    for i in 0..3 {
        assert!(suppressions::find(&proof, number(i)).await.unwrap().is_some(), "{i}");
    }
    let queued = || process.core.links().iter().find(|link| link.id == replies).map(|link| link.queued_messages);
    until(async || queued() == Some(3)).await;
    assert_eq!(smsc.control.counts().submits, 0);
    with_replies_at(smsc.port);
    until(async || smsc.accepted().len() == 3).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
    for i in 0..3 {
        assert_eq!(smsc.accepted().get(&(number(i).as_u64(), 1)), Some(&1), "confirmations to number {i}");
    }
}
