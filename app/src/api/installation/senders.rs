//! Sender presets: sender names of the installation, kept by super admins and offered to workspaces.

use domain::sender::SenderStatus;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{api::senders::RevisionView, error::AppError, state::moment::Moment};

/// A preset as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderPresetRow {
    pub id: String,
    pub display_name: String,
    pub status: SenderStatus,
    /// What phones show, while a revision is in force.
    pub saddr: Option<String>,
    /// The number of the revision that waits.
    pub pending: Option<u32>,
    /// None: all workspaces; else how many.
    pub offered_to: Option<u32>,
}

/// A preset with everything that it ever was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderPresetView {
    pub row: SenderPresetRow,
    pub archived: Option<Moment>,
    /// Newest first.
    pub revisions: Vec<RevisionView>,
    pub in_force: Option<u32>,
    /// What may be done about the revision that waits.
    pub decision: Option<PresetDecision>,
    /// The workspaces that are offered it, by their addresses; none where all are.
    pub workspaces: Vec<String>,
    pub revision: u64,
}

/// The revision of a preset that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetDecision {
    pub number: u32,
    /// A workspace has its SADDR approved, and the shared use is not allowed.
    pub barred: bool,
    pub by_whom: Approver,
}

/// Whether this person may approve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Approver {
    /// Somebody else submitted it.
    Yes,
    /// They submitted it, and there is no other super admin.
    Alone,
    /// They submitted it; another super admin has to.
    No,
}

/// By name, archived ones last.
#[server]
pub async fn sender_presets() -> Result<Vec<SenderPresetRow>, AppError> {
    let ruler = crate::api::context::rule().await?;
    Ok(store::senders::installation::list(&ruler).await?.iter().map(row).collect())
}

#[server]
pub async fn sender_preset(id: String) -> Result<SenderPresetView, AppError> {
    use store::senders::installation;

    let ruler = crate::api::context::rule().await?;
    let preset = installation::find(&ruler, preset_id(&id)?).await?;
    let decision = match preset.pending() {
        Some(pending) => Some(PresetDecision {
            number: pending.number,
            barred: installation::pending_is_barred(&ruler, &preset).await?,
            by_whom: match installation::may_approve(&ruler, pending).await? {
                false => Approver::No,
                true if pending.submitted_by == ruler.user_id() => Approver::Alone,
                true => Approver::Yes,
            },
        }),
        None => None,
    };
    Ok(SenderPresetView {
        row: row(&preset),
        archived: preset.archived_at_ms.map(Moment::in_utc),
        in_force: preset.in_force().map(|revision| revision.number),
        decision,
        workspaces: installation::slugs(&ruler, &preset.offered).await?,
        revision: preset.revision,
        revisions: crate::api::senders::revisions(preset.revisions, Moment::in_utc),
    })
}

/// Makes a preset with its first revision, which waits for approval. `workspaces`: addresses (slugs), one a line.
#[server]
pub async fn create_sender_preset(
    display_name: String,
    saddr: String,
    source_ton: u8,
    source_npi: u8,
    destination_ton: u8,
    destination_npi: u8,
    reason: String,
    offered: String,
    #[server(default)] workspaces: String,
) -> Result<(), AppError> {
    use store::senders::installation::{self, NewPreset};

    let ruler = crate::api::context::rule().await?;
    let addressing =
        crate::api::senders::addressing(&saddr, [source_ton, source_npi, destination_ton, destination_npi])?;
    let offered = to_whom(&ruler, &offered, &workspaces).await?;
    let new = NewPreset { display_name, addressing, reason: Some(reason), offered };
    let preset = installation::create(&ruler, new).await?;
    leptos_axum::redirect(&format!("/installation/senders/{}", preset.id));
    Ok(())
}

/// Submits a new revision; the one in force stays in force until this one is approved.
#[server]
pub async fn revise_sender_preset(
    id: String,
    saddr: String,
    source_ton: u8,
    source_npi: u8,
    destination_ton: u8,
    destination_npi: u8,
    reason: String,
) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let addressing =
        crate::api::senders::addressing(&saddr, [source_ton, source_npi, destination_ton, destination_npi])?;
    store::senders::installation::submit_revision(&ruler, preset_id(&id)?, addressing, Some(reason)).await?;
    Ok(())
}

#[server]
pub async fn approve_sender_preset(id: String, number: u32) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    store::senders::installation::approve(&ruler, preset_id(&id)?, number).await?;
    Ok(())
}

#[server]
pub async fn reject_sender_preset(id: String, number: u32, note: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    store::senders::installation::reject(&ruler, preset_id(&id)?, number, &note).await?;
    Ok(())
}

/// Offers a preset to others than before. `workspaces`: addresses (slugs), one a line.
#[server]
pub async fn offer_sender_preset(
    id: String,
    revision: u64,
    offered: String,
    #[server(default)] workspaces: String,
) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let to = to_whom(&ruler, &offered, &workspaces).await?;
    store::senders::installation::offer(&ruler, preset_id(&id)?, revision, to).await?;
    Ok(())
}

/// Hides a preset from all wizards; campaigns that are approved go on.
#[server]
pub async fn archive_sender_preset(id: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    store::senders::installation::archive(&ruler, preset_id(&id)?).await?;
    leptos_axum::redirect("/installation/senders");
    Ok(())
}

/// Lets the installation have a SADDR that a workspace has approved. The revision still waits for its approval.
#[server]
pub async fn allow_shared_preset(id: String, number: u32) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    store::senders::installation::allow_shared(&ruler, preset_id(&id)?, number).await?;
    Ok(())
}

#[cfg(feature = "ssr")]
fn preset_id(text: &str) -> Result<domain::id::SenderId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

#[cfg(feature = "ssr")]
async fn to_whom(ruler: &store::Ruler, offered: &str, workspaces: &str) -> Result<domain::sender::Offered, AppError> {
    match offered {
        "everybody" => Ok(domain::sender::Offered::Everybody),
        "only" => Ok(store::senders::installation::offered_to(ruler, workspaces).await?),
        _ => Err(AppError::field("offered", "Choose who is offered it.")),
    }
}

#[cfg(feature = "ssr")]
fn row(preset: &domain::sender::InstallationSender) -> SenderPresetRow {
    use domain::sender::Offered;

    SenderPresetRow {
        id: preset.id.to_string(),
        display_name: preset.display_name.clone(),
        status: preset.status(),
        saddr: preset.in_force().map(|revision| revision.addressing.saddr.to_string()),
        pending: preset.pending().map(|revision| revision.number),
        offered_to: match &preset.offered {
            Offered::Everybody => None,
            Offered::Only(workspaces) => Some(u32::try_from(workspaces.len()).unwrap_or(u32::MAX)),
        },
    }
}
