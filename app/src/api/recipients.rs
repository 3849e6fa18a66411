//! The wizard's fourth step: the file of recipients, from its arrival to its report.

use domain::campaign::IngestReport;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// Where an upload stands; also what the upload route answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadPlace {
    pub upload: String,
    pub file_name: String,
    pub size_bytes: u64,
    pub received_bytes: u64,
    /// More pieces are expected.
    pub receiving: bool,
}

/// Everything that the step shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientsView {
    pub stage: Stage,
    pub upload_max_bytes: u64,
    /// The columns that the text uses, to be told what is missing before the file is read.
    pub fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Stage {
    /// No file yet.
    Nothing,
    /// Cut, or still coming from somewhere.
    Receiving {
        place: UploadPlace,
    },
    /// Complete; the person says how it is read.
    Received {
        place: UploadPlace,
        shape: ShapeView,
    },
    Reading {
        place: UploadPlace,
        progress: ReadingProgress,
    },
    /// Those of another campaign are taken over.
    Copying {
        /// Such as `Recipients of Spring`.
        name: String,
        done: u64,
        total: u64,
        accepted: u64,
    },
    Done {
        file_name: String,
        report: IngestReport,
    },
    /// Cannot be used; says what to do.
    Failed {
        file_name: String,
        reason: String,
    },
}

/// What the file seems to be, from its first lines; numbers in the rows are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeView {
    pub encoding: String,
    /// None: a number a line.
    pub separator: Option<char>,
    pub has_header: bool,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub number_column: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingProgress {
    pub bytes_done: u64,
    pub bytes_total: u64,
    pub lines: u64,
    pub rejects: u64,
    pub accepted: u64,
}

/// How the recipients of a draft stand.
#[server]
pub async fn recipients(slug: String, id: String) -> Result<RecipientsView, AppError> {
    use domain::{merge::Template, permission::kind::EditCampaign};

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let proof = scope.grant_on::<EditCampaign>(id).await?;
    let fields = Template::parse(&proof.campaign().parameters.text)
        .map(|template| template.fields().to_vec())
        .unwrap_or_default();
    let stage = stage(&services, &proof).await?;
    Ok(RecipientsView { stage, upload_max_bytes: services.upload_max_bytes, fields })
}

/// Has a complete file read as the person chose.
#[server]
pub async fn read_recipients(
    slug: String,
    id: String,
    upload: String,
    #[server(default)] number_column: Option<u32>,
    #[server(default)] has_header: bool,
    #[server(default)] separator: Option<char>,
) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;
    use store::campaigns::uploads::{self, Reading, UploadState};

    let scope = super::context::enter(&slug).await?;
    let services = super::context::services()?;
    let campaign = id.parse().map_err(|_| AppError::NotFound)?;
    let proof = scope.grant_on::<EditCampaign>(campaign).await?;
    let found = uploads::find(&proof, campaign)
        .await?
        .filter(|found| found.id.to_string() == upload && found.state == UploadState::Received)
        .ok_or_else(|| AppError::conflict("Another file has taken the place of this one. Look at the page again."))?;
    let reading = Reading { number_column, has_header: Some(has_header), separator };
    uploads::read_as(&proof, &found, reading).await?;
    services.intake.read(scope.workspace_id(), campaign).await?;
    leptos_axum::redirect(&format!("/w/{slug}/campaigns/{id}/edit/4"));
    Ok(())
}

/// Takes pasted numbers, one a line, as a file.
#[server]
pub async fn paste_recipients(slug: String, id: String, numbers: String) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;
    use store::campaigns::uploads::{self, Reading};

    let scope = super::context::enter(&slug).await?;
    let services = super::context::services()?;
    let campaign = id.parse().map_err(|_| AppError::NotFound)?;
    let proof = scope.grant_on::<EditCampaign>(campaign).await?;
    if numbers.trim().is_empty() {
        return Err(AppError::field("numbers", "Paste at least one number."));
    }
    if numbers.len() as u64 > services.upload_max_bytes {
        let message = "These are more numbers than can be pasted. Upload them as a file.".to_owned();
        return Err(AppError::TooLarge { message });
    }
    let bytes = numbers.as_bytes();
    let size_bytes = bytes.len() as u64;
    let upload = services.intake.announce(&proof, "Pasted numbers", size_bytes).await?;
    let spool = services.intake.spool();
    let mut appender = spool.append(upload.workspace, upload.id, 0, size_bytes).await.map_err(AppError::internal)?;
    appender.write(bytes).await.map_err(AppError::internal)?;
    appender.sync().await.map_err(AppError::internal)?;
    let upload = uploads::received(&proof, &upload).await?;
    uploads::read_as(&proof, &upload, Reading::default()).await?;
    services.intake.read(scope.workspace_id(), campaign).await?;
    leptos_axum::redirect(&format!("/w/{slug}/campaigns/{id}/edit/4"));
    Ok(())
}

