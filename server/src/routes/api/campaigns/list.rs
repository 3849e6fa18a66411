//! `GET /api/v1/campaigns` and `/api/v1/campaigns/{id}`.

use axum::{Json, extract::Path};
use domain::{
    api_key::kind::CampaignsRead,
    campaign::{Mode, Status},
    id::CampaignId,
    schedule,
};
use serde::{Deserialize, de::DeserializeOwned};
use store::campaigns::{self, Filter, Period};
use utoipa::IntoParams;

use super::{
    campaign_id,
    view::{Detail, View},
};
use crate::routes::api::{
    asked::Asked,
    caller::Caller,
    page::{Page, Paging},
    problem::Problem,
};

/// How a list of campaigns is narrowed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// One status or several, with commas.
    status: Option<String>,
    /// `on_demand`, `scheduled`, `spread` or `trigger`.
    mode: Option<String>,
    /// The archived ones instead of the others.
    #[param(value_type = Option<bool>)]
    archived: Option<String>,
    /// Part of the name, the sender or the id.
    search: Option<String>,
    /// Made at or after this moment, such as `2026-11-20T00:00:00Z`.
    from: Option<String>,
    /// Made before this moment.
    to: Option<String>,
}

/// Campaigns
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/campaigns", params(Narrowed), responses((status = 200, body = Page<View>)))]
pub async fn list(Caller(caller): Caller, Asked(asked): Asked<Narrowed>) -> Result<Json<Page<View>>, Problem> {
    let proof = caller.grant::<CampaignsRead>()?;
    let paging = Paging::new(asked.limit.clone(), asked.cursor.clone());
    let page = campaigns::list(&proof, &asked.filter(paging.cursor()?)?, paging.limit()?).await?;
    let items = page.campaigns.into_iter().map(View::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|next| next.to_string()) }))
}

/// A campaign
///
/// Its status, its figures and what it sends.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", params(("id" = String, Path)), responses((status = 200, body = Detail)))]
pub async fn show(Caller(caller): Caller, Path(id): Path<String>) -> Result<Json<Detail>, Problem> {
    let proof = caller.grant::<CampaignsRead>()?;
    Ok(Json(campaigns::find(&proof, campaign_id(&id)?).await?.into()))
}

impl Narrowed {
    fn filter(self, before: Option<CampaignId>) -> Result<Filter, Problem> {
        let (from, to) = (moment("from", self.from.as_deref())?, moment("to", self.to.as_deref())?);
        let period = (from.is_some() || to.is_some())
            .then(|| Period { from_ms: from.unwrap_or(i64::MIN), to_ms: to.unwrap_or(i64::MAX) });
        Ok(Filter {
            statuses: statuses(self.status.as_deref())?,
            mode: self.mode.as_deref().map(mode).transpose()?,
            archived: flag("archived", self.archived.as_deref())?,
            search: self.search,
            period,
            before,
            ..Filter::default()
        })
    }
}

/// A value by its name in JSON.
pub fn value_of<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn mode(name: &str) -> Result<Mode, Problem> {
    value_of(name).ok_or_else(|| Problem::parameter("mode", "on_demand, scheduled, spread or trigger is expected."))
}

fn statuses(names: Option<&str>) -> Result<Vec<Status>, Problem> {
    let Some(names) = names.filter(|names| !names.is_empty()) else { return Ok(Vec::new()) };
    let read: Option<Vec<Status>> = names.split(',').map(value_of).collect();
    read.ok_or_else(|| {
        let names: Vec<String> = Status::ALL.iter().map(|status| status.label().to_lowercase()).collect();
        Problem::parameter("status", format!("One or several of {} are expected, with commas.", names.join(", ")))
    })
}

fn flag(name: &str, value: Option<&str>) -> Result<bool, Problem> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::parameter(name, "true or false is expected.")),
    }
}

/// A moment of a filter.
pub fn moment(name: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let moment = schedule::instant(text).map(Some);
    moment.ok_or_else(|| Problem::parameter(name, "A moment such as 2026-11-20T00:00:00Z is expected (RFC 3339)."))
}
