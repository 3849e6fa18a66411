//! An installation with approved campaigns of all four modes that nobody has begun to send, with others that are only to be
//! built or filled, and with a key for them.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    api_key::Scope,
    campaign::{Campaign, Mode, Parameters},
    clock::{Clock, ManualClock},
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use engine::intake::Intake;
use store::{
    Opened, Reason, SystemScope,
    api_keys::{self, NewKey},
    campaigns::{self, uploads},
};

use crate::{
    Failure,
    ask::Program,
    clock::MachineClock,
    installation::{Draft, approve, draft},
    look::{Job, copy_installation, in_runtime, open_with},
    recipients,
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// From the preparation to the start of what is scheduled: it comes while the server runs or is being killed.
const SCHEDULED_IN_MS: i64 = 15_000;
/// Whose numbers are sent to nobody.
pub const UNSENT: usize = 4;

/// What is made.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Of the campaigns that are sent.
    pub modes: &'static [Mode],
    /// Of each campaign that is sent.
    pub messages: u32,
    /// What is left of the Spread campaign's window when the server starts.
    pub spread_s: u32,
    /// Campaigns that are only built.
    pub built: u32,
}

/// What there is.
#[derive(Debug)]
pub struct Scene {
    pub workspace: WorkspaceId,
    /// In the order of their modes.
    pub jobs: Vec<Job>,
    /// Approved Spread campaigns for tomorrow that wait for the Start button.
    pub built: Vec<CampaignId>,
    /// A draft that is given the file below again and again.
    pub brought: CampaignId,
    pub file: Vec<u8>,
    /// A draft that was given it once, undisturbed.
    pub reference: CampaignId,
    /// How long that took to be read.
    pub reading: Duration,
    pub program: Program,
}

/// Makes it in `data`. It is built beside that folder and copied, so that this process has nothing of it open.
pub fn prepare(data: &Path, beside: &Path, order: Order) -> Result<Scene, Failure> {
    let scene = in_runtime(build(beside, order))?;
    copy_installation(beside, data)?;
    std::fs::remove_dir_all(beside)?;
    Ok(scene)
}

impl Order {
    /// So many that building and reading take a while.
    pub const fn unsent(self) -> u32 {
        self.messages.saturating_mul(5)
    }
}

async fn build(dir: &Path, order: Order) -> Result<Scene, Failure> {
    std::fs::create_dir_all(dir)?;
    let clock = Arc::new(ManualClock::at(MachineClock.now_ms()));
    let opened = open_with(dir, clock.clone()).await?;
    let first = draft(&opened, recipients::TEXT).await?;
    let workspace = first.author.workspace_id();
    let intake = Intake::start(opened.system.clone(), dir).await?;
    let desk = Desk { scope: opened.system.enter(workspace, Reason::Ingest), intake };

    let mut built = Vec::new();
    for _ in 0..order.built {
        let draft = another(&first).await?;
        desk.fill(&draft, UNSENT, order.unsent()).await?;
        let (start_ms, end_ms) = (clock.now_ms() + DAY_MS, clock.now_ms() + 2 * DAY_MS);
        save(&draft, Mode::Spread, Some(start_ms), Some(end_ms), false).await?;
        campaigns::submit(&draft.edit().await?).await?;
        approve(&opened, &draft).await?;
        built.push(draft.campaign);
    }
    let (brought, reference) = (another(&first).await?, another(&first).await?);
    let file = recipients::mixed_file(UNSENT, order.unsent());
    let begun = Instant::now();
    desk.read(&reference, &file).await?;
    let reading = begun.elapsed();

    let secret = {
        let scopes = vec![
            Scope::NumbersWrite,
            Scope::CampaignsControl,
            Scope::CampaignsRead,
            Scope::RecipientsRead,
            Scope::RecipientsWrite,
        ];
        let new = NewKey { name: "bench".into(), scopes, life_days: 1 };
        api_keys::make(&first.author.grant()?, &new).await?.1
    };
    let mut drafts = vec![first];
    for _ in 1..order.modes.len() {
        drafts.push(another(&drafts[0]).await?);
    }
    let mut jobs = Vec::new();
    for (place, (draft, mode)) in drafts.iter().zip(order.modes.iter().copied()).enumerate() {
        if mode != Mode::Trigger {
            desk.fill(draft, place, order.messages).await?;
        }
        jobs.push(Job { workspace, campaign: draft.campaign, mode, place, messages: order.messages });
    }
    for (draft, mode) in drafts.iter().zip(order.modes.iter().copied()) {
        begin(&opened, draft, mode, order, &clock).await?;
    }
    desk.intake.shutdown().await;
    let program = Program { secret: secret.reveal().to_owned() };
    let (brought, reference) = (brought.campaign, reference.campaign);
    Ok(Scene { workspace, jobs, built, brought, file, reference, reading, program })
}

