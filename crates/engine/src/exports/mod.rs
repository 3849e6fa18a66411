//! Files of delivery records: built one after the other in memory that does not grow with the campaign, kept for some days.
//!
//! A file is written under a name of its own, synced, and renamed; only then it is ready. What a restart cut off begins
//! anew. File names are made of identifiers.
//!
//! *Invariant*: an export stays unfinished on record until its file is there under its final name, so one that was
//! interrupted is found; a file goes before the record that names it.

mod files;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::id::{CampaignId, ExportId, WorkspaceId};
use store::{
    Error, Reason, SystemDoor,
    exports::{self, Order, RecordExport, Rows, Written},
};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::files::Files;

/// How often it is looked for files whose time is over, and for exports that another process was asked for.
const LOOK: Duration = Duration::from_secs(30);
/// Between attempts while the database cannot be used.
const RETRY: Duration = Duration::from_secs(1);

/// The desk where exports are asked for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Exports {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    door: SystemDoor,
    files: Files,
    /// How long a file is kept.
    keep_ms: i64,
    /// Rows that the export in work has written.
    written: Mutex<HashMap<ExportId, u64>>,
    asked: Notify,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl Exports {
    /// Opens the folder in the data folder and begins with what is unfinished.
    pub async fn start(door: SystemDoor, data_dir: &Path, keep_days: u32) -> Result<Self, Error> {
        let files =
            Files::open(data_dir).await.map_err(|cause| Error::Setup(format!("{}: {cause}", data_dir.display())))?;
        let shared = Arc::new(Shared {
            door,
            files,
            keep_ms: i64::from(keep_days) * 24 * 3_600_000,
            written: Mutex::default(),
            asked: Notify::new(),
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let working = Arc::clone(&shared);
        shared.tasks.spawn(async move {
            tokio::select! {
                () = working.cancel.cancelled() => {}
                () = work(&working) => {}
            }
        });
        Ok(Self { shared })
    }

    /// An export was asked for: it begins now rather than at the next look.
    pub fn nudge(&self) {
        self.shared.asked.notify_one();
    }

    #[must_use]
    pub fn files(&self) -> &Files {
        &self.shared.files
    }

    /// Rows that were written so far; None when nobody works on it.
    #[must_use]
    pub fn written(&self, export: ExportId) -> Option<u64> {
        self.shared.written.lock().unwrap_or_else(PoisonError::into_inner).get(&export).copied()
    }

    /// Removes every export of a campaign, files first.
    pub async fn remove_of(&self, workspace: WorkspaceId, campaign: CampaignId) -> Result<(), Error> {
        for export in self.shared.door.exports_of(workspace, campaign).await? {
            self.shared.forget(&export).await?;
        }
        Ok(())
    }

    /// Stops building; what is left begins anew at the next start.
    pub async fn shutdown(&self) {
        self.shared.cancel.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

async fn work(shared: &Shared) {
    loop {
        if let Err(cause) = shared.tidy().await {
            tracing::warn!(%cause, "expired exports cannot be removed yet");
        }
        match exports::unfinished(&shared.door).await {
            Ok(unfinished) => {
                for export in unfinished {
                    shared.build(export).await;
                }
            }
            Err(cause) => tracing::warn!(%cause, "exports cannot be looked up"),
        }
        tokio::select! {
            () = shared.asked.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

impl Shared {
    async fn build(&self, export: RecordExport) {
        let id = export.id;
        loop {
            match self.attempt(&export).await {
                Ok(()) | Err(Error::Moved | Error::NotFound) => break,
                Err(cause) => {
                    tracing::warn!(export.id = %id, %cause, "an export waits for the database");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
        self.written.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    async fn attempt(&self, export: &RecordExport) -> Result<(), Error> {
        let scope = self.door.enter(export.workspace, Reason::Export);
        let Some(export) = exports::load(&scope, export.campaign, export.id).await? else { return Ok(()) };
        let order = exports::order(&scope, export.campaign).await?;
        if order == Order::Between {
            // It waits for the next look: the campaign is built within seconds.
            return Ok(());
        }
        let export = exports::begin(&scope, &export).await?;
        let mut rows = Rows::open(&scope, &export).await?;
        let written = match self.write(&export, &mut rows).await {
            Ok(written) => written,
            Err(Failure::Store(cause @ (Error::Unavailable | Error::Unknown))) => return Err(cause),
            // Others wait for their turn: what cannot be read now cannot be read later.
            Err(Failure::Store(cause)) => {
                tracing::error!(export.id = %export.id, %cause, "an export cannot be read");
                exports::fail(&scope, &export, cause.to_string()).await?;
                return Ok(());
            }
            Err(Failure::Io(cause)) => {
                tracing::error!(export.id = %export.id, %cause, "an export cannot be written");
                let reason =
                    "the file cannot be written on the server; ask your administrator whether the disk is full";
                exports::fail(&scope, &export, reason.to_owned()).await?;
                return Ok(());
            }
        };
        if exports::order(&scope, export.campaign).await? != order {
            // Put into another order while they were read. It begins anew, at the next look.
            return self.remove_file(&export).await;
        }
        match exports::finish(&scope, &export, written, self.keep_ms).await {
            Ok(_) => Ok(()),
            // It was removed while it was built.
            Err(gone @ (Error::Moved | Error::NotFound)) => {
                self.remove_file(&export).await?;
                Err(gone)
            }
            Err(other) => Err(other),
        }
    }

    async fn write(&self, export: &RecordExport, rows: &mut Rows) -> Result<Written, Failure> {
        let mut file = self.files.create(export.workspace, export.id).await?;
        while let Some(piece) = rows.next_piece().await? {
            file.write(piece.as_bytes()).await?;
            self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(export.id, rows.rows());
        }
        let octets = file.finish().await?;
        Ok(Written { octets, rows: rows.rows() })
    }

    /// Files whose time is over.
    async fn tidy(&self) -> Result<(), Error> {
        for export in exports::expired(&self.door).await? {
            self.forget(&export).await?;
        }
        Ok(())
    }

    /// The file first: a record whose file is gone is removed again at the next look.
    async fn forget(&self, export: &RecordExport) -> Result<(), Error> {
        self.remove_file(export).await?;
        exports::forget(&self.door.enter(export.workspace, Reason::Export), export).await
    }

    async fn remove_file(&self, export: &RecordExport) -> Result<(), Error> {
        let removed = self.files.remove(export.workspace, export.id).await;
        removed.map_err(|cause| Error::Setup(format!("the file of an export cannot be removed: {cause}")))
    }
}

/// Why a file was not written.
enum Failure {
    Io(std::io::Error),
    Store(Error),
}

impl From<std::io::Error> for Failure {
    fn from(cause: std::io::Error) -> Self {
        Self::Io(cause)
    }
}

impl From<Error> for Failure {
    fn from(cause: Error) -> Self {
        Self::Store(cause)
    }
}
