//! The audit log of a workspace, and that of the installation.

use domain::audit::Change;
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// The query of the log's address; what is empty is left open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// An e-mail address, `system`, or `unknown`.
    pub who: String,
    /// An action such as `campaign.approved`, or a group of them, such as `campaign`.
    pub action: String,
    /// The id of what it is about.
    pub about: String,
    /// The kind of what it is about, such as `sender`.
    pub kind: String,
    /// First day, such as `2026-11-20`.
    pub from: String,
    /// Last day, itself included.
    pub to: String,
    /// The place behind which the page begins.
    pub before: String,
}

/// One record of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub seq: u64,
    pub at: Moment,
    /// The name, or `System (dispatch)`.
    pub actor: String,
    /// The address, of a person.
    pub email: Option<String>,
    /// The role at that moment.
    pub capacity: Option<String>,
    pub action: String,
    pub resource_kind: String,
    pub resource_id: String,
    pub changes: Vec<Change>,
    pub note: Option<String>,
    pub address: String,
    pub user_agent: String,
    pub request_id: String,
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Records of a page.
pub const PAGE_ROWS: u32 = 50;

/// A page of the workspace's log.
#[server(input = Json)]
pub async fn audit_log(slug: String, query: AuditQuery) -> Result<AuditPage, AppError> {
    use domain::permission::kind::ViewAudit;

    let scope = super::context::enter(&slug).await?;
    let reader = store::audit::Reader::workspace(scope.grant::<ViewAudit>()?);
    page(&reader, &query, scope.zone()).await
}

/// A page of the installation's log: sign-ins, users, workspaces, links. Times are in UTC.
#[server(input = Json)]
pub async fn installation_audit(query: AuditQuery) -> Result<AuditPage, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let reader = store::audit::Reader::installation(services.gate.rule(&session)?);
    page(&reader, &query, domain::schedule::Zone::parse("UTC").ok()).await
}

#[cfg(feature = "ssr")]
async fn page(
    reader: &store::audit::Reader,
    query: &AuditQuery,
    zone: Option<domain::schedule::Zone>,
) -> Result<AuditPage, AppError> {
    let filter = query.filter(zone.as_ref())?;
    let before = if query.before.is_empty() { None } else { Some(query.before.parse()?) };
    let page = store::audit::list(reader, &filter, before, PAGE_ROWS as usize).await?;
    Ok(AuditPage {
        entries: page.records.into_iter().map(|record| entry(zone.as_ref(), record)).collect(),
        next: page.next.map(|next| next.to_string()),
    })
}

#[cfg(feature = "ssr")]
impl AuditQuery {
    /// As the store takes it; days are those of the zone.
    pub fn filter(&self, zone: Option<&domain::schedule::Zone>) -> Result<store::audit::Filter, AppError> {
        use store::audit::ActorFilter;

        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day = |field: &str, date: &str| said(date).map(|date| day(zone, field, &date)).transpose();
        Ok(store::audit::Filter {
            actor: said(&self.who).map(|who| match who.to_lowercase().as_str() {
                "system" => ActorFilter::System,
                "unknown" => ActorFilter::Unknown,
                _ => ActorFilter::Email(who),
            }),
            action: said(&self.action),
            resource_kind: said(&self.kind),
            resource_id: said(&self.about),
            from_ms: day("from", &self.from)?.map(|day| day.start),
            to_ms: day("to", &self.to)?.map(|day| day.end),
        })
    }
}

#[cfg(feature = "ssr")]
fn day(zone: Option<&domain::schedule::Zone>, field: &str, date: &str) -> Result<std::ops::Range<i64>, AppError> {
    let refused = || AppError::field(field, "A day has the form 2026-11-20.");
    let zone = zone.ok_or_else(refused)?;
    // No zone changes its clocks at noon.
    let noon = domain::schedule::resolve(&format!("{date}T12:00"), zone).map_err(|_| refused())?;
    Ok(zone.day(noon.at_ms))
}

#[cfg(feature = "ssr")]
pub(crate) fn entry(zone: Option<&domain::schedule::Zone>, record: domain::audit::AuditRecord) -> AuditEntry {
    use domain::audit::Actor;

    let (actor, email, capacity) = match record.actor {
        Actor::User { email, name, capacity, .. } => {
            (name, Some(email), capacity.map(|capacity| capacity.label().to_owned()))
        }
        Actor::System { reason } => (format!("System ({reason})"), None, None),
        Actor::Unknown => ("Unknown".to_owned(), None, None),
    };
    AuditEntry {
        seq: record.seq,
        at: Moment::exact_in(zone, record.at_ms),
        actor,
        email,
        capacity,
        action: record.action,
        resource_kind: record.resource_kind,
        resource_id: record.resource_id,
        changes: record.changes,
        note: record.note,
        address: record.origin.address,
        user_agent: record.origin.user_agent,
        request_id: record.origin.request_id,
        hash: record.hash,
    }
}
