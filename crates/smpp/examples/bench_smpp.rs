//! `./x bench smpp`: submit_sm per second of the session layer against the simulator, by window, each beside a plain
//! rusmpp client against the same simulator in the same run, and the same against the SMSC of others that `MC_SMPP34` names. One JSON object per line.
//!
//! Arguments: seconds per measurement (default 2).

use std::{
    future::pending,
    io::{BufRead, BufReader},
    process::{self, Stdio},
    time::{Duration, Instant},
};

use futures::{SinkExt as _, StreamExt as _};
use rusmpp_core::{
    CommandStatus,
    command::owned::Command,
    pdus::owned::{BindTransceiver, SubmitSm as TheirSubmitSm},
    tokio_codec::CommandCodec,
    types::owned::{COctetString, OctetString},
    values::{Npi, Ton},
};
use smpp::{
    Bind, BindRange, BindRole, Password, Session, Simulator,
    session::{Event, SessionConfig, connect},
    simulator::SimulatorConfig,
    wire::{Destination, SubmitSm},
};
use tokio_util::codec::Framed;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const TEXT: &[u8] = b"Your parcel is at the door.";

fn main() -> Result<(), Failure> {
    let seconds = std::env::args().nth(1).map_or(Ok(2.0), |argument| argument.parse())?;
    let span = Duration::from_secs_f64(seconds);
    // Client and SMSC have a thread each, as two machines would.
    let port = serve()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for window in [1, 10, 100, 1_000] {
        let theirs = runtime.block_on(plain_rusmpp(port, window, span))?;
        let ours = runtime.block_on(session(port, window, span, false))?;
        report(window, "submits_per_s", ours, theirs);
    }
    if let Some(program) = std::env::var_os("MC_SMPP34") {
        let mut smsc = process::Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(smsc.stdout.take().ok_or("smpp34 has no output")?).read_line(&mut line)?;
        let port = line.trim().parse()?;
        for window in [1, 10, 100, 1_000] {
            let theirs = runtime.block_on(plain_rusmpp(port, window, span))?;
            let ours = runtime.block_on(session(port, window, span, false))?;
            report(window, "submits_to_smpp34_per_s", ours, theirs);
        }
        smsc.kill()?;
        smsc.wait()?;
    }
    let with_receipts = runtime.block_on(session(port, 1_000, span, true))?;
    println!(
        r#"{{"bench":"smpp","metric":"submits_with_receipt_per_s","window":1000,"value":{with_receipts:.0},"unit":"1/s"}}"#
    );
    Ok(())
}

fn report(window: usize, metric: &str, ours: f64, theirs: f64) {
    let ratio = ours / theirs;
    println!(
        r#"{{"bench":"smpp","metric":"{metric}","window":{window},"value":{ours:.0},"unit":"1/s","anchor":"plain rusmpp client","anchor_value":{theirs:.0},"ratio":{ratio:.2}}}"#
    );
}

fn serve() -> Result<u16, Failure> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let simulator = Simulator::bind(SimulatorConfig::loopback()).await?;
            sender.send(simulator.address().port())?;
            simulator.run(pending()).await;
            Ok(())
        })
    });
    Ok(receiver.recv()?)
}

/// Keeps the window full for `span`; submits answered per second.
async fn session(port: u16, window: usize, span: Duration, receipts: bool) -> Result<f64, Failure> {
    let stream = connect("127.0.0.1", port, Duration::from_secs(5)).await?;
    let bind = Bind {
        role: BindRole::Transceiver,
        // The receipts of one measurement are not those of another.
        system_id: format!("bench-{window}-{}", u8::from(receipts)),
        password: Password::new("right"),
        system_type: String::new(),
        address_range: BindRange::default(),
    };
    let mut session = Session::bind(stream, &bind, SessionConfig::with_window(window)).await?;
    let mut events = Vec::new();
    let (mut token, mut answered, mut receipted) = (0, 0u64, 0u64);
    let began = Instant::now();
    loop {
        let goes_on = began.elapsed() < span;
        if !goes_on && session.outstanding() == 0 && (!receipts || receipted == answered) {
            break;
        }
        for _ in 0..if goes_on { session.room() } else { 0 } {
            token += 1;
            session.submit(token, &pdu(436_600_000_000 + token % 10_000_000, receipts))?;
        }
        session.drive(&mut events).await?;
        for event in events.drain(..) {
            match event {
                Event::Answer { .. } => answered += 1,
                Event::Deliver(deliver) => {
                    receipted += 1;
                    session.acknowledge(deliver.sequence, 0);
                }
            }
        }
    }
    Ok(answered as f64 / began.elapsed().as_secs_f64())
}

const fn pdu(number: u64, receipts: bool) -> SubmitSm<'static> {
    SubmitSm {
        source_ton: 5,
        source_npi: 0,
        source: b"Bench",
        destination_ton: 1,
        destination_npi: 1,
        destination: Destination::Number(number),
        esm_class: 0,
        validity_period: b"",
        registered_delivery: receipts as u8,
        data_coding: 0,
        header: &[],
        content: TEXT,
        tlvs: &[],
    }
}

/// The anchor: the window kept full by the codec in a `Framed`, which writes each PDU by itself.
async fn plain_rusmpp(port: u16, window: usize, span: Duration) -> Result<f64, Failure> {
    let stream = connect("127.0.0.1", port, Duration::from_secs(5)).await?;
    let mut framed = Framed::new(stream, CommandCodec::new());
    let bind = BindTransceiver::builder()
        .system_id(COctetString::from_static_slice(b"anchor\0")?)
        .password(COctetString::from_static_slice(b"right\0")?)
        .build();
    framed.send(Command::new(CommandStatus::EsmeRok, 1, bind)).await?;
    framed.next().await.ok_or("the simulator closed the connection")??;
    let (mut sequence, mut outstanding, mut answered) = (1u32, 0, 0u64);
    let began = Instant::now();
    loop {
        while outstanding < window && began.elapsed() < span {
            sequence += 1;
            let number = format!("{}\0", 436_600_000_000 + u64::from(sequence) % 10_000_000);
            let pdu = TheirSubmitSm::builder()
                .source_addr_ton(Ton::Alphanumeric)
                .source_addr(COctetString::from_static_slice(b"Bench\0")?)
                .dest_addr_ton(Ton::International)
                .dest_addr_npi(Npi::Isdn)
                .destination_addr(COctetString::from_vec(number.into_bytes())?)
                .short_message(OctetString::from_static_slice(TEXT)?)
                .build();
            framed.send(Command::new(CommandStatus::EsmeRok, sequence, pdu)).await?;
            outstanding += 1;
        }
        if outstanding == 0 {
            return Ok(answered as f64 / began.elapsed().as_secs_f64());
        }
        framed.next().await.ok_or("the simulator closed the connection")??;
        outstanding -= 1;
        answered += 1;
    }
}
