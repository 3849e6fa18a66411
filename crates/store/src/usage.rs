//! What a workspace sent in a month: what it is billed by.
//!
//! Counted from the hourly records of its campaigns, which the fold keeps exact: a month is one range over them, summed in
//! the database, so the work grows with the hours in which campaigns sent and never with their recipients. What is not
//! folded yet is missing for some seconds.

use std::{
    collections::{BTreeMap, HashMap},
    ops::{AddAssign, Range},
};

use domain::{id::SenderId, month::Month, permission::kind, schedule::Zone, workspace::Workspace};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use crate::{
    Error, Granted, MasterScope,
    access::Inner,
    db::{corrupt, key},
};

const HOUR_MS: i64 = 3_600_000;
/// Campaigns whose sender is read in one go.
const CAMPAIGNS_AT_ONCE: usize = 500;

/// Messages or segments by what became of them. Each is counted in the hour in which it happened: a message that was sent
/// on the last evening of a month may arrive in the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Taken by the SMSC: what carriers charge for.
    pub sent: u64,
    pub delivered: u64,
    /// Refused by the SMSC, or reported as failed by a receipt.
    pub failed: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// In which something happened in the month.
    pub campaigns: u64,
    pub messages: Counts,
    pub segments: Counts,
}

/// What went out under one sender name, whichever of its revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderUsage {
    /// None: campaigns that are not there any more.
    pub sender: Option<SenderId>,
    pub display_name: String,
    pub totals: Totals,
}

/// One month of a workspace; the totals are the sum over its sender names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub month: Month,
    pub totals: Totals,
    /// By display name.
    pub senders: Vec<SenderUsage>,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.failed += other.failed;
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.campaigns += other.campaigns;
        self.messages += other.messages;
        self.segments += other.segments;
    }
}

/// One month of the workspace, by its own calendar.
pub async fn of_month(scope: &Granted<kind::ViewWorkspace>, month: Month) -> Result<Usage, Error> {
    usage(scope.inner(), scope.workspace(), month).await
}

/// The month that the workspace's calendar shows now.
#[must_use]
pub fn month_now(scope: &Granted<kind::ViewWorkspace>) -> Option<Month> {
    zone_of(scope.workspace()).month_of(scope.now_ms())
}

/// What each workspace sent in a month of its own calendar, by name; those that are archived, too.
pub async fn of_all(master: &MasterScope, month: Month) -> Result<Vec<(Workspace, Totals)>, Error> {
    let inner = master.inner();
    let mut workspaces = inner.all_workspaces().await?;
    workspaces.sort_by_cached_key(|workspace| (workspace.display_name.to_lowercase(), workspace.id));
    let mut used = Vec::with_capacity(workspaces.len());
    for workspace in workspaces {
        let totals = totals(inner, &workspace, month).await?;
        used.push((workspace, totals));
    }
    Ok(used)
}

/// The month that it is now in UTC, where there is no calendar of one workspace.
#[must_use]
pub fn month_now_of_all(master: &MasterScope) -> Option<Month> {
    Zone::utc().month_of(master.now_ms())
}

pub(crate) async fn usage(inner: &Inner, workspace: &Workspace, month: Month) -> Result<Usage, Error> {
    let campaigns = by_campaign(inner, workspace, month).await?;
    let senders = senders_of(inner, workspace, &campaigns).await?;
    let mut usage = Usage { month, totals: Totals::default(), senders: Vec::new() };
    let mut by_sender: BTreeMap<Option<String>, SenderUsage> = BTreeMap::new();
    for row in &campaigns {
        let (sender, display_name) = senders.get(&row.campaign).cloned().unwrap_or_default();
        let known = by_sender.entry(sender.clone()).or_insert_with(|| SenderUsage {
            sender: sender.and_then(|sender| sender.parse().ok()),
            display_name,
            totals: Totals::default(),
        });
        known.totals += row.totals();
        usage.totals += row.totals();
    }
    usage.senders = by_sender.into_values().collect();
    usage.senders.sort_by_cached_key(|sender| (sender.display_name.to_lowercase(), sender.sender));
    Ok(usage)
}

/// [`Usage::totals`] alone.
pub(crate) async fn totals(inner: &Inner, workspace: &Workspace, month: Month) -> Result<Totals, Error> {
    let mut totals = Totals::default();
    for row in by_campaign(inner, workspace, month).await? {
        totals += row.totals();
    }
    Ok(totals)
}

