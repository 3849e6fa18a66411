//! The simulator over real sockets: every knob does what it says, and receipts survive sessions.

use std::{collections::HashSet, future::pending, time::Duration};

use smpp::{
    Bind, BindRole, Password, ReceiptState, Session,
    receipt::Receipt,
    session::{Answer, BindError, End, Event, Incoming, SessionConfig, connect},
    simulator::{
        Behaviour, Control, Garbage, GarbageKind, PrefixError, PrefixFailure, Simulator, SimulatorConfig, log,
    },
    wire::Destination,
};
use tokio::{net::TcpStream, time::timeout};

use crate::peer::{delivers, submit};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

async fn started(config: SimulatorConfig) -> (u16, Control) {
    let simulator = Simulator::bind(config).await.unwrap();
    let (port, control) = (simulator.address().port(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    (port, control)
}

async fn with(behaviour: Behaviour) -> (u16, Control) {
    started(SimulatorConfig { behaviour, ..SimulatorConfig::loopback() }).await
}

async fn try_bind(port: u16, role: BindRole, password: &str) -> Result<Session<TcpStream>, BindError> {
    let stream = connect("127.0.0.1", port, PATIENCE).await?;
    let bind = Bind {
        role,
        system_id: "esme".to_owned(),
        password: Password::new(password),
        system_type: String::new(),
        address_range: smpp::BindRange::default(),
    };
    Session::bind(stream, &bind, SessionConfig::with_window(1_000)).await
}

async fn bind(port: u16) -> Session<TcpStream> {
    try_bind(port, BindRole::Transceiver, "secret").await.unwrap()
}

/// Drives until `enough` says so of all events so far.
async fn until(session: &mut Session<TcpStream>, enough: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    timeout(PATIENCE, async {
        while !enough(&events) {
            session.drive(&mut events).await.unwrap();
        }
    })
    .await
    .expect("the events did not come");
    events
}

async fn until_end(mut session: Session<TcpStream>) -> (Vec<Event>, End) {
    let mut events = Vec::new();
    timeout(PATIENCE, async {
        loop {
            if let Err(end) = session.drive(&mut events).await {
                return (std::mem::take(&mut events), end);
            }
        }
    })
    .await
    .expect("the session did not end")
}

fn send(session: &mut Session<TcpStream>, count: u64) {
    for token in 0..count {
        let destination = Destination::Number(436_600_000_000 + token);
        let pdu = smpp::wire::SubmitSm { destination, ..submit(b"hello") };
        session.submit(token, &pdu).unwrap();
    }
}

fn answers(events: &[Event]) -> Vec<&Answer> {
    let mut answers = Vec::new();
    for event in events {
        if let Event::Answer { answer, .. } = event {
            answers.push(answer);
        }
    }
    answers
}

/// With the sequence numbers to acknowledge them by.
fn receipts(events: &[Event]) -> Vec<(u32, &Receipt)> {
    let mut receipts = Vec::new();
    for deliver in delivers(events) {
        if let Incoming::Receipt { receipt, .. } = &deliver.incoming {
            receipts.push((deliver.sequence, receipt));
        }
    }
    receipts
}

fn refused_with(events: &[Event], status: u32) -> usize {
    answers(events).into_iter().filter(|answer| **answer == Answer::Refused { command_status: status }).count()
}

#[tokio::test]
async fn every_accepted_message_gets_its_receipt() {
    let (port, control) = with(Behaviour::default()).await;
    let mut session = bind(port).await;
    send(&mut session, 500);
    let events = until(&mut session, |events| events.len() == 1_000).await;
    let ids: HashSet<_> = answers(&events)
        .into_iter()
        .map(|answer| match answer {
            Answer::Accepted { message_id } => message_id.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let receipted: HashSet<_> = receipts(&events).into_iter().map(|(_, receipt)| receipt.message_id.clone()).collect();
    assert_eq!(ids.len(), 500);
    assert_eq!(ids, receipted);
    let counts = control.counts();
    assert_eq!((counts.accepted, counts.receipts_sent, counts.sessions), (500, 500, 1));
}

#[tokio::test]
async fn receipts_come_again_on_the_next_session_until_they_are_acknowledged() {
    let (port, control) = with(Behaviour::default()).await;
    let mut session = bind(port).await;
    send(&mut session, 3);
    let events = until(&mut session, |events| receipts(events).len() == 3).await;
    let first: Vec<_> = receipts(&events).into_iter().map(|(_, receipt)| receipt.message_id.clone()).collect();
    session.acknowledge(receipts(&events)[1].0, 0);
    session.begin_unbind(PATIENCE);
    assert_eq!(until_end(session).await.1, End::Unbound);

    let mut session = bind(port).await;
    let events = until(&mut session, |events| receipts(events).len() == 2).await;
    let second: Vec<_> = receipts(&events).into_iter().map(|(_, receipt)| receipt.message_id.clone()).collect();
    assert_eq!(second, [first[0].clone(), first[2].clone()]);
    // Refused for now: it comes again on the same session.
    session.acknowledge(receipts(&events)[0].0, 0);
    session.acknowledge(receipts(&events)[1].0, 0x64);
    let events = until(&mut session, |events| receipts(events).len() == 1).await;
    assert_eq!(receipts(&events)[0].1.message_id, first[2]);
    assert_eq!(control.counts().receipts_refused, 1);
}

#[tokio::test]
async fn receipts_of_a_transmitter_go_to_the_receiver_of_the_same_account() {
    let (port, _control) = with(Behaviour::default()).await;
    let mut receiver = try_bind(port, BindRole::Receiver, "").await.unwrap();
    let mut transmitter = try_bind(port, BindRole::Transmitter, "").await.unwrap();
    send(&mut transmitter, 2);
    let sent = until(&mut transmitter, |events| events.len() == 2).await;
    assert_eq!(answers(&sent).len(), 2);
    let got = until(&mut receiver, |events| events.len() == 2).await;
    assert_eq!(receipts(&got).len(), 2);
    receiver.submit(9, &submit(b"x")).unwrap();
    let refused = until(&mut receiver, |events| !events.is_empty()).await;
    assert_eq!(refused_with(&refused, 0x04), 1);
}

#[tokio::test]
async fn refusals_by_prefix_by_chance_and_by_rate() {
    let (port, control) = with(Behaviour {
        errors_by_prefix: vec![PrefixError { prefix: "43660000000".into(), command_status: 0x0B }],
        ..Behaviour::default()
    })
    .await;
    let mut session = bind(port).await;
    send(&mut session, 20);
    let events = until(&mut session, |events| answers(events).len() == 20).await;
    assert_eq!(refused_with(&events, 0x0B), 10);

    control.update(|behaviour| {
        behaviour.errors_by_prefix.clear();
        behaviour.error_rate = 1.0;
        behaviour.error_status = 0x14;
    });
    send(&mut session, 5);
    let events = until(&mut session, |events| answers(events).len() == 5).await;
    assert_eq!(refused_with(&events, 0x14), 5);

    control.update(|behaviour| {
        behaviour.error_rate = 0.0;
        behaviour.max_submits_per_s = Some(100);
    });
    send(&mut session, 1_000);
    let events = until(&mut session, |events| answers(events).len() == 1_000).await;
    let throttled = refused_with(&events, 0x58);
    assert!((900..1_000).contains(&throttled), "{throttled}");
    assert_eq!(control.counts().throttled, throttled as u64);
}

#[tokio::test]
async fn failures_losses_and_duplicates_of_receipts() {
    let (port, control) = with(Behaviour::default()).await;
    control.update(|behaviour| {
        let rule = PrefixFailure { prefix: "43660000000".into(), state: ReceiptState::Rejected, error: 34 };
        behaviour.receipts.failures_by_prefix = vec![rule];
    });
    let mut session = bind(port).await;
    send(&mut session, 20);
    let events = until(&mut session, |events| receipts(events).len() == 20).await;
    let failed = receipts(&events).into_iter().filter(|(_, receipt)| receipt.error == Some(34)).count();
    assert_eq!(failed, 10);

    control.update(|behaviour| behaviour.receipts.duplicate_rate = 1.0);
    send(&mut session, 5);
    until(&mut session, |events| receipts(events).len() == 10).await;

    control.update(|behaviour| behaviour.receipts.loss_rate = 1.0);
    send(&mut session, 5);
    until(&mut session, |events| answers(events).len() == 5).await;
    let counts = control.counts();
    assert_eq!((counts.receipts_duplicated, counts.receipts_lost, counts.receipts_sent), (5, 5, 30));
}

#[tokio::test]
async fn receipts_can_overtake_their_responses_and_use_another_notation() {
    let (port, control) = with(Behaviour::default()).await;
    control.update(|behaviour| {
        behaviour.receipts.before_responses = true;
        behaviour.receipts.ids_in_two_bases = true;
    });
    let mut session = bind(port).await;
    send(&mut session, 1);
    let events = until(&mut session, |events| events.len() == 2).await;
    let [Event::Deliver(_), Event::Answer { answer: Answer::Accepted { message_id }, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    let base = smpp::IdBase::HexThenDecimal;
    let receipted = receipts(&events)[0].1.message_id.clone();
    assert_ne!(*message_id, receipted);
    assert_eq!(base.from_response(message_id.clone()), base.from_receipt(receipted));
}

#[tokio::test]
async fn latency_and_receipt_delay_are_kept() {
    let (port, control) = with(Behaviour { latency_ms: 60, ..Behaviour::default() }).await;
    control.update(|behaviour| behaviour.receipts.delay_ms = 120);
    let mut session = bind(port).await;
    let began = std::time::Instant::now();
    send(&mut session, 1);
    until(&mut session, |events| answers(events).len() == 1).await;
    assert!(began.elapsed() >= Duration::from_millis(60));
    until(&mut session, |events| receipts(events).len() == 1).await;
    assert!(began.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn credentials_and_refused_binds() {
    let credentials = Some(("esme".to_owned(), Password::new("right")));
    let (port, control) = started(SimulatorConfig { credentials, ..SimulatorConfig::loopback() }).await;
    let wrong = try_bind(port, BindRole::Transceiver, "wrong").await.unwrap_err();
    assert_eq!(wrong, BindError::Refused(0x0E));
    try_bind(port, BindRole::Transceiver, "right").await.unwrap();
    control.update(|behaviour| behaviour.refuse_bind = Some(0x0D));
    assert_eq!(try_bind(port, BindRole::Transceiver, "right").await.unwrap_err(), BindError::Refused(0x0D));
    assert_eq!((control.counts().binds, control.counts().binds_refused), (1, 2));
}

#[tokio::test]
async fn closing_in_the_middle_leaves_the_last_one_unknown() {
    let (port, control) = with(Behaviour { close_after_submits: Some(10), ..Behaviour::default() }).await;
    let mut session = bind(port).await;
    send(&mut session, 30);
    let (events, end) = until_end(session).await;
    assert!(matches!(end, End::Closed | End::Broken(_)), "{end}");
    assert_eq!(answers(&events).len(), 30);
    let accepted = answers(&events).into_iter().filter(|answer| matches!(answer, Answer::Accepted { .. })).count();
    assert!(accepted <= 9);
    assert_eq!(control.counts().accepted, 10);
}

#[tokio::test]
async fn unbinding_and_hanging_up() {
    let (port, control) = with(Behaviour { unbind_after_submits: Some(5), ..Behaviour::default() }).await;
    let mut session = bind(port).await;
    send(&mut session, 5);
    let (events, end) = until_end(session).await;
    assert_eq!(end, End::UnboundByPeer);
    assert!(answers(&events).into_iter().all(|answer| matches!(answer, Answer::Accepted { .. })));
    let session = bind(port).await;
    control.hang_up();
    assert!(matches!(until_end(session).await.1, End::Closed | End::Broken(_)));
}

#[tokio::test]
async fn garbage_is_survived_where_the_stream_can_be() {
    let garbage = |kind| Behaviour { garbage: Some(Garbage { every: 3, kind }), ..Behaviour::default() };
    for kind in [GarbageKind::UnknownCommand, GarbageKind::CutDeliverSm] {
        let (port, control) = with(garbage(kind)).await;
        let mut session = bind(port).await;
        send(&mut session, 9);
        until(&mut session, |events| events.len() == 18).await;
        // What was queued as an answer to the last garbage goes out with this.
        session.begin_unbind(PATIENCE);
        assert_eq!(until_end(session).await.1, End::Unbound);
        assert_eq!(control.counts().nacks, 3);
    }
    for kind in [GarbageKind::HugeLength, GarbageKind::Text] {
        let (port, _control) = with(garbage(kind)).await;
        let mut session = bind(port).await;
        send(&mut session, 9);
        let (events, end) = until_end(session).await;
        assert!(matches!(end, End::Unframed(_)), "{end}");
        assert_eq!(answers(&events).len(), 9);
    }
}

#[tokio::test]
async fn the_log_holds_what_was_accepted() {
    let path = std::env::temp_dir().join(format!("smpp-simulator-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let config = SimulatorConfig { log: Some(path.clone()), ..SimulatorConfig::loopback() };
    let (port, control) = started(config).await;
    let mut session = bind(port).await;
    send(&mut session, 2);
    let part = smpp::wire::SubmitSm { esm_class: 0x40, header: &[5, 0, 3, 77, 3, 2], ..submit(b"part") };
    session.submit(2, &part).unwrap();
    let events = until(&mut session, |events| answers(events).len() == 3).await;
    control.update(|behaviour| behaviour.error_rate = 1.0);
    send(&mut session, 1);
    until(&mut session, |events| answers(events).len() == 1).await;
    let accepted = log::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(accepted.len(), 3);
    let ids = answers(&events).into_iter().map(|answer| match answer {
        Answer::Accepted { message_id } => message_id.to_string(),
        other => panic!("{other:?}"),
    });
    assert_eq!(accepted.iter().map(|line| line.message_id.clone()).collect::<Vec<_>>(), ids.collect::<Vec<_>>());
    assert_eq!((accepted[1].destination.as_str(), accepted[1].part, accepted[1].total), ("436600000001", 1, 1));
    assert_eq!((accepted[2].reference, accepted[2].part, accepted[2].total), (77, 2, 3));
}

#[tokio::test]
async fn a_stranger_is_turned_away() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (port, _control) = with(Behaviour::default()).await;
    let mut stream = connect("127.0.0.1", port, PATIENCE).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty() || answer.len() == 16, "{answer:?}");
}
