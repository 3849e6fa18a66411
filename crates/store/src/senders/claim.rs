//! The unique claim on a SADDR: approved in one workspace, it is refused in every other, so that no department speaks
//! in another's name. A super admin may allow a shared use.

use std::{fmt, str::FromStr};

use domain::{
    id::{SenderId, WorkspaceId},
    permission::kind,
    sender::{Addressing, InstallationSender, Revision, RevisionStatus, Saddr, Sender},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::{event, find, installation};
use crate::{
    Error, Granted, SystemDoor,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
};

/// Who has a SADDR approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) enum Holder {
    Workspace(WorkspaceId),
    /// By a preset.
    Installation,
}

const INSTALLATION: &str = "installation";

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace(id) => id.fmt(f),
            Self::Installation => f.write_str(INSTALLATION),
        }
    }
}

impl From<Holder> for String {
    fn from(holder: Holder) -> Self {
        holder.to_string()
    }
}

impl TryFrom<String> for Holder {
    type Error = <WorkspaceId as FromStr>::Err;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == INSTALLATION { Ok(Self::Installation) } else { text.parse().map(Self::Workspace) }
    }
}

/// Kept under the folded SADDR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SaddrClaim {
    #[serde(rename = "workspace")]
    holder: Holder,
    sender: SenderId,
    /// Others that may have it approved too.
    #[serde(default)]
    shared_with: Vec<Holder>,
    revision: u64,
}

impl Columns for SaddrClaim {}

impl SaddrClaim {
    fn holders(&self) -> impl Iterator<Item = Holder> {
        std::iter::once(self.holder).chain(self.shared_with.iter().copied())
    }

    fn bars(&self, holder: Holder) -> bool {
        self.holders().all(|known| known != holder)
    }
}

fn claim_key(addressing: &Addressing) -> RecordId {
    key::global("saddr_claim", addressing.saddr.claim_key())
}

async fn claim_on(inner: &Inner, addressing: &Addressing) -> Result<Option<SaddrClaim>, Error> {
    inner.db.get(claim_key(addressing)).await
}

