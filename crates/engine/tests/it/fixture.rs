//! An installation with an approved campaign, a simulator that writes down what it accepted, and an engine between them.

use std::{
    collections::HashMap,
    future::pending,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use domain::{
    audit::Origin,
    campaign::{Campaign, IngestReport, Mode, Parameters, Progress},
    clock::{Clock, ManualClock},
    id::{CampaignId, WorkspaceId},
    permission::{Role, kind},
    sender::{Addressing, Npi, RevisionRef, Saddr, SenderOrigin, Ton},
    slug::Slug,
};
use engine::{DispatchConfig, Engine, EngineConfig};
use smpp::simulator::{self, Control, Simulator, SimulatorConfig};
use sms_core::{ChannelId, CoreSettings, InProcessCore, LinkSettings};
use store::{
    Gate, Reason, Scope, Session, StoreConfig, SystemDoor, campaigns,
    first_run::{self, Colleague, FirstRun},
    recipients::{self, BLOCK_LEN, EncodedBlock, RecipientBlock, StateBlock},
    users::NewUser,
    workspaces::NewWorkspace,
};

const PASSWORD: &str = "seven wooden boats";
pub const START_MS: i64 = 1_790_000_000_000;
/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// The tag by which the 10DLC campaign is named on the wire.
pub const TENDLC_TLV: u16 = 0x1400;
pub const FIRST_NUMBER: u64 = 436_600_000_000;

/// A simulator that outlives the engines.
pub struct Smsc {
    pub port: u16,
    pub control: Control,
    pub log: PathBuf,
}

impl Smsc {
    pub async fn start(dir: &Path) -> Self {
        Self::with(dir, SimulatorConfig::loopback()).await
    }

    pub async fn with(dir: &Path, config: SimulatorConfig) -> Self {
        let log = dir.join("smsc.log");
        let simulator = Simulator::bind(SimulatorConfig { log: Some(log.clone()), ..config }).await.unwrap();
        let (port, control) = (simulator.address().port(), simulator.control());
        tokio::spawn(simulator.run(pending()));
        Self { port, control, log }
    }

    /// How often each part of each number was accepted.
    pub fn accepted(&self) -> HashMap<(u64, u8), u32> {
        let mut parts = HashMap::new();
        for line in simulator::log::read(&self.log).unwrap_or_default() {
            *parts.entry((line.destination.parse().unwrap(), line.part)).or_default() += 1;
        }
        parts
    }
}

/// One life of the process: database, core and engine.
pub struct Process {
    pub gate: Gate,
    pub system: SystemDoor,
    pub core: Arc<InProcessCore>,
    pub engine: Engine,
}

impl Process {
    /// The pace of the link from now on.
    pub fn set_pace(&self, smsc: &Smsc, rate_segments_per_s: Option<f64>) {
        self.core.configure(links(smsc.port, rate_segments_per_s)).unwrap();
    }
}

/// Settings with which tests are quick.
pub fn quick() -> DispatchConfig {
    DispatchConfig {
        parking: Duration::from_millis(300),
        fold_interval: Duration::from_millis(300),
        channel_down_after: Duration::from_millis(300),
        ..DispatchConfig::standard()
    }
}

pub async fn open(dir: &Path, clock: &Arc<ManualClock>) -> (Gate, SystemDoor) {
    let config = StoreConfig::new(store::Engine::disk(dir.join("db")), dir.join("keys"));
    let opened = store::open(config, clock.clone()).await.unwrap();
    (opened.gate, opened.system)
}

/// The files as a process left them that was killed: what it wrote, without closing anything. They are copied, because
/// this process, which was not killed, still holds the lock on the former ones.
pub fn left_behind(dir: &Path) -> tempfile::TempDir {
    let next = tempfile::tempdir().unwrap();
    for part in ["db", "keys"] {
        copy(&dir.join(part), &next.path().join(part));
    }
    next
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn links(port: u16, rate_segments_per_s: Option<f64>) -> CoreSettings {
    let mut link = LinkSettings::simulator(ChannelId::parse("simulator").unwrap(), port);
    link.window = 100;
    link.tendlc_tlv = Some(TENDLC_TLV);
    link.rate_segments_per_s = rate_segments_per_s;
    CoreSettings { links: vec![link] }
}

pub fn core(port: u16, clock: &Arc<ManualClock>) -> Arc<InProcessCore> {
    let clock: Arc<dyn Clock> = clock.clone();
    Arc::new(InProcessCore::start(links(port, None), &clock).unwrap())
}

pub async fn start(dir: &Path, port: u16, clock: &Arc<ManualClock>, config: DispatchConfig) -> Process {
    let (gate, system) = open(dir, clock).await;
    start_on(gate, system, port, clock, config)
}

pub fn start_on(
    gate: Gate,
    system: SystemDoor,
    port: u16,
    clock: &Arc<ManualClock>,
    config: DispatchConfig,
) -> Process {
    let look_interval = Duration::from_millis(100);
    start_with(gate, system, port, clock, EngineConfig { dispatch: config, look_interval, ..EngineConfig::standard() })
}

pub fn start_with(
    gate: Gate,
    system: SystemDoor,
    port: u16,
    clock: &Arc<ManualClock>,
    config: EngineConfig,
) -> Process {
    let core = core(port, clock);
    let engine = Engine::start(config, system.clone(), core.clone(), clock.clone()).unwrap();
    Process { gate, system, core, engine }
}

/// The campaign of a test.
#[derive(Clone, Copy)]
pub struct Job {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
}

/// Those who decide about it. Their sessions keep the database open.
pub struct People {
    pub author: Session,
    pub moderator: Session,
    pub admin: Session,
    pub root: Session,
    pub sender: RevisionRef,
}

/// What is sent.
pub struct Order {
    pub recipients: u32,
    pub first_number: u64,
    pub text: &'static str,
    /// A link or a pool.
    pub channel: &'static str,
    pub mode: Mode,
    pub start_at_ms: Option<i64>,
    pub end_at_ms: Option<i64>,
    pub daily_limit: Option<u32>,
    pub validity_minutes: Option<u32>,
}

impl Order {
    pub const fn of(recipients: u32) -> Self {
        Self {
            recipients,
            first_number: FIRST_NUMBER,
            text: "Planned maintenance tonight",
            channel: "simulator",
            mode: Mode::OnDemand,
            start_at_ms: None,
            end_at_ms: None,
            daily_limit: None,
            validity_minutes: None,
        }
    }

    /// A Trigger campaign; without a text each number comes with its own.
    pub const fn trigger(text: &'static str) -> Self {
        Self { text, mode: Mode::Trigger, ..Self::of(0) }
    }
}

pub fn slug() -> Slug {
    Slug::parse("acme").unwrap()
}

pub async fn enter(gate: &Gate, session: &Session) -> Scope {
    gate.enter(session, &slug()).await.unwrap()
}

/// A fresh installation with one submitted campaign. In a box: the futures of a whole installation are large.
pub fn submit<'a>(
    gate: &'a Gate,
    system: &'a SystemDoor,
    order: Order,
) -> Pin<Box<dyn Future<Output = (Job, People)> + Send + 'a>> {
    Box::pin(install(gate, system, order))
}

