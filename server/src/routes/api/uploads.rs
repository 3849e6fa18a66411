//! `/api/v1/campaigns/{id}/recipients`: a file of recipients, brought by a program.
//!
//! `PUT` brings the whole file, or with `Content-Range` a part of it (RFC 9110 §14.5), each synced before it is
//! acknowledged. `GET …/recipients/upload` says where to go on after a cut or a restart, and what became of the file. Once
//! the last byte is there the file is read, as the query of that request says.

use std::time::Duration;

use app::AppError;
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{api_key::kind::RecipientsWrite, campaign::IngestReport, id::UploadId, permission::kind::EditCampaign};
use engine::{
    ingest::{
        Separator,
        spool::{Appender, SpoolError},
    },
    intake::Intake,
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use store::{
    On,
    campaigns::{
        self,
        uploads::{self, Reading, Upload, UploadState},
    },
};
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

use super::{asked::Asked, caller::Caller, campaigns::campaign_id, named, problem::Problem};
use crate::state::AppState;

/// For how long nothing may arrive in the middle of a body.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How the file is read; what is left out is found.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Shown with the upload, never part of a path.
    file_name: Option<String>,
    /// The column with the numbers, from 1.
    #[param(value_type = Option<u32>, minimum = 1)]
    number_column: Option<String>,
    /// Whether the first line names the columns.
    #[param(value_type = Option<bool>)]
    header: Option<String>,
    /// `comma`, `semicolon` or `tab`.
    separator: Option<String>,
}

/// Where an upload stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub struct View {
    #[schema(value_type = String)]
    id: UploadId,
    file_name: String,
    /// `receiving`, `received`, `reading`, `done` or `failed`.
    state: &'static str,
    size_bytes: u64,
    /// Where the next part begins.
    received_bytes: u64,
    /// How far the reading is, in bytes of two passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading: Option<Progress>,
    /// What became of the lines.
    #[schema(schema_with = named::report)]
    report: Option<IngestReport>,
    /// Why the file cannot be used.
    reason: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadProgress)]
struct Progress {
    bytes_done: u64,
    bytes_total: u64,
}

/// Which bytes of a file a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    offset: u64,
    octets: u64,
    total: u64,
}

