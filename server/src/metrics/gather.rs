//! Everything that is measured, on one sheet.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::id::WorkspaceId;
use engine::{UnderWay, links::LinkDesk};
use meter::Sheet;
use sms_core::{Core, LinkSettings, certificate};
use store::SystemDoor;

use super::{disk, http, leaving, process::Process};
use crate::config::Config;

/// Where figures come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A Message Center.
    Center {
        engine: engine::Handle,
        door: SystemDoor,
        links: LinkDesk,
        data_dir: PathBuf,
        certificates: Vec<Certificate>,
    },
    /// An SMS Core in a process of its own.
    Core { core: Arc<dyn Core>, certificates: Vec<Certificate> },
}

/// A certificate, or a list of revoked ones, whose end is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What it is for, such as `web` or `core dmz`.
    pub of: String,
    pub file: PathBuf,
    /// It is a list of revoked certificates.
    pub is_list: bool,
}

impl Certificate {
    #[must_use]
    pub fn new(of: impl Into<String>, file: &Path) -> Self {
        Self { of: of.into(), file: file.to_owned(), is_list: false }
    }

    /// A list of revoked certificates.
    #[must_use]
    pub fn list(of: &str, file: &Path) -> Self {
        Self { is_list: true, ..Self::new(format!("revocation list of {of}"), file) }
    }

    /// Those that an installation uses.
    #[must_use]
    pub fn all(config: &Config) -> Vec<Self> {
        let web = config.tls_files().map(|(certificate, _)| Self::new("web", certificate));
        let cores = config.cores.iter().flat_map(|core| {
            let of = format!("core {}", core.id);
            let list = core.crl.as_deref().map(|file| Self::list(&of, file));
            let authority = Self::new(format!("authority of {of}"), &core.ca);
            [Self::new(of, &core.certificate), authority].into_iter().chain(list)
        });
        web.into_iter().chain(cores).chain(Self::of_links(&config.links)).collect()
    }

    /// Those of links.
    #[must_use]
    pub fn of_links(links: &[LinkSettings]) -> Vec<Self> {
        let files = links.iter().flat_map(|link| {
            let tls = link.tls.as_ref();
            let own = tls.and_then(|tls| tls.certificate.as_deref());
            let authority = tls.and_then(|tls| tls.ca_file.as_deref());
            let list = tls.and_then(|tls| tls.crl_file.as_deref());
            let of = format!("link {}", link.id);
            let list = list.map(|file| Self::list(&of, file));
            let authority = authority.map(|file| Self::new(format!("authority of {of}"), file));
            own.map(|file| Self::new(of, file)).into_iter().chain(authority).chain(list)
        });
        files.collect()
    }
}

impl Source {
    /// What workspaces have under way; for their own pages, never for the sheet.
    pub fn under_way(&self) -> Vec<(WorkspaceId, UnderWay)> {
        match self {
            Self::Center { engine, .. } => engine.under_way(),
            Self::Core { .. } => Vec::new(),
        }
    }

    pub async fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::default();
        let help = "1; the label says which version runs.";
        sheet.gauge("message_center_build_info", help, &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
        sms_core::metrics::sentinels(&mut sheet);
        match self {
            Self::Center { engine, door, .. } => {
                engine.metrics(&mut sheet);
                door.metrics(&mut sheet).await;
                http::fill(&mut sheet);
                leaving::fill(&mut sheet);
            }
            Self::Core { core, .. } => sms_core::metrics::links(&mut sheet, &core.links()),
        }
        let this = self.clone();
        // Files are looked at beside what serves requests; that fails only when the runtime goes down.
        tokio::task::spawn_blocking(move || this.files(sheet)).await.unwrap_or_default()
    }

    fn files(&self, mut sheet: Sheet) -> Sheet {
        Process::read().fill(&mut sheet);
        let certificates = match self {
            Self::Core { certificates, .. } => certificates,
            Self::Center { data_dir, certificates, .. } => {
                let help = "What the files of the database have together.";
                let size = disk::folder_bytes(&data_dir.join("db"));
                sheet.gauge("message_center_database_size_bytes", help, &[], size as f64);
                if let Ok(space) = disk::space(data_dir) {
                    let help = "Room that is left where the data lies.";
                    sheet.gauge("message_center_data_free_bytes", help, &[], space.free as f64);
                    let help = "Room that there is where the data lies.";
                    sheet.gauge("message_center_data_total_bytes", help, &[], space.total as f64);
                }
                certificates
            }
        };
        let in_files = certificates.iter().filter_map(|certificate| {
            let pem = fs::read(&certificate.file).ok()?;
            Some((certificate.of.clone(), pem, certificate.is_list))
        });
        let in_texts = match self {
            Self::Core { .. } => Vec::new(),
            Self::Center { links, .. } => {
                let lists = links.revocation_lists().into_iter().map(|(of, pem)| (of, pem.into_bytes(), true));
                links.certificates().into_iter().map(|(of, pem)| (of, pem.into_bytes(), false)).chain(lists).collect()
            }
        };
        for (of, pem, is_list) in in_files.chain(in_texts) {
            let (name, help, end_s) = if is_list {
                let help = "When a list of revoked certificates is out of date, since the epoch.";
                ("message_center_revocation_list_end_seconds", help, certificate::first_list_end_s(&pem))
            } else {
                let help = "When a certificate ends, since the epoch.";
                ("message_center_certificate_end_seconds", help, certificate::end_s(&pem))
            };
            if let Some(end_s) = end_s {
                sheet.gauge(name, help, &[("certificate", of.as_str())], end_s as f64);
            }
        }
        sheet
    }
}
