//! Sender names: created by admins, revised by anybody, decided by moderators; revisions are never edited.

mod claim;
pub mod installation;
mod revisions;
mod usable;

use domain::{
    id::{SenderId, WorkspaceId},
    permission::{Capacity, Permission, Reach, kind},
    sender::{Addressing, Revision, RevisionStatus, Sender},
};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use self::claim::Holder;
pub use self::{
    claim::{allow_shared, pending_is_barred, written_to},
    revisions::super_admin_needed,
    usable::{in_force, usable},
};
pub(crate) use self::{
    claim::{pass_on_claims, users_of},
    usable::{approved, is_abroad, is_in_force},
};
use crate::{
    Error, Granted, Ruler, Scope,
    access::Inner,
    audit::{Chain, Event},
    campaigns::check_note,
    db::{Tx, key, tx::Columns},
    notices::consequences::Consequences,
    workspaces::onboarding::FirstSender,
};

const ATTEMPTS_MAX: u32 = 20;
const REASON_CHARACTERS_MAX: usize = 500;

impl Columns for Sender {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("pending", (self.pending().is_some() && self.archived_at_ms.is_none()).into_value())]
    }
}

pub(crate) fn sender_key(scope: &Scope, id: SenderId) -> RecordId {
    key::of("sender", scope.workspace_id(), [key::id(id)])
}

/// All sender names of the workspace, by display name; archived ones last.
pub async fn list(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<Sender>, Error> {
    let mut senders = all(scope.inner(), scope.workspace_id()).await?;
    senders.sort_by_key(|sender| (sender.archived_at_ms.is_some(), sender.display_name.to_lowercase()));
    Ok(senders)
}

/// Of a workspace, in no order.
async fn all(inner: &Inner, workspace: WorkspaceId) -> Result<Vec<Sender>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("sender", workspace, []));
    let read = inner.db.docs("SELECT VALUE doc FROM $range", vars);
    inner.db.known(&["sender"], format!("senders of {workspace}"), read).await
}

/// The senders with a revision that waits for a decision, oldest submission first.
pub async fn queue(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<Sender>, Error> {
    let (db, workspace) = (&scope.inner().db, scope.workspace_id());
    let mut vars = Variables::new();
    vars.insert("range", key::all("sender", workspace, []));
    let read = db.docs("SELECT VALUE doc FROM $range WHERE pending = true", vars);
    let mut senders: Vec<Sender> = db.known(&["sender"], format!("pending senders of {workspace}"), read).await?;
    senders.sort_by_key(|sender| sender.pending().map(|revision| revision.submitted_at_ms));
    Ok(senders)
}

pub async fn find(scope: &Scope, id: SenderId) -> Result<Sender, Error> {
    scope.inner().db.get(sender_key(scope, id)).await?.ok_or(Error::NotFound)
}

/// A new sender name in Draft: nothing can be sent with it until a revision is approved.
pub async fn create(scope: &Granted<kind::ManageSender>, display_name: &str) -> Result<Sender, Error> {
    let display_name = check_display_name(display_name)?;
    let inner = scope.inner();
    let mut vars = Variables::new();
    vars.insert("range", key::all("sender", scope.workspace_id(), []));
    let existing: Vec<Sender> = inner.db.docs("SELECT VALUE doc FROM $range", vars).await?;
    let folded = display_name.to_lowercase();
    if existing.iter().any(|other| other.archived_at_ms.is_none() && other.display_name.to_lowercase() == folded) {
        return Err(Error::invalid(
            "display_name",
            "a sender of this name exists already; submit a new revision of it",
        ));
    }
    let sender = Sender {
        workspace: scope.workspace_id(),
        id: SenderId::from_uuid(inner.new_uuid()?),
        display_name,
        revisions: Vec::new(),
        archived_at_ms: None,
        created_by: scope.user_id(),
        created_at_ms: inner.now_ms(),
        revision: 1,
    };
    let event =
        event(scope, "sender.created", sender.id).change("display_name", None, Some(sender.display_name.clone()));
    inner
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| tx.create(sender_key(scope, sender.id), &sender))
        .await?;
    Ok(sender)
}

fn check_display_name(display_name: &str) -> Result<String, Error> {
    let display_name = display_name.trim();
    if !(1..=60).contains(&display_name.chars().count()) {
        return Err(Error::invalid("display_name", "a sender's display name has 1 to 60 characters"));
    }
    Ok(display_name.to_owned())
}

/// The first sender name of a workspace that is being made, with its first revision, which waits for a decision.
pub(crate) fn first(ruler: &Ruler, workspace: WorkspaceId, new: &FirstSender) -> Result<Sender, Error> {
    let display_name = check_display_name(&new.display_name).map_err(|refusal| match refusal {
        Error::Invalid { message, .. } => Error::Invalid { field: "sender_name", message },
        other => other,
    })?;
    let at_ms = ruler.now_ms();
    Ok(Sender {
        workspace,
        id: SenderId::from_uuid(ruler.inner().new_uuid()?),
        display_name,
        revisions: vec![revisions::submitted(
            1,
            new.addressing.clone(),
            check_reason(new.reason.clone())?,
            ruler.user(),
            at_ms,
        )],
        archived_at_ms: None,
        created_by: ruler.user_id(),
        created_at_ms: at_ms,
        revision: 1,
    })
}

pub(crate) fn put_sender(tx: &mut Tx, sender: &Sender) {
    tx.create(key::of("sender", sender.workspace, [key::id(sender.id)]), sender);
}

