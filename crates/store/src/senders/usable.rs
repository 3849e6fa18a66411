//! What a workspace can send with: its own sender names, and those of the installation that it is offered.

use domain::{
    id::{SenderId, WorkspaceId},
    permission::kind,
    sender::{RevisionRef, Saddr, Sender, SenderOrigin},
};
use surrealdb::types::{RecordId, Variables};

use super::{all, find, installation, list, revisions, sender_key};
use crate::{Error, Granted, Scope, access::Inner, db::key};

/// The revisions in force of everything that a campaign can be sent with: the workspace's own by name, then the
/// installation's.
pub async fn usable(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<RevisionRef>, Error> {
    let own = list(scope).await?;
    let offered = installation::offered(scope).await?;
    let workspace = scope.workspace_id();
    let of_installation = offered.iter().filter_map(|preset| preset.offer_to(workspace));
    Ok(own.iter().filter_map(Sender::reference).chain(of_installation).collect())
}

/// The revision with which a sender name is sent now; None: no campaign of this workspace can be sent with it.
pub async fn in_force(scope: &Scope, id: SenderId) -> Result<Option<RevisionRef>, Error> {
    match find(scope, id).await {
        Ok(sender) => return Ok(sender.reference()),
        Err(Error::NotFound) => {}
        Err(other) => return Err(other),
    }
    match installation::offered_one(scope, id).await {
        Ok(preset) => Ok(preset.offer_to(scope.workspace_id())),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The record of a campaign's sender and its revision, while the campaign may be sent with it: to rely on.
pub(crate) async fn approved(scope: &Scope, reference: &RevisionRef) -> Result<Option<(RecordId, u64)>, Error> {
    let (record, is_offered, revisions, revision) = match reference.origin {
        SenderOrigin::Workspace => match find(scope, reference.sender).await {
            Ok(sender) => {
                let is_offered = sender.archived_at_ms.is_none();
                (sender_key(scope, sender.id), is_offered, sender.revisions, sender.revision)
            }
            Err(Error::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        },
        SenderOrigin::Installation => match installation::offered_one(scope, reference.sender).await {
            Ok(preset) => (installation::record(preset.id), true, preset.revisions, preset.revision),
            Err(Error::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        },
    };
    Ok((is_offered && reference.is_approved_in(&revisions)).then_some((record, revision)))
}

/// Whether a super admin approved this address as a number of another country, in a sender name of the workspace or in a
/// preset.
pub(crate) async fn is_abroad(inner: &Inner, workspace: WorkspaceId, saddr: &Saddr) -> Result<bool, Error> {
    let own = all(inner, workspace).await?;
    if own.iter().any(|sender| revisions::is_abroad(&sender.revisions, saddr)) {
        return Ok(true);
    }
    let presets = installation::all(inner).await?;
    Ok(presets.iter().any(|preset| revisions::is_abroad(&preset.revisions, saddr)))
}

/// Whether a revision with this address is in force in this workspace, or of what it is offered.
pub(crate) async fn is_in_force(scope: &Scope, saddr: &Saddr) -> Result<bool, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("sender", scope.workspace_id(), []));
    let senders: Vec<Sender> = scope.inner().db.docs("SELECT VALUE doc FROM $range", vars).await?;
    let is_own = senders.iter().filter_map(Sender::reference).any(|sender| sender.addressing.saddr == *saddr);
    Ok(is_own || installation::used(scope, saddr).await?.is_some())
}
