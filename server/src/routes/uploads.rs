//! `/w/{slug}/campaigns/{id}/upload`: a file of recipients on its way in.
//!
//! `POST` announces it (JSON), `PATCH` brings pieces at `Upload-Offset`, `GET` tells where to go on after a cut. A form
//! without a script posts the whole file (multipart). Each piece is on the disk before it is acknowledged.

use std::time::Duration;

use app::{
    AppError,
    api::{context::Services, recipients::UploadPlace},
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Multipart, Path, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use domain::{id::CampaignId, permission::kind::EditCampaign, slug::Slug};
use engine::ingest::spool::{Appender, SpoolError};
use futures::StreamExt;
use serde::Deserialize;
use store::{
    On,
    campaigns::uploads::{self, Upload, UploadState},
};
use tokio::time::timeout;

use crate::state::AppState;

/// For how long nothing may arrive in the middle of a piece.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// What a browser announces.
#[derive(Debug, Deserialize)]
struct Announced {
    file_name: String,
    size_bytes: u64,
}

pub async fn begin(
    State(state): State<AppState>,
    Path((slug, id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Refused> {
    let services = &state.services;
    let (parts, body) = request.into_parts();
    let proof = enter(services, &parts, &slug, &id).await?;
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let request = Request::from_parts(parts, body);
    if is_form {
        return Ok(match whole(services, &proof, request).await {
            Ok(()) => Redirect::to(&format!("/w/{slug}/campaigns/{id}/edit/4")).into_response(),
            Err(refused) => refused.in_words(),
        });
    }
    let Json(announced) =
        Json::<Announced>::from_request(request, &()).await.map_err(|_| Refused(AppError::BadRequest))?;
    check_size(services, announced.size_bytes)?;
    let upload = services.intake.announce(&proof, &announced.file_name, announced.size_bytes).await?;
    Ok((StatusCode::CREATED, Json(place(&upload, 0))).into_response())
}

/// Where the campaign's upload stands; 404 when there is none.
pub async fn state(
    State(state): State<AppState>,
    Path((slug, id)): Path<(String, String)>,
    parts: Parts,
) -> Result<Json<UploadPlace>, Refused> {
    let proof = enter(&state.services, &parts, &slug, &id).await?;
    let upload = uploads::find(&proof, proof.campaign().id).await?.ok_or(AppError::NotFound)?;
    let received =
        state.services.intake.spool().received(upload.workspace, upload.id).await.map_err(AppError::internal)?;
    Ok(Json(place(&upload, received)))
}

/// A piece at `Upload-Offset` of the upload `Upload-Id`; answers where the next one begins.
pub async fn piece(
    State(state): State<AppState>,
    Path((slug, id)): Path<(String, String)>,
    request: Request,
) -> Result<Json<UploadPlace>, Refused> {
    let services = &state.services;
    let (parts, body) = request.into_parts();
    let proof = enter(services, &parts, &slug, &id).await?;
    let wanted = text(&parts.headers, "upload-id").ok_or(AppError::BadRequest)?;
    let offset: u64 =
        text(&parts.headers, "upload-offset").and_then(|offset| offset.parse().ok()).ok_or(AppError::BadRequest)?;
    let upload = uploads::find(&proof, proof.campaign().id)
        .await?
        .filter(|upload| upload.id.to_string() == wanted && upload.state == UploadState::Receiving)
        .ok_or_else(|| {
            AppError::conflict("Another file has taken the place of this one, or it is complete already.")
        })?;
    let spool = services.intake.spool();
    let mut appender = spool.append(upload.workspace, upload.id, offset, upload.size_bytes).await?;
    let streamed = stream(&mut appender, body).await;
    // What has arrived counts, also when the connection was cut.
    let received = appender.sync().await?;
    streamed?;
    if received == upload.size_bytes {
        uploads::received(&proof, &upload).await?;
    }
    Ok(Json(place(&upload, received)))
}

/// A file in one request, from a form without a script.
async fn whole(services: &Services, proof: &On<EditCampaign>, request: Request) -> Result<(), Refused> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Refused(AppError::BadRequest))?;
    let broken = || Refused(AppError::invalid("The file did not arrive as a whole. Send it again."));
    while let Some(mut field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("recipients").to_owned();
        let limit = services.upload_max_bytes;
        // Its size is known at its end: it is announced with the limit, and again with what has come.
        let announced = services.intake.announce(proof, &name, limit).await?;
        let spool = services.intake.spool();
        let mut appender = spool.append(announced.workspace, announced.id, 0, limit).await?;
        while let Some(piece) = field.chunk().await.map_err(|_| broken())? {
            appender.write(&piece).await?;
        }
        let received = appender.sync().await?;
        if received == 0 {
            return Err(Refused(AppError::invalid("The file is empty. Choose another.")));
        }
        uploads::received_whole(proof, &announced, received).await?;
        return Ok(());
    }
    Err(Refused(AppError::invalid("Choose a file first.")))
}

async fn stream(appender: &mut Appender, body: Body) -> Result<(), Refused> {
    let mut pieces = body.into_data_stream();
    // A connection that died without a word lets go of the file for the one that goes on.
    while let Some(piece) = timeout(SILENCE_MAX, pieces.next()).await.map_err(|_| cut())? {
        let piece = piece.map_err(|_| cut())?;
        appender.write(&piece).await?;
    }
    Ok(())
}

fn cut() -> Refused {
    Refused(AppError::invalid("The connection was cut; the upload goes on where it stopped."))
}

async fn enter(services: &Services, parts: &Parts, slug: &str, id: &str) -> Result<On<EditCampaign>, Refused> {
    let session = services.session(parts).await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    let scope = services.gate.enter(&session, &slug).await?;
    let id: CampaignId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(scope.grant_on::<EditCampaign>(id).await?)
}

fn check_size(services: &Services, size_bytes: u64) -> Result<(), Refused> {
    if size_bytes == 0 {
        return Err(Refused(AppError::invalid("The file is empty. Choose another.")));
    }
    if size_bytes > services.upload_max_bytes {
        return Err(too_large(services.upload_max_bytes));
    }
    Ok(())
}

fn too_large(limit: u64) -> Refused {
    let message = format!(
        "The file is larger than the {} MiB that one upload may have. Split it, or ask your administrator.",
        limit >> 20
    );
    Refused(AppError::TooLarge { message })
}

fn place(upload: &Upload, received_bytes: u64) -> UploadPlace {
    UploadPlace {
        upload: upload.id.to_string(),
        file_name: upload.file_name.clone(),
        size_bytes: upload.size_bytes,
        received_bytes,
        receiving: upload.state == UploadState::Receiving,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A refusal as JSON, for the script, which shows its message.
#[derive(Debug)]
pub struct Refused(AppError);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self(error.into())
    }
}

impl From<SpoolError> for Refused {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::Offset { .. } => Self(AppError::conflict(error.to_string())),
            SpoolError::Busy => Self(AppError::Unavailable { message: error.to_string() }),
            SpoolError::TooLarge { limit } => too_large(limit),
            SpoolError::Io(cause) => Self(AppError::internal(cause)),
        }
    }
}

/// The same for a person whose browser shows the answer in place of the page.
#[derive(Debug)]
pub struct InWords(Refused);

impl<E: Into<Refused>> From<E> for InWords {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for InWords {
    fn into_response(self) -> Response {
        self.0.in_words()
    }
}

impl Refused {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// For a person whose browser shows the answer in place of the page.
    fn in_words(self) -> Response {
        (self.status(), format!("{}\nGo back to the page before, and try again from there.\n", self.0)).into_response()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status(), Json(self.0)).into_response()
    }
}