async fn install(gate: &Gate, system: &SystemDoor, order: Order) -> (Job, People) {
    let origin = Origin::default();
    let token = first_run::set_up_link(gate).await.unwrap().unwrap();
    let colleague = |name: &str, role| Colleague {
        email: format!("{name}@acme.example"),
        name: name.to_owned(),
        role,
        moderator_flag: false,
    };
    let run = FirstRun {
        admin: NewUser { email: "root@acme.example".into(), name: "Root".into(), super_admin: true },
        password: PASSWORD.into(),
        workspace: NewWorkspace {
            slug: "acme".into(),
            display_name: "Acme".into(),
            time_zone: "Europe/Vienna".into(),
            default_country: "AT".into(),
            four_eyes: true,
        },
        colleagues: vec![
            colleague("author", Role::Author),
            colleague("moderator", Role::Moderator),
            colleague("admin", Role::Admin),
        ],
    };
    let done = first_run::complete(gate, &token, run, origin.clone()).await.unwrap();
    let mut sessions = Vec::new();
    for link in &done.links {
        let entrance = gate.set_password(&link.token, PASSWORD, origin.clone()).await.unwrap();
        sessions.push(entrance.signed_in().expect("no second factor").session);
    }
    let [author, moderator, admin] = sessions.try_into().unwrap_or_else(|_| panic!("three colleagues"));

    let sender = approved_sender(gate, &admin, &moderator, "Acme", "ACME").await;
    let people = People { author, moderator, admin, root: done.signed_in.session, sender };
    (submit_as(gate, system, &people, order).await, people)
}

