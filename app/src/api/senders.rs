//! Sender names: the list, one with its history, creating, revising, archiving.

use domain::sender::{Addressing, RevisionStatus, SenderStatus};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderRow {
    pub id: String,
    pub display_name: String,
    pub status: SenderStatus,
    /// What phones show, while a revision is in force.
    pub saddr: Option<String>,
    /// A preset that the installation offers.
    pub of_installation: bool,
    /// The number of the revision that waits.
    pub pending: Option<u32>,
    pub created: Moment,
}

/// A sender name with everything that it ever was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderView {
    pub id: String,
    pub display_name: String,
    pub status: SenderStatus,
    pub archived: Option<Moment>,
    /// Newest first.
    pub revisions: Vec<RevisionView>,
    pub in_force: Option<u32>,
    pub has_pending: bool,
    /// A preset that the installation offers: shown as it is in force, and changed by super admins elsewhere.
    pub of_installation: bool,
    /// For super admins: the number of the revision that nobody here can approve, for its SADDR is approved in another
    /// workspace.
    pub barred: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionView {
    pub number: u32,
    pub addressing: Addressing,
    pub status: RevisionStatus,
    pub reason: Option<String>,
    pub submitted_by: String,
    pub submitted: Moment,
    /// Who decided, and when.
    pub decided: Option<(String, Moment)>,
    pub note: Option<String>,
}

/// The sender names of the workspace, and those that the installation offers it.
#[server]
pub async fn senders(slug: String) -> Result<Vec<SenderRow>, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ViewWorkspace>()?;
    let own = store::senders::list(&proof).await?.into_iter().map(|sender| SenderRow {
        id: sender.id.to_string(),
        of_installation: false,
        status: sender.status(),
        saddr: sender.in_force().map(|revision| revision.addressing.saddr.to_string()),
        pending: sender.pending().map(|revision| revision.number),
        created: Moment::of(&scope, sender.created_at_ms),
        display_name: sender.display_name,
    });
    let offered = store::senders::installation::offered(&proof).await?.into_iter().map(|preset| SenderRow {
        id: preset.id.to_string(),
        of_installation: true,
        status: preset.status(),
        saddr: preset.in_force().map(|revision| revision.addressing.saddr.to_string()),
        pending: None,
        created: Moment::of(&scope, preset.created_at_ms),
        display_name: preset.display_name,
    });
    Ok(own.chain(offered).collect())
}

/// One sender name of the workspace.
#[server]
pub async fn sender(slug: String, id: String) -> Result<SenderView, AppError> {
    use domain::permission::kind::ManageInstallation;

    let scope = super::context::enter(&slug).await?;
    let id = sender_id(&id)?;
    let sender = match store::senders::find(&scope, id).await {
        Err(store::Error::NotFound) => {
            return Ok(offered(&scope, store::senders::installation::offered_one(&scope, id).await?));
        }
        found => found?,
    };
    let barred = match scope.grant::<ManageInstallation>() {
        Ok(proof) if store::senders::pending_is_barred(&proof, &sender).await? => sender.pending(),
        _ => None,
    };
    Ok(SenderView {
        of_installation: false,
        barred: barred.map(|revision| revision.number),
        id: sender.id.to_string(),
        status: sender.status(),
        archived: sender.archived_at_ms.map(|at_ms| Moment::of(&scope, at_ms)),
        in_force: sender.in_force().map(|revision| revision.number),
        has_pending: sender.pending().is_some(),
        display_name: sender.display_name,
        revisions: revisions(sender.revisions, |at_ms| Moment::of(&scope, at_ms)),
    })
}

/// Newest first.
#[cfg(feature = "ssr")]
pub(super) fn revisions(revisions: Vec<domain::sender::Revision>, moment: impl Fn(i64) -> Moment) -> Vec<RevisionView> {
    let view = |revision: domain::sender::Revision| RevisionView {
        number: revision.number,
        addressing: revision.addressing,
        status: revision.status,
        reason: revision.reason,
        submitted_by: revision.submitted_by_name,
        submitted: moment(revision.submitted_at_ms),
        decided: revision.decided_by_name.zip(revision.decided_at_ms).map(|(by, at_ms)| (by, moment(at_ms))),
        note: revision.note,
    };
    revisions.into_iter().rev().map(view).collect()
}

