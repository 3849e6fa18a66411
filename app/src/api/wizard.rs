//! The wizard: a draft that is saved on the server at each of its five steps.

use domain::{
    campaign::{IngestReport, Mode},
    message_template::TemplateRef,
    sender::{Addressing, Npi, RevisionRef, Ton},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::campaigns::origin::CopyOfView;
use super::campaigns::plan::PlanDay;
use crate::{error::AppError, state::moment::Moment};

#[cfg(feature = "ssr")]
mod duration;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
mod view;

/// The network is told to try for at most so long: a week, more than carriers keep a message.
pub const VALIDITY_MINUTES_MAX: u32 = 7 * 24 * 60;

/// A campaign as the wizard shows it, with what can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WizardDraft {
    pub id: String,
    /// Not sent to moderation yet; otherwise it is the edit of a submitted campaign.
    pub is_draft: bool,
    pub version: u32,
    /// An edit voids it.
    pub approved: bool,
    pub mode: Mode,
    pub name: String,
    pub text: String,
    /// Of Trigger: each number comes with a text of its own.
    pub any_text: bool,
    /// Of Trigger: it sends at any hour.
    pub ignore_daily_window: bool,
    /// The template with which the text began.
    pub template: Option<TemplateRef>,
    /// The texts that it can begin with.
    pub templates: Vec<TemplateOffer>,
    pub sender: Option<RevisionRef>,
    /// Of the workspace.
    pub senders: Vec<Offer>,
    /// Of the installation, which offers them to the workspace.
    pub offered_senders: Vec<Offer>,
    pub channel: String,
    pub channels: Vec<ChannelOffer>,
    /// What the chosen channel's policy asks for, in half sentences; empty: it has none.
    pub policy: Vec<String>,
    /// Of Scheduled the start, of Spread the beginning of the window.
    pub start: StartView,
    /// The end of the window of Spread; of Trigger when it takes no more numbers.
    pub end: StartView,
    /// The daily hours of the workspace, in words; None: at any time.
    pub hours: Option<String>,
    /// Segments a day at most.
    pub daily_limit: Option<u32>,
    pub start_automatically: bool,
    pub validity_minutes: Option<u32>,
    pub overrides: Option<Addressing>,
    /// The addresses that an admin may choose instead of the sender's; empty for everybody else.
    pub addresses: Vec<String>,
    pub report: Option<IngestReport>,
    /// The segments were counted for another text, and are counted again before submission.
    pub segments_stale: bool,
    /// The text as the first recipients get it, when it has merge fields.
    pub samples: Vec<String>,
    /// What all segments cost, when the workspace has a price.
    pub cost: Option<String>,
    /// How long sending takes at the channel's rate, in the daily hours and within the daily limit.
    pub duration: Duration,
    /// For Spread: how long the window is.
    pub window_s: Option<u64>,
    /// For Spread: who is due when, once the recipients are there.
    pub days: Vec<PlanDay>,
    pub four_eyes: bool,
    /// The first thing that is missing.
    pub gap: Option<Gap>,
    /// It began as a copy.
    pub copy_of: Option<CopyOfView>,
    /// What 10DLC says to its sender; None: the sender is no US number, or there is none yet.
    pub tendlc: Option<TenDlcCheck>,
}

/// Whether messages may leave from a US number, which is asked again when it is submitted, approved and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TenDlcCheck {
    Cleared {
        /// The registry's id of the 10DLC campaign.
        campaign: String,
        brand: String,
        /// Of the 10DLC campaign, over all that is sent by it.
        segments_per_minute: u32,
        /// Of the brand, until midnight Pacific time.
        segments_per_day: u32,
    },
    /// What is missing, in a sentence.
    Missing(String),
}

/// Something that can be chosen from a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub id: String,
    pub label: String,
}

/// A link or a pool that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOffer {
    pub id: String,
    pub label: String,
    /// What its policy asks for, in half sentences; empty: it has none.
    pub policy: Vec<String>,
}

/// A template that a text can begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateOffer {
    pub id: String,
    pub name: String,
    pub version: u32,
    pub text: String,
    pub approved: bool,
}

/// The start of a scheduled campaign, in the workspace's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartView {
    /// What was typed, `2026-11-20T17:45`.
    pub local: String,
    pub at: Option<Moment>,
    /// What has to be said of the time, such as that it comes twice on that day.
    pub note: Option<String>,
    pub zone: String,
    /// As a form writes it: nothing earlier can be chosen.
    pub now_local: String,
}

/// An estimate: nobody knows what else is sent meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Duration {
    /// The channel has no limit, or there is nothing to send yet.
    Unknown,
    Seconds(u64),
    OverAYear,
}

/// What is missing, and the step where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub step: u8,
    pub message: String,
}

impl WizardDraft {
    /// The furthest step that can be opened: the first with something missing, or the last.
    #[must_use]
    pub fn reached(&self) -> u8 {
        self.gap.as_ref().map_or(5, |gap| gap.step)
    }
}

