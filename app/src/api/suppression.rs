//! The suppression list of a workspace: numbers that get no messages from it. A number comes in by POST only; what was found
//! is named in addresses by its place on the list.

use domain::suppression::Source;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// Everything that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionView {
    pub total: u64,
    /// The sources that put something there.
    pub by_source: Vec<(Source, u64)>,
    pub changed: Option<Moment>,
    pub import: Option<ImportView>,
    /// The entry that was looked for, unless it has left the list meanwhile.
    pub found: Option<EntryView>,
    pub import_max_bytes: u64,
}

/// The latest file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    pub file_name: String,
    pub started: Moment,
    pub by: String,
    pub stage: ImportStage,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ImportStage {
    /// Its file never arrived as a whole.
    Receiving,
    Reading {
        bytes_done: u64,
        bytes_total: u64,
    },
    Done {
        lines: u64,
        added: u64,
        known: u64,
        invalid: u64,
        samples: Vec<SampleView>,
    },
    Failed {
        reason: String,
    },
}

/// A line that is no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleView {
    pub line: u64,
    pub reason: String,
    pub text: String,
}

/// A number on the list, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// Where it is, such as `1234-5`.
    pub place: String,
    pub number: String,
    pub ctn_hash: String,
    pub source: Source,
    pub since: Moment,
    /// Empty where it was nobody's doing.
    pub by: String,
}

/// How the list stands; with the entry at the place `found`, if one is asked for.
#[server]
pub async fn suppression(slug: String, #[server(default)] found: Option<String>) -> Result<SuppressionView, AppError> {
    use domain::permission::kind::ManageWorkspace;
    use store::suppressions;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let summary = suppressions::summary(&proof).await?;
    let import = suppressions::find_import(&proof).await?;
    let found = match found.as_deref().and_then(suppressions::Place::parse) {
        Some(place) => suppressions::at(&proof, place).await?.map(|entry| entry_view(&scope, place, &entry)),
        None => None,
    };
    Ok(SuppressionView {
        total: summary.total,
        by_source: summary.by_source.into_iter().filter(|&(_, count)| count > 0).collect(),
        changed: summary.changed_at_ms.map(|at_ms| Moment::of(&scope, at_ms)),
        import: import.map(|import| import_view(&services, import, |at_ms| Moment::of(&scope, at_ms))),
        found,
        import_max_bytes: services.api_upload_max_bytes,
    })
}

/// Puts numbers onto the list, one a line.
#[server]
pub async fn suppress_numbers(slug: String, numbers: String) -> Result<(), AppError> {
    use domain::{permission::kind::ManageWorkspace, phone::Country};
    use store::suppressions::{self, AddedAs};

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let country = Country::parse(&scope.workspace().default_country).map_err(AppError::internal)?;
    let numbers = super::number_lines::read(&numbers, Some(country))?;
    let added = suppressions::add(&proof, &numbers, AddedAs::Person).await?;
    let known = numbers.len() as u64 - added;
    let slug = &scope.workspace().slug;
    leptos_axum::redirect(&format!("/w/{slug}/suppression?added={added}&known={known}"));
    Ok(())
}

/// Finds a number and leads to it by its place: the number never stands in an address.
#[server]
pub async fn find_suppressed(slug: String, number: String) -> Result<(), AppError> {
    use domain::{
        permission::kind::ManageWorkspace,
        phone::{Country, normalise},
    };

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let country = Country::parse(&scope.workspace().default_country).map_err(AppError::internal)?;
    let number = normalise(&number, country).map_err(|reject| AppError::field("number", reject.to_string()))?;
    let Some(place) = store::suppressions::place_of(&proof, number).await? else {
        return Err(AppError::field("number", "This number is not on the list."));
    };
    let slug = &scope.workspace().slug;
    leptos_axum::redirect(&format!("/w/{slug}/suppression?found={place}"));
    Ok(())
}

/// Takes the entry that was found off the list; `ctn_hash` says that it is still that one.
#[server]
pub async fn release_number(slug: String, place: String, ctn_hash: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;
    use store::suppressions::{self, Place};

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let moved = || AppError::conflict("The list has changed meanwhile. Look for the number again.");
    let entry = match Place::parse(&place) {
        Some(place) => suppressions::at(&proof, place).await?.ok_or_else(moved)?,
        None => return Err(AppError::BadRequest),
    };
    let number = domain::phone::PhoneNumber::from_u64(entry.number).ok_or_else(moved)?;
    if scope.ctn_key().ctn_hash(number).to_string() != ctn_hash {
        return Err(moved());
    }
    suppressions::remove(&proof, &[number]).await?;
    let slug = &scope.workspace().slug;
    leptos_axum::redirect(&format!("/w/{slug}/suppression?removed=1"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn entry_view(
    scope: &store::Scope,
    place: store::suppressions::Place,
    entry: &store::suppressions::Entry,
) -> EntryView {
    let number = domain::phone::PhoneNumber::from_u64(entry.number);
    EntryView {
        place: place.to_string(),
        number: number.map(domain::phone::PhoneNumber::masked).unwrap_or_default(),
        ctn_hash: number.map(|number| scope.ctn_key().ctn_hash(number).to_string()).unwrap_or_default(),
        source: entry.source,
        since: Moment::of(scope, entry.at_ms),
        by: entry.by.to_string(),
    }
}

#[cfg(feature = "ssr")]
pub fn import_view(
    services: &super::context::Services,
    import: store::suppressions::Import,
    moment: impl FnOnce(i64) -> Moment,
) -> ImportView {
    use store::suppressions::ImportState;

    let stage = match import.state {
        ImportState::Receiving => ImportStage::Receiving,
        ImportState::Reading => {
            let progress = services.intake.progress(import.id).unwrap_or_default();
            // One pass over the file, and as much again for bringing its numbers onto the list.
            let brought =
                progress.bytes_total / 2 * u64::from(import.next_shard) / u64::from(store::suppressions::SHARDS);
            ImportStage::Reading { bytes_done: progress.bytes_done + brought, bytes_total: progress.bytes_total }
        }
        ImportState::Done => {
            let report = import.report;
            let samples = import.samples.into_iter();
            ImportStage::Done {
                lines: report.lines,
                added: report.added,
                known: report.known,
                invalid: report.invalid,
                samples: samples
                    .map(|sample| SampleView { line: sample.line, reason: sample.reason, text: sample.text })
                    .collect(),
            }
        }
        ImportState::Failed { reason } => ImportStage::Failed { reason },
    };
    ImportView { file_name: import.file_name, started: moment(import.started_at_ms), by: import.by_name, stage }
}
