//! `GET /api/v1/audit`: the audit log of the workspace, newest first.

use axum::{Json, extract::Query};
use domain::{
    api_key::kind::AuditRead,
    audit::{Actor, AuditRecord, Change},
};
use serde::Serialize;

use super::{
    caller::Caller,
    page::{Page, Paging, time},
    problem::Problem,
};

#[derive(Debug, Serialize)]
pub struct View {
    seq: u64,
    at: String,
    actor: Actor,
    action: String,
    resource: Resource,
    changes: Vec<Change>,
    note: Option<String>,
    address: String,
    user_agent: String,
    request_id: String,
    /// Of this record and those before it.
    hash: String,
}

#[derive(Debug, Serialize)]
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

pub async fn list(Caller(caller): Caller, Query(paging): Query<Paging>) -> Result<Json<Page<View>>, Problem> {
    let proof = caller.grant::<AuditRead>()?;
    let limit = paging.limit()?;
    let records = store::audit::page(&proof, paging.cursor()?, limit).await?;
    let more = records.len() == limit as usize;
    let next_cursor = records.last().filter(|last| more && last.seq > 1).map(|last| last.seq.to_string());
    Ok(Json(Page { items: records.into_iter().map(View::from).collect(), next_cursor }))
}