/// The step behind the SMPP values: a Trigger campaign has no recipients yet.
#[must_use]
pub fn after_addressing(mode: Mode) -> &'static str {
    if mode == Mode::Trigger { "/edit/5" } else { "/edit/4" }
}

/// A campaign that this person may edit now.
#[server]
pub async fn load_draft(slug: String, id: String) -> Result<WizardDraft, AppError> {
    use domain::permission::kind::EditCampaign;

    let engine = super::context::services()?.engine;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    view::draft(&proof, &engine.channels(), engine.pools()).await
}

/// Step 1 of a new campaign: the draft begins.
#[server]
pub async fn create_draft(slug: String, mode: Mode) -> Result<(), AppError> {
    use domain::permission::kind::CreateCampaign;

    let scope = super::context::enter(&slug).await?;
    let campaign = store::campaigns::create(&scope.grant::<CreateCampaign>()?, mode).await?;
    form::go_to(&scope, campaign.id, "/edit/2");
    Ok(())
}

/// Step 1 of a campaign that exists. What is submitted stays complete: there the mode is saved together with step 2.
#[server]
pub async fn choose_mode(slug: String, id: String, mode: Mode) -> Result<(), AppError> {
    use domain::{campaign::Status, permission::kind::EditCampaign};

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    let campaign = proof.campaign();
    if campaign.life.status == Status::Draft {
        let parameters = form::with_mode(campaign.parameters.clone(), mode);
        store::campaigns::save(&proof, parameters, campaign.life.start_automatically).await?;
        form::go_to(&scope, campaign.id, "/edit/2");
    } else {
        form::go_to(&scope, campaign.id, &format!("/edit/2?mode={}", crate::state::query::name_of(mode)));
    }
    Ok(())
}

/// Step 2. Of a draft, what is right is saved even when something else is refused, so that nothing typed is lost.
#[server]
pub async fn save_message(
    slug: String,
    id: String,
    mode: Mode,
    name: String,
    #[server(default)] sender: String,
    #[server(default)] channel: String,
    #[server(default)] text: String,
    #[server(default)] any_text: bool,
    #[server(default)] ignore_daily_window: bool,
    #[server(default)] template: String,
    #[server(default)] start: String,
    #[server(default)] end: String,
    #[server(default)] daily_limit: String,
    #[server(default)] validity_minutes: String,
    #[server(default)] start_automatically: bool,
) -> Result<(), AppError> {
    use domain::{campaign::Status, permission::kind::EditCampaign};

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    let typed = form::Message {
        mode,
        name,
        sender,
        channel,
        text,
        template,
        any_text,
        ignore_daily_window,
        start,
        end,
        daily_limit,
        validity_minutes,
    };
    let (parameters, refused) = typed.read(&proof, &super::context::services()?.engine.channels()).await?;
    if !refused.is_empty() && proof.campaign().life.status != Status::Draft {
        return Err(AppError::fields(refused));
    }
    let saved = store::campaigns::save(&proof, parameters, start_automatically).await?;
    if !refused.is_empty() {
        return Err(AppError::fields(refused));
    }
    form::count_segments(&scope, saved.id).await?;
    form::go_to(&scope, saved.id, "/edit/3");
    Ok(())
}

/// Step 3, for admins: other SMPP values than those of the sender's revision, for this campaign alone.
#[server]
pub async fn override_addressing(
    slug: String,
    id: String,
    saddr: String,
    source_ton: Ton,
    source_npi: Npi,
    destination_ton: Ton,
    destination_npi: Npi,
) -> Result<(), AppError> {
    use domain::{permission::kind::EditCampaign, sender::Saddr};

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    let saddr = Saddr::parse(&saddr)
        .map_err(|refusal| AppError::field("saddr", crate::error::sentence(&refusal.to_string())))?;
    let addressing = Addressing { saddr, source_ton, source_npi, destination_ton, destination_npi };
    form::save_overrides(&proof, Some(addressing)).await?;
    form::go_to(&scope, proof.campaign().id, after_addressing(proof.campaign().parameters.mode));
    Ok(())
}

/// Step 3: back to the values of the sender's revision.
#[server]
pub async fn drop_overrides(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    form::save_overrides(&proof, None).await?;
    form::go_to(&scope, proof.campaign().id, after_addressing(proof.campaign().parameters.mode));
    Ok(())
}

/// Step 5: the draft goes to the moderators.
#[server]
pub async fn submit_draft(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaigns::campaign_id(&id)?).await?;
    super::campaigns::channel::check(&super::context::services()?.engine, proof.campaign(), "submitted")?;
    let id = proof.campaign().id;
    form::count_segments(&scope, id).await?;
    store::campaigns::submit(&proof).await?;
    form::go_to(&scope, id, "");
    Ok(())
}