/// The workspaces that send with this SADDR: those that have it approved, and of a preset those that have sent with it.
pub(crate) async fn users_of(inner: &Inner, saddr: &Saddr) -> Result<Vec<WorkspaceId>, Error> {
    let claim: Option<SaddrClaim> = inner.db.get(key::global("saddr_claim", saddr.claim_key())).await?;
    let Some(claim) = claim else { return Ok(Vec::new()) };
    let mut users = Vec::new();
    for holder in claim.holders() {
        match holder {
            Holder::Workspace(workspace) => users.push(workspace),
            Holder::Installation => {
                users.extend(installation::uses_of(inner, saddr).await?.into_iter().map(|used| used.workspace));
            }
        }
    }
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// How messages leave whose SADDR a subscriber has written to, as the sender that has it says, and its workspace; of a
/// preset the workspace that sent with it last. None: nobody has it.
pub async fn written_to(door: &SystemDoor, saddr: &Saddr) -> Result<Option<(WorkspaceId, Addressing)>, Error> {
    let inner = door.inner();
    let claim: Option<SaddrClaim> = inner.db.get(key::global("saddr_claim", saddr.claim_key())).await?;
    let Some(claim) = claim else { return Ok(None) };
    match claim.holder {
        Holder::Workspace(workspace) => {
            let sender: Option<Sender> = inner.db.get(key::of("sender", workspace, [key::id(claim.sender)])).await?;
            let in_force = sender.as_ref().and_then(Sender::in_force);
            Ok(in_force.map(|revision| (workspace, revision.addressing.clone())))
        }
        Holder::Installation => {
            let uses = installation::uses_of(inner, saddr).await?;
            let Some(latest) = uses.into_iter().max_by_key(|used| used.at_ms) else { return Ok(None) };
            let preset = installation::read(inner, latest.sender).await?;
            let in_force = preset.as_ref().and_then(InstallationSender::in_force);
            Ok(in_force.map(|revision| (latest.workspace, revision.addressing.clone())))
        }
    }
}

/// Refuses an address that is approved elsewhere. Names no tenant.
pub(super) async fn check(inner: &Inner, holder: Holder, addressing: &Addressing) -> Result<(), Error> {
    match claim_on(inner, addressing).await? {
        Some(claim) if claim.bars(holder) => Err(Error::invalid(
            "saddr",
            "this SADDR is in use elsewhere in this installation; a super admin can allow the shared use",
        )),
        _ => Ok(()),
    }
}

/// Claims the address of an approved revision in the transaction of its approval.
pub(super) fn put(tx: &mut Tx, holder: Holder, sender: SenderId, approved: &Revision) {
    let claim = SaddrClaim { holder, sender, shared_with: Vec::new(), revision: 1 };
    tx.claim(claim_key(&approved.addressing), &claim, holder);
}

/// Whether an address is approved elsewhere, so that this holder cannot have it approved.
pub(super) async fn is_barred(inner: &Inner, holder: Holder, addressing: &Addressing) -> Result<bool, Error> {
    Ok(claim_on(inner, addressing).await?.is_some_and(|claim| claim.bars(holder)))
}

/// Lets this holder have an address that is approved elsewhere, with the audit record; nothing is written where it may
/// have it anyway.
pub(super) async fn share(
    inner: &Inner,
    holder: Holder,
    addressing: &Addressing,
    (chain, event): (Chain, Event),
    rely_on: impl Fn(&mut Tx),
) -> Result<(), Error> {
    let before = claim_on(inner, addressing).await?.filter(|claim| claim.bars(holder));
    let Some(before) = before else { return Ok(()) };
    let mut after = SaddrClaim { revision: before.revision + 1, ..before.clone() };
    after.shared_with.push(holder);
    let event = event.change("saddr", None, Some(addressing.saddr.to_string()));
    inner
        .audited(chain, event, |tx| {
            tx.compare_and_set(claim_key(addressing), before.revision, &after);
            rely_on(tx);
        })
        .await
}

/// Whether the revision that waits has an address that is approved elsewhere, so that nobody here can approve it.
pub async fn pending_is_barred(scope: &Granted<kind::ManageInstallation>, sender: &Sender) -> Result<bool, Error> {
    let Some(pending) = sender.pending() else { return Ok(false) };
    is_barred(scope.inner(), Holder::Workspace(scope.workspace_id()), &pending.addressing).await
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
    let event = event(scope, "sender.shared_use_allowed", id).change("revision", None, Some(number));
    let on_record = (Chain::Workspace(scope.workspace_id()), event);
    let holder = Holder::Workspace(scope.workspace_id());
    share(scope.inner(), holder, &pending.addressing, on_record, |tx| scope.rely_on(tx)).await?;
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
    after.shared_with.retain(|&holder| holder != Holder::Workspace(gone));
    if claim.holder != Holder::Workspace(gone) {
        return Ok(Some(after));
    }
    let has_it = |revisions: &[Revision]| {
        let approved = revisions.iter().filter(|revision| revision.status == RevisionStatus::Approved);
        approved.map(|revision| claim_key(&revision.addressing)).any(|approved| approved == *key)
    };
    for heir in after.shared_with.clone() {
        let sender = match heir {
            Holder::Workspace(workspace) => {
                let mut vars = Variables::new();
                vars.insert("range", key::all("sender", workspace, []));
                let senders: Vec<Sender> = inner.db.docs("SELECT VALUE doc FROM $range", vars).await?;
                senders.into_iter().find(|sender| has_it(&sender.revisions)).map(|sender| sender.id)
            }
            Holder::Installation => {
                let presets = installation::all(inner).await?;
                presets.into_iter().find(|preset| has_it(&preset.revisions)).map(|preset| preset.id)
            }
        };
        if let Some(sender) = sender {
            (after.holder, after.sender) = (heir, sender);
            after.shared_with.retain(|&holder| holder != heir);
            return Ok(Some(after));
        }
    }
    Ok(None)
}
