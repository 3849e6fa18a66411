//! Files that nobody else may read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use app::api::diagnostics::Finding;

use super::Area;
use crate::config::Config;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut area = Area::new("Secrets");
    let mut well = 0;
    for (what, path) in files(config) {
        match others(&path) {
            Some(0) => well += 1,
            Some(bits) => {
                let who = if bits & 0o007 == 0 { "the group" } else { "everybody on this machine" };
                let advice = format!("chmod go-rwx {}", path.display());
                let found = format!("{} can be reached by {who}", path.display());
                // What lies in the folder has permissions of its own.
                let is_folder = path.is_dir();
                if bits & 0o007 == 0 || is_folder {
                    area.warn(what, found, advice);
                } else {
                    area.fault(what, found, advice);
                }
            }
            // Made at the first start, or said elsewhere.
            None => {}
        }
    }
    if well > 0 {
        area.good("Permissions", format!("{well} files and folders are for their owner alone"));
    }
    area.findings
}

fn files(config: &Config) -> Vec<(String, PathBuf)> {
    let keys = config.data_dir.join("keys");
    let mut files = vec![("Folder of the data".to_owned(), config.data_dir.clone())];
    for entry in fs::read_dir(&keys).into_iter().flatten().flatten() {
        files.push((format!("Key {}", entry.file_name().to_string_lossy()), entry.path()));
    }
    let mut add = |what: String, path: Option<&Path>| files.extend(path.map(|path| (what, path.to_owned())));
    add("Key of the web server's certificate".to_owned(), config.tls_key.as_deref());
    add("Password of the mail server".to_owned(), config.mail.as_ref().and_then(|mail| mail.password_file.as_deref()));
    add("Token of the metrics".to_owned(), config.metrics.as_ref().and_then(|metrics| metrics.token_file.as_deref()));
    for core in &config.cores {
        add(format!("Key for SMS Core {}", core.id), Some(&core.key));
    }
    for link in &config.links {
        add(format!("Key for link {}", link.id), link.tls.as_ref().and_then(|tls| tls.key.as_deref()));
    }
    files
}

/// What others than the owner may do; None: there is no such file.
fn others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    Some(fs::metadata(path).ok()?.permissions().mode() & 0o077)
}
