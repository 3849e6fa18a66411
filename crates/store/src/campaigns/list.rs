//! The campaign list: filtered and sorted. Newest first pages by cursor, which reads a page and no more; the other orders
//! skip, since they read the workspace's campaigns anyway.

use domain::{
    campaign::{Campaign, Mode, Status},
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value, Variables};

use super::domain_name;
use crate::{Error, Granted, access::Inner, db::key, journal};

/// What the list shows. Every field is one of the URL's query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Empty: whatever the status.
    #[serde(default)]
    pub statuses: Vec<Status>,
    pub mode: Option<Mode>,
    /// Part of the name, the sender or the id.
    pub search: Option<String>,
    pub period: Option<Period>,
    pub archived: bool,
    #[serde(default)]
    pub sort: Sort,
    /// Newest first: only campaigns made before this one.
    pub before: Option<CampaignId>,
    /// The other orders: so many come on earlier pages.
    #[serde(default)]
    pub skip: u32,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    SenderAscending,
    SenderDescending,
    /// By the first message, or by the time that is set while there is none.
    StartAscending,
    StartDescending,
}

impl Sort {
    /// What is compared, and in which direction; campaigns that are equal by it come newest first.
    const fn order(self) -> (&'static str, &'static str) {
        const SENDER: &str = "string::lowercase(doc.parameters.sender.display_name ?? '')";
        const START: &str = "(doc.started_at_ms ?? doc.parameters.start_at_ms ?? 0)";
        match self {
            Self::Newest => ("doc.created_at_ms", "DESC"),
            Self::Oldest => ("doc.created_at_ms", "ASC"),
            Self::SenderAscending => (SENDER, "ASC"),
            Self::SenderDescending => (SENDER, "DESC"),
            Self::StartAscending => (START, "ASC"),
            Self::StartDescending => (START, "DESC"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from_ms: i64,
    pub to_ms: i64,
}

#[derive(Debug, Clone)]
pub struct Page {
    pub campaigns: Vec<Campaign>,
    /// For newest first: give this as [`Filter::before`] for the next page. The other orders: skip this page too. None at
    /// the end.
    pub next: Option<CampaignId>,
}

/// At most `limit` campaigns.
pub async fn list(scope: &Granted<kind::ViewWorkspace>, filter: &Filter, limit: u32) -> Result<Page, Error> {
    let campaigns = one_more(scope.inner(), scope.workspace_id(), filter, limit).await?;
    page(scope.inner(), campaigns, limit).await
}

/// At most `limit` campaigns of several workspaces, newest first whatever the filter says. Reads as many of each, and
/// merges: ids sort by the time of their making.
pub(crate) async fn across(
    inner: &Inner,
    workspaces: &[WorkspaceId],
    filter: &Filter,
    limit: u32,
) -> Result<Page, Error> {
    let filter = Filter { sort: Sort::Newest, ..filter.clone() };
    let mut campaigns = Vec::new();
    for &workspace in workspaces {
        campaigns.extend(one_more(inner, workspace, &filter, limit).await?);
        campaigns.sort_by_key(|campaign| std::cmp::Reverse(campaign.id));
        campaigns.truncate(limit as usize + 1);
    }
    page(inner, campaigns, limit).await
}

/// A page of what was read, with the figures as they stand.
async fn page(inner: &Inner, mut campaigns: Vec<Campaign>, limit: u32) -> Result<Page, Error> {
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

/// The campaigns of a page, and the one behind it, if there is one.
async fn one_more(inner: &Inner, workspace: WorkspaceId, filter: &Filter, limit: u32) -> Result<Vec<Campaign>, Error> {
    let mut vars = Variables::new();
    let before = filter.before.filter(|_| filter.sort == Sort::Newest).map(key::id);
    vars.insert("range", key::range("campaign", workspace, [], None, before));
    vars.insert("archived", filter.archived);
    vars.insert("limit", i64::from(limit) + 1);
    let mut conditions = vec!["archived = $archived"];
    if !filter.statuses.is_empty() {
        let statuses: Vec<Value> = filter.statuses.iter().map(|&status| domain_name(status).into_value()).collect();
        vars.insert("statuses", statuses);
        conditions.push("status IN $statuses");
    }
    if let Some(mode) = filter.mode {
        let mode: Value =
            serde_json::to_value(mode).ok().and_then(|mode| mode.as_str().map(str::to_owned)).into_value();
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
             OR string::contains(doc.id, $search))",
        );
    }
    let conditions = conditions.join(" AND ");
    let sql = if filter.sort == Sort::Newest {
        format!("SELECT VALUE doc FROM $range WHERE {conditions} ORDER BY id DESC LIMIT $limit")
    } else {
        vars.insert("skip", i64::from(filter.skip));
        let (place, direction) = filter.sort.order();
        format!(
            "SELECT VALUE doc FROM (SELECT id, doc, {place} AS place FROM $range WHERE {conditions} \
             ORDER BY place {direction}, id DESC LIMIT $limit START $skip)"
        )
    };
    inner.db.docs(&sql, vars).await
}
