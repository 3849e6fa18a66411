//! `/api/v1/suppressions`: numbers that get no messages from the workspace. A number comes in a body, and never in an
//! address.

use app::AppError;
use axum::{Json, http::StatusCode, response::Response};
use domain::{
    api_key::kind::{SuppressionsRead, SuppressionsWrite},
    permission::kind::ManageWorkspace,
    phone::{self, Country, PhoneNumber},
    suppression::Source,
};
use serde::{Deserialize, Serialize};
use store::{
    Granted,
    suppressions::{self, AddedAs, BATCH_MAX, Listed},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::Asked,
    caller::Caller,
    named,
    page::{Page, Paging, time},
    posted::Posted,
    problem::Problem,
    recipients::{reveal, revealed},
};

/// One number, or several as `numbers`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SuppressionNumbers)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// With `+`, or as in the workspace's country.
    number: Option<String>,
    #[schema(max_items = 1000)]
    numbers: Option<Vec<String>>,
}

/// Which entries, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `full` for full numbers (with `numbers:read`); masked when it is left out.
    numbers: Option<String>,
}

/// A number on the suppression list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suppression)]
pub struct View {
    /// `•••4567`, or all of it.
    number: String,
    /// The same for one number in all campaigns of the workspace.
    ctn_hash: String,
    #[schema(schema_with = named::suppression_source)]
    source: Source,
    added_at: String,
    /// Null where it was nobody's doing.
    added_by: Option<String>,
}

/// Whether a number is on the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuppressionCheck)]
pub struct CheckView {
    suppressed: bool,
    /// How it came there; null where it is not on the list.
    entry: Option<View>,
}

/// What became of the numbers of a request; one that is there twice counts once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuppressionsAdded)]
pub struct Added {
    added: u64,
    /// They were on the list already.
    known: u64,
}

/// What became of the numbers of a request; one that is there twice counts once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuppressionsRemoved)]
pub struct Removed {
    removed: u64,
    /// They were not on the list.
    missing: u64,
}

impl From<Listed> for View {
    fn from(listed: Listed) -> Self {
        Self {
            number: listed.number,
            ctn_hash: listed.ctn_hash,
            source: listed.source,
            added_at: time(listed.at_ms),
            added_by: Some(listed.by.to_string()).filter(|name| !name.is_empty()),
        }
    }
}

/// The numbers of a body, in their order. Those that are none are named by their place.
fn read(proof: &Granted<ManageWorkspace>, asked: Numbers) -> Result<Vec<PhoneNumber>, Problem> {
    let country = Country::parse(&proof.workspace().default_country).map_err(AppError::internal)?;
    let (texts, is_one) = match (asked.number, asked.numbers) {
        (Some(number), None) => (vec![number], true),
        (None, Some(numbers)) if (1..=BATCH_MAX).contains(&numbers.len()) => (numbers, false),
        (None, Some(_)) => {
            return Err(Problem::parameter("numbers", format!("A list of 1 to {BATCH_MAX} numbers is expected.")));
        }
        _ => return Err(Problem::parameter("number", "Give one number as number, or several as numbers.")),
    };
    let (mut numbers, mut refused) = (Vec::with_capacity(texts.len()), Vec::new());
    for (place, text) in texts.iter().enumerate() {
        match phone::normalise(text.trim(), country) {
            Ok(number) => numbers.push(number),
            Err(why) => {
                let name = if is_one { "number".to_owned() } else { format!("numbers[{place}]") };
                refused.push((name, app::error::sentence(&why.to_string())));
            }
        }
    }
    if refused.is_empty() { Ok(numbers) } else { Err(Problem::fields(refused)) }
}

/// Each of them once.
fn distinct(mut numbers: Vec<PhoneNumber>) -> Vec<PhoneNumber> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Suppressed numbers
///
/// In an order that stays while numbers come and go.
#[utoipa::path(get, path = "/api/v1/suppressions", params(Narrowed), responses((status = 200, body = Page<View>)))]
pub async fn list(Caller(caller): Caller, Asked(asked): Asked<Narrowed>) -> Result<Json<Page<View>>, Problem> {
    let proof = caller.grant::<SuppressionsRead>()?;
    let full = revealed(&caller, asked.numbers.as_deref())?;
    let paging = Paging::new(asked.limit, asked.cursor);
    let (after, limit) = (paging.cursor()?, paging.limit()? as usize);
    let page = suppressions::page(&proof, after, limit, reveal(full.as_ref())).await?;
    let items = page.entries.into_iter().map(View::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|next| next.to_string()) }))
}

/// Suppress numbers
///
/// One, or up to 1,000: all of them, or none when one of them is no number. They get no messages from now on, whatever is
/// under way.
#[utoipa::path(post, path = "/api/v1/suppressions", request_body = Numbers, responses((status = 200, body = Added)))]
pub async fn add(Caller(caller): Caller, posted: Posted<Numbers>) -> Result<Response, Problem> {
    let proof = caller.grant::<SuppressionsWrite>()?;
    let added = posted.once(&caller, |asked, _| async move {
        let numbers = distinct(read(&proof, asked)?);
        let added = suppressions::add(&proof, &numbers, AddedAs::Program).await?;
        Ok((StatusCode::OK, Added { added, known: numbers.len() as u64 - added }))
    });
    added.await
}

/// Ask whether numbers are suppressed
///
/// One, or up to 1,000; `items` has an entry for each, in their order. By POST, so that no number gets into an address.
#[utoipa::path(post, path = "/api/v1/suppressions/check", request_body = Numbers, responses((status = 200, body = Page<CheckView>)))]
pub async fn check(Caller(caller): Caller, posted: Posted<Numbers>) -> Result<Json<Page<CheckView>>, Problem> {
    let proof = caller.grant::<SuppressionsRead>()?;
    let numbers = read(&proof, posted.value)?;
    let found = suppressions::find_all(&proof, &numbers).await?.into_iter();
    let items = found.map(|entry| CheckView { suppressed: entry.is_some(), entry: entry.map(View::from) });
    Ok(Json(Page { items: items.collect(), next_cursor: None }))
}

/// Take numbers off the list
///
/// One, or up to 1,000, whatever put them there. By POST, so that no number gets into an address.
#[utoipa::path(post, path = "/api/v1/suppressions/remove", request_body = Numbers, responses((status = 200, body = Removed)))]
pub async fn remove(Caller(caller): Caller, posted: Posted<Numbers>) -> Result<Response, Problem> {
    let proof = caller.grant::<SuppressionsWrite>()?;
    let removed = posted.once(&caller, |asked, _| async move {
        let numbers = distinct(read(&proof, asked)?);
        let removed = suppressions::remove(&proof, &numbers).await?;
        Ok((StatusCode::OK, Removed { removed, missing: numbers.len() as u64 - removed }))
    });
    removed.await
}
