//! What is read across workspaces: all of them by a super admin, archived campaigns by those who belong to several.

use domain::{audit::AuditRecord, campaign::Campaign, permission::Capacity, slug::Slug, workspace::Workspace};
use surrealdb::types::Variables;

use super::Entry;
use crate::{
    Error, Gate, MasterScope, Session,
    access::Inner,
    campaigns::{self, Filter as CampaignFilter},
    db::{corrupt, key},
    usage,
};

/// Which workspaces are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Active,
    Archived,
    /// Active, and something in it waits for a decision.
    Waiting,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: State,
    /// Part of the name or the address.
    pub search: String,
    /// So many come on earlier pages.
    pub skip: u32,
}

/// A workspace as the list of all shows it.
#[derive(Debug, Clone)]
pub struct Row {
    pub workspace: Workspace,
    pub members: u64,
    /// Campaigns and sender revisions that wait for a decision.
    pub waiting: u64,
    /// The month that the workspace's calendar shows.
    pub month: usage::Totals,
    /// The latest record of its audit log.
    pub active_at_ms: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct List {
    pub rows: Vec<Row>,
    /// On all pages.
    pub total: u64,
}

/// The workspaces by name, with what goes on in those of the page.
pub async fn list(master: &MasterScope, filter: &Filter, limit: u32) -> Result<List, Error> {
    let inner = master.inner();
    let mut all = inner.all_workspaces().await?;
    let search = filter.search.trim().to_lowercase();
    all.retain(|workspace| {
        let archived = workspace.archived_at_ms.is_some();
        archived == (filter.state == State::Archived)
            && (workspace.display_name.to_lowercase().contains(&search) || workspace.slug.as_str().contains(&search))
    });
    if filter.state == State::Waiting {
        let mut waiting = Vec::new();
        for workspace in all {
            if waiting_in(inner, &workspace).await? > 0 {
                waiting.push(workspace);
            }
        }
        all = waiting;
    }
    all.sort_by_cached_key(|workspace| (workspace.display_name.to_lowercase(), workspace.id));
    let total = all.len() as u64;
    let mut rows = Vec::new();
    for workspace in all.into_iter().skip(filter.skip as usize).take(limit as usize) {
        rows.push(row(inner, workspace).await?);
    }
    Ok(List { rows, total })
}

async fn row(inner: &Inner, workspace: Workspace) -> Result<Row, Error> {
    let mut vars = Variables::new();
    vars.insert("members", key::all("membership", workspace.id, []));
    vars.insert("head", key::global("audit_head", workspace.id));
    let sql = "SELECT VALUE count FROM (SELECT count() AS count FROM $members GROUP ALL);
               SELECT VALUE doc.seq FROM $head";
    let mut answer = inner.db.read(sql, vars).await?;
    let members: Vec<i64> = answer.take(0).map_err(corrupt)?;
    let latest: Vec<i64> = answer.take(1).map_err(corrupt)?;
    let latest = latest.first().and_then(|&seq| u64::try_from(seq).ok());
    let latest: Option<AuditRecord> = match latest {
        Some(seq) => inner.db.get(key::of("audit", workspace.id, [key::number(seq)])).await?,
        None => None,
    };
    Ok(Row {
        members: members.first().and_then(|&count| u64::try_from(count).ok()).unwrap_or_default(),
        waiting: waiting_in(inner, &workspace).await?,
        month: usage::totals_now(inner, &workspace).await?,
        active_at_ms: latest.map(|record| record.at_ms),
        workspace,
    })
}

async fn waiting_in(inner: &Inner, workspace: &Workspace) -> Result<u64, Error> {
    let mut vars = Variables::new();
    vars.insert("campaigns", key::all("campaign", workspace.id, []));
    vars.insert("senders", key::all("sender", workspace.id, []));
    let sql = "SELECT VALUE count FROM (SELECT count() AS count FROM $campaigns
                   WHERE status = 'new' AND archived = false AND !doc.life.approval GROUP ALL);
               SELECT VALUE count FROM (SELECT count() AS count FROM $senders WHERE pending = true GROUP ALL)";
    let mut answer = inner.db.read(sql, vars).await?;
    let mut waiting = 0;
    for place in 0..2 {
        let count: Vec<i64> = answer.take(place).map_err(corrupt)?;
        waiting += count.first().and_then(|&count| u64::try_from(count).ok()).unwrap_or_default();
    }
    Ok(waiting)
}

/// A campaign with the workspace that it is in.
#[derive(Debug, Clone)]
pub struct Placed {
    pub workspace: Workspace,
    pub capacity: Capacity,
    pub campaign: Campaign,
}

/// Campaigns of several workspaces, newest first.
#[derive(Debug, Clone)]
pub struct PlacedPage {
    pub campaigns: Vec<Placed>,
    /// [`CampaignFilter::before`] of the next page; None at the end.
    pub next: Option<domain::id::CampaignId>,
}

/// Campaigns of all workspaces that are not archived, or of one; newest first, whatever the filter says of the order.
pub async fn campaigns(
    master: &MasterScope,
    only: Option<&Slug>,
    filter: &CampaignFilter,
    limit: u32,
) -> Result<PlacedPage, Error> {
    let inner = master.inner();
    let mut workspaces = inner.all_workspaces().await?;
    workspaces.retain(|workspace| match only {
        Some(slug) => workspace.slug == *slug,
        None => workspace.archived_at_ms.is_none(),
    });
    let entries: Vec<Entry> =
        workspaces.into_iter().map(|workspace| Entry { workspace, capacity: Capacity::SuperAdmin }).collect();
    placed(inner, entries, filter, limit).await
}

/// Archived campaigns of all workspaces that the person may enter and is more in than a moderator. Whoever is nothing but
/// a moderator anywhere has no archive.
pub async fn archived_campaigns(
    gate: &Gate,
    session: &Session,
    filter: &CampaignFilter,
    limit: u32,
) -> Result<PlacedPage, Error> {
    let inner = &*gate.inner;
    let mut entries = inner.workspaces_of(session.user()).await?;
    entries.retain(|entry| entry.capacity != Capacity::Moderator);
    if entries.is_empty() && !session.user().super_admin {
        return Err(Error::NotFound);
    }
    placed(inner, entries, &CampaignFilter { archived: true, ..filter.clone() }, limit).await
}

async fn placed(inner: &Inner, entries: Vec<Entry>, filter: &CampaignFilter, limit: u32) -> Result<PlacedPage, Error> {
    let ids: Vec<_> = entries.iter().map(|entry| entry.workspace.id).collect();
    let page = campaigns::across(inner, &ids, filter, limit).await?;
    let place = |campaign: Campaign| {
        let entry = entries.iter().find(|entry| entry.workspace.id == campaign.workspace)?;
        Some(Placed { workspace: entry.workspace.clone(), capacity: entry.capacity, campaign })
    };
    Ok(PlacedPage { campaigns: page.campaigns.into_iter().filter_map(place).collect(), next: page.next })
}