/// A preset as a workspace sees it: what is in force, and nobody by name.
#[cfg(feature = "ssr")]
fn offered(scope: &store::Scope, preset: domain::sender::InstallationSender) -> SenderView {
    const BY: &str = "the installation";
    let in_force = preset.in_force().cloned();
    let mut shown = revisions(in_force.into_iter().collect(), |at_ms| Moment::of(scope, at_ms));
    for revision in &mut shown {
        (revision.submitted_by, revision.reason, revision.note) = (BY.to_owned(), None, None);
        revision.decided = revision.decided.take().map(|(_, moment)| (BY.to_owned(), moment));
    }
    SenderView {
        id: preset.id.to_string(),
        status: preset.status(),
        archived: None,
        in_force: preset.in_force().map(|revision| revision.number),
        has_pending: false,
        of_installation: true,
        barred: None,
        display_name: preset.display_name,
        revisions: shown,
    }
}

/// Lets the workspace have a SADDR that is approved in another one. The revision still waits for its approval.
#[server]
pub async fn allow_shared_saddr(slug: String, id: String, number: u32) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::senders::allow_shared(&scope.grant()?, sender_id(&id)?, number).await?;
    leptos_axum::redirect(&format!("/w/{slug}/senders/{id}"));
    Ok(())
}

/// Makes a sender name without a revision: a draft, with which nothing can be sent.
#[server]
pub async fn draft_sender(slug: String, display_name: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    let sender = store::senders::create(&scope.grant()?, &display_name).await?;
    leptos_axum::redirect(&format!("/w/{slug}/senders/{}", sender.id));
    Ok(())
}

/// Makes a sender name with its first revision, which waits for approval.
#[server]
pub async fn create_sender(
    slug: String,
    display_name: String,
    saddr: String,
    source_ton: u8,
    source_npi: u8,
    destination_ton: u8,
    destination_npi: u8,
    reason: String,
) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    let addressing = addressing(&saddr, [source_ton, source_npi, destination_ton, destination_npi])?;
    // Checked before anything is made, so that a refusal leaves no name without a revision.
    let reason = store::senders::check_reason(Some(reason))?;
    let sender = store::senders::create(&scope.grant()?, &display_name).await?;
    store::senders::submit_revision(&scope.grant()?, sender.id, addressing, reason).await?;
    leptos_axum::redirect(&format!("/w/{slug}/senders/{}", sender.id));
    Ok(())
}

/// Submits a new revision; the one in force stays in force until this one is approved.
#[server]
pub async fn submit_revision(
    slug: String,
    id: String,
    saddr: String,
    source_ton: u8,
    source_npi: u8,
    destination_ton: u8,
    destination_npi: u8,
    reason: String,
) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    let addressing = addressing(&saddr, [source_ton, source_npi, destination_ton, destination_npi])?;
    store::senders::submit_revision(&scope.grant()?, sender_id(&id)?, addressing, Some(reason)).await?;
    leptos_axum::redirect(&format!("/w/{slug}/senders/{id}"));
    Ok(())
}

/// Hides a sender name from the wizard; running campaigns go on.
#[server]
pub async fn archive_sender(slug: String, id: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::senders::archive(&scope.grant()?, sender_id(&id)?).await?;
    leptos_axum::redirect(&format!("/w/{slug}/senders"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn sender_id(text: &str) -> Result<domain::id::SenderId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// What a form says of the addresses: source TON and NPI, destination TON and NPI.
#[cfg(feature = "ssr")]
pub(super) fn addressing(saddr: &str, octets: [u8; 4]) -> Result<Addressing, AppError> {
    use domain::sender::{Npi, Saddr, Ton};

    let saddr = Saddr::parse(saddr.trim()).map_err(|refusal| AppError::field("saddr", refusal.to_string()))?;
    let ton =
        |field: &str, octet: u8| Ton::from_octet(octet).ok_or_else(|| AppError::field(field, "choose one of the list"));
    let npi =
        |field: &str, octet: u8| Npi::from_octet(octet).ok_or_else(|| AppError::field(field, "choose one of the list"));
    Ok(Addressing {
        saddr,
        source_ton: ton("source_ton", octets[0])?,
        source_npi: npi("source_npi", octets[1])?,
        destination_ton: ton("destination_ton", octets[2])?,
        destination_npi: npi("destination_npi", octets[3])?,
    })
}
