//! The campaign list: filtered, newest first, by cursor.

use domain::{
    campaign::{Campaign, Mode, Status},
    id::CampaignId,
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value, Variables};

use super::domain_name;
use crate::{Error, Granted, db::key, journal};

/// What the list shows. Every field is one of the URL's query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    pub status: Option<Status>,
    pub mode: Option<Mode>,
    /// Part of the name, the sender or the id.
    pub search: Option<String>,
    pub period: Option<Period>,
    pub archived: bool,
    /// Only campaigns made before this one.
    pub before: Option<CampaignId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from_ms: i64,
    pub to_ms: i64,
}

#[derive(Debug, Clone)]
pub struct Page {
    pub campaigns: Vec<Campaign>,
    /// Give this as [`Filter::before`] for the next page; None at the end.
    pub next: Option<CampaignId>,
}

/// At most `limit` campaigns, newest first.
pub async fn list(scope: &Granted<kind::ViewWorkspace>, filter: &Filter, limit: u32) -> Result<Page, Error> {
    let inner = scope.inner();
    let mut vars = Variables::new();
    let before = filter.before.map(key::id);
    vars.insert("range", key::range("campaign", scope.workspace_id(), [], None, before));
    vars.insert("archived", filter.archived);
    vars.insert("limit", i64::from(limit) + 1);
    let mut conditions = vec!["archived = $archived"];
    if let Some(status) = filter.status {
        vars.insert("status", domain_name(status).into_value());
        conditions.push("status = $status");
    }
    if let Some(mode) = filter.mode {
        let mode: Value = serde_json::to_value(mode).ok().and_then(|mode| mode.as_str().map(str::to_owned)).into_value();
        vars.insert("mode", mode);
        conditions.push("doc.parameters.mode = $mode");
    }
    if let Some(period) = filter.period {
        vars.insert("from", period.from_ms);
        vars.insert("to", period.to_ms);
        conditions.push("doc.created_at_ms >= $from AND doc.created_at_ms < $to");
    }
    if let Some(search) = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
        vars.insert("search", search.to_lowercase());
        conditions.push(
            "(string::contains(string::lowercase(doc.parameters.name), $search) \
             OR string::contains(string::lowercase(doc.parameters.sender.display_name ?? ''), $search) \
             OR string::starts_with(doc.id, $search))",
        );
    }
    let sql = format!("SELECT VALUE doc FROM $range WHERE {} ORDER BY id DESC LIMIT $limit", conditions.join(" AND "));
    let mut campaigns: Vec<Campaign> = inner.db.docs(&sql, vars).await?;
    let more = campaigns.len() > limit as usize;
    campaigns.truncate(limit as usize);
    for campaign in &mut campaigns {
        if let Some(progress) = journal::progress_of(inner, campaign.workspace, campaign.id).await? {
            campaign.progress = progress;
        }
    }
    let next = more.then(|| campaigns.last().map(|campaign| campaign.id)).flatten();
    Ok(Page { campaigns, next })
}
