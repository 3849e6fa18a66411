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

/// A certificate whose end is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What it is for, such as `web` or `core dmz`.
    pub of: String,
    pub file: PathBuf,
}

impl Certificate {
    #[must_use]
    pub fn new(of: impl Into<String>, file: &Path) -> Self {
        Self { of: of.into(), file: file.to_owned() }
    }

    /// Those that an installation uses.
    #[must_use]
    pub fn all(config: &Config) -> Vec<Self> {
        let web = config.tls_files().map(|(certificate, _)| Self::new("web", certificate));
        let cores = config.cores.iter().flat_map(|core| {
            [
                Self::new(format!("core {}", core.id), &core.certificate),
                Self::new(format!("authority of core {}", core.id), &core.ca),
            ]
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
            let own = own.map(|file| Self::new(format!("link {}", link.id), file));
            own.into_iter().chain(authority.map(|file| Self::new(format!("authority of link {}", link.id), file)))
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
            Some((certificate.of.clone(), certificate::end_s(&pem)?))
        });
        let texts = match self {
            Self::Core { .. } => Vec::new(),
            Self::Center { links, .. } => links.certificates(),
        };
        let in_texts = texts.into_iter().filter_map(|(of, pem)| Some((of, certificate::end_s(pem.as_bytes())?)));
        for (of, end_s) in in_files.chain(in_texts) {
            let help = "When a certificate ends, since the epoch.";
            let labels = &[("certificate", of.as_str())];
            sheet.gauge("message_center_certificate_end_seconds", help, labels, end_s as f64);
        }
        sheet
    }
}
