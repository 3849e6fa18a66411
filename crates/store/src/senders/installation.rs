//! Sender names of the installation: presets in the hands of super admins, offered to all workspaces or to chosen ones.
//!
//! A revision is approved by another super admin than the one who submitted it. Where there is only one, that one may
//! approve it, on record as a self-approval: a preset alone sends nothing, for each campaign with it is approved in its
//! workspace by somebody who did not make it.

use std::collections::BTreeSet;

use domain::{
    id::{SenderId, WorkspaceId},
    permission::kind,
    schedule::Zone,
    sender::{Addressing, InstallationSender, Offered, Revision, RevisionStatus, Saddr},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{
    ATTEMPTS_MAX, check_display_name, check_reason,
    claim::{self, Holder},
    revisions,
};
use crate::{
    Error, Granted, Ruler, Scope,
    access::Inner,
    audit::{Chain, Event},
    campaigns::check_note,
    db::{Tx, key, tx::Columns},
};

const TABLE: &str = "installation_sender";
const USES: &str = "installation_saddr_use";
/// Presets that are not archived: the wizard lists them all.
const PRESETS_MAX: usize = 500;

impl Columns for InstallationSender {}

pub(super) fn record(id: SenderId) -> RecordId {
    key::global(TABLE, id)
}

/// That a workspace has sent with an address of the installation: what subscribers write to it is for the workspace, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SaddrUse {
    pub(super) workspace: WorkspaceId,
    pub(super) sender: SenderId,
    /// Folded.
    saddr: String,
    /// The latest time.
    pub(super) at_ms: i64,
}

impl Columns for SaddrUse {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("saddr", self.saddr.clone().into_value())]
    }
}

/// A preset that is about to be made.
#[derive(Debug, Clone)]
pub struct NewPreset {
    pub display_name: String,
    pub addressing: Addressing,
    pub reason: Option<String>,
    pub offered: Offered,
}

pub(crate) async fn all(inner: &Inner) -> Result<Vec<InstallationSender>, Error> {
    let read = inner.db.docs("SELECT VALUE doc FROM installation_sender", Variables::new());
    inner.db.known(&[TABLE], "senders of the installation".to_owned(), read).await
}

pub(super) async fn read(inner: &Inner, id: SenderId) -> Result<Option<InstallationSender>, Error> {
    inner.db.get(record(id)).await
}

pub(super) async fn uses_of(inner: &Inner, saddr: &Saddr) -> Result<Vec<SaddrUse>, Error> {
    let mut vars = Variables::new();
    vars.insert("saddr", saddr.claim_key());
    inner.db.docs("SELECT VALUE doc FROM installation_saddr_use WHERE saddr = $saddr", vars).await
}

/// All presets, by display name; archived ones last.
pub async fn list(ruler: &Ruler) -> Result<Vec<InstallationSender>, Error> {
    let mut presets = all(ruler.inner()).await?;
    presets.sort_by_cached_key(|preset| (preset.archived_at_ms.is_some(), preset.display_name.to_lowercase()));
    Ok(presets)
}

pub async fn find(ruler: &Ruler, id: SenderId) -> Result<InstallationSender, Error> {
    read(ruler.inner(), id).await?.ok_or(Error::NotFound)
}

