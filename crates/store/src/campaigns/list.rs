//! The campaign list: filtered and sorted. That of one workspace comes from the index that is held in memory; that of
//! several is read from the database, newest first, a page of each and no more.

use std::{cmp::Ordering, sync::Arc};

use domain::{
    campaign::{Campaign, Mode, Status},
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value, Variables};

use super::{domain_name, index::Entry};
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
    /// Campaigns that are equal by what is compared come newest first.
    fn compare(self, one: &Campaign, other: &Campaign) -> Ordering {
        let sender = |campaign: &Campaign| {
            campaign.parameters.sender.as_ref().map(|sender| sender.display_name.to_lowercase()).unwrap_or_default()
        };
        let start = |campaign: &Campaign| campaign.started_at_ms.or(campaign.parameters.start_at_ms).unwrap_or(0);
        let created = |campaign: &Campaign| campaign.created_at_ms;
        let order = match self {
            Self::Newest => created(other).cmp(&created(one)),
            Self::Oldest => created(one).cmp(&created(other)),
            Self::SenderAscending => sender(one).cmp(&sender(other)),
            Self::SenderDescending => sender(other).cmp(&sender(one)),
            Self::StartAscending => start(one).cmp(&start(other)),
            Self::StartDescending => start(other).cmp(&start(one)),
        };
        order.then_with(|| other.id.cmp(&one.id))
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
    let inner = scope.inner();
    let index = inner.index(scope.workspace_id()).await?;
    let search = filter.search.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
    let wanted = |entry: &&Arc<Entry>| filter.lets_through(&entry.campaign) && entry.holds(&search);
    let limit = limit as usize;
    let mut found: Vec<&Arc<Entry>> = match (filter.sort, filter.before) {
        (Sort::Newest, Some(before)) => index.entries_before(before).rev().filter(wanted).take(limit + 1).collect(),
        (Sort::Newest, None) => index.entries().rev().filter(wanted).take(limit + 1).collect(),
        (sort, _) => {
            let mut found: Vec<_> = index.entries().filter(wanted).collect();
            found.sort_by(|one, other| sort.compare(&one.campaign, &other.campaign));
            found.into_iter().skip(filter.skip as usize).take(limit + 1).collect()
        }
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let next = more.then(|| found.last().map(|entry| entry.campaign.id)).flatten();
    Ok(Page { campaigns: found.into_iter().map(|entry| inner.current(entry)).collect(), next })
}

impl Filter {
    /// All but the search.
    fn lets_through(&self, campaign: &Campaign) -> bool {
        let in_period = |period: &Period| (period.from_ms..period.to_ms).contains(&campaign.created_at_ms);
        campaign.life.archived_at_ms.is_some() == self.archived
            && (self.statuses.is_empty() || self.statuses.contains(&campaign.life.status))
            && self.mode.is_none_or(|mode| campaign.parameters.mode == mode)
            && self.period.as_ref().is_none_or(in_period)
    }
}

/// At most `limit` campaigns of several workspaces, newest first whatever the filter says. Reads as many of each, and
/// merges: ids sort by the time of their making.
pub(crate) async fn across(
    inner: &Inner,
    workspaces: &[WorkspaceId],
    filter: &Filter,
    limit: u32,
) -> Result<Page, Error> {
    let mut campaigns = Vec::new();
    for &workspace in workspaces {
        campaigns.extend(one_more(inner, workspace, filter, limit).await?);
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

/// The newest campaigns of a page, and the one behind it, if there is one.
async fn one_more(inner: &Inner, workspace: WorkspaceId, filter: &Filter, limit: u32) -> Result<Vec<Campaign>, Error> {
    let mut vars = Variables::new();
    let before = filter.before.map(key::id);
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
    let sql = format!("SELECT VALUE doc FROM $range WHERE {conditions} ORDER BY id DESC LIMIT $limit");
    inner.db.docs(&sql, vars).await
}
