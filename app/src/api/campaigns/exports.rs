//! Delivery records as files: asked for, built in the background, taken within some days.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// A file of delivery records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportView {
    pub id: String,
    /// `CSV` or `TXT`.
    pub format: String,
    /// With full numbers.
    pub full: bool,
    pub asked: Moment,
    pub by: String,
    pub stage: ExportStage,
    /// Whether the person who looks may take it.
    pub may_take: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ExportStage {
    Queued,
    Building { rows: u64, total: u64 },
    Ready { octets: u64, rows: u64, until: Moment },
    Failed { reason: String },
}

impl ExportStage {
    /// Something will change by itself.
    #[must_use]
    pub const fn is_going_on(&self) -> bool {
        matches!(self, Self::Queued | Self::Building { .. })
    }
}

/// The exports of a campaign, newest first.
#[server]
pub async fn campaign_exports(slug: String, id: String) -> Result<Vec<ExportView>, AppError> {
    use domain::permission::{Permission, Reach, kind::ExportRecords};
    use store::exports::{self, ExportState};

    let services = crate::api::context::services()?;
    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ExportRecords>(super::campaign_id(&id)?).await?;
    let may_reveal = scope.reach(Permission::RevealNumbers) == Reach::Any;
    let total = proof.campaign().progress.total();
    let view = |export: exports::RecordExport| ExportView {
        id: export.id.to_string(),
        format: export.format.ending().to_uppercase(),
        full: export.full,
        asked: Moment::of(&scope, export.asked_at_ms),
        by: export.by_name,
        may_take: may_reveal || !export.full,
        stage: match export.state {
            ExportState::Queued => ExportStage::Queued,
            ExportState::Building => {
                ExportStage::Building { rows: services.exports.written(export.id).unwrap_or_default(), total }
            }
            ExportState::Ready { octets, rows, expires_at_ms, .. } => {
                ExportStage::Ready { octets, rows, until: Moment::of(&scope, expires_at_ms) }
            }
            ExportState::Failed { reason } => ExportStage::Failed { reason },
        },
    };
    Ok(exports::list(&proof).await?.into_iter().map(view).collect())
}

/// Asks for a file; `full` numbers are for those who may see them.
#[server]
pub async fn request_export(
    slug: String,
    id: String,
    format: String,
    #[server(default)] full: bool,
) -> Result<(), AppError> {
    use domain::permission::kind::{ExportRecords, RevealNumbers};
    use store::exports::{self, Format};

    let services = crate::api::context::services()?;
    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ExportRecords>(super::campaign_id(&id)?).await?;
    let format = match format.as_str() {
        "csv" => Format::Csv,
        "txt" => Format::Txt,
        _ => return Err(AppError::field("format", "Choose CSV or TXT.")),
    };
    let reveal = if full { Some(scope.grant::<RevealNumbers>()?) } else { None };
    exports::request(&proof, format, reveal.as_ref()).await?;
    services.exports.nudge();
    let slug = &scope.workspace().slug;
    leptos_axum::redirect(&format!("/w/{slug}/campaigns/{}?tab=export", proof.campaign().id));
    Ok(())
}

/// Removes a file before its time is over.
#[server]
pub async fn remove_export(slug: String, id: String, export: String) -> Result<(), AppError> {
    use domain::permission::kind::ExportRecords;

    let services = crate::api::context::services()?;
    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ExportRecords>(super::campaign_id(&id)?).await?;
    let export = export.parse().map_err(|_| AppError::NotFound)?;
    let found = store::exports::find(&proof, export).await?;
    // The file first: what is on record can be removed again.
    services.exports.files().remove(found.workspace, found.id).await.map_err(AppError::internal)?;
    store::exports::remove(&proof, export).await?;
    let slug = &scope.workspace().slug;
    leptos_axum::redirect(&format!("/w/{slug}/campaigns/{}?tab=export", proof.campaign().id));
    Ok(())
}