/// [`totals`] of the month that the workspace's calendar shows.
pub(crate) async fn totals_now(inner: &Inner, workspace: &Workspace) -> Result<Totals, Error> {
    match zone_of(workspace).month_of(inner.now_ms()) {
        Some(month) => totals(inner, workspace, month).await,
        None => Ok(Totals::default()),
    }
}

/// What one campaign did in the month.
#[derive(Debug, SurrealValue)]
struct Row {
    campaign: String,
    sent: i64,
    delivered: i64,
    failed: i64,
    segments: i64,
    segments_delivered: i64,
    segments_failed: i64,
}

impl Row {
    fn totals(&self) -> Totals {
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Totals {
            campaigns: 1,
            messages: Counts { sent: count(self.sent), delivered: count(self.delivered), failed: count(self.failed) },
            segments: Counts {
                sent: count(self.segments),
                delivered: count(self.segments_delivered),
                failed: count(self.segments_failed),
            },
        }
    }
}

async fn by_campaign(inner: &Inner, workspace: &Workspace, month: Month) -> Result<Vec<Row>, Error> {
    let hours = hours_of(&zone_of(workspace), month);
    let hour = |hour: i64| key::number(u64::try_from(hour).unwrap_or(0));
    let mut vars = Variables::new();
    vars.insert("range", key::range("hourly", workspace.id, [], Some(hour(hours.start)), Some(hour(hours.end))));
    let sql = "SELECT campaign, math::sum(sent) AS sent, math::sum(delivered) AS delivered, \
               math::sum(failed) AS failed, math::sum(segments) AS segments, \
               math::sum(segments_delivered) AS segments_delivered, math::sum(segments_failed) AS segments_failed \
               FROM (SELECT record::id(id)[2] AS campaign, doc.sent AS sent, doc.delivered ?? 0 AS delivered, \
               doc.failed AS failed, doc.segments AS segments, doc.segments_delivered ?? 0 AS segments_delivered, \
               doc.segments_failed ?? 0 AS segments_failed FROM $range) GROUP BY campaign";
    inner.db.read(sql, vars).await?.take(0).map_err(corrupt)
}

/// The hours from the epoch that belong to a month: those that begin in it.
fn hours_of(zone: &Zone, month: Month) -> Range<i64> {
    let first_from = |at_ms: i64| at_ms.div_euclid(HOUR_MS) + i64::from(at_ms.rem_euclid(HOUR_MS) > 0);
    let month = zone.month(month);
    first_from(month.start)..first_from(month.end)
}

fn zone_of(workspace: &Workspace) -> Zone {
    Zone::parse(&workspace.time_zone).unwrap_or_else(|_| Zone::utc())
}

#[derive(Debug, SurrealValue)]
struct Sent {
    campaign: Option<String>,
    sender: Option<String>,
    display_name: Option<String>,
}

/// Id and name of the sender of each campaign.
async fn senders_of(
    inner: &Inner,
    workspace: &Workspace,
    campaigns: &[Row],
) -> Result<HashMap<String, (Option<String>, String)>, Error> {
    let mut senders = HashMap::with_capacity(campaigns.len());
    for some in campaigns.chunks(CAMPAIGNS_AT_ONCE) {
        let ids: Vec<RecordId> =
            some.iter().map(|row| key::of("campaign", workspace.id, [key::id(&row.campaign)])).collect();
        let mut vars = Variables::new();
        vars.insert("ids", ids);
        let sql = "SELECT doc.id AS campaign, doc.parameters.sender.sender AS sender, \
                   doc.parameters.sender.display_name AS display_name FROM $ids";
        let found: Vec<Sent> = inner.db.read(sql, vars).await?.take(0).map_err(corrupt)?;
        senders.extend(found.into_iter().filter_map(|sent| {
            let of_sender = (sent.sender, sent.display_name.unwrap_or_default());
            sent.campaign.map(|campaign| (campaign, of_sender))
        }));
    }
    Ok(senders)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where the month begins in the middle of an hour of UTC.
    #[test]
    fn each_hour_belongs_to_one_month() {
        for name in ["UTC", "Europe/Vienna", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York"] {
            let zone = Zone::parse(name).unwrap();
            let mut month: Month = "2026-01".parse().unwrap();
            for _ in 0..24 {
                let next = month.next().unwrap();
                let hours = hours_of(&zone, month);
                assert_eq!(hours.end, hours_of(&zone, next).start, "{name} {month}");
                assert_eq!(zone.month_of(hours.start * HOUR_MS), Some(month), "{name}");
                month = next;
            }
        }
    }
}
