//! What holds for passwords, second factors and sessions, and who sees diagnostics.

use domain::installation::{DiagnosticsFor, SecondFactorRule};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallationSettingsView {
    /// What a change is based on; 0 while the values of the configuration file hold.
    pub revision: u64,
    pub password_min_length: u32,
    /// One a line.
    pub refused_words: String,
    pub second_factor: SecondFactorRule,
    pub session_hours: u32,
    pub session_idle_minutes: u32,
    pub diagnostics_for: DiagnosticsFor,
}

/// The settings that are in force.
#[server]
pub async fn installation_settings() -> Result<InstallationSettingsView, AppError> {
    let ruler = crate::api::context::rule().await?;
    let in_force = store::identity::settings::read(&ruler).await?;
    let settings = in_force.settings;
    Ok(InstallationSettingsView {
        revision: in_force.revision,
        password_min_length: settings.password_min_length,
        refused_words: settings.refused_words.join("\n"),
        second_factor: settings.second_factor,
        session_hours: settings.session_hours,
        session_idle_minutes: settings.session_idle_minutes,
        diagnostics_for: settings.diagnostics_for,
    })
}

/// Puts settings in force, if those that were seen in `revision` still are.
#[server]
pub async fn save_installation_settings(
    revision: u64,
    password_min_length: u32,
    #[server(default)] refused_words: String,
    second_factor: SecondFactorRule,
    session_hours: u32,
    session_idle_minutes: u32,
    diagnostics_for: DiagnosticsFor,
) -> Result<(), AppError> {
    use domain::installation::Settings;

    let ruler = crate::api::context::rule().await?;
    let settings = Settings {
        password_min_length,
        refused_words: Settings::words_of(&refused_words),
        second_factor,
        session_hours,
        session_idle_minutes,
        diagnostics_for,
    };
    Ok(store::identity::settings::save(&ruler, revision, settings).await?)
}
