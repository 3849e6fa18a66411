//! The master key: outside the database, so that a stolen database alone does not reveal whose numbers its hashes are.

use std::{fs, io::Write, path::Path};

use domain::ctn_hash::MasterKey;

use crate::{Error, access::random_bytes};

const FILE: &str = "master.key";

pub(crate) fn load_or_create(dir: &Path) -> Result<MasterKey, Error> {
    let path = dir.join(FILE);
    let setup = |cause: std::io::Error| Error::Setup(format!("{}: {cause}", path.display()));
    match fs::read(&path) {
        Ok(bytes) => {
            let key: [u8; 32] = bytes.try_into().map_err(|_| {
                Error::Setup(format!("{}: not 32 bytes; restore the key from your backup", path.display()))
            })?;
            Ok(MasterKey::from_bytes(key))
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            let key = random_bytes::<32>()?;
            fs::create_dir_all(dir).map_err(setup)?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&path).map_err(setup)?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(setup)?;
            Ok(MasterKey::from_bytes(key))
        }
        Err(cause) => Err(setup(cause)),
    }
}
