//! Out of the archive again: in place with one click while the author is there, else into a workspace that is picked.
//!
//! Another workspace gets a draft with the parameters and recipients, and no approval, sender, state or hash of the old
//! one: all of those are of a workspace. What was sent stays on record where it was sent from, on the tombstone.

use domain::{
    campaign::{self, Campaign, Event as Life_, MovedTo},
    permission::{Capacity, Permission, Reach, kind},
    workspace::Workspace,
};

use super::{campaign_key, control::act, copy, event, is_copyable, read};
use crate::{Error, Gate, Granted, On, Scope, Session, audit::Chain, workspaces};

/// Puts a campaign back into the list. Refused while its author is not there any more: nobody but admins could do
/// anything with it, so one of them says where it goes.
pub async fn restore(proof: &On<kind::ArchiveCampaign>) -> Result<Campaign, Error> {
    if proof.campaign().life.archived_at_ms.is_some() && !author_is_active(proof, proof.campaign()).await? {
        return Err(Error::invalid(
            "to",
            "its author is not active in this workspace any more; an admin chooses the workspace that it goes to",
        ));
    }
    act(proof, proof.campaign().id, "campaign.restored", &Life_::Restore).await
}

/// The same by an admin's choice, whoever wrote it.
pub async fn restore_here(proof: &On<kind::ArchiveCampaign>) -> Result<Campaign, Error> {
    check_rules(proof)?;
    act(proof, proof.campaign().id, "campaign.restored", &Life_::Restore).await
}

/// Whether the author can still act in this workspace: a member at this moment, or a super admin, and not blocked.
pub async fn author_is_active(scope: &Scope, campaign: &Campaign) -> Result<bool, Error> {
    let inner = scope.inner();
    let author = inner.user(campaign.author).await?.filter(|user| user.blocked_at_ms.is_none());
    let Some(author) = author else { return Ok(false) };
    Ok(author.super_admin || inner.membership(campaign.workspace, author.id).await?.is_some())
}

/// The workspaces that this person can restore a campaign into: those where they are admin.
pub async fn destinations(gate: &Gate, session: &Session) -> Result<Vec<Workspace>, Error> {
    let entries = workspaces::mine(gate, session).await?;
    let rules = |entry: &workspaces::Entry| matches!(entry.capacity, Capacity::Admin | Capacity::SuperAdmin);
    Ok(entries.into_iter().filter(rules).map(|entry| entry.workspace).collect())
}

/// Another workspace gets a draft with what the campaign was, and its recipients in the background. The campaign stays in
/// the archive as a tombstone; of two who restore it at once, one does.
pub async fn move_to(
    proof: &On<kind::ArchiveCampaign>,
    target: &Granted<kind::ManageWorkspace>,
) -> Result<Campaign, Error> {
    let (scope, into): (&Scope, &Scope) = (proof, target);
    check_rules(scope)?;
    if into.user_id() != scope.user_id() {
        return Err(Error::Forbidden);
    }
    if into.workspace_id() == scope.workspace_id() {
        return restore_here(proof).await;
    }
    let inner = scope.inner();
    let before = read(inner, scope.workspace_id(), proof.campaign().id).await?;
    let recipients = if is_copyable(&before) { Some(copy::copyable(scope, &before).await?) } else { None };
    let copied = copy::begin(into, &before, before.parameters.name.clone(), recipients).await?;
    let to = MovedTo {
        workspace: into.workspace_id(),
        campaign: copied.draft.id,
        at_ms: scope.now_ms(),
        by_name: scope.user().name.clone(),
    };
    let mut after = before.clone();
    after.life = campaign::transition(&before.life, &Life_::MoveTo { to: to.clone() })?;
    after.revision = before.revision + 1;
    let left = event(scope, "campaign.restored_elsewhere", before.id)
        .change("workspace", Some(scope.workspace_id()), Some(to.workspace))
        .change("copy", None, Some(to.campaign));
    let came = copied
        .event(into, &before)
        .change("from_workspace", None, Some(scope.workspace_id()))
        .note("restored from the archive of another workspace".to_owned());
    let events = vec![(Chain::Workspace(scope.workspace_id()), left), (Chain::Workspace(into.workspace_id()), came)];
    inner
        .audited_together(events, |tx| {
            tx.compare_and_set(campaign_key(before.workspace, before.id), before.revision, &after);
            copied.put(tx);
            scope.rely_on(tx);
            into.rely_on(tx);
        })
        .await?;
    Ok(copied.draft)
}

fn check_rules(scope: &Scope) -> Result<(), Error> {
    if scope.reach(Permission::ManageWorkspace) == Reach::Any { Ok(()) } else { Err(Error::Forbidden) }
}
