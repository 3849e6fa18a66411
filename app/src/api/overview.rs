//! The figures of a workspace's overview: once for the page, and again for each event of its stream.

use domain::campaign::{PauseReason, Progress, Status};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::links::LinkView;
use crate::{error::AppError, state::moment::Moment};

/// So many days count for the top authors, and so many authors are shown.
pub const AUTHOR_DAYS: u32 = 30;
#[cfg(feature = "ssr")]
const AUTHORS: usize = 10;
/// The most active campaigns that are listed; the figures count all of them.
#[cfg(feature = "ssr")]
const ACTIVE_SHOWN: usize = 25;
#[cfg(feature = "ssr")]
const HOUR_MS: i64 = 3_600_000;

/// What the overview shows when it is opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverviewPage {
    pub live: LiveOverview,
    pub activity: Activity,
    /// A campaign can be sent: a revision of some sender name is in force.
    pub sender_ready: bool,
    /// Mails do not arrive, and this person should know.
    pub mail_trouble: Option<MailTrouble>,
}

/// Why nobody is told by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailTrouble {
    /// No mail server is configured.
    NotConfigured,
    /// The mail server does not take them, since then.
    NotTaken(Moment),
}

/// What changes by the hour and the day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The last 24 hours, the one at hand among them, oldest first.
    pub hours: Vec<HourView>,
    /// Of the last [`AUTHOR_DAYS`] days, by messages sent.
    pub authors: Vec<AuthorView>,
}

/// One hour of the workspace, whatever its campaigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourView {
    /// When it began.
    pub from: Moment,
    /// Messages that the carrier took.
    pub sent: u64,
    pub failed: u64,
    pub segments: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorView {
    pub name: String,
    pub campaigns: u64,
    pub sent: u64,
    pub delivered: u64,
}

/// What changes while somebody looks; each event of `/w/{slug}/events` holds one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveOverview {
    /// Submitted ever; drafts do not count.
    pub total: u64,
    /// Campaigns that are not archived.
    pub by_status: Vec<(Status, u64)>,
    /// Claimed, or accepted and without a receipt, over all campaigns.
    pub in_flight: u64,
    /// Messages that the carrier answered, to a tenth.
    pub messages_per_s: f64,
    pub links: Vec<LinkView>,
    /// Over the active campaigns.
    pub progress: Progress,
    /// Newest first; not all of them, where there are very many.
    pub campaigns: Vec<ActiveCampaign>,
}

/// How the overview sums up what became of recipients.
pub const RECIPIENT_PARTS: [&str; 4] = ["Delivered", "In flight", "Errors", "Waiting"];

/// In the order of [`RECIPIENT_PARTS`]; the sum is the number of recipients.
#[must_use]
pub const fn recipient_parts(progress: &Progress) -> [u64; 4] {
    let errors = progress.failed + progress.uncertain + progress.no_receipt + progress.not_sent;
    [progress.delivered, progress.in_flight(), errors, progress.waiting]
}

impl LiveOverview {
    #[must_use]
    pub fn count(&self, status: Status) -> u64 {
        self.by_status.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count)
    }
}

/// A campaign that is Building, Pending, Sending or Paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveCampaign {
    pub id: String,
    pub name: String,
    pub status: Status,
    pub pause: Option<PauseReason>,
    pub progress: Progress,
}

/// The overview of the workspace.
#[server]
pub async fn overview(slug: String) -> Result<OverviewPage, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let live = live(&scope, &services.engine).await?;
    let sender_ready = !store::senders::usable(&scope.grant::<ViewWorkspace>()?).await?.is_empty();
    let mail_trouble = mail_trouble(&scope, services.mail.is_some()).await?;
    Ok(OverviewPage { live, activity: activity(&scope).await?, sender_ready, mail_trouble })
}

/// For whoever invites people, and would wonder why nobody comes.
#[cfg(feature = "ssr")]
pub(super) async fn mail_trouble(scope: &store::Scope, configured: bool) -> Result<Option<MailTrouble>, AppError> {
    use domain::permission::{Permission, Reach, kind::ManageMembers};

    if scope.reach(Permission::ManageMembers) == Reach::None {
        return Ok(None);
    }
    if !configured {
        return Ok(Some(MailTrouble::NotConfigured));
    }
    let since = store::notices::not_taken_since(&scope.grant::<ManageMembers>()?).await?;
    Ok(since.map(|at_ms| MailTrouble::NotTaken(Moment::of(scope, at_ms))))
}

/// What was sent by the hour, and whose campaigns sent the most.
#[cfg(feature = "ssr")]
pub async fn activity(scope: &store::Scope) -> Result<Activity, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let view = scope.grant::<ViewWorkspace>()?;
    let now_ms = scope.now_ms();
    let last = now_ms.div_euclid(HOUR_MS);
    let counts = store::journal::hourly(scope, last - 23, last + 1).await?;
    let since_ms = now_ms - i64::from(AUTHOR_DAYS) * 24 * HOUR_MS;
    let authors = store::overview::top_authors(&view, since_ms, AUTHORS).await?;
    Ok(Activity {
        hours: (last - 23..=last)
            .map(|hour| {
                let count = counts.iter().find(|count| count.hour == hour).copied().unwrap_or_default();
                let from = Moment::of(scope, hour * HOUR_MS);
                HourView { from, sent: count.sent, failed: count.failed, segments: count.segments }
            })
            .collect(),
        authors: authors
            .into_iter()
            .map(|author| AuthorView {
                name: author.name,
                campaigns: author.campaigns,
                sent: author.sent,
                delivered: author.delivered,
            })
            .collect(),
    })
}

/// The figures as they stand: what the database counts, with what the engine knows of campaigns that it works on.
#[cfg(feature = "ssr")]
pub async fn live(scope: &store::Scope, engine: &engine::Handle) -> Result<LiveOverview, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let view = scope.grant::<ViewWorkspace>()?;
    let overview = store::overview::of_workspace(&view).await?;
    let working = engine.workspace(scope.workspace_id()).borrow().clone();
    let figures = |campaign| working.campaigns.get(&campaign).map(|figures| figures.progress);
    let active = overview.active(&view, ACTIVE_SHOWN, figures);
    // Campaigns that are done may still await receipts.
    let settling = working.campaigns.iter().filter(|(id, _)| !overview.is_active(**id));
    let settling = settling.map(|(_, figures)| figures.progress.in_flight()).sum::<u64>();
    Ok(LiveOverview {
        total: overview.workspace_total(),
        by_status: overview.by_status().to_vec(),
        in_flight: active.progress.in_flight() + settling,
        messages_per_s: (working.messages_per_s() * 10.0).round() / 10.0,
        links: engine.links().iter().map(|link| LinkView::of(scope, link)).collect(),
        progress: active.progress,
        campaigns: active.newest.into_iter().map(ActiveCampaign::from).collect(),
    })
}

#[cfg(feature = "ssr")]
impl From<domain::campaign::Campaign> for ActiveCampaign {
    fn from(campaign: domain::campaign::Campaign) -> Self {
        Self {
            id: campaign.id.to_string(),
            name: campaign.parameters.name,
            status: campaign.life.status,
            pause: campaign.life.pause.map(|pause| pause.reason),
            progress: campaign.progress,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipient_is_in_one_part() {
        let progress = Progress {
            waiting: 1,
            claimed: 2,
            submitted: 4,
            delivered: 8,
            failed: 16,
            uncertain: 32,
            no_receipt: 64,
            not_sent: 128,
        };
        assert_eq!(recipient_parts(&progress).iter().sum::<u64>(), progress.total());
    }
}
