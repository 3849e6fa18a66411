//! `./x bench dispatch --messages N`: a campaign of N recipients from approval to the last durable receipt, over real
//! SMPP to the simulator in this process, with the journal and the blocks on disk. Beside it the bare session layer
//! against the same simulator, a receipt for each message too. One JSON object per line; exits 1 when a message is
//! missing or was accepted twice.

#[path = "support/clock.rs"]
mod clock;
#[path = "support/installation.rs"]
mod installation;

use std::{
    future::pending,
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    campaign::{IngestReport, Progress, Status},
    clock::Clock,
    id::CampaignId,
};
use engine::{Engine, EngineConfig};
use smpp::{
    Bind, BindRole, Password, Session, Simulator,
    session::{Event, SessionConfig, connect},
    simulator::{Control, SimulatorConfig},
    wire::{Destination, SubmitSm},
};
use sms_core::{ChannelId, CoreSettings, InProcessCore, LinkSettings};
use store::{
    Reason, StoreConfig, SystemScope, campaigns,
    recipients::{self, BLOCK_LEN, EncodedBlock, RecipientBlock, StateBlock},
};

use crate::{
    clock::MachineClock,
    installation::{CHANNEL, Draft, approve, draft},
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const TEXT: &str = "Planned maintenance tonight from 22:00 to 23:00.";
const FIRST_NUMBER: u64 = 436_600_000_000;
const ANCHOR_SPAN: Duration = Duration::from_secs(3);
/// As the simulator's link has it.
const WINDOW: usize = 1_000;

fn main() -> ExitCode {
    let messages = std::env::args().skip_while(|argument| argument != "--messages").nth(1);
    let messages = messages.and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    match measure(messages) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench dispatch: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(messages: u32) -> Result<(), Failure> {
    let (port, control) = serve()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let bare = runtime.block_on(bare_session(port))?;
    let dir = tempfile::tempdir()?;
    runtime.block_on(campaign(dir.path(), port, &control, messages, bare))
}

/// The SMSC has a thread of its own.
fn serve() -> Result<(u16, Control), Failure> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let simulator = Simulator::bind(SimulatorConfig::loopback()).await?;
            sender.send((simulator.address().port(), simulator.control()))?;
            simulator.run(pending()).await;
            Ok(())
        })
    });
    Ok(receiver.recv()?)
}

async fn campaign(dir: &Path, port: u16, control: &Control, messages: u32, bare: f64) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let config = StoreConfig::new(store::Engine::disk(dir.join("db")), dir.join("keys"));
    let opened = store::open(config, Arc::clone(&clock)).await?;
    let (scope, draft) = prepare(&opened, messages).await?;
    let id = draft.campaign;
    let link = LinkSettings::simulator(ChannelId::parse(CHANNEL)?, port);
    let core = Arc::new(InProcessCore::start(CoreSettings { links: vec![link] }, &clock)?);
    let engine = Engine::start(EngineConfig::standard(), opened.system.clone(), core, clock)?;
    let accepted_before = control.counts().accepted;

    let began = Instant::now();
    approve(&opened, &draft).await?;
    engine.handle().nudge();
    until(&scope, id, |progress| progress.waiting + progress.claimed == 0 && progress.total() > 0).await?;
    let accepted_s = began.elapsed().as_secs_f64();
    until(&scope, id, |progress| progress.delivered == u64::from(messages)).await?;
    let receipted_s = began.elapsed().as_secs_f64();
    while campaigns::load(&scope, id).await?.life.status != Status::Done {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    engine.shutdown(Duration::from_secs(30)).await;

    report("messages_per_s", f64::from(messages) / accepted_s, bare);
    report("receipted_messages_per_s", f64::from(messages) / receipted_s, bare);
    let accepted = control.counts().accepted - accepted_before;
    if accepted != u64::from(messages) {
        return Err(format!("{accepted} parts were accepted for {messages} messages").into());
    }
    Ok(())
}