#[cfg(feature = "ssr")]
async fn stage(
    services: &super::context::Services,
    proof: &store::On<domain::permission::kind::EditCampaign>,
) -> Result<Stage, AppError> {
    use store::campaigns::uploads::{self, UploadState};

    let campaign = proof.campaign();
    let Some(upload) = uploads::find(proof, campaign.id).await? else { return Ok(Stage::Nothing) };
    let spool = services.intake.spool();
    let received_bytes = spool.received(upload.workspace, upload.id).await.map_err(AppError::internal)?;
    // The last piece was synced, and the process ended before that was on record.
    let complete = upload.state == UploadState::Receiving && received_bytes == upload.size_bytes;
    let upload = if complete { uploads::received(proof, &upload).await? } else { upload };
    let place = UploadPlace {
        upload: upload.id.to_string(),
        file_name: upload.file_name.clone(),
        size_bytes: upload.size_bytes,
        received_bytes,
        receiving: upload.state == UploadState::Receiving,
    };
    let file_name = upload.file_name.clone();
    Ok(match upload.state {
        UploadState::Receiving => Stage::Receiving { place },
        UploadState::Received => {
            let head = spool.head(upload.workspace, upload.id).await.map_err(AppError::internal)?;
            match shape_of(&head, &proof.workspace().default_country)? {
                Ok(shape) => Stage::Received { place, shape },
                Err(reason) => Stage::Failed { file_name, reason },
            }
        }
        UploadState::Reading if upload.copies.is_some() => {
            let progress = services.intake.progress(upload.id).unwrap_or_default();
            let total = upload.copies.map_or(0, |copies| copies.report.accepted);
            Stage::Copying { name: file_name, done: progress.bytes_done, total, accepted: progress.accepted }
        }
        UploadState::Reading => {
            let progress = services.intake.progress(upload.id).unwrap_or_default();
            Stage::Reading {
                place,
                progress: ReadingProgress {
                    bytes_done: progress.bytes_done,
                    bytes_total: progress.bytes_total,
                    lines: progress.lines,
                    rejects: progress.rejects,
                    accepted: progress.accepted,
                },
            }
        }
        UploadState::Done => {
            // The campaign was looked at before its upload, and the transaction that ends an upload may lie between.
            let report = match campaign.report {
                Some(report) => Some(report),
                None => store::campaigns::find(proof, campaign.id).await?.report,
            };
            report.map_or(Stage::Nothing, |report| Stage::Done { file_name, report })
        }
        UploadState::Failed { reason } => Stage::Failed { file_name, reason },
    })
}

/// What the head of a file shows, or, for a person, why it cannot be used.
#[cfg(feature = "ssr")]
fn shape_of(head: &[u8], country: &str) -> Result<Result<ShapeView, String>, AppError> {
    use engine::ingest::{Encoding, sniff};

    let country = domain::phone::Country::parse(country).map_err(AppError::internal)?;
    let shape = match sniff(head, country) {
        Ok(shape) => shape.masked(),
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    Ok(Ok(ShapeView {
        encoding: match shape.encoding {
            Encoding::Utf8 => "UTF-8",
            _ => "UTF-16",
        }
        .to_owned(),
        separator: shape.separator.map(|separator| char::from(separator.byte())),
        has_header: shape.has_header,
        columns: shape.columns,
        rows: shape.preview,
        number_column: shape.number_column.and_then(|column| u32::try_from(column).ok()),
    }))
}
