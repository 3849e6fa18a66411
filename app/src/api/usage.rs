//! What was sent in a month, for those who pay for it.

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// A month, with the ones around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthView {
    /// `2026-11`.
    pub month: String,
    pub previous: Option<String>,
    /// None: that month has not begun.
    pub next: Option<String>,
}

/// Messages or segments by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountsView {
    pub sent: u64,
    pub delivered: u64,
    pub failed: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalsView {
    pub campaigns: u64,
    pub messages: CountsView,
    pub segments: CountsView,
}

/// A row: a sender name of a workspace, or a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    pub name: String,
    /// Of a workspace its address.
    pub slug: Option<String>,
    pub totals: TotalsView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageView {
    pub month: MonthView,
    /// Whose calendar it is.
    pub time_zone: Option<String>,
    pub totals: TotalsView,
    pub rows: Vec<UsedBy>,
}

/// One month of the workspace by its own calendar, per sender name; `month` empty: the one at hand. For those who rule the
/// workspace; of an archived one, too.
#[server(input = Json)]
pub async fn workspace_usage(slug: String, month: String) -> Result<UsageView, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let scope = super::context::enter(&slug).await?;
    store::workspaces::settings(&scope)?;
    let view = scope.grant::<ViewWorkspace>()?;
    let (month, shown) = asked(&month, store::usage::month_now(&view))?;
    let usage = store::usage::of_month(&view, month).await?;
    let rows = usage.senders.into_iter().map(|sender| UsedBy {
        name: if sender.sender.is_none() { "Campaigns that are deleted".to_owned() } else { sender.display_name },
        slug: None,
        totals: sender.totals.into(),
    });
    let time_zone = Some(scope.workspace().time_zone.clone());
    Ok(UsageView { month: shown, time_zone, totals: usage.totals.into(), rows: rows.collect() })
}

/// One month of all workspaces, each by its own calendar.
#[server(input = Json)]
pub async fn master_usage(month: String) -> Result<UsageView, AppError> {
    let master = super::context::master().await?;
    let (month, shown) = asked(&month, store::usage::month_now_of_all(&master))?;
    let mut totals = store::usage::Totals::default();
    let mut rows = Vec::new();
    for (workspace, used) in store::usage::of_all(&master, month).await? {
        totals += used;
        rows.push(UsedBy { name: workspace.display_name, slug: Some(workspace.slug.to_string()), totals: used.into() });
    }
    Ok(UsageView { month: shown, time_zone: None, totals: totals.into(), rows })
}

/// The month that is asked for, or the one that it is.
#[cfg(feature = "ssr")]
pub fn asked(typed: &str, now: Option<domain::month::Month>) -> Result<(domain::month::Month, MonthView), AppError> {
    let now = now.ok_or(AppError::NotFound)?;
    let month = match typed.trim() {
        "" => now,
        typed => typed
            .parse()
            .map_err(|_| AppError::field("month", "A month is written as year and month, such as 2026-11."))?,
    };
    let view = MonthView {
        month: month.to_string(),
        previous: month.previous().map(|month| month.to_string()),
        next: month.next().filter(|next| *next <= now).map(|month| month.to_string()),
    };
    Ok((month, view))
}

#[cfg(feature = "ssr")]
impl From<store::usage::Totals> for TotalsView {
    fn from(totals: store::usage::Totals) -> Self {
        let counts = |counts: store::usage::Counts| CountsView {
            sent: counts.sent,
            delivered: counts.delivered,
            failed: counts.failed,
        };
        Self { campaigns: totals.campaigns, messages: counts(totals.messages), segments: counts(totals.segments) }
    }
}