fn report(metric: &str, value: f64, anchor: f64) {
    let ratio = value / anchor;
    println!(
        r#"{{"bench":"dispatch","metric":"{metric}","value":{value:.0},"unit":"1/s","anchor":"bare session layer, a receipt each","anchor_value":{anchor:.0},"ratio":{ratio:.2}}}"#
    );
}

async fn until(scope: &SystemScope, id: CampaignId, reached: impl Fn(&Progress) -> bool) -> Result<(), Failure> {
    loop {
        let campaign = campaigns::load(scope, id).await?;
        if reached(&campaign.progress) {
            return Ok(());
        }
        if matches!(campaign.life.status, Status::Failed | Status::Cancelled) {
            return Err(format!("the campaign ended: {:?}", campaign.failure).into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A fresh installation with a submitted campaign; its blocks are written directly.
async fn prepare(opened: &store::Opened, messages: u32) -> Result<(SystemScope, Draft), Failure> {
    let draft = draft(opened, TEXT).await?;
    let (upload, _) = campaigns::uploads::begin(&draft.edit().await?, "bench.txt", 1).await?;
    let upload = campaigns::uploads::received(&draft.edit().await?, &upload).await?;
    let upload = campaigns::uploads::read_as(&draft.edit().await?, &upload, Default::default()).await?;
    let workspace = draft.author.workspace_id();
    let ingest = opened.system.enter(workspace, Reason::Ingest);
    write_blocks(&ingest, draft.campaign, messages).await?;
    let accepted = u64::from(messages);
    let report = IngestReport { lines: accepted, accepted, segments: accepted, ..IngestReport::default() };
    campaigns::uploads::finish(&ingest, &upload, TEXT, Ok(report)).await?;
    campaigns::submit(&draft.edit().await?).await?;
    Ok((opened.system.enter(workspace, Reason::Dispatch), draft))
}

async fn write_blocks(scope: &SystemScope, campaign: CampaignId, count: u32) -> Result<(), Failure> {
    for number in 0..count.div_ceil(BLOCK_LEN) {
        let mut block = RecipientBlock::new(Vec::new().into());
        let first = number * BLOCK_LEN;
        for index in first..count.min(first + BLOCK_LEN) {
            block.push(FIRST_NUMBER + u64::from(index), 1, [])?;
        }
        let states = StateBlock::waiting(block.len());
        recipients::replace_blocks(scope, campaign, &[EncodedBlock::new(number, &block, &states)]).await?;
    }
    Ok(())
}

/// The anchor: a session kept full, each receipt acknowledged as it comes, nothing stored. Messages per second until
/// the last receipt.
async fn bare_session(port: u16) -> Result<f64, Failure> {
    let stream = connect("127.0.0.1", port, Duration::from_secs(5)).await?;
    let bind = Bind {
        role: BindRole::Transceiver,
        // Its receipts are not the campaign's.
        system_id: "anchor".to_owned(),
        password: Password::new("anchor"),
        system_type: String::new(),
        address_range: smpp::BindRange::default(),
    };
    let mut session = Session::bind(stream, &bind, SessionConfig::with_window(WINDOW)).await?;
    let mut events = Vec::new();
    let (mut token, mut answered, mut receipted) = (0_u64, 0_u64, 0_u64);
    let began = Instant::now();
    loop {
        let goes_on = began.elapsed() < ANCHOR_SPAN;
        if !goes_on && session.outstanding() == 0 && receipted == answered {
            break;
        }
        for _ in 0..if goes_on { session.room() } else { 0 } {
            token += 1;
            session.submit(token, &submit(FIRST_NUMBER + token % 10_000_000))?;
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

const fn submit(number: u64) -> SubmitSm<'static> {
    SubmitSm {
        source_ton: 5,
        source_npi: 0,
        source: b"BENCH",
        destination_ton: 1,
        destination_npi: 1,
        destination: Destination::Number(number),
        esm_class: 0,
        validity_period: b"",
        registered_delivery: 1,
        data_coding: 0,
        header: &[],
        content: TEXT.as_bytes(),
        tlvs: &[],
    }
}