/// Why a revision is submitted: trimmed, None when nothing is left, and not endless.
pub fn check_reason(reason: Option<String>) -> Result<Option<String>, Error> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS_MAX) {
        return Err(Error::invalid("reason", format!("a reason has at most {REASON_CHARACTERS_MAX} characters")));
    }
    Ok(reason)
}

/// Submits a new revision. One can wait at a time, so that moderators decide on what is meant.
pub async fn submit_revision(
    scope: &Granted<kind::SubmitRevision>,
    id: SenderId,
    addressing: Addressing,
    reason: Option<String>,
) -> Result<Sender, Error> {
    let reason = check_reason(reason)?;
    change(
        scope,
        id,
        |before| {
            if before.archived_at_ms.is_some() {
                return Err(Error::invalid("saddr", "this sender is archived"));
            }
            let mut after = before.clone();
            let (addressing, reason) = (addressing.clone(), reason.clone());
            let saddr = addressing.saddr.to_string();
            let number =
                revisions::submit(&mut after.revisions, addressing, reason.clone(), scope.user(), scope.now_ms())?;
            let event = event(scope, "sender.revision_submitted", id)
                .change("revision", None, Some(number))
                .change("saddr", None, Some(saddr))
                .note(reason);
            Ok((after, event))
        },
        |_, _| {},
    )
    .await
}

/// Approves the pending revision that the moderator saw, and claims its SADDR for this workspace.
pub async fn approve(scope: &Granted<kind::DecideRevision>, id: SenderId, number: u32) -> Result<Sender, Error> {
    let scope: &Scope = scope;
    let seen = find(scope, id).await?;
    if let Some(pending) = seen.pending().filter(|pending| pending.number == number) {
        claim::check(scope.inner(), Holder::Workspace(scope.workspace_id()), &pending.addressing).await?;
    }
    change(
        scope,
        id,
        |before| decided(scope, before, number, RevisionStatus::Approved, None),
        |tx, after| {
            if let Some(approved) = after.in_force() {
                claim::put(tx, Holder::Workspace(scope.workspace_id()), id, approved);
            }
            scope.rely_on(tx);
        },
    )
    .await
}

/// Rejects the pending revision that the moderator saw. What is in force stays in force.
pub async fn reject(
    scope: &Granted<kind::DecideRevision>,
    id: SenderId,
    number: u32,
    note: &str,
) -> Result<Sender, Error> {
    let scope: &Scope = scope;
    let note = check_note(note)?;
    change(
        scope,
        id,
        |before| decided(scope, before, number, RevisionStatus::Rejected, Some(note.clone())),
        |tx, _| scope.rely_on(tx),
    )
    .await
}

fn decided(
    scope: &Scope,
    before: &Sender,
    number: u32,
    status: RevisionStatus,
    note: Option<String>,
) -> Result<(Sender, Event), Error> {
    let mut after = before.clone();
    let by = (scope.user(), scope.capacity() == Capacity::SuperAdmin);
    let at_ms = scope.now_ms();
    let is_own =
        revisions::decide(&mut after.revisions, number, status, note.as_deref(), by, at_ms, |at| scope.show_time(at))?;
    if is_own && scope.workspace().four_eyes {
        return Err(Error::Stale {
            what: "you submitted this revision; somebody else has to approve it (four-eyes rule)".into(),
        });
    }
    let action =
        if status == RevisionStatus::Approved { "sender.revision_approved" } else { "sender.revision_rejected" };
    let note = if is_own { Some("self-approval: the four-eyes rule is off".to_owned()) } else { note };
    let event = event(scope, action, before.id).change("revision", None, Some(number)).note(note);
    Ok((after, event))
}

/// Hides a sender from the wizard; running campaigns go on, and its name may be used again.
pub async fn archive(scope: &Granted<kind::ManageSender>, id: SenderId) -> Result<Sender, Error> {
    change(
        scope,
        id,
        |before| {
            let mut after = before.clone();
            after.archived_at_ms = Some(before.archived_at_ms.unwrap_or_else(|| scope.now_ms()));
            Ok((after, event(scope, "sender.archived", id).change("archived", Some(false), Some(true))))
        },
        |_, _| {},
    )
    .await
}

/// Whether the page offers the approval of a revision to this person.
#[must_use]
pub fn may_approve(scope: &Scope, revision: &Revision) -> bool {
    scope.reach(Permission::DecideRevision) == Reach::Any
        && (!scope.workspace().four_eyes || revision.submitted_by != scope.user_id())
}

async fn change(
    scope: &Scope,
    id: SenderId,
    compute: impl Fn(&Sender) -> Result<(Sender, Event), Error>,
    also: impl Fn(&mut Tx, &Sender),
) -> Result<Sender, Error> {
    for _ in 0..ATTEMPTS_MAX {
        let before = find(scope, id).await?;
        let (mut after, event) = compute(&before)?;
        after.revision = before.revision + 1;
        let told = Consequences::of_sender(scope.inner(), &before, &after).await?;
        let outcome = scope
            .inner()
            .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
                tx.compare_and_set(sender_key(scope, id), before.revision, &after);
                told.put(tx);
                also(tx, &after);
            })
            .await;
        match outcome {
            Ok(()) => return Ok(after),
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::Moved)
}

fn event(scope: &Scope, action: &'static str, sender: SenderId) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("sender", &sender)
}
