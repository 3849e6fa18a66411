//! The folder of exports.

use std::{
    io,
    path::{Path, PathBuf},
};

use domain::id::{ExportId, WorkspaceId};
use tokio::{
    fs::{self, File},
    io::{AsyncWriteExt, BufWriter},
};

/// What is written at a time.
const BUFFER_OCTETS: usize = 256 << 10;

/// The folder in which files lie until they expire. Their names are made of identifiers.
#[derive(Debug, Clone)]
pub struct Files {
    dir: PathBuf,
}

/// A file that nobody sees before it is whole.
#[derive(Debug)]
pub(super) struct Unfinished {
    dir: PathBuf,
    part: PathBuf,
    path: PathBuf,
    file: BufWriter<File>,
    octets: u64,
}

impl Files {
    /// `data_dir` is the installation's data folder; `exports` is made inside. What was not finished before is removed.
    pub(super) async fn open(data_dir: &Path) -> io::Result<Self> {
        let dir = data_dir.join("exports");
        fs::create_dir_all(&dir).await?;
        let mut entries = fs::read_dir(&dir).await?;
        while let Some(entry) = entries.next_entry().await? {
            if entry.path().extension().is_some_and(|ending| ending == "part") {
                fs::remove_file(entry.path()).await?;
            }
        }
        Ok(Self { dir })
    }

    fn path(&self, workspace: WorkspaceId, export: ExportId) -> PathBuf {
        self.dir.join(format!("{workspace}.{export}"))
    }

    pub(super) async fn create(&self, workspace: WorkspaceId, export: ExportId) -> io::Result<Unfinished> {
        let path = self.path(workspace, export);
        let part = path.with_added_extension("part");
        let file = BufWriter::with_capacity(BUFFER_OCTETS, File::create(&part).await?);
        Ok(Unfinished { dir: self.dir.clone(), part, path, file, octets: 0 })
    }

    /// A file that is ready.
    pub async fn read(&self, workspace: WorkspaceId, export: ExportId) -> io::Result<File> {
        File::open(self.path(workspace, export)).await
    }

    /// Removes a file; one that is not there is removed already.
    pub async fn remove(&self, workspace: WorkspaceId, export: ExportId) -> io::Result<()> {
        match fs::remove_file(self.path(workspace, export)).await {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
            _ => Ok(()),
        }
    }

    /// Removes every file of a workspace.
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
}

impl Unfinished {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await?;
        self.octets += bytes.len() as u64;
        Ok(())
    }

    /// Synced, then under its final name, and the folder with it.
    pub(super) async fn finish(mut self) -> io::Result<u64> {
        self.file.flush().await?;
        self.file.get_ref().sync_all().await?;
        fs::rename(&self.part, &self.path).await?;
        File::open(&self.dir).await?.sync_all().await?;
        Ok(self.octets)
    }
}
