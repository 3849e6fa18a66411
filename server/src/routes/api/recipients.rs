//! `/api/v1/campaigns/{id}/recipients` and what belongs to it: who a campaign goes to, and what became of them. Numbers are
//! masked unless the key and its owner may read them and they are asked for, which the audit log records.

use app::{AppError, api::campaigns::problems};
use axum::{Json, extract::Path};
use domain::{
    api_key::kind::{NumbersRead, RecipientsRead},
    permission::kind::{RevealNumbers, ViewWorkspace},
    phone::{self, Country},
    recipient::RecipientState,
};
use serde::{Deserialize, Serialize};
use store::{
    Granted,
    api_keys::KeyScope,
    campaigns, journal,
    recipients::{self, PageQuery, RecipientView, Reject, Reveal},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::Asked,
    caller::Caller,
    campaigns::{campaign_id, value_of},
    named,
    page::{Page, Paging, time},
    posted::Posted,
    problem::Problem,
};

/// Numbers that a search gives at most: a file may have one twice only where it was added later.
const FOUND_MAX: usize = 10;

/// Which recipients, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Those in one state.
    state: Option<String>,
    /// `full` for full numbers (with `numbers:read`); masked when it is left out.
    numbers: Option<String>,
}

/// Rejected lines, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NarrowedRejects {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `full` for the lines as they are (with `numbers:read`); masked when it is left out.
    numbers: Option<String>,
}

/// A number to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RecipientSearch)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// With `+`, or as in the workspace's country.
    number: String,
}

/// A recipient of a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recipient)]
pub struct View {
    /// Its place among the recipients, from 0; it stays from the start of the campaign on.
    index: u32,
    /// `•••4567`, or all of it.
    number: String,
    /// The same for one number in all campaigns of the workspace.
    ctn_hash: String,
    segments: u8,
    #[schema(schema_with = named::recipient_state)]
    state: RecipientState,
    /// Handed to the carrier.
    sent_at: Option<String>,
    /// The last receipt.
    settled_at: Option<String>,
    /// Why it failed.
    error: Option<Failure>,
}

/// Why a message failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecipientError)]
struct Failure {
    /// Such as `0x0000000b ESME_RINVDSTADR`.
    code: String,
    meaning: String,
    /// Who says so, and when.
    context: String,
}

/// A line of the file that is no recipient.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedLine)]
pub struct RejectView {
    line: u64,
    reason: String,
    text: String,
}

impl From<RecipientView> for View {
    fn from(recipient: RecipientView) -> Self {
        let status = recipient.status;
        let failed = status.state == RecipientState::Failed;
        Self {
            index: recipient.index,
            number: recipient.number,
            ctn_hash: recipient.ctn_hash,
            segments: recipient.segments,
            state: status.state,
            sent_at: status.submitted_at_ms.or(status.claimed_at_ms).map(time),
            settled_at: status.done_at_ms.map(time),
            error: failed.then(|| {
                let problems::Problem { code, meaning, context } = problems::Problem::of(status.error);
                Failure { code, meaning, context }
            }),
        }
    }
}

impl From<Reject> for RejectView {
    fn from(reject: Reject) -> Self {
        Self { line: reject.line, reason: reject.reason.to_string(), text: reject.text }
    }
}

/// The proof for full numbers, if they are asked for.
pub fn revealed(caller: &KeyScope, numbers: Option<&str>) -> Result<Option<Granted<RevealNumbers>>, Problem> {
    match numbers {
        None | Some("masked") => Ok(None),
        Some("full") => Ok(Some(caller.grant::<NumbersRead>()?)),
        Some(_) => Err(Problem::parameter("numbers", "masked or full is expected.")),
    }
}

pub fn reveal(proof: Option<&Granted<RevealNumbers>>) -> Reveal<'_> {
    proof.map_or(Reveal::Masked, Reveal::Full)
}

/// Recipients
///
/// In the order of the file. A message of several segments is delivered when all of them are.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/recipients", params(("id" = String, Path), Narrowed), responses((status = 200, body = Page<View>)))]
pub async fn list(
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<Narrowed>,
) -> Result<Json<Page<View>>, Problem> {
    let proof: Granted<ViewWorkspace> = caller.0.grant::<RecipientsRead>()?;
    let full = revealed(&caller.0, asked.numbers.as_deref())?;
    let state = asked.state.as_deref().map(|name| {
        value_of(name).ok_or_else(|| {
            let names: Vec<String> = RecipientState::ALL.iter().filter_map(|state| name_of(*state)).collect();
            Problem::parameter("state", format!("One of {} is expected.", names.join(", ")))
        })
    });
    let paging = Paging::new(asked.limit, asked.cursor);
    let query =
        PageQuery { from: paging.cursor()?.unwrap_or(0), state: state.transpose()?, limit: paging.limit()? as usize };
    let campaign = campaigns::find(&proof, campaign_id(&id)?).await?.id;
    // The journal first: what is folded meanwhile is then in the blocks.
    let tail = journal::tail(&proof, campaign).await?;
    let page = recipients::page(&proof, campaign, query, reveal(full.as_ref()), &tail).await?;
    let items = page.rows.into_iter().map(View::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|next| next.to_string()) }))
}

/// Find a recipient by number
///
/// By POST, so that no number gets into an address. Nobody: an empty list.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/recipients/search", params(("id" = String, Path)), request_body = Wanted, responses((status = 200, body = Page<View>)))]
pub async fn search(
    Caller(caller): Caller,
    Path(id): Path<String>,
    posted: Posted<Wanted>,
) -> Result<Json<Page<View>>, Problem> {
    let proof: Granted<ViewWorkspace> = caller.grant::<RecipientsRead>()?;
    let campaign = campaigns::find(&proof, campaign_id(&id)?).await?.id;
    let country = Country::parse(&proof.workspace().default_country).map_err(AppError::internal)?;
    let number = phone::normalise(&posted.value.number, country)
        .map_err(|reject| Problem::parameter("number", app::error::sentence(&reject.to_string())))?;
    let tail = journal::tail(&proof, campaign).await?;
    let found = recipients::find_by_number(&proof, campaign, number, FOUND_MAX, &tail).await?;
    Ok(Json(Page { items: found.into_iter().map(View::from).collect(), next_cursor: None }))
}

/// Rejected lines
///
/// Lines of the file that are no recipients, with the reason.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/rejects", params(("id" = String, Path), NarrowedRejects), responses((status = 200, body = Page<RejectView>)))]
pub async fn rejects(
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<NarrowedRejects>,
) -> Result<Json<Page<RejectView>>, Problem> {
    let proof: Granted<ViewWorkspace> = caller.0.grant::<RecipientsRead>()?;
    let full = revealed(&caller.0, asked.numbers.as_deref())?;
    let paging = Paging::new(asked.limit, asked.cursor);
    let (after, limit) = (paging.cursor()?.unwrap_or(0), paging.limit()? as usize);
    let campaign = campaigns::find(&proof, campaign_id(&id)?).await?.id;
    let rows = recipients::rejects_page(&proof, campaign, after, limit, reveal(full.as_ref())).await?;
    let next_cursor = rows.last().filter(|_| rows.len() == limit).map(|last| last.line.to_string());
    Ok(Json(Page { items: rows.into_iter().map(RejectView::from).collect(), next_cursor }))
}

fn name_of(state: RecipientState) -> Option<String> {
    serde_json::to_value(state).ok()?.as_str().map(str::to_owned)
}
