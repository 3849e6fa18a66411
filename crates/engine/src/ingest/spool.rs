//! Uploads on disk: received in pieces, each synced before it is acknowledged, so that an upload goes on where it was cut.

use std::{
    fs::TryLockError,
    io::{self, SeekFrom},
    path::{Path, PathBuf},
};

use domain::id::{UploadId, WorkspaceId};
use tokio::{
    fs::{self, File, OpenOptions},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};

/// The folder of uploads. File names are made of identifiers; what the user called the file is never part of a path.
#[derive(Debug, Clone)]
pub struct Spool {
    dir: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The client is at another place than the file.
    #[error("the upload goes on at byte {received}")]
    Offset { received: u64 },
    /// Another request is writing to it: an earlier one whose connection was cut, as a rule.
    #[error("a piece of this upload is still arriving; it goes on in a moment")]
    Busy,
    #[error("the upload is larger than the {limit} bytes that were announced")]
    TooLarge { limit: u64 },
    #[error("the upload cannot be stored on the server")]
    Io(#[from] io::Error),
}

impl Spool {
    /// `data_dir` is the installation's data folder; `uploads` is made inside.
    pub async fn open(data_dir: &Path) -> io::Result<Self> {
        let dir = data_dir.join("uploads");
        fs::create_dir_all(&dir).await?;
        Ok(Self { dir })
    }

    /// Where temporary files of an ingest go: beside the uploads, on the same disk.
    #[must_use]
    pub fn scratch_dir(&self) -> &Path {
        &self.dir
    }

    /// The file of an upload.
    #[must_use]
    pub fn path(&self, workspace: WorkspaceId, upload: UploadId) -> PathBuf {
        self.dir.join(format!("{workspace}.{upload}"))
    }

    /// How many bytes have arrived: where the client goes on.
    pub async fn received(&self, workspace: WorkspaceId, upload: UploadId) -> io::Result<u64> {
        match fs::metadata(self.path(workspace, upload)).await {
            Ok(metadata) => Ok(metadata.len()),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(cause) => Err(cause),
        }
    }

    /// Appends at `offset`, which has to be the end of what has arrived, never beyond `limit` bytes in all. One at a time:
    /// the file is locked, against other processes too, until the appender is gone.
    pub async fn append(
        &self,
        workspace: WorkspaceId,
        upload: UploadId,
        offset: u64,
        limit: u64,
    ) -> Result<Appender, SpoolError> {
        let path = self.path(workspace, upload);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).await?.into_std().await;
        file.try_lock().map_err(|cause| match cause {
            TryLockError::WouldBlock => SpoolError::Busy,
            TryLockError::Error(cause) => SpoolError::Io(cause),
        })?;
        let mut file = File::from_std(file);
        let received = file.metadata().await?.len();
        if received != offset {
            return Err(SpoolError::Offset { received });
        }
        file.seek(SeekFrom::Start(offset)).await?;
        Ok(Appender { file, received, limit })
    }

    /// Of a file that has to arrive in one request: when that ends before [`Arriving::keep`], however it does, the file goes.
    #[must_use]
    pub fn arriving(&self, workspace: WorkspaceId, upload: UploadId) -> Arriving {
        Arriving(Some(self.path(workspace, upload)))
    }

    /// The first bytes of an upload, for [`recipient_file::sniff`].
    pub async fn head(&self, workspace: WorkspaceId, upload: UploadId) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        let file = File::open(self.path(workspace, upload)).await?;
        file.take(recipient_file::HEAD_OCTETS as u64).read_to_end(&mut head).await?;
        Ok(head)
    }

    /// Removes every upload of a workspace.
    pub async fn remove_all(&self, workspace: WorkspaceId) -> io::Result<()> {
        let prefix = format!("{workspace}.");
        let mut entries = fs::read_dir(&self.dir).await?;
        while let Some(entry) = entries.next_entry().await? {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
                fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }

    /// Removes an upload; one that is not there is removed already.
    pub async fn remove(&self, workspace: WorkspaceId, upload: UploadId) -> io::Result<()> {
        match fs::remove_file(self.path(workspace, upload)).await {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        }
    }
}

/// The file of an upload that nobody goes on with.
#[derive(Debug)]
pub struct Arriving(Option<PathBuf>);