/// A sender with an approved revision.
pub async fn approved_sender(
    gate: &Gate,
    admin: &Session,
    moderator: &Session,
    name: &str,
    saddr: &str,
) -> RevisionRef {
    let scope = enter(gate, admin).await;
    let sender = store::senders::create(&scope.grant().unwrap(), name).await.unwrap();
    let saddr = Saddr::parse(saddr).unwrap();
    let (source_ton, source_npi) = domain::sender::propose(&saddr);
    let (destination_ton, destination_npi) = (Ton::International, Npi::Isdn);
    let addressing = Addressing { saddr, source_ton, source_npi, destination_ton, destination_npi };
    store::senders::submit_revision(&scope.grant().unwrap(), sender.id, addressing.clone(), None).await.unwrap();
    let scope = enter(gate, moderator).await;
    store::senders::approve(&scope.grant().unwrap(), sender.id, 1).await.unwrap();
    RevisionRef {
        sender: sender.id,
        origin: SenderOrigin::Workspace,
        display_name: sender.display_name,
        revision: 1,
        addressing,
    }
}

/// Another campaign of the same people.
pub fn submit_as<'a>(
    gate: &'a Gate,
    system: &'a SystemDoor,
    people: &'a People,
    order: Order,
) -> Pin<Box<dyn Future<Output = Job> + Send + 'a>> {
    Box::pin(campaign_of(gate, system, people, order))
}

async fn campaign_of(gate: &Gate, system: &SystemDoor, people: &People, order: Order) -> Job {
    let scope = enter(gate, &people.author).await;
    let draft = campaigns::create(&scope.grant::<kind::CreateCampaign>().unwrap(), order.mode).await.unwrap();
    let parameters = Parameters {
        name: "Maintenance".into(),
        sender: Some(people.sender.clone()),
        channel: order.channel.into(),
        text: order.text.into(),
        start_at_ms: order.start_at_ms,
        start_local: order.start_at_ms.map(|_| "2026-09-21T18:00".to_owned()),
        any_text: order.mode == Mode::Trigger && order.text.is_empty(),
        end_at_ms: order.end_at_ms,
        daily_limit: order.daily_limit,
        validity_minutes: order.validity_minutes,
        ..draft.parameters.clone()
    };
    let edit = || async { scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap() };
    campaigns::save(&edit().await, parameters, true).await.unwrap();
    if order.mode != Mode::Trigger {
        upload_recipients(&scope, system, draft.id, &order).await;
    }
    campaigns::submit(&edit().await).await.unwrap();
    Job { workspace: scope.workspace_id(), campaign: draft.id }
}

async fn upload_recipients(scope: &Scope, system: &SystemDoor, id: CampaignId, order: &Order) {
    let edit = || async { scope.grant_on::<kind::EditCampaign>(id).await.unwrap() };
    let (upload, _) = campaigns::uploads::begin(&edit().await, "staff.txt", 12).await.unwrap();
    let upload = campaigns::uploads::received(&edit().await, &upload).await.unwrap();
    let upload = campaigns::uploads::read_as(&edit().await, &upload, Default::default()).await.unwrap();
    let accepted = u64::from(order.recipients);
    let report = IngestReport { lines: accepted, accepted, segments: accepted, ..IngestReport::default() };
    let ingest = system.enter(scope.workspace_id(), Reason::Ingest);
    write_blocks(&ingest, id, order.first_number, order.recipients).await;
    campaigns::uploads::finish(&ingest, &upload, order.text, Ok(report)).await.unwrap();
}

