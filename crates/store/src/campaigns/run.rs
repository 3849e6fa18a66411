//! The engine's own transitions.

use domain::{
    campaign::{self, Campaign, Event as Life_, Progress, Status},
    id::CampaignId,
};

use super::{campaign_key, change, domain_name, read};
use crate::{Error, SystemScope, audit::Event};

/// A campaign with its folded progress.
pub async fn load(scope: &SystemScope, id: CampaignId) -> Result<Campaign, Error> {
    read(scope.inner(), scope.workspace_id(), id).await
}

/// Moves a campaign on, recorded with actor *system*; `note` carries totals and exact times. `failure` is kept with the
/// campaign and shown, for [`Life_::Fail`].
pub async fn advance(
    scope: &SystemScope,
    id: CampaignId,
    what: &Life_,
    note: Option<String>,
    failure: Option<String>,
) -> Result<Campaign, Error> {
    let now_ms = scope.now_ms();
    change(
        scope.inner(),
        scope.workspace_id(),
        id,
        |before| {
            let mut after = before.clone();
            after.life = campaign::transition(&before.life, what)?;
            if after.life == before.life {
                return Ok(None);
            }
            if after.life.status == Status::Sending && after.started_at_ms.is_none() {
                after.started_at_ms = Some(now_ms);
            }
            if after.life.status.is_final() && !before.life.status.is_final() {
                after.ended_at_ms = Some(now_ms);
            }
            if failure.is_some() {
                after.failure.clone_from(&failure);
            }
            let reason = after.life.pause.as_ref().map(|pause| format!("{:?}", pause.reason));
            let why = |campaign: &Campaign| campaign.life.pause.as_ref().and_then(|pause| pause.why.clone());
            let event = Event::new(scope.actor(), scope.origin(), action(what))
                .on("campaign", &id)
                .change("status", Some(domain_name(before.life.status)), Some(domain_name(after.life.status)))
                .change("pause_reason", before.life.pause.as_ref().map(|pause| format!("{:?}", pause.reason)), reason)
                .change("pause_why", why(before), why(&after))
                .note(note.clone());
            Ok(Some((after, event)))
        },
        |_| {},
    )
    .await
}

/// Notes how a campaign that has ended stands: that nobody waits any more, or whether receipts are awaited.
pub async fn settle(scope: &SystemScope, id: CampaignId, progress: Progress) -> Result<(), Error> {
    let (inner, workspace) = (scope.inner(), scope.workspace_id());
    let stored: Campaign = inner.db.get(campaign_key(workspace, id)).await?.ok_or(Error::NotFound)?;
    let awaits = |progress: Progress| progress.submitted > 0;
    if stored.progress.waiting + stored.progress.claimed == 0 && awaits(stored.progress) == awaits(progress) {
        return Ok(());
    }
    let settled = change(
        inner,
        workspace,
        id,
        |before| {
            let after = Campaign { progress, ..before.clone() };
            let event = Event::new(scope.actor(), scope.origin(), "campaign.settled")
                .on("campaign", &id)
                .change("not_sent", None, Some(progress.not_sent))
                .change("no_receipt", None, Some(progress.no_receipt).filter(|&count| count > 0))
                .change("in_flight", None, Some(progress.in_flight()));
            Ok(Some((after, event)))
        },
        |_| {},
    );
    settled.await.map(drop)
}

const fn action(what: &Life_) -> &'static str {
    match what {
        Life_::BuildDone { .. } => "campaign.built",
        Life_::Due => "campaign.sending",
        Life_::PauseFor { .. } | Life_::PauseBecause { .. } => "campaign.paused",
        Life_::Resume | Life_::Lift { .. } => "campaign.resumed",
        Life_::Fail => "campaign.failed",
        Life_::Expire => "campaign.expired",
        Life_::Close { .. } => "campaign.closed",
        Life_::Finish => "campaign.done",
        _ => "campaign.changed",
    }
}