/// Those that a workspace is offered, with a revision in force, by display name.
pub async fn offered(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<InstallationSender>, Error> {
    let mut presets = all(scope.inner()).await?;
    presets.retain(|preset| preset.offer_to(scope.workspace_id()).is_some());
    presets.sort_by_cached_key(|preset| preset.display_name.to_lowercase());
    Ok(presets)
}

/// One of those. What is offered to others, or archived, is not there.
pub async fn offered_one(scope: &Scope, id: SenderId) -> Result<InstallationSender, Error> {
    let preset = read(scope.inner(), id).await?;
    preset.filter(|preset| preset.offer_to(scope.workspace_id()).is_some()).ok_or(Error::NotFound)
}

/// The preset whose address a workspace sends with, if it is one of those that it is offered.
pub(crate) async fn used(scope: &Scope, saddr: &Saddr) -> Result<Option<SenderId>, Error> {
    let presets = all(scope.inner()).await?;
    let is_it = |preset: &InstallationSender| {
        let offer = preset.offer_to(scope.workspace_id());
        offer.is_some_and(|offer| offer.addressing.saddr.claim_key() == saddr.claim_key())
    };
    Ok(presets.iter().find(|preset| is_it(preset)).map(|preset| preset.id))
}

/// Notes that the workspace sends with it, in the transaction of what does.
pub(crate) fn note_use(tx: &mut Tx, scope: &Scope, sender: SenderId, saddr: &Saddr) {
    let (workspace, saddr) = (scope.workspace_id(), saddr.claim_key());
    let used = SaddrUse { workspace, sender, saddr: saddr.clone(), at_ms: scope.now_ms() };
    tx.put(key::of(USES, workspace, [key::id(saddr)]), &used);
}

/// Makes a preset with its first revision, which waits for approval.
pub async fn create(ruler: &Ruler, new: NewPreset) -> Result<InstallationSender, Error> {
    let inner = ruler.inner();
    let display_name = check_display_name(&new.display_name)?;
    let reason = check_reason(new.reason)?;
    check_offered(inner, &new.offered).await?;
    let existing = all(inner).await?;
    let folded = display_name.to_lowercase();
    let mut current = existing.iter().filter(|other| other.archived_at_ms.is_none());
    if current.clone().count() >= PRESETS_MAX {
        return Err(Error::invalid("display_name", format!("{PRESETS_MAX} presets are the most; archive one first")));
    }
    if current.any(|other| other.display_name.to_lowercase() == folded) {
        return Err(Error::invalid("display_name", "there is a preset of this name; submit a new revision of it"));
    }
    let saddr = new.addressing.saddr.to_string();
    let preset = InstallationSender {
        id: SenderId::from_uuid(inner.new_uuid()?),
        display_name,
        revisions: vec![revisions::submitted(1, new.addressing, reason.clone(), ruler.user(), ruler.now_ms())],
        offered: new.offered,
        archived_at_ms: None,
        created_by: ruler.user_id(),
        created_at_ms: ruler.now_ms(),
        revision: 1,
    };
    let event = event(ruler, "sender_preset.created", preset.id)
        .change("display_name", None, Some(preset.display_name.clone()))
        .change("saddr", None, Some(saddr))
        .change("offered_to", None, Some(said(&preset.offered)))
        .note(reason);
    inner
        .audited(Chain::Installation, event, |tx| {
            tx.create(record(preset.id), &preset);
            ruler.rely_on(tx);
        })
        .await?;
    Ok(preset)
}

/// Submits a new revision; what is in force stays in force until it is approved.
pub async fn submit_revision(
    ruler: &Ruler,
    id: SenderId,
    addressing: Addressing,
    reason: Option<String>,
) -> Result<InstallationSender, Error> {
    let reason = check_reason(reason)?;
    let compute = |before: &InstallationSender| {
        if before.archived_at_ms.is_some() {
            return Err(Error::invalid("saddr", "this preset is archived"));
        }
        let mut after = before.clone();
        let (addressing, reason) = (addressing.clone(), reason.clone());
        let saddr = addressing.saddr.to_string();
        let number = revisions::submit(&mut after.revisions, addressing, reason.clone(), ruler.user(), ruler.now_ms())?;
        let event = event(ruler, "sender_preset.revision_submitted", id)
            .change("revision", None, Some(number))
            .change("saddr", None, Some(saddr))
            .note(reason);
        Ok((after, event))
    };
    change(ruler, id, compute, |_, _| {}).await
}

/// Whether this super admin may approve a revision: it is somebody else's, or there is nobody else who could.
pub async fn may_approve(ruler: &Ruler, revision: &Revision) -> Result<bool, Error> {
    Ok(revision.submitted_by != ruler.user_id() || others_who_rule(ruler).await? == 0)
}

/// Approves the pending revision that the person saw, and claims its SADDR for the installation.
pub async fn approve(ruler: &Ruler, id: SenderId, number: u32) -> Result<InstallationSender, Error> {
    let seen = find(ruler, id).await?;
    if let Some(pending) = seen.pending().filter(|pending| pending.number == number) {
        if !may_approve(ruler, pending).await? {
            return Err(Error::Stale {
                what: "you submitted this revision; another super admin has to approve it (four-eyes rule)".into(),
            });
        }
        claim::check(ruler.inner(), Holder::Installation, &pending.addressing).await?;
    }
    change(
        ruler,
        id,
        |before| decided(ruler, before, number, RevisionStatus::Approved, None),
        |tx, after| {
            if let Some(approved) = after.in_force() {
                claim::put(tx, Holder::Installation, id, approved);
            }
        },
    )
    .await
}

/// Rejects the pending revision that the person saw. What is in force stays in force.
pub async fn reject(ruler: &Ruler, id: SenderId, number: u32, note: &str) -> Result<InstallationSender, Error> {
    let note = check_note(note)?;
    change(ruler, id, |before| decided(ruler, before, number, RevisionStatus::Rejected, Some(note.clone())), |_, _| {})
        .await
}

fn decided(
    ruler: &Ruler,
    before: &InstallationSender,
    number: u32,
    status: RevisionStatus,
    note: Option<String>,
) -> Result<(InstallationSender, Event), Error> {
    let mut after = before.clone();
    let (by, at_ms) = ((ruler.user(), true), ruler.now_ms());
    let is_own = revisions::decide(&mut after.revisions, number, status, note.as_deref(), by, at_ms, |at| {
        Zone::utc().format(at)
    })?;
    let is_approval = status == RevisionStatus::Approved;
    let action = if is_approval { "sender_preset.revision_approved" } else { "sender_preset.revision_rejected" };
    let note = if is_own { Some("self-approval: there is no other super admin".to_owned()) } else { note };
    Ok((after, event(ruler, action, before.id).change("revision", None, Some(number)).note(note)))
}

/// Offers a preset to others than before. Campaigns that are approved go on.
pub async fn offer(ruler: &Ruler, id: SenderId, seen_revision: u64, to: Offered) -> Result<InstallationSender, Error> {
    check_offered(ruler.inner(), &to).await?;
    let compute = |before: &InstallationSender| {
        if before.revision != seen_revision {
            return Err(Error::Stale { what: "this preset was changed meanwhile; look at it again".into() });
        }
        let event = event(ruler, "sender_preset.offered", id).change(
            "offered_to",
            Some(said(&before.offered)),
            Some(said(&to)),
        );
        Ok((InstallationSender { offered: to.clone(), ..before.clone() }, event))
    };
    change(ruler, id, compute, |_, _| {}).await
}

/// Hides a preset from all wizards; campaigns that are approved go on, and its name may be used again.
pub async fn archive(ruler: &Ruler, id: SenderId) -> Result<InstallationSender, Error> {
    let compute = |before: &InstallationSender| {
        let at_ms = before.archived_at_ms.unwrap_or_else(|| ruler.now_ms());
        let event = event(ruler, "sender_preset.archived", id).change("archived", Some(false), Some(true));
        Ok((InstallationSender { archived_at_ms: Some(at_ms), ..before.clone() }, event))
    };
    change(ruler, id, compute, |_, _| {}).await
}

/// Whether the revision that waits has an address that is approved in a workspace.
pub async fn pending_is_barred(ruler: &Ruler, preset: &InstallationSender) -> Result<bool, Error> {
    match preset.pending() {
        Some(pending) => claim::is_barred(ruler.inner(), Holder::Installation, &pending.addressing).await,
        None => Ok(false),
    }
}

/// Lets the installation have the SADDR of the revision that waits, although a workspace has it approved. Approves nothing.
pub async fn allow_shared(ruler: &Ruler, id: SenderId, number: u32) -> Result<(), Error> {
    let preset = find(ruler, id).await?;
    let Some(pending) = preset.pending().filter(|pending| pending.number == number) else {
        return Err(Error::Stale { what: "this revision does not wait for a decision any more".into() });
    };
    let event = event(ruler, "sender_preset.shared_use_allowed", id).change("revision", None, Some(number));
    let on_record = (Chain::Installation, event);
    claim::share(ruler.inner(), Holder::Installation, &pending.addressing, on_record, |tx| ruler.rely_on(tx)).await
}

/// A workspace is being removed: nothing is offered to it any more.
pub(crate) async fn forget(inner: &Inner, gone: WorkspaceId) -> Result<(), Error> {
    for before in all(inner).await? {
        let Offered::Only(mut workspaces) = before.offered.clone() else { continue };
        if !workspaces.remove(&gone) {
            continue;
        }
        let offered = Offered::Only(workspaces);
        let after = InstallationSender { offered, revision: before.revision + 1, ..before.clone() };
        let build = || {
            let mut tx = Tx::new();
            tx.compare_and_set(record(before.id), before.revision, &after);
            tx
        };
        inner.db.transact(build).await?;
    }
    Ok(())
}

/// The workspaces of these addresses (slugs), which stand on lines or between commas.
///
/// # Errors
/// [`Error::Invalid`] at `workspaces`, with the address that there is not.
pub async fn offered_to(ruler: &Ruler, slugs: &str) -> Result<Offered, Error> {
    let known = ruler.inner().all_workspaces().await?;
    let mut workspaces = BTreeSet::new();
    for slug in slugs.split(|c: char| c == ',' || c.is_whitespace()).filter(|slug| !slug.is_empty()) {
        let found = known.iter().find(|workspace| workspace.slug.as_str() == slug.to_lowercase());
        let refused = || Error::invalid("workspaces", format!("there is no workspace with the address “{slug}”"));
        workspaces.insert(found.ok_or_else(refused)?.id);
    }
    Ok(Offered::Only(workspaces))
}

/// The addresses of those who are offered it by name, in their order; empty where all are.
pub async fn slugs(ruler: &Ruler, offered: &Offered) -> Result<Vec<String>, Error> {
    let Offered::Only(workspaces) = offered else { return Ok(Vec::new()) };
    let all = ruler.inner().all_workspaces().await?;
    let named = all.into_iter().filter(|workspace| workspaces.contains(&workspace.id));
    let mut slugs: Vec<String> = named.map(|workspace| workspace.slug.to_string()).collect();
    slugs.sort_unstable();
    Ok(slugs)
}

async fn check_offered(inner: &Inner, offered: &Offered) -> Result<(), Error> {
    let Offered::Only(workspaces) = offered else { return Ok(()) };
    let known: BTreeSet<WorkspaceId> = inner.all_workspaces().await?.into_iter().map(|one| one.id).collect();
    if workspaces.is_subset(&known) {
        Ok(())
    } else {
        Err(Error::invalid("offered", "one of these workspaces is not there any more; choose again"))
    }
}

async fn others_who_rule(ruler: &Ruler) -> Result<usize, Error> {
    ruler.inner().others_who_rule(ruler.user_id()).await
}

/// As the audit log says it.
fn said(offered: &Offered) -> String {
    match offered {
        Offered::Everybody => "all workspaces".to_owned(),
        Offered::Only(workspaces) => workspaces.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

async fn change(
    ruler: &Ruler,
    id: SenderId,
    compute: impl Fn(&InstallationSender) -> Result<(InstallationSender, Event), Error>,
    also: impl Fn(&mut Tx, &InstallationSender),
) -> Result<InstallationSender, Error> {
    for _ in 0..ATTEMPTS_MAX {
        let before = find(ruler, id).await?;
        let (mut after, event) = compute(&before)?;
        after.revision = before.revision + 1;
        let outcome = ruler
            .inner()
            .audited(Chain::Installation, event, |tx| {
                tx.compare_and_set(record(id), before.revision, &after);
                also(tx, &after);
                ruler.rely_on(tx);
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

fn event(ruler: &Ruler, action: &'static str, id: SenderId) -> Event {
    Event::new(ruler.actor(), ruler.origin(), action).on("sender_preset", &id)
}