/// Recipients from this number on, each with a name, straight into blocks.
async fn write_blocks(scope: &store::SystemScope, campaign: CampaignId, first_number: u64, count: u32) {
    for number in 0..count.div_ceil(BLOCK_LEN) {
        let mut block = RecipientBlock::new(vec!["name".to_owned()].into());
        let first = number * BLOCK_LEN;
        for index in first..count.min(first + BLOCK_LEN) {
            let name = if index % 50 == 0 { "Ann".repeat(60) } else { "Ann".to_owned() };
            block.push(first_number + u64::from(index), 1, [name.as_str()]).unwrap();
        }
        let states = StateBlock::waiting(block.len());
        recipients::replace_blocks(scope, campaign, &[EncodedBlock::new(number, &block, &states)]).await.unwrap();
    }
}

/// Somebody (`root`, `author`, `moderator`, `admin`) in a new life of the process.
pub async fn sign_in(gate: &Gate, name: &str) -> Session {
    let email = format!("{name}@acme.example");
    let entrance = gate.sign_in(&email, PASSWORD, Origin::default()).await.unwrap().unwrap();
    entrance.signed_in().expect("no second factor").session
}

/// The author's proof in a new life of the process, by signing in again.
pub async fn control_as_author(gate: &Gate, job: &Job) -> store::On<kind::ControlCampaign> {
    enter(gate, &sign_in(gate, "author").await).await.grant_on(job.campaign).await.unwrap()
}

impl Job {
    pub async fn approve(&self, gate: &Gate, people: &People) -> Campaign {
        let scope = enter(gate, &people.moderator).await;
        let seen = campaigns::find(&scope, self.campaign).await.unwrap().life.version;
        campaigns::approve(&scope.grant().unwrap(), self.campaign, seen).await.unwrap()
    }

    pub async fn control(&self, gate: &Gate, people: &People) -> store::On<kind::ControlCampaign> {
        enter(gate, &people.author).await.grant_on(self.campaign).await.unwrap()
    }

    pub async fn campaign(&self, system: &SystemDoor) -> Campaign {
        campaigns::load(&system.enter(self.workspace, Reason::Dispatch), self.campaign).await.unwrap()
    }

    /// Polls the record until it is as expected.
    pub async fn until(&self, system: &SystemDoor, expected: impl Fn(&Campaign) -> bool) -> Campaign {
        let begun = std::time::Instant::now();
        loop {
            let campaign = self.campaign(system).await;
            if expected(&campaign) {
                return campaign;
            }
            assert!(begun.elapsed() < PATIENCE, "still {:?} {:?}", campaign.life, campaign.progress);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Every recipient, as the blocks have it: (number, status).
    pub async fn rows(&self, system: &SystemDoor) -> Vec<(u64, recipients::RecipientStatus)> {
        let scope = system.enter(self.workspace, Reason::Dispatch);
        let mut rows = Vec::new();
        for number in 0.. {
            let Some(block) = recipients::load_block(&scope, self.campaign, number).await.unwrap() else {
                break;
            };
            let states = recipients::load_states(&scope, self.campaign, number).await.unwrap().unwrap();
            rows.extend(block.numbers().iter().copied().zip(states.rows().iter().cloned()));
        }
        rows
    }
}

/// The figures counted from the rows.
pub fn count(rows: &[(u64, recipients::RecipientStatus)]) -> Progress {
    let mut progress = Progress::default();
    for (_, row) in rows {
        *store::journal::book::count(&mut progress, row.state) += 1;
    }
    progress
}
