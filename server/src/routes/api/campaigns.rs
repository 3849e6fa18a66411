//! `GET /api/v1/campaigns` and `/api/v1/campaigns/{id}`: status and figures.

use app::AppError;
use axum::{
    Json,
    extract::{Path, Query},
};
use domain::{
    api_key::kind::CampaignsRead,
    campaign::{Campaign, IngestReport, Mode, PauseReason, Progress, Status},
    id::CampaignId,
};
use serde::{Deserialize, Serialize};
use store::campaigns::{self, Filter};

use super::{
    caller::Caller,
    page::{Page, Paging, time},
    problem::Problem,
};

/// How a list of campaigns is narrowed.
#[derive(Debug, Deserialize)]
pub struct Narrowed {
    status: Option<String>,
    archived: Option<String>,
}

/// A campaign as programs see it: no text, no numbers.
#[derive(Debug, Serialize)]
pub struct View {
    id: CampaignId,
    name: String,
    mode: Mode,
    status: Status,
    /// Why it is Paused.
    pause_reason: Option<PauseReason>,
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
    report: Option<IngestReport>,
    /// Recipients by state; they add up to `total`.
    recipients: Recipients,
}

#[derive(Debug, Serialize)]
struct Sender {
    id: domain::id::SenderId,
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
            pause_reason: life.pause.map(|pause| pause.reason),
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

/// Newest first.
pub async fn list(
    Caller(caller): Caller,
    Query(paging): Query<Paging>,
    Query(narrowed): Query<Narrowed>,
) -> Result<Json<Page<View>>, Problem> {
    let proof = caller.grant::<CampaignsRead>()?;
    let filter = Filter {
        statuses: narrowed.statuses()?,
        archived: narrowed.archived()?,
        before: paging.cursor()?,
        ..Filter::default()
    };
    let page = campaigns::list(&proof, &filter, paging.limit()?).await?;
    let items = page.campaigns.into_iter().map(View::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|next| next.to_string()) }))
}

pub async fn show(Caller(caller): Caller, Path(id): Path<String>) -> Result<Json<View>, Problem> {
    let proof = caller.grant::<CampaignsRead>()?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(Json(campaigns::find(&proof, id).await?.into()))
}

impl Narrowed {
    fn statuses(&self) -> Result<Vec<Status>, Problem> {
        let Some(statuses) = self.status.as_deref().filter(|statuses| !statuses.is_empty()) else {
            return Ok(Vec::new());
        };
        let known = |name: &str| serde_json::from_value(serde_json::Value::String(name.to_owned())).ok();
        let read: Option<Vec<Status>> = statuses.split(',').map(known).collect();
        read.ok_or_else(|| {
            let names: Vec<String> = Status::ALL.iter().map(|status| status.label().to_lowercase()).collect();
            Problem::parameter("status", format!("One or several of {} are expected, with commas.", names.join(", ")))
        })
    }

    fn archived(&self) -> Result<bool, Problem> {
        match self.archived.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::parameter("archived", "true or false is expected.")),
        }
    }
}
