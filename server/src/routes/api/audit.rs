//! `GET /api/v1/audit`: the audit log of the workspace, newest first.

use axum::Json;
use domain::{
    api_key::kind::AuditRead,
    audit::{Actor, AuditRecord, Change},
};
use serde::{Deserialize, Serialize};
use store::audit::{ActorFilter, Filter, Reader};
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::Asked,
    caller::Caller,
    campaigns::moment,
    page::{Page, Paging, time},
    problem::Problem,
};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditRecord)]
pub struct View {
    seq: u64,
    at: String,
    /// `kind` is `user`, `system` or `unknown`; of a user it has `id`, `email`, `name` and `capacity`.
    #[schema(value_type = Object)]
    actor: Actor,
    action: String,
    resource: Resource,
    /// `field`, `before` and `after` of what changed.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Change>,
    note: Option<String>,
    address: String,
    user_agent: String,
    request_id: String,
    /// Of this record and those before it.
    hash: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditResource)]
struct Resource {
    kind: String,
    id: String,
}

impl From<AuditRecord> for View {
    fn from(record: AuditRecord) -> Self {
        Self {
            seq: record.seq,
            at: time(record.at_ms),
            actor: record.actor,
            action: record.action,
            resource: Resource { kind: record.resource_kind, id: record.resource_id },
            changes: record.changes,
            note: record.note,
            address: record.origin.address,
            user_agent: record.origin.user_agent,
            request_id: record.origin.request_id,
            hash: record.hash,
        }
    }
}

/// How the log is narrowed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// An e-mail address, `system` or `unknown`.
    actor: Option<String>,
    /// Such as `campaign.approved`, or a group, such as `campaign`.
    action: Option<String>,
    /// A kind of thing, such as `campaign`.
    resource_kind: Option<String>,
    resource_id: Option<String>,
    /// The first moment, such as `2026-11-20T00:00:00Z`.
    from: Option<String>,
    /// The moment behind the last one.
    to: Option<String>,
}

/// The audit log
///
/// Newest first. A page may have fewer records than `limit` and yet a `next_cursor`: of a long log a part is looked at.
#[utoipa::path(get, path = "/api/v1/audit", params(Narrowed), responses((status = 200, body = Page<View>)))]
pub async fn list(Caller(caller): Caller, Asked(asked): Asked<Narrowed>) -> Result<Json<Page<View>>, Problem> {
    let reader = Reader::workspace(caller.grant::<AuditRead>()?);
    let paging = Paging::new(asked.limit, asked.cursor);
    let filter = Filter {
        actor: asked.actor.map(|actor| match actor.as_str() {
            "system" => ActorFilter::System,
            "unknown" => ActorFilter::Unknown,
            _ => ActorFilter::Email(actor),
        }),
        action: asked.action,
        resource_kind: asked.resource_kind,
        resource_id: asked.resource_id,
        from_ms: moment("from", asked.from.as_deref())?,
        to_ms: moment("to", asked.to.as_deref())?,
    };
    let page = store::audit::list(&reader, &filter, paging.cursor()?, paging.limit()? as usize).await?;
    let items = page.records.into_iter().map(View::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|next| next.to_string()) }))
}