/// Where an upload stands
///
/// After a cut the next part begins at `received_bytes`.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/recipients/upload", params(("id" = String, Path)), responses((status = 200, body = View)))]
pub async fn show(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Json<View>, Problem> {
    let proof = caller.grant_on::<RecipientsWrite, EditCampaign>(campaign_id(&id)?).await?;
    let upload = uploads::find(&proof, proof.campaign().id).await?.ok_or(AppError::NotFound)?;
    let upload = completed(&state, &proof, upload).await?;
    Ok(Json(view(&state.services.intake, &proof, upload).await?))
}

/// Brings a file of recipients
///
/// The body is the file, or the part of it that `Content-Range` names. Once the last byte is there it is read.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}/recipients", params(("id" = String, Path), Wanted, ("Content-Range" = Option<String>, Header)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 202, body = View)))]
pub async fn put(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Asked(wanted): Asked<Wanted>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let proof = caller.grant_on::<RecipientsWrite, EditCampaign>(campaign_id(&id)?).await?;
    let reading = wanted.reading()?;
    let part = Part::of(&headers, body.size_hint().exact())?;
    let limit = state.services.api_upload_max_bytes;
    if part.total > limit {
        let message = format!("The file is larger than the {} MiB that one upload may have.", limit >> 20);
        return Err(AppError::TooLarge { message }.into());
    }
    let upload = if part.offset == 0 {
        begin(&state, &proof, &wanted, part).await?
    } else {
        let found = uploads::find(&proof, proof.campaign().id).await?;
        found.filter(|found| found.state == UploadState::Receiving && found.size_bytes == part.total).ok_or_else(
            || AppError::conflict("There is no upload of this size that goes on. Begin again with the first byte."),
        )?
    };
    let spool = state.services.intake.spool();
    let end = part.offset + part.octets;
    let upload =
        if end == upload.size_bytes { uploads::read_unattended(&proof, &upload, reading).await? } else { upload };
    let mut appender = spool.append(upload.workspace, upload.id, part.offset, end).await.map_err(refused)?;
    let streamed = stream(&mut appender, body).await;
    // What has arrived counts, also when the connection was cut.
    let received = appender.sync().await.map_err(refused)?;
    streamed?;
    if received < end {
        return Err(AppError::invalid("The body is shorter than was announced. Go on where it stopped.").into());
    }
    let upload = if received == upload.size_bytes {
        let upload = uploads::whole(&proof, &upload).await?;
        state.services.intake.read(upload.workspace, upload.campaign).await?;
        upload
    } else {
        upload
    };
    let view = view(&state.services.intake, &proof, upload).await?;
    Ok((StatusCode::ACCEPTED, Json(view)).into_response())
}

async fn begin(state: &AppState, proof: &On<EditCampaign>, wanted: &Wanted, part: Part) -> Result<Upload, Problem> {
    let name = wanted.file_name.as_deref().unwrap_or("recipients");
    Ok(state.services.intake.announce(proof, name, part.total).await?)
}

/// The last byte was synced, and the process ended before that was on record.
async fn completed(state: &AppState, proof: &On<EditCampaign>, upload: Upload) -> Result<Upload, Problem> {
    let spool = state.services.intake.spool();
    let received = spool.received(upload.workspace, upload.id).await.map_err(AppError::internal)?;
    if upload.unattended && upload.state == UploadState::Receiving && received == upload.size_bytes {
        let upload = uploads::whole(proof, &upload).await?;
        state.services.intake.read(upload.workspace, upload.campaign).await?;
        return Ok(upload);
    }
    Ok(upload)
}

async fn stream(appender: &mut Appender, body: Body) -> Result<(), Problem> {
    let cut = || Problem::from(AppError::invalid("The connection was cut. Go on where it stopped."));
    let mut pieces = body.into_data_stream();
    // A connection that died without a word lets go of the file for the one that goes on.
    while let Some(piece) = timeout(SILENCE_MAX, pieces.next()).await.map_err(|_| cut())? {
        appender.write(&piece.map_err(|_| cut())?).await.map_err(refused)?;
    }
    Ok(())
}

fn refused(error: SpoolError) -> Problem {
    match error {
        SpoolError::Offset { received } => {
            AppError::conflict(format!("The upload goes on at byte {received}: send from there on."))
        }
        SpoolError::Busy => AppError::Unavailable { message: app::error::sentence(&error.to_string()) },
        SpoolError::TooLarge { .. } => AppError::invalid("The body is longer than was announced."),
        SpoolError::Io(cause) => AppError::internal(cause),
    }
    .into()
}

async fn view(intake: &Intake, proof: &On<EditCampaign>, upload: Upload) -> Result<View, Problem> {
    let received = intake.spool().received(upload.workspace, upload.id).await.map_err(AppError::internal)?;
    let progress = intake.progress(upload.id);
    let (state, reason) = match upload.state {
        UploadState::Receiving => ("receiving", None),
        UploadState::Received => ("received", None),
        UploadState::Reading => ("reading", None),
        UploadState::Done => ("done", None),
        UploadState::Failed { reason } => ("failed", Some(reason)),
    };
    let report = match state {
        // The transaction that ends an upload may lie between the campaign as it was read and now.
        "done" => campaigns::find(proof, upload.campaign).await?.report,
        _ => None,
    };
    Ok(View {
        id: upload.id,
        file_name: upload.file_name,
        state,
        size_bytes: upload.size_bytes,
        // A file that was read is removed.
        received_bytes: if state == "receiving" { received } else { upload.size_bytes },
        reading: progress
            .filter(|_| state == "reading")
            .map(|progress| Progress { bytes_done: progress.bytes_done, bytes_total: progress.bytes_total }),
        report,
        reason,
    })
}

impl Wanted {
    fn reading(&self) -> Result<Reading, Problem> {
        let number_column = match self.number_column.as_deref() {
            None => None,
            Some(column) => {
                let column = column.parse::<u32>().ok().and_then(|column| column.checked_sub(1));
                Some(column.ok_or_else(|| Problem::parameter("number_column", "A column is expected, from 1."))?)
            }
        };
        let has_header = match self.header.as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => return Err(Problem::parameter("header", "true or false is expected.")),
        };
        let separator = match self.separator.as_deref() {
            None => None,
            Some("comma") => Some(','),
            Some("semicolon") => Some(';'),
            Some("tab") => Some('\t'),
            Some(_) => return Err(Problem::parameter("separator", "comma, semicolon or tab is expected.")),
        };
        debug_assert!(separator.is_none_or(|separator| Separator::from_char(separator).is_some()));
        Ok(Reading { number_column, has_header, separator })
    }
}

impl Part {
    /// By `Content-Range: bytes 0-99/200`; without it the body, whose length is known then, is the whole file.
    fn of(headers: &HeaderMap, octets: Option<u64>) -> Result<Self, Problem> {
        let Some(range) = headers.get(header::CONTENT_RANGE) else {
            let octets = octets.filter(|&octets| octets > 0).ok_or_else(|| {
                AppError::invalid(
                    "The file is empty, or its length is not known: send Content-Length or Content-Range.",
                )
            })?;
            return Ok(Self { offset: 0, octets, total: octets });
        };
        range.to_str().ok().and_then(Self::read).ok_or_else(|| {
            Problem::parameter("Content-Range", "bytes FIRST-LAST/TOTAL is expected, such as bytes 0-99/200.")
        })
    }

    fn read(range: &str) -> Option<Self> {
        let (range, total) = range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (offset, last, total) = (first.parse().ok()?, last.parse::<u64>().ok()?, total.parse().ok()?);
        (offset <= last && last < total).then(|| Self { offset, octets: last - offset + 1, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_or_refused() {
        assert_eq!(Part::read("bytes 0-99/200"), Some(Part { offset: 0, octets: 100, total: 200 }));
        assert_eq!(Part::read("bytes 199-199/200"), Some(Part { offset: 199, octets: 1, total: 200 }));
        for bad in
            ["", "bytes", "bytes 0-99", "bytes 0-99/*", "bytes 5-4/10", "bytes 0-10/10", "bits 0-1/2", "bytes */9"]
        {
            assert_eq!(Part::read(bad), None, "{bad}");
        }
        let u = u64::MAX;
        assert_eq!(Part::read(&format!("bytes 0-{u}/{u}")), None);
    }
}
