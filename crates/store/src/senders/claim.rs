//! The unique claim on a SADDR: approved in one workspace, it is refused in every other, so that no department speaks
//! in another's name. A super admin may allow a shared use.

use domain::{
    id::{SenderId, WorkspaceId},
    permission::kind,
    sender::{Addressing, Revision, RevisionStatus, Saddr, Sender},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::{event, find};
use crate::{
    Error, Granted, Scope, SystemDoor,
    access::Inner,
    audit::Chain,
    db::{Tx, corrupt, key, tx::Columns},
};

/// Kept under the folded SADDR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SaddrClaim {
    pub(crate) workspace: WorkspaceId,
    sender: SenderId,
    /// Other workspaces that may have it approved too.
    #[serde(default)]
    pub(crate) shared_with: Vec<WorkspaceId>,
    pub(crate) revision: u64,
}

impl Columns for SaddrClaim {}

impl SaddrClaim {
    fn bars(&self, workspace: WorkspaceId) -> bool {
        self.workspace != workspace && !self.shared_with.contains(&workspace)
    }
}

fn claim_key(addressing: &Addressing) -> RecordId {
    key::global("saddr_claim", addressing.saddr.claim_key())
}

async fn claim_on(scope: &Scope, addressing: &Addressing) -> Result<Option<SaddrClaim>, Error> {
    scope.inner().db.get(claim_key(addressing)).await
}

/// The workspaces that may send with this SADDR.
pub(crate) async fn users_of(inner: &Inner, saddr: &Saddr) -> Result<Vec<WorkspaceId>, Error> {
    let claim: Option<SaddrClaim> = inner.db.get(key::global("saddr_claim", saddr.claim_key())).await?;
    Ok(claim.map_or_else(Vec::new, |claim| std::iter::once(claim.workspace).chain(claim.shared_with).collect()))
}

/// How messages leave whose SADDR a subscriber has written to, as the sender that has it says, and its workspace. None:
/// nobody has it.
pub async fn written_to(door: &SystemDoor, saddr: &Saddr) -> Result<Option<(WorkspaceId, Addressing)>, Error> {
    let inner = door.inner();
    let claim: Option<SaddrClaim> = inner.db.get(key::global("saddr_claim", saddr.claim_key())).await?;
    let Some(claim) = claim else { return Ok(None) };
    let sender: Option<Sender> = inner.db.get(key::of("sender", claim.workspace, [key::id(claim.sender)])).await?;
    let in_force = sender.as_ref().and_then(Sender::in_force);
    Ok(in_force.map(|revision| (claim.workspace, revision.addressing.clone())))
}

/// Refuses an address that is approved elsewhere. Names no tenant.
pub(super) async fn check(scope: &Scope, addressing: &Addressing) -> Result<(), Error> {
    match claim_on(scope, addressing).await? {
        Some(claim) if claim.bars(scope.workspace_id()) => Err(Error::invalid(
            "saddr",
            "this SADDR is in use elsewhere in this installation; a super admin can allow the shared use",
        )),
        _ => Ok(()),
    }
}

/// Claims the address of an approved revision in the transaction of its approval.
pub(super) fn put(tx: &mut Tx, scope: &Scope, sender: SenderId, approved: &Revision) {
    let claim = SaddrClaim { workspace: scope.workspace_id(), sender, shared_with: Vec::new(), revision: 1 };
    tx.claim(claim_key(&approved.addressing), &claim, scope.workspace_id());
}

/// Whether the revision that waits has an address that is approved elsewhere, so that nobody here can approve it.
pub async fn pending_is_barred(scope: &Granted<kind::ManageInstallation>, sender: &Sender) -> Result<bool, Error> {
    let Some(pending) = sender.pending() else { return Ok(false) };
    let claim = claim_on(scope, &pending.addressing).await?;
    Ok(claim.is_some_and(|claim| claim.bars(scope.workspace_id())))
}

/// Lets this workspace have the SADDR of the revision that waits, although it is approved elsewhere. Approves nothing.
pub async fn allow_shared(
    scope: &Granted<kind::ManageInstallation>,
    id: SenderId,
    number: u32,
) -> Result<Sender, Error> {
    let sender = find(scope, id).await?;
    let Some(pending) = sender.pending().filter(|pending| pending.number == number) else {
        return Err(Error::Stale { what: "this revision does not wait for a decision any more".into() });
    };
    let before = claim_on(scope, &pending.addressing).await?;
    let Some(before) = before.filter(|claim| claim.bars(scope.workspace_id())) else {
        return Ok(sender);
    };
    let mut after = SaddrClaim { revision: before.revision + 1, ..before.clone() };
    after.shared_with.push(scope.workspace_id());
    let event = event(scope, "sender.shared_use_allowed", id).change("revision", None, Some(number)).change(
        "saddr",
        None,
        Some(pending.addressing.saddr.to_string()),
    );
    scope
        .inner()
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            tx.compare_and_set(claim_key(&pending.addressing), before.revision, &after);
            scope.rely_on(tx);
        })
        .await?;
    Ok(sender)
}

/// A workspace is being removed: what it shared with others becomes theirs, what it alone held is free, and it is not
/// named among those that others share with.
pub(crate) async fn pass_on_claims(inner: &Inner, gone: WorkspaceId) -> Result<(), Error> {
    let mut vars = Variables::new();
    vars.insert("gone", gone.to_string());
    let sql = "SELECT VALUE doc FROM saddr_claim WHERE doc.workspace = $gone OR doc.shared_with CONTAINS $gone";
    let held: Vec<SaddrClaim> = inner.db.docs(sql, vars.clone()).await?;
    let mut answer = inner.db.read(&sql.replace("VALUE doc", "VALUE id"), vars).await?;
    let keys: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
    for (claim, key) in held.into_iter().zip(keys) {
        let after = without(inner, &claim, &key, gone).await?;
        inner
            .db
            .transact(|| {
                let mut tx = Tx::new();
                match &after {
                    Some(after) => tx.compare_and_set(key.clone(), claim.revision, after),
                    None => tx.delete(key.clone()),
                }
                tx
            })
            .await?;
    }
    Ok(())
}

/// The claim as it is without one of its workspaces; None: nobody holds it any more.
async fn without(
    inner: &Inner,
    claim: &SaddrClaim,
    key: &RecordId,
    gone: WorkspaceId,
) -> Result<Option<SaddrClaim>, Error> {
    let mut after = SaddrClaim { revision: claim.revision + 1, ..claim.clone() };
    after.shared_with.retain(|&workspace| workspace != gone);
    if claim.workspace != gone {
        return Ok(Some(after));
    }
    for heir in after.shared_with.clone() {
        let mut vars = Variables::new();
        vars.insert("range", key::all("sender", heir, []));
        let senders: Vec<Sender> = inner.db.docs("SELECT VALUE doc FROM $range", vars).await?;
        let approved = |revision: &Revision| {
            revision.status == RevisionStatus::Approved && claim_key(&revision.addressing) == *key
        };
        if let Some(sender) = senders.iter().find(|sender| sender.revisions.iter().any(approved)) {
            after.workspace = heir;
            after.sender = sender.id;
            after.shared_with.retain(|&workspace| workspace != heir);
            return Ok(Some(after));
        }
    }
    Ok(None)
}
