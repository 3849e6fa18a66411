//! One session, with time under control.

use std::time::Duration;

use smpp::{
    session::{Answer, BindError, End, Event, Incoming, SessionConfig},
    wire::{FrameError, command},
};
use tokio::time::{Instant, sleep};

use crate::peer::{self, Peer, bound, bound_through, deliver_body, delivers, pdu, submit};

fn window(window: usize) -> SessionConfig {
    SessionConfig::with_window(window)
}

fn accepted(token: u64, message_id: &str) -> Event {
    Event::Answer { token, answer: Answer::Accepted { message_id: message_id.into() } }
}

fn answer(token: u64, answer: Answer) -> Event {
    Event::Answer { token, answer }
}

/// Drives a session on a task of its own until it ends, and hands back all events and the end.
async fn driven(mut session: smpp::Session<tokio::io::DuplexStream>, script: impl AsyncFnOnce()) -> (Vec<Event>, End) {
    let mut events = Vec::new();
    let drive = async {
        loop {
            if let Err(end) = session.drive(&mut events).await {
                return end;
            }
        }
    };
    let (end, ()) = tokio::join!(drive, script());
    (events, end)
}

#[tokio::test(start_paused = true)]
async fn submits_are_answered_by_token_in_any_order() {
    let (mut session, mut smsc) = bound(window(10)).await;
    session.submit(71, &submit(b"one")).unwrap();
    session.submit(72, &submit(b"two")).unwrap();
    session.submit(73, &submit(b"three")).unwrap();
    let mut events = Vec::new();
    let script = async {
        let mut sequences = Vec::new();
        for content in [&b"one"[..], b"two", b"three"] {
            let (header, body) = smsc.read().await;
            assert_eq!(header.command_id, command::SUBMIT_SM);
            assert!(body.ends_with(content));
            sequences.push(header.sequence);
        }
        let mut answers = pdu(command::SUBMIT_SM_RESP, 0, sequences[2], b"c\0");
        answers.extend(pdu(command::SUBMIT_SM_RESP, 0x58, sequences[0], b""));
        // Without its NUL, as some carriers send it.
        answers.extend(pdu(command::SUBMIT_SM_RESP, 0, sequences[1], b"b"));
        smsc.send_raw(&answers).await;
    };
    let (driven, ()) = tokio::join!(session.drive(&mut events), script);
    driven.unwrap();
    assert_eq!(events, [accepted(73, "c"), answer(71, Answer::Refused { command_status: 0x58 }), accepted(72, "b")]);
    assert_eq!(session.room(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_window_is_never_exceeded() {
    let (mut session, _smsc) = bound(window(3)).await;
    for token in 0..3 {
        session.submit(token, &submit(b"x")).unwrap();
    }
    assert!(session.submit(3, &submit(b"x")).is_err());
    assert_eq!((session.room(), session.outstanding()), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_submit_is_unknown_after_the_time_out_and_the_session_lives_on() {
    let (mut session, mut smsc) = bound(window(1)).await;
    session.submit(5, &submit(b"x")).unwrap();
    let started = Instant::now();
    let mut events = Vec::new();
    let script = async {
        let (submitted, _) = smsc.read().await;
        // Half a minute of silence, and the session asks.
        let (enquiry, _) = smsc.read().await;
        assert_eq!(enquiry.command_id, command::ENQUIRE_LINK);
        smsc.send(command::ENQUIRE_LINK_RESP, 0, enquiry.sequence, b"").await;
        submitted.sequence
    };
    let (driven, late) = tokio::join!(session.drive(&mut events), script);
    driven.unwrap();
    assert_eq!(events, [answer(5, Answer::Unknown)]);
    assert_eq!(started.elapsed().as_secs(), 60);
    // The answer that comes too late is nobody's any more.
    session.submit(6, &submit(b"y")).unwrap();
    events.clear();
    let script = async {
        smsc.send(command::SUBMIT_SM_RESP, 0, late, b"late\0").await;
        let mut header = smsc.read().await.0;
        while header.command_id != command::SUBMIT_SM {
            header = smsc.read().await.0;
        }
        smsc.send(command::SUBMIT_SM_RESP, 0, header.sequence, b"6\0").await;
    };
    let (driven, ()) = tokio::join!(session.drive(&mut events), script);
    driven.unwrap();
    assert_eq!(events, [accepted(6, "6")]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_silent_ends_the_session() {
    let (session, mut smsc) = bound(window(1)).await;
    let started = Instant::now();
    let (events, end) = driven(session, async || {
        assert_eq!(smsc.read().await.0.command_id, command::ENQUIRE_LINK);
    })
    .await;
    assert_eq!((events, end), (vec![], End::Silent));
    assert_eq!(started.elapsed().as_secs(), 90);
}

#[tokio::test(start_paused = true)]
async fn enquiries_are_answered() {
    let (session, mut smsc) = bound(window(1)).await;
    let (_, end) = driven(session, async || {
        smsc.send(command::ENQUIRE_LINK, 0, 4_711, b"").await;
        let (header, _) = smsc.read().await;
        assert_eq!((header.command_id, header.sequence), (command::ENQUIRE_LINK_RESP, 4_711));
        drop(smsc);
    })
    .await;
    assert_eq!(end, End::Closed);
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_there_count_though_nothing_can_be_written_any_more() {
    let (mut session, mut smsc) = bound(window(10)).await;
    session.submit(1, &submit(b"one")).unwrap();
    let mut events = Vec::new();
    tokio::select! {
        driven = session.drive(&mut events) => panic!("{driven:?}"),
        (submitted, _) = smsc.read() => {
            smsc.send(command::SUBMIT_SM_RESP, 0, submitted.sequence, b"1\0").await;
        }
    }
    drop(smsc);
    session.submit(2, &submit(b"two")).unwrap();
    let (events, end) = driven(session, async || ()).await;
    assert_eq!(events, [accepted(1, "1"), answer(2, Answer::NotWritten)]);
    assert_eq!(end, End::Broken(std::io::ErrorKind::BrokenPipe));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_unbinds_and_reads_no_more_is_left() {
    let (mut session, mut smsc) = bound_through(64, window(10)).await;
    session.submit(1, &submit(&[b'x'; 140])).unwrap();
    let started = Instant::now();
    let (events, end) = driven(session, async || smsc.send(command::UNBIND, 0, 9, b"").await).await;
    assert_eq!((events, end), (vec![answer(1, Answer::NotWritten)], End::UnboundByPeer));
    assert_eq!(started.elapsed().as_secs(), 10, "for answers, and for writing it out");
}

#[tokio::test(start_paused = true)]
async fn when_it_breaks_what_was_not_written_as_a_whole_is_known_to_be_safe() {
    // The pipe takes one PDU and a half.
    let mut one = bytes::BytesMut::new();
    smpp::wire::submit_sm(&mut one, 2, &submit(b"0123456789"));
    let (mut session, smsc) = bound_through(one.len() * 3 / 2, window(10)).await;
    for token in 0..3 {
        session.submit(token, &submit(b"0123456789")).unwrap();
    }
    let (mut events, end) = driven(session, async || {
        tokio::task::yield_now().await;
        drop(smsc);
    })
    .await;
    assert!(matches!(end, End::Closed | End::Broken(_)), "{end}");
    events.sort_by_key(|event| match event {
        Event::Answer { token, .. } => *token,
        Event::Deliver(_) => u64::MAX,
    });
    assert_eq!(events, [answer(0, Answer::Unknown), answer(1, Answer::NotWritten), answer(2, Answer::NotWritten)]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_in_single_octets_is_put_together() {
    let (session, mut smsc) = bound(window(1)).await;
    let (events, _) = driven(session, async || {
        let receipt = deliver_body(4, b"id:77 stat:DELIVRD err:000", &[]);
        for octet in pdu(command::DELIVER_SM, 0, 9, &receipt) {
            smsc.send_raw(&[octet]).await;
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let Incoming::Receipt { receipt, recipient } = &delivers(&events)[0].incoming else { panic!("{events:?}") };
    assert_eq!((&*receipt.message_id, *recipient), ("77", Some(436_601_234_567)));
}

#[tokio::test(start_paused = true)]
async fn a_text_comes_without_its_user_data_header() {
    let (session, mut smsc) = bound(window(1)).await;
    let (events, _) = driven(session, async || {
        // With a header, without one, and with one that is longer than everything.
        for (sequence, esm_class, content) in
            [(1, 0x40, &b"\x05\0\x03\x07\x01\x01STOP"[..]), (2, 0, b"\x05STOP"), (3, 0x40, b"\x50STOP")]
        {
            smsc.send(command::DELIVER_SM, 0, sequence, &deliver_body(esm_class, content, &[])).await;
        }
    })
    .await;
    let contents = delivers(&events).into_iter().map(|deliver| match &deliver.incoming {
        Incoming::Message { content, .. } => content.to_vec(),
        receipt => panic!("{receipt:?}"),
    });
    assert_eq!(contents.collect::<Vec<_>>(), [&b"STOP"[..], b"\x05STOP", b""]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_decoded_is_nacked_and_the_next_pdu_is_read() {
    let (session, mut smsc) = bound(window(1)).await;
    let (events, _) = driven(session, async || {
        let mut stream = pdu(0x0000_7777, 0, 31, b"what is this");
        stream.extend(pdu(command::DELIVER_SM, 0, 32, b"\0\x01\x014366"));
        stream.extend(pdu(0x8000_7777, 0, 33, b"a response to nothing"));
        stream.extend(pdu(command::DELIVER_SM, 0, 34, &deliver_body(0, b"hello", &[])));
        smsc.send_raw(&stream).await;
        let nacks = [smsc.read().await.0, smsc.read().await.0];
        assert!(nacks.iter().all(|nack| nack.command_id == command::GENERIC_NACK));
        assert_eq!(nacks.map(|nack| (nack.command_status, nack.sequence)), [(3, 31), (2, 32)]);
    })
    .await;
    assert_eq!(delivers(&events).len(), 1);
    assert_eq!(delivers(&events)[0].sequence, 34);
}

#[tokio::test(start_paused = true)]
async fn a_length_that_cannot_be_ends_the_session_with_its_reason() {
    for (stream, expected) in [
        (&b"HTTP/1.1 400"[..], FrameError::TooLong { claimed: 0x4854_5450, limit: 70_000 }),
        (&[0, 0, 0, 3][..], FrameError::TooShort(3)),
    ] {
        let (mut session, mut smsc) = bound(window(1)).await;
        session.submit(1, &submit(b"x")).unwrap();
        let (events, end) = driven(session, async || {
            smsc.read().await;
            smsc.send_raw(stream).await;
        })
        .await;
        assert_eq!(end, End::Unframed(expected));
        assert_eq!(events, [answer(1, Answer::Unknown)]);
    }
}

#[tokio::test(start_paused = true)]
async fn unbinding_waits_for_the_window() {
    let (mut session, mut smsc) = bound(window(4)).await;
    session.submit(1, &submit(b"x")).unwrap();
    session.begin_unbind(Duration::from_secs(30));
    assert_eq!(session.room(), 0);
    let (events, end) = driven(session, async || {
        let (submitted, _) = smsc.read().await;
        sleep(Duration::from_secs(10)).await;
        smsc.send(command::SUBMIT_SM_RESP, 0, submitted.sequence, b"1\0").await;
        let (unbind, _) = smsc.read().await;
        assert_eq!(unbind.command_id, command::UNBIND);
        smsc.send(command::UNBIND_RESP, 0, unbind.sequence, b"").await;
    })
    .await;
    assert_eq!((events, end), (vec![accepted(1, "1")], End::Unbound));
}

#[tokio::test(start_paused = true)]
async fn unbinding_does_not_wait_for_ever() {
    let (mut session, smsc) = bound(window(4)).await;
    session.submit(1, &submit(b"x")).unwrap();
    session.begin_unbind(Duration::from_secs(3));
    let started = Instant::now();
    let (events, end) = driven(session, async || ()).await;
    assert_eq!((events, end), (vec![answer(1, Answer::Unknown)], End::Unbound));
    assert_eq!(started.elapsed().as_secs(), 8);
    drop(smsc);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_unbinds_may_still_answer() {
    let (mut session, mut smsc) = bound(window(4)).await;
    session.submit(1, &submit(b"x")).unwrap();
    let (events, end) = driven(session, async || {
        let (submitted, _) = smsc.read().await;
        smsc.send(command::UNBIND, 0, 50, b"").await;
        sleep(Duration::from_secs(1)).await;
        smsc.send(command::SUBMIT_SM_RESP, 0, submitted.sequence, b"1\0").await;
        let (header, _) = smsc.read().await;
        assert_eq!((header.command_id, header.sequence), (command::UNBIND_RESP, 50));
    })
    .await;
    assert_eq!((events, end), (vec![accepted(1, "1")], End::UnboundByPeer));
}

#[tokio::test(start_paused = true)]
async fn sequence_numbers_wrap_on_the_wire() {
    let config = SessionConfig { first_sequence: 0x7FFF_FFFE, ..window(4) };
    let (mut session, mut smsc) = bound(config).await;
    session.submit(1, &submit(b"x")).unwrap();
    session.submit(2, &submit(b"x")).unwrap();
    let (events, _) = driven(session, async || {
        for (sequence, id) in [(0x7FFF_FFFF, b"a\0"), (1, b"b\0")] {
            let (header, _) = smsc.read().await;
            assert_eq!(header.sequence, sequence);
            smsc.send(command::SUBMIT_SM_RESP, 0, sequence, id).await;
        }
        drop(smsc);
    })
    .await;
    assert_eq!(events, [accepted(1, "a"), accepted(2, "b")]);
}

#[tokio::test(start_paused = true)]
async fn deliver_sm_is_answered_when_it_is_acknowledged() {
    let (mut session, mut smsc) = bound(window(1)).await;
    let mut events = Vec::new();
    smsc.send(command::DELIVER_SM, 0, 61, &deliver_body(4, b"id:1 stat:DELIVRD", &[])).await;
    smsc.send(command::DELIVER_SM, 0, 62, &deliver_body(4, b"id:2 stat:UNDELIV", &[])).await;
    session.drive(&mut events).await.unwrap();
    assert_eq!(delivers(&events).len(), 2);
    session.acknowledge(62, 0);
    session.acknowledge(61, 0x64);
    driven(session, async || {
        for expected in [(0, 62), (0x64, 61)] {
            let (header, _) = smsc.read().await;
            assert_eq!(header.command_id, command::DELIVER_SM_RESP);
            assert_eq!((header.command_status, header.sequence), expected);
        }
        drop(smsc);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_bind_ends_in_a_session_or_in_a_reason() {
    let refused = peer::bind_with(window(1), async |mut smsc: Peer| {
        let (header, body) = smsc.read().await;
        assert!(body.starts_with(b"esme\0longer than eight\0\0\x34"));
        smsc.send(command::BIND_TRANSCEIVER | command::RESPONSE, 0x0E, header.sequence, b"").await;
    });
    let error = refused.await.unwrap_err();
    assert_eq!(error, BindError::Refused(0x0E));
    assert_eq!(error.to_string(), "the carrier refused the bind with 0x0000000E ESME_RINVPASWD: invalid password");
    assert_eq!(peer::bind_with(window(1), async |_: Peer| ()).await, Err(BindError::Closed));
    let silent = async |mut smsc: Peer| {
        smsc.read().await;
        sleep(Duration::from_secs(100)).await;
    };
    assert_eq!(peer::bind_with(window(1), silent).await, Err(BindError::TimedOut));
    let babbling = async |mut smsc: Peer| smsc.send_raw(b"220 mail.example ESMTP\r\n").await;
    assert!(matches!(peer::bind_with(window(1), babbling).await, Err(BindError::Unframed(_))));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_nacks_everything_is_there_all_the_same() {
    let (mut session, mut smsc) = bound(window(2)).await;
    session.submit(1, &submit(b"x")).unwrap();
    let nack = |sequence| pdu(command::GENERIC_NACK, 0x03, sequence, b"");
    let mut events = Vec::new();
    let script = async {
        for _ in 0..5 {
            let (header, _) = smsc.read().await;
            smsc.send_raw(&nack(header.sequence)).await;
        }
    };
    let drive = async {
        while let Ok(Ok(())) = tokio::time::timeout(Duration::from_secs(125), session.drive(&mut events)).await {}
    };
    // A submit, and an enquiry every half minute.
    tokio::join!(drive, script);
    assert_eq!(events, [answer(1, Answer::Refused { command_status: 3 })]);
    session.begin_unbind(Duration::ZERO);
    let began = Instant::now();
    let (_, end) = driven(session, async || {
        loop {
            let (header, _) = smsc.read().await;
            smsc.send_raw(&nack(header.sequence)).await;
            if header.command_id == command::UNBIND {
                return;
            }
        }
    })
    .await;
    assert_eq!((end, began.elapsed().as_secs()), (End::Unbound, 0));
}

#[tokio::test(start_paused = true)]
async fn numbers_that_no_sequence_has_and_answers_that_come_twice_change_nothing() {
    let (session, mut smsc) = bound(window(4)).await;
    let mut session = session;
    session.submit(1, &submit(b"x")).unwrap();
    let (events, _) = driven(session, async || {
        let (submitted, _) = smsc.read().await;
        let mut stream = Vec::new();
        for sequence in [0, 0x8000_0000, u32::MAX] {
            stream.extend(pdu(command::SUBMIT_SM_RESP, 0, sequence, b"nobody's\0"));
            stream.extend(pdu(command::ENQUIRE_LINK_RESP, 0, sequence, b""));
            stream.extend(pdu(command::DELIVER_SM, 0, sequence, &deliver_body(0, b"hello", &[])));
        }
        // Another response with its number is not its own.
        stream.extend(pdu(command::DELIVER_SM_RESP, 0, submitted.sequence, b"\0"));
        stream.extend(pdu(command::SUBMIT_SM_RESP, 0, submitted.sequence, b"a\0"));
        stream.extend(pdu(command::SUBMIT_SM_RESP, 0, submitted.sequence, b"b\0"));
        smsc.send_raw(&stream).await;
        sleep(Duration::from_secs(1)).await;
        drop(smsc);
    })
    .await;
    let answers: Vec<_> = events.iter().filter(|event| matches!(event, Event::Answer { .. })).collect();
    assert_eq!(answers, [&accepted(1, "a")]);
    let sequences: Vec<_> = delivers(&events).iter().map(|deliver| deliver.sequence).collect();
    assert_eq!(sequences, [0, 0x8000_0000, u32::MAX]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_enquiries_keeps_nobody_else_waiting() {
    let (mut session, mut smsc) = bound_through(1 << 20, window(1)).await;
    let flood = async {
        let enquiry = pdu(command::ENQUIRE_LINK, 0, 9, b"").repeat(10_000);
        loop {
            smsc.send_raw(&enquiry).await;
        }
    };
    let mut events = Vec::new();
    let mut turns = 0;
    let work = async {
        while turns < 1_000 {
            tokio::select! {
                biased;
                driven = session.drive(&mut events) => driven.unwrap(),
                () = tokio::task::yield_now() => turns += 1,
            }
        }
    };
    // Nobody reads the answers: they are bounded, and then the flood is no longer read.
    tokio::select! {
        () = flood => (),
        () = work => (),
    }
    assert!(events.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_ends_the_session_and_every_submit_is_answered() {
    let (mut session, smsc) = bound_through(1_000, window(500)).await;
    for token in 0..500 {
        session.submit(token, &submit(b"0123456789")).unwrap();
    }
    let began = Instant::now();
    let (events, end) = driven(session, async || ()).await;
    assert_eq!((end, events.len()), (End::Silent, 500));
    assert_eq!(began.elapsed().as_secs(), 90);
    drop(smsc);
}

#[tokio::test(start_paused = true)]
async fn a_bind_is_answered_under_another_number_and_without_a_body() {
    let answer = async |mut smsc: Peer| {
        smsc.read().await;
        // Impatient ones enquire, and send receipts, before they have answered.
        smsc.send(command::ENQUIRE_LINK, 0, 7, b"").await;
        assert_eq!(smsc.read().await.0.command_id, command::ENQUIRE_LINK_RESP);
        smsc.send(command::DELIVER_SM, 0, 8, &deliver_body(4, b"id:1 stat:DELIVRD", &[])).await;
        smsc.send(command::BIND_TRANSCEIVER | command::RESPONSE, 0, 0xFFFF_0000, b"").await;
    };
    assert_eq!(peer::bind_with(window(1), answer).await, Ok(()));
    let nacks = async |mut smsc: Peer| {
        let (header, _) = smsc.read().await;
        smsc.send(command::GENERIC_NACK, 0x03, header.sequence, b"").await;
    };
    assert_eq!(peer::bind_with(window(1), nacks).await, Err(BindError::Refused(0x03)));
    let enquires_only = async |mut smsc: Peer| {
        smsc.read().await;
        for _ in 0..29 {
            smsc.send(command::ENQUIRE_LINK, 0, 7, b"").await;
            sleep(Duration::from_secs(1)).await;
        }
        sleep(Duration::from_secs(10)).await;
    };
    assert_eq!(peer::bind_with(window(1), enquires_only).await, Err(BindError::TimedOut));
}
