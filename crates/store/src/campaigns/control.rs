//! Start, pause, resume, cancel, archive: by the campaign's own people, and stopping by moderators.

use domain::{
    campaign::{self, Action, Campaign, Event as Life_, Mode, PauseReason, Status},
    id::CampaignId,
    permission::{Permission, Reach, kind},
};

use super::{change, domain_name, event};
use crate::{Error, Granted, On, Scope};

/// Starts an approved campaign that did not start by itself.
pub async fn start(proof: &On<kind::ControlCampaign>) -> Result<Campaign, Error> {
    let by = proof.user_id();
    act(proof, proof.campaign().id, "campaign.started", &Life_::Start { by }).await
}

/// Stops new claims within a second; what is on the wire goes on.
pub async fn pause(proof: &On<kind::ControlCampaign>) -> Result<Campaign, Error> {
    act(proof, proof.campaign().id, "campaign.paused", &Life_::PauseFor { reason: PauseReason::ByHand }).await
}

pub async fn resume(proof: &On<kind::ControlCampaign>) -> Result<Campaign, Error> {
    act(proof, proof.campaign().id, "campaign.resumed", &Life_::Resume).await
}

/// A Trigger campaign takes no more numbers; when all it has is settled it is Done.
pub async fn finish(proof: &On<kind::ControlCampaign>) -> Result<Campaign, Error> {
    if proof.campaign().parameters.mode != Mode::Trigger {
        return Err(Error::invalid(
            "mode",
            "only a Trigger campaign is finished by hand; the others end by themselves",
        ));
    }
    let at_ms = proof.now_ms();
    act(proof, proof.campaign().id, "campaign.closed", &Life_::Close { at_ms }).await
}

/// Ends the campaign; who was not yet claimed is not sent to.
pub async fn cancel(proof: &On<kind::ControlCampaign>) -> Result<Campaign, Error> {
    act(proof, proof.campaign().id, "campaign.cancelled", &Life_::Cancel).await
}

/// A moderator stops somebody's campaign in the status that they saw: pauses what is Sending, cancels and archives what is
/// Pending. One that has moved on is left alone.
pub async fn stop(scope: &Granted<kind::StopCampaign>, id: CampaignId, seen: Status) -> Result<Campaign, Error> {
    let scope: &Scope = scope;
    let what = match seen {
        Status::Sending => Life_::PauseFor { reason: PauseReason::ByHand },
        Status::Pending => Life_::CancelAndArchive { at_ms: scope.now_ms() },
        _ => {
            let what = format!("only what is Pending or Sending can be stopped, and this was {}", seen.label());
            return Err(Error::Stale { what });
        }
    };
    act_in(scope, id, "campaign.stopped", &what, Some(seen)).await
}

pub async fn archive(proof: &On<kind::ArchiveCampaign>) -> Result<Campaign, Error> {
    let at_ms = proof.now_ms();
    act(proof, proof.campaign().id, "campaign.archived", &Life_::Archive { at_ms }).await
}

/// Calls off what is Pending or Paused, in one step.
pub async fn cancel_and_archive(proof: &On<kind::ArchiveCampaign>) -> Result<Campaign, Error> {
    let at_ms = proof.now_ms();
    act(proof, proof.campaign().id, "campaign.cancelled_and_archived", &Life_::CancelAndArchive { at_ms }).await
}

pub(super) async fn act(scope: &Scope, id: CampaignId, action: &'static str, what: &Life_) -> Result<Campaign, Error> {
    act_in(scope, id, action, what, None).await
}

/// `status`: only while it is in this one.
async fn act_in(
    scope: &Scope,
    id: CampaignId,
    action: &'static str,
    what: &Life_,
    status: Option<Status>,
) -> Result<Campaign, Error> {
    change(
        scope.inner(),
        scope.workspace_id(),
        id,
        |before| {
            if status.is_some_and(|seen| seen != before.life.status) {
                let now = before.life.status.label();
                return Err(Error::Stale {
                    what: format!("the campaign has moved on: it is {now} now; look at it again"),
                });
            }
            let mut after = before.clone();
            after.life = campaign::transition(&before.life, what)?;
            if after.life.status == Status::Sending && after.started_at_ms.is_none() {
                after.started_at_ms = Some(scope.now_ms());
            }
            if after.life.status == Status::Cancelled && before.life.status != Status::Cancelled {
                after.ended_at_ms = Some(scope.now_ms());
            }
            let event = event(scope, action, id)
                .change("status", Some(domain_name(before.life.status)), Some(domain_name(after.life.status)))
                .change(
                    "archived",
                    Some(before.life.archived_at_ms.is_some()),
                    Some(after.life.archived_at_ms.is_some()),
                );
            Ok(Some((after, event)))
        },
        |tx| scope.rely_on(tx),
    )
    .await
}

/// Whether this person's permission reaches this campaign: any, or their own.
#[must_use]
pub fn reaches(scope: &Scope, campaign: &Campaign, permission: Permission) -> bool {
    match scope.reach(permission) {
        Reach::Any => true,
        Reach::Own => campaign.author == scope.user_id(),
        Reach::None => false,
    }
}

/// What a page offers this person to do with the campaign: what makes sense now and what their role allows.
#[must_use]
pub fn offered(scope: &Scope, campaign: &Campaign) -> Vec<Action> {
    let status = campaign.life.status;
    let allowed =
        |action: &Action| action.permissions(status).iter().any(|&permission| reaches(scope, campaign, permission));
    campaign
        .life
        .offers(campaign.parameters.mode, scope.user_id(), scope.workspace().four_eyes)
        .filter(allowed)
        .collect()
}
