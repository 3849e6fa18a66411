//! The settings of a workspace, and its end.

use domain::workspace::NumbersVisibleTo;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{hold::HoldsView, sending::SendingView};
use crate::{error::AppError, state::moment::Moment};

/// Everything that the settings page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// What a change is based on.
    pub revision: u64,
    pub slug: String,
    pub display_name: String,
    pub time_zone: String,
    pub default_country: String,
    pub joining_allowed: bool,
    pub numbers_visible_to: NumbersVisibleTo,
    pub segment_price_cents: u32,
    pub currency: String,
    pub four_eyes: bool,
    /// How long recipients are kept; None: for ever.
    pub recipient_data_days: Option<u32>,
    pub archived: Option<Moment>,
    pub usage: UsageView,
    pub sending: SendingView,
    pub holds: HoldsView,
    /// IANA names.
    pub time_zones: Vec<String>,
    /// ISO code and English name.
    pub countries: Vec<(String, String)>,
}

/// What the workspace has used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageView {
    /// Submitted ever.
    pub campaigns: u64,
    /// Recipients that are kept, over all campaigns.
    pub recipients: u64,
    /// Since the first of the month.
    pub messages: u64,
    pub segments: u64,
    /// What recipients take on disk, rounded up.
    pub storage_mib: u64,
}

/// The settings, for those who may change them; in an archived workspace to be read.
#[server]
pub async fn settings(slug: String) -> Result<SettingsView, AppError> {
    let scope = super::context::enter(&slug).await?;
    let workspace = store::workspaces::settings(&scope)?.clone();
    let usage = store::workspaces::usage(&scope).await?;
    let storage = store::workspaces::storage_octets(&scope).await?;
    let super::account::PlaceChoices { time_zones, countries } = super::account::place_choices();
    Ok(SettingsView {
        revision: workspace.revision,
        slug: workspace.slug.to_string(),
        display_name: workspace.display_name,
        time_zone: workspace.time_zone,
        default_country: workspace.default_country,
        joining_allowed: workspace.joining_allowed,
        numbers_visible_to: workspace.numbers_visible_to,
        segment_price_cents: workspace.segment_price_cents,
        currency: workspace.currency,
        four_eyes: workspace.four_eyes,
        recipient_data_days: workspace.recipient_data_days,
        archived: workspace.archived_at_ms.map(|at_ms| Moment::of(&scope, at_ms)),
        usage: UsageView {
            campaigns: usage.campaigns,
            recipients: usage.recipients,
            messages: usage.month.messages.sent,
            segments: usage.month.segments.sent,
            storage_mib: storage.div_ceil(1 << 20),
        },
        holds: super::hold::view(&scope).await?,
        sending: SendingView {
            week: workspace.daily_window,
            messages_per_day_max: workspace.messages_per_day_max,
            segments_per_s_max: workspace.segments_per_s_max,
            storage_max_mib: workspace.storage_max_mib,
        },
        time_zones,
        countries,
    })
}

/// Changes the settings as they were seen in `revision`, and goes to the page at the address that the workspace has then.
#[server]
pub async fn save_settings(
    slug: String,
    revision: u64,
    display_name: String,
    address: String,
    time_zone: String,
    default_country: String,
    numbers_visible_to: NumbersVisibleTo,
    segment_price_cents: u32,
    currency: String,
    #[server(default)] joining_allowed: bool,
) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let settings = store::workspaces::Settings {
        display_name,
        slug: address,
        time_zone,
        default_country,
        joining_allowed,
        numbers_visible_to,
        segment_price_cents,
        currency,
    };
    let after = store::workspaces::save(&scope.grant::<ManageWorkspace>()?, revision, &settings).await;
    let after = after.map_err(at_address)?;
    leptos_axum::redirect(&format!("/w/{}/settings", after.slug));
    Ok(())
}

/// The form has the address of today as its `slug`, and calls the one that was typed `address`.
#[cfg(feature = "ssr")]
fn at_address(refusal: store::Error) -> AppError {
    match refusal {
        store::Error::Invalid { field: "slug", message } => {
            AppError::field("address", crate::error::sentence(&message))
        }
        other => other.into(),
    }
}

/// Switches the four-eyes rule.
#[server]
pub async fn set_four_eyes(slug: String, revision: u64, #[server(default)] four_eyes: bool) -> Result<(), AppError> {
    use domain::permission::kind::ManageInstallation;

    let scope = super::context::enter(&slug).await?;
    store::workspaces::set_four_eyes(&scope.grant::<ManageInstallation>()?, revision, four_eyes).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings"));
    Ok(())
}

/// How long recipients are kept after the end of their campaign; nothing: for ever.
#[server]
pub async fn keep_recipient_data(slug: String, revision: u64, #[server(default)] days: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let days = match days.trim() {
        "" => None,
        days => Some(days.parse().map_err(|_| AppError::field("days", "Write a number of days, or nothing."))?),
    };
    store::workspaces::set_recipient_data_days(&proof, revision, days).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings"));
    Ok(())
}

/// Puts the workspace away; `confirmation` is its address, typed.
#[server]
pub async fn archive_workspace(slug: String, revision: u64, confirmation: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    store::workspaces::archive(&scope.grant::<ManageWorkspace>()?, revision, &confirmation).await?;
    leptos_axum::redirect(&format!("/w/{slug}/settings"));
    Ok(())
}

/// Makes an archived workspace what it was.
#[server]
pub async fn restore_workspace(slug: String) -> Result<(), AppError> {
    let (ruler, slug) = super::context::rule_over(&slug).await?;
    let restored = store::workspaces::restore(&ruler, &slug).await?;
    leptos_axum::redirect(&format!("/w/{}/settings", restored.slug));
    Ok(())
}

/// Deletes an archived workspace with everything in it; `confirmation` is its address, typed. What the 10DLC registry has of
/// it is ended there first; where the registry refuses, nothing is removed.
#[server]
pub async fn delete_workspace(slug: String, confirmation: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let (ruler, slug) = super::context::rule_over(&slug).await?;
    let workspace = store::workspaces::removal::check(&ruler, &slug, &confirmation).await?;
    services.registrations.retire(&ruler, workspace).await?;
    store::workspaces::removal::begin(&ruler, &slug, &confirmation).await?;
    leptos_axum::redirect("/w/master");
    Ok(())
}
