//! `/api/v1/inbound`: what subscribers wrote to the workspace.

use axum::Json;
use domain::{api_key::kind::InboundRead, inbound::Wish};
use serde::{Deserialize, Serialize};
use store::inbound;
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::Asked,
    caller::Caller,
    named,
    page::{Page, Paging, time},
    problem::Problem,
    recipients::{reveal, revealed},
};

/// Which messages, and how.
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

/// A message from a subscriber.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InboundMessage)]
pub struct View {
    id: String,
    received_at: String,
    /// `•••4567`, or all of it; a short code or a name is nobody's number, and always in full.
    from: String,
    /// The SADDR that they wrote to.
    to: String,
    /// Null where it is no text.
    text: Option<String>,
    /// Null where it is no keyword.
    #[schema(schema_with = named::keyword)]
    keyword: Option<Wish>,
}

/// Inbound messages
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/inbound", params(Narrowed), responses((status = 200, body = Page<View>)))]
pub async fn list(Caller(caller): Caller, Asked(asked): Asked<Narrowed>) -> Result<Json<Page<View>>, Problem> {
    let proof = caller.grant::<InboundRead>()?;
    let full = revealed(&caller, asked.numbers.as_deref())?;
    let paging = Paging::new(asked.limit, asked.cursor);
    let (before, limit) = (paging.cursor()?, paging.limit()?);
    let page = inbound::page(&proof, before, limit, reveal(full.as_ref())).await?;
    let items = page.rows.into_iter().map(|message| View {
        id: message.id.to_string(),
        received_at: time(message.at_ms),
        from: message.from,
        to: message.saddr,
        text: message.text,
        keyword: message.wish,
    });
    Ok(Json(Page { items: items.collect(), next_cursor: page.next.map(|next| next.to_string()) }))
}
