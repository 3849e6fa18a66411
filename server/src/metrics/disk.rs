//! How much room files take, and how much is left.

use std::{fs, io, path::Path};

/// Of a file system, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    pub total: u64,
    /// What programs without special rights may still use.
    pub free: u64,
}

/// Of the file system that has a folder.
///
/// # Errors
/// When the system does not say it: there is no such folder.
pub fn space(folder: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(folder)?;
    let blocks = |count: u64| count.saturating_mul(found.f_frsize);
    Ok(Space { total: blocks(found.f_blocks), free: blocks(found.f_bavail) })
}

/// What all files in a folder have together. What goes away while it is counted counts as nothing.
#[must_use]
pub fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_within_count_and_what_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("within")).unwrap();
        fs::write(folder.path().join("one"), [0; 10]).unwrap();
        fs::write(folder.path().join("within/two"), [0; 5]).unwrap();
        assert_eq!(folder_bytes(folder.path()), 15);
        assert_eq!(folder_bytes(&folder.path().join("nowhere")), 0);
        let space = space(folder.path()).unwrap();
        assert!(space.free > 0 && space.free <= space.total);
        assert!(super::space(&folder.path().join("nowhere")).is_err());
    }
}
