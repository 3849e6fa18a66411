//! The file in which a simulated registry keeps what is registered, so that a restart ends nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::world::Kept;

/// In the data folder.
const NAME: &str = "registry.json";

/// Written as a whole with each change; whoever dies in between leaves the former one.
pub(super) struct StateFile(PathBuf);

impl StateFile {
    /// The file of a folder, which is made where it is missing, and what is kept in it; nothing where there is none yet.
    pub fn open(folder: &Path) -> io::Result<(Self, Kept)> {
        fs::create_dir_all(folder)?;
        let path = folder.join(NAME);
        let kept = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error),
        };
        Ok((Self(path), kept))
    }

    pub fn write(&self, kept: &Kept) -> io::Result<()> {
        let next = self.0.with_extension("next");
        // Brands have the addresses of people.
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&next)?;
        file.write_all(&serde_json::to_vec(kept)?)?;
        file.sync_all()?;
        fs::rename(&next, &self.0)?;
        self.0.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}