/// Approves a campaign with times for which nobody has to wait: a schedule that comes with the server, a window of which
/// the server sees only the end. What is asked for in time was asked for then: the clock is set back.
async fn begin(opened: &Opened, draft: &Draft, mode: Mode, order: Order, clock: &ManualClock) -> Result<(), Failure> {
    let now_ms = MachineClock.now_ms();
    let (start_ms, end_ms) = match mode {
        Mode::OnDemand | Mode::Trigger => (None, None),
        Mode::Scheduled => (Some(now_ms + SCHEDULED_IN_MS), None),
        Mode::Spread => (Some(now_ms - 31 * MINUTE_MS), Some(now_ms + i64::from(order.spread_s) * 1_000)),
    };
    clock.set(start_ms.unwrap_or(now_ms).min(now_ms) - MINUTE_MS);
    save(draft, mode, start_ms, end_ms, true).await?;
    campaigns::submit(&draft.edit().await?).await?;
    clock.set(now_ms);
    approve(opened, draft).await
}

async fn save(
    draft: &Draft,
    mode: Mode,
    start_at_ms: Option<i64>,
    end_at_ms: Option<i64>,
    automatically: bool,
) -> Result<(), Failure> {
    let edit = draft.edit().await?;
    let parameters = Parameters { mode, start_at_ms, end_at_ms, ..edit.campaign().parameters.clone() };
    campaigns::save(&edit, parameters, automatically).await?;
    Ok(())
}

/// A draft like another one, of the same people.
async fn another(like: &Draft) -> Result<Draft, Failure> {
    let parameters = campaigns::find(&like.author, like.campaign).await?.parameters;
    let made = campaigns::create(&like.author.grant::<kind::CreateCampaign>()?, Mode::OnDemand).await?;
    let draft = Draft { campaign: made.id, author: like.author.clone(), moderator: like.moderator.clone() };
    campaigns::save(&draft.edit().await?, parameters, true).await?;
    Ok(draft)
}

/// Where files are read, undisturbed.
struct Desk {
    scope: SystemScope,
    intake: Intake,
}

impl Desk {
    /// Gives a draft its recipients, all of whom are good.
    async fn fill(&self, draft: &Draft, place: usize, messages: u32) -> Result<(), Failure> {
        let read = self.read(draft, &recipients::file(place, messages)).await?;
        let accepted = read.report.map_or(0, |report| report.accepted);
        if accepted == u64::from(messages) { Ok(()) } else { Err(format!("{accepted} of {messages} were read").into()) }
    }

    async fn read(&self, draft: &Draft, file: &[u8]) -> Result<Campaign, Failure> {
        let (upload, _) = uploads::begin(&draft.edit().await?, "recipients.csv", 1).await?;
        std::fs::write(self.intake.spool().path(upload.workspace, upload.id), file)?;
        let upload = uploads::received_whole(&draft.edit().await?, &upload, file.len() as u64).await?;
        let reading = uploads::Reading { number_column: Some(0), has_header: Some(true), separator: None };
        uploads::read_as(&draft.edit().await?, &upload, reading).await?;
        self.intake.read(upload.workspace, draft.campaign).await?;
        loop {
            let campaign = campaigns::load(&self.scope, draft.campaign).await?;
            if campaign.report.is_some() {
                return Ok(campaign);
            }
            let upload = uploads::load(&self.scope, draft.campaign).await?.ok_or("the upload is gone")?;
            if let uploads::UploadState::Failed { reason } = upload.state {
                return Err(format!("the recipients cannot be read: {reason}").into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
