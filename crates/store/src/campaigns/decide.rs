//! Moderation: approving and rejecting the version that was reviewed.

use domain::{
    campaign::{self, Campaign, Decision, Event as Life_, Parameters, Refusal},
    id::CampaignId,
    permission::kind,
    sender::{RevisionRef, SenderOrigin},
};

use super::{
    change, domain_name,
    draft::{check_recipients, check_sender},
    event,
    index::is_waiting,
    times,
};
use crate::{Error, Granted, Scope, senders, tendlc::Cleared};

const NOTE_CHARACTERS_MAX: usize = 1_000;

/// The campaigns that wait for a decision, oldest submission first.
pub async fn queue(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<Campaign>, Error> {
    let inner = scope.inner();
    let index = inner.index(scope.workspace_id()).await?;
    let mut waiting: Vec<Campaign> =
        index.entries().filter(|entry| is_waiting(&entry.campaign)).map(|entry| inner.current(entry)).collect();
    waiting.sort_by_key(|campaign| campaign.submitted_at_ms);
    Ok(waiting)
}

/// How many there are of them.
pub async fn queue_length(scope: &Granted<kind::ViewWorkspace>) -> Result<u32, Error> {
    Ok(scope.inner().index(scope.workspace_id()).await?.waiting())
}

/// Attempts of an approval while the registry's answers change what it relies on.
const ATTEMPTS_MAX: u32 = 5;

/// Approves the version that the moderator saw. With automatic start the campaign begins to build; otherwise it stays
/// New and shows a Start button. Of a US number it relies on its 10DLC campaign, which may have lost its clearance since it
/// was submitted.
pub async fn approve(
    scope: &Granted<kind::DecideCampaign>,
    id: CampaignId,
    seen_version: u32,
) -> Result<Campaign, Error> {
    let clearance = async || {
        let parameters = super::find(scope, id).await?.parameters;
        let of_installation = |sender: &&RevisionRef| sender.origin == SenderOrigin::Installation;
        if let Some(preset) = parameters.sender.as_ref().filter(of_installation)
            && senders::approved(scope, preset).await?.is_none()
        {
            let what = "its sender is not offered to this workspace any more; it has to be edited to have another one";
            return Err(Error::Stale { what: what.into() });
        }
        let cleared = check_sender(scope, &parameters, |what| Error::Stale { what }).await?;
        Ok::<_, Error>((parameters, cleared))
    };
    let (mut parameters, mut cleared) = clearance().await?;
    for _ in 0..ATTEMPTS_MAX {
        match (approve_as(scope, id, seen_version, &parameters, cleared.as_deref()).await, &cleared) {
            (Err(stale @ Error::Stale { .. }), Some(before)) => {
                let now = clearance().await?;
                if now.1.as_ref().is_some_and(|now| now.is_as(before)) {
                    return Err(stale);
                }
                (parameters, cleared) = now;
            }
            (decided, _) => return decided,
        }
    }
    Err(Error::Moved)
}

/// With the sender as it was looked at.
async fn approve_as(
    scope: &Scope,
    id: CampaignId,
    seen_version: u32,
    looked_at: &Parameters,
    cleared: Option<&Cleared>,
) -> Result<Campaign, Error> {
    let at_ms = scope.now_ms();
    change(
        scope.inner(),
        scope.workspace_id(),
        id,
        |before| {
            let late = times::has_passed(&before.parameters, at_ms);
            let approve = Life_::Approve {
                by: scope.user_id(),
                seen_version,
                four_eyes: scope.workspace().four_eyes,
                at_ms,
                start_now: !late,
            };
            let life = campaign::transition(&before.life, &approve).map_err(|refusal| said(scope, before, refusal))?;
            if check_recipients(before).is_err() {
                return Err(Error::Stale {
                    what: "its recipients are being changed; look again once they are read".into(),
                });
            }
            // An edit makes another version: this says so in case one comes in between.
            if before.parameters.addressing() != looked_at.addressing() {
                return Err(Error::Stale { what: "the sender was changed meanwhile; look at it again".into() });
            }
            let mut after = before.clone();
            after.life = life;
            after.decision = Some(decision(scope, true, at_ms, before.life.version, None));
            let self_approval = after.life.approval.as_ref().is_some_and(|approval| approval.self_approval);
            let event = event(scope, "campaign.approved", id)
                .change("status", Some(domain_name(before.life.status)), Some(domain_name(after.life.status)))
                .change("approved_version", None, Some(before.life.version))
                .note(self_approval.then(|| "self-approval: the four-eyes rule is off".to_owned()));
            Ok(Some((after, event)))
        },
        |tx| {
            scope.rely_on(tx);
            if let Some(cleared) = cleared {
                cleared.rely_on(tx);
            }
        },
    )
    .await
}

/// Rejects the version that the moderator saw; the note tells the author why.
pub async fn reject(
    scope: &Granted<kind::DecideCampaign>,
    id: CampaignId,
    seen_version: u32,
    note: &str,
) -> Result<Campaign, Error> {
    let scope: &Scope = scope;
    let note = check_note(note)?;
    let at_ms = scope.now_ms();
    change(
        scope.inner(),
        scope.workspace_id(),
        id,
        |before| {
            let reject = Life_::Reject { by: scope.user_id(), seen_version };
            let life = campaign::transition(&before.life, &reject).map_err(|refusal| said(scope, before, refusal))?;
            let mut after = before.clone();
            after.life = life;
            after.ended_at_ms = Some(at_ms);
            after.decision = Some(decision(scope, false, at_ms, before.life.version, Some(note.clone())));
            let event = event(scope, "campaign.rejected", id)
                .change("status", Some(domain_name(before.life.status)), Some(domain_name(after.life.status)))
                .note(note.clone());
            Ok(Some((after, event)))
        },
        |tx| scope.rely_on(tx),
    )
    .await
}

/// A rejection's note: there, and not endless.
pub(crate) fn check_note(note: &str) -> Result<String, Error> {
    let note = note.trim();
    if note.is_empty() {
        return Err(Error::invalid("note", "say why you reject it; the author reads this"));
    }
    if note.chars().count() > NOTE_CHARACTERS_MAX {
        return Err(Error::invalid("note", format!("a note has at most {NOTE_CHARACTERS_MAX} characters")));
    }
    Ok(note.to_owned())
}

fn decision(scope: &Scope, approved: bool, at_ms: i64, version: u32, note: Option<String>) -> Decision {
    Decision { approved, by: scope.user_id(), by_name: scope.user().name.clone(), at_ms, version, note }
}

/// Turns "already decided" into who did it and when.
fn said(scope: &Scope, campaign: &Campaign, refusal: Refusal) -> Error {
    match (&refusal, &campaign.decision) {
        (Refusal::AlreadyDecided { .. }, Some(decision)) => {
            let at = scope.show_time(decision.at_ms);
            let what = if decision.approved { "approved" } else { "rejected" };
            Error::Stale { what: format!("already {what} by {} at {at}", decision.by_name) }
        }
        _ => Error::Refused(refusal),
    }
}
