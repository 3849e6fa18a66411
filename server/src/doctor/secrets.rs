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
    add("Configuration with passwords".to_owned(), config.file.as_deref().filter(|_| config.holds_passwords()));
    if let Some(registry) = &config.registry {
        add("Key for the 10DLC registry".to_owned(), Some(&registry.key_file));
        add("Secret of the registry's webhooks".to_owned(), registry.webhook_secret_file.as_deref());
    }
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use app::api::diagnostics::Verdict;

    use super::*;
    use crate::config::Overrides;

    /// What is said of the files when everybody may read them.
    #[test]
    fn files_with_passwords_and_keys_are_for_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let link = "[[links]]\nid = \"carrier\"\nname = \"Carrier\"\nhost = \"127.0.0.1\"\nport = 1\nsystem_id = \"a\"\n\
                    password = \"secret\"\n";
        let registry = format!(
            "[registry]\nurl = \"https://registry.example/v2\"\nkey_file = {:?}\nwebhook_secret_file = {:?}\n",
            path("key"),
            path("webhook")
        );
        let data = format!("data_dir = {:?}\n", path("data"));
        let mut told = Vec::new();
        for (name, content) in [
            ("with.toml", format!("{data}{link}{registry}")),
            ("without.toml", data),
            ("key", "a:b".into()),
            ("webhook", "c".into()),
        ] {
            std::fs::write(path(name), content).unwrap();
            std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        for name in ["with.toml", "without.toml"] {
            let config = Config::load(Some(&path(name)), &Overrides::default()).unwrap();
            let faults = look(&config).into_iter().filter(|finding| finding.verdict == Verdict::Fault);
            told.push(faults.map(|finding| finding.what).collect::<Vec<_>>());
        }
        let with = ["Configuration with passwords", "Key for the 10DLC registry", "Secret of the registry's webhooks"];
        assert_eq!(told, [with.map(str::to_owned).to_vec(), Vec::new()]);
    }
}
