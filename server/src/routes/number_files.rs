//! Files of numbers on their way onto a list: in one request of a form, on the disk before they are announced as complete.

use app::{AppError, api::context::Services};
use axum::extract::{FromRequest, Multipart, Request};
use domain::{id::UploadId, permission::kind::ManageWorkspace};
use store::{
    Error, Granted, Ruler,
    suppressions::{self, Import, blacklist},
};

use super::uploads;

/// The list that a file is for.
#[derive(Clone, Copy)]
pub enum List<'a> {
    Workspace(&'a Granted<ManageWorkspace>),
    Blacklist(&'a Ruler),
}

impl List<'_> {
    async fn begin(self, name: &str, limit: u64) -> Result<(Import, Option<UploadId>), Error> {
        match self {
            Self::Workspace(proof) => suppressions::begin_import(proof, name, limit).await,
            Self::Blacklist(ruler) => blacklist::begin_import(ruler, name, limit).await,
        }
    }

    async fn received(self, import: &Import, size_bytes: u64) -> Result<Import, Error> {
        match self {
            Self::Workspace(proof) => suppressions::import_received(proof, import, size_bytes).await,
            Self::Blacklist(ruler) => blacklist::import_received(ruler, import, size_bytes).await,
        }
    }
}

/// Takes the first file of the form and has it read.
pub async fn receive(services: &Services, list: List<'_>, request: Request) -> Result<(), uploads::Refused> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| AppError::BadRequest)?;
    let broken = || AppError::invalid("The file did not arrive as a whole. Send it again.");
    while let Some(mut field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("numbers").to_owned();
        let limit = services.api_upload_max_bytes;
        let spool = services.intake.spool();
        let (import, former) = list.begin(&name, limit).await?;
        if let Some(former) = former {
            spool.remove(import.workspace, former).await.map_err(AppError::internal)?;
        }
        // Whoever is overtaken by another file, or cut off, leaves nothing behind.
        let arriving = spool.arriving(import.workspace, import.id);
        let mut appender = spool.append(import.workspace, import.id, 0, limit).await?;
        while let Some(piece) = field.chunk().await.map_err(|_| broken())? {
            appender.write(&piece).await?;
        }
        let received = appender.sync().await?;
        if received == 0 {
            return Err(AppError::invalid("The file is empty. Choose another.").into());
        }
        list.received(&import, received).await?;
        arriving.keep();
        services.intake.import(import.workspace).await?;
        return Ok(());
    }
    Err(AppError::invalid("Choose a file first.").into())
}
