//! A campaign as programs see it.

use domain::{
    campaign::{Campaign, IngestReport, Mode, Parameters, PauseReason, Progress, Status},
    id::{CampaignId, SenderId},
    sender::{Addressing, Npi, Ton},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::routes::api::{named, page::time};

/// A campaign in a list: no text, no numbers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    pub id: CampaignId,
    name: String,
    #[schema(schema_with = named::mode)]
    mode: Mode,
    #[schema(schema_with = named::status)]
    status: Status,
    /// Of its content: an edit after submission makes a new one and voids the approval.
    version: u32,
    /// Why it is Paused.
    #[schema(schema_with = named::pause_reason)]
    pause_reason: Option<PauseReason>,
    /// In sentences, where the reason alone does not tell it: what 10DLC misses, and when it goes on.
    pause_why: Option<String>,
    /// Why it Failed, in words.
    failure: Option<String>,
    archived: bool,
    author: String,
    sender: Option<Sender>,
    created_at: String,
    submitted_at: Option<String>,
    approved_at: Option<String>,
    started_at: Option<String>,
    ended_at: Option<String>,
    /// What happened to the file of recipients.
    #[schema(schema_with = named::report)]
    report: Option<IngestReport>,
    /// Recipients by state; they add up to `total`.
    #[schema(schema_with = named::recipients)]
    recipients: Recipients,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignSender)]
struct Sender {
    #[schema(value_type = String, format = Uuid)]
    id: SenderId,
    name: String,
    saddr: String,
    revision: u32,
}

#[derive(Debug, Serialize)]
struct Recipients {
    total: u64,
    #[serde(flatten)]
    by_state: Progress,
}

impl From<Campaign> for View {
    fn from(campaign: Campaign) -> Self {
        let Campaign { life, parameters, .. } = campaign;
        Self {
            id: campaign.id,
            name: parameters.name,
            mode: parameters.mode,
            status: life.status,
            version: life.version,
            pause_reason: life.pause.as_ref().map(|pause| pause.reason),
            pause_why: life.pause.and_then(|pause| pause.why),
            failure: campaign.failure,
            archived: life.archived_at_ms.is_some(),
            author: campaign.author_name,
            sender: parameters.sender.map(|revision| Sender {
                id: revision.sender,
                name: revision.display_name,
                saddr: revision.addressing.saddr.to_string(),
                revision: revision.revision,
            }),
            created_at: time(campaign.created_at_ms),
            submitted_at: campaign.submitted_at_ms.map(time),
            approved_at: life.approval.map(|approval| time(approval.at_ms)),
            started_at: campaign.started_at_ms.map(time),
            ended_at: campaign.ended_at_ms.map(time),
            report: campaign.report,
            recipients: Recipients { total: campaign.progress.total(), by_state: campaign.progress },
        }
    }
}

/// A campaign with what it sends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignDetail)]
pub struct Detail {
    #[serde(flatten)]
    campaign: View,
    parameters: ParametersView,
    /// What a moderator decided last, of the version that it names.
    decision: Option<Decision>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignParameters)]
struct ParametersView {
    channel: String,
    text: String,
    /// Local, in the workspace's time zone.
    start: Option<String>,
    start_at: Option<String>,
    /// Local, in the workspace's time zone.
    end: Option<String>,
    end_at: Option<String>,
    ignore_daily_window: bool,
    any_text: bool,
    /// Segments a day at most.
    daily_limit: Option<u32>,
    validity_minutes: Option<u32>,
    start_automatically: bool,
    /// Other SMPP values than those of the sender's revision.
    overrides: Option<Overrides>,
}

/// SMPP values instead of those of the sender's revision.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    pub saddr: String,
    #[schema(schema_with = named::ton)]
    pub source_ton: Ton,
    #[schema(schema_with = named::npi)]
    pub source_npi: Npi,
    #[schema(schema_with = named::ton)]
    pub destination_ton: Ton,
    #[schema(schema_with = named::npi)]
    pub destination_npi: Npi,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignDecision)]
struct Decision {
    approved: bool,
    by: String,
    at: String,
    version: u32,
    /// Always there on a rejection.
    note: Option<String>,
}

impl From<Campaign> for Detail {
    fn from(campaign: Campaign) -> Self {
        let Parameters {
            channel,
            text,
            start_local,
            start_at_ms,
            end_local,
            end_at_ms,
            ignore_daily_window,
            any_text,
            daily_limit,
            validity_minutes,
            overrides,
            ..
        } = campaign.parameters.clone();
        let decision = campaign.decision.clone().map(|decision| Decision {
            approved: decision.approved,
            by: decision.by_name,
            at: time(decision.at_ms),
            version: decision.version,
            note: decision.note,
        });
        Self {
            parameters: ParametersView {
                channel,
                text,
                start: start_local,
                start_at: start_at_ms.map(time),
                end: end_local,
                end_at: end_at_ms.map(time),
                ignore_daily_window,
                any_text,
                daily_limit,
                validity_minutes,
                start_automatically: campaign.life.start_automatically,
                overrides: overrides.map(Overrides::from),
            },
            decision,
            campaign: campaign.into(),
        }
    }
}

impl From<Addressing> for Overrides {
    fn from(addressing: Addressing) -> Self {
        let Addressing { saddr, source_ton, source_npi, destination_ton, destination_npi } = addressing;
        Self { saddr: saddr.to_string(), source_ton, source_npi, destination_ton, destination_npi }
    }
}