impl Arriving {
    /// It is there as a whole, and somebody else's business now.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(file) = self.0.take()
            && let Err(cause) = std::fs::remove_file(&file)
            && cause.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%cause, file = %file.display(), "what was left of an upload cannot be removed");
        }
    }
}

/// An upload that is being received.
#[derive(Debug)]
pub struct Appender {
    file: File,
    received: u64,
    limit: u64,
}

impl Appender {
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        if self.received + bytes.len() as u64 > self.limit {
            return Err(SpoolError::TooLarge { limit: self.limit });
        }
        self.file.write_all(bytes).await?;
        self.received += bytes.len() as u64;
        Ok(())
    }

    /// Makes everything durable and says how much there is. What was written without it may or may not be there: the
    /// client asks where to go on.
    pub async fn sync(mut self) -> Result<u64, SpoolError> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        Ok(self.received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (WorkspaceId, UploadId) {
        let id = "0190b7a0-0000-7000-8000-000000000001";
        (id.parse().unwrap(), id.parse().unwrap())
    }

    #[tokio::test]
    async fn two_pieces_at_the_same_place_do_not_mix() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path()).await.unwrap();
        let (workspace, upload) = ids();
        let mut first = spool.append(workspace, upload, 0, 10).await.unwrap();
        assert!(matches!(spool.append(workspace, upload, 0, 10).await, Err(SpoolError::Busy)));
        first.write(b"12345").await.unwrap();
        first.sync().await.unwrap();
        let late = spool.append(workspace, upload, 0, 10).await.unwrap_err();
        assert!(matches!(late, SpoolError::Offset { received: 5 }));
        // One that was dropped without a word holds nothing up.
        drop(spool.append(workspace, upload, 5, 10).await.unwrap());
        assert!(spool.append(workspace, upload, 5, 10).await.is_ok());
    }

    #[tokio::test]
    async fn a_request_that_is_cut_or_refused_leaves_no_file_behind() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path()).await.unwrap();
        let (workspace, upload) = ids();
        for keeps in [false, true] {
            let arriving = spool.arriving(workspace, upload);
            // Another one has begun meanwhile, and removed what was not there yet.
            spool.remove(workspace, upload).await.unwrap();
            let mut file = spool.append(workspace, upload, 0, 10).await.unwrap();
            file.write(b"12345").await.unwrap();
            file.sync().await.unwrap();
            if keeps {
                arriving.keep();
            } else {
                drop(arriving);
            }
            assert_eq!(spool.path(workspace, upload).exists(), keeps);
        }
    }

    #[tokio::test]
    async fn the_files_of_a_workspace_go_together_and_those_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path()).await.unwrap();
        let (workspace, upload) = ids();
        let other = "0190b7a0-0000-7000-8000-000000000002".parse().unwrap();
        for workspace in [workspace, other] {
            let mut file = spool.append(workspace, upload, 0, 10).await.unwrap();
            file.write(b"12345").await.unwrap();
            file.sync().await.unwrap();
        }
        spool.remove_all(workspace).await.unwrap();
        assert_eq!(spool.received(workspace, upload).await.unwrap(), 0);
        assert_eq!(spool.received(other, upload).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn an_upload_goes_on_where_it_was_cut() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path()).await.unwrap();
        let (workspace, upload) = ids();
        let mut first = spool.append(workspace, upload, 0, 10).await.unwrap();
        first.write(b"12345").await.unwrap();
        assert_eq!(first.sync().await.unwrap(), 5);
        let wrong = spool.append(workspace, upload, 3, 10).await.unwrap_err();
        assert!(matches!(wrong, SpoolError::Offset { received: 5 }));
        let mut second = spool.append(workspace, upload, 5, 10).await.unwrap();
        second.write(b"67890").await.unwrap();
        assert!(matches!(second.write(b"x").await, Err(SpoolError::TooLarge { limit: 10 })));
        assert_eq!(second.sync().await.unwrap(), 10);
        assert_eq!(spool.received(workspace, upload).await.unwrap(), 10);
        assert_eq!(spool.head(workspace, upload).await.unwrap(), b"1234567890");
        spool.remove(workspace, upload).await.unwrap();
        spool.remove(workspace, upload).await.unwrap();
        assert_eq!(spool.received(workspace, upload).await.unwrap(), 0);
    }
}
