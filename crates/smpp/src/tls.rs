//! TLS to the carrier. Certificates are read for each connection, so that renewed ones are taken with the next one.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    client::{Resumption, WebPkiServerVerifier},
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::password::Password;

/// How a connection is secured. Files are PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSettings {
    /// The only authorities that are trusted; without it those of the system.
    pub ca_file: Option<PathBuf>,
    /// Lists of certificates that the carrier's authorities have revoked. One that is out of date goes on counting.
    pub crl_file: Option<PathBuf>,
    /// The certificate with which we say who we are, followed by what leads to its authority.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// The name that the carrier's certificate has to have; without it the host.
    pub server_name: Option<String>,
    /// PEM texts in the place of files, for what is kept elsewhere. A configuration file has none.
    #[serde(skip)]
    pub texts: TlsTexts,
}

/// PEM texts; each stands before the file of its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsTexts {
    pub ca: Option<String>,
    pub certificate: Option<String>,
    pub crl: Option<String>,
    /// Never printed.
    pub key: Option<Password>,
}

/// Why TLS cannot be spoken as configured.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("tls.{setting} {} cannot be used: {reason}", file.display())]
    File { setting: &'static str, file: PathBuf, reason: String },
    #[error("tls.{setting} cannot be used: {reason}")]
    Text { setting: &'static str, reason: String },
    #[error("tls.certificate and tls.key go together: one is given without the other")]
    HalfIdentity,
    #[error("tls.certificate and tls.key cannot be used together: {0}")]
    Identity(rustls::Error),
    #[error("the system has no trusted authorities; name those of the carrier in tls.ca_file")]
    NoRoots,
    #[error("“{0}” is no name that a certificate can have; set tls.server_name")]
    Name(String),
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

impl TlsError {
    /// The setting that is to be looked at.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        match self {
            Self::File { setting, .. } | Self::Text { setting, .. } => setting,
            Self::HalfIdentity | Self::Identity(_) => "certificate",
            Self::NoRoots => "ca_file",
            Self::Name(_) => "server_name",
            Self::Setup(_) => "tls",
        }
    }
}

/// Makes connections as the settings say.
#[derive(Clone)]
pub struct Connector {
    tls: TlsConnector,
    name: ServerName<'static>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("name", &self.name).finish_non_exhaustive()
    }
}

impl TlsSettings {
    /// Reads the files.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn connector(&self, host: &str) -> Result<Connector, TlsError> {
        let name = self.server_name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name(name.to_owned()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(self.roots()?), Arc::clone(&provider))
            .with_crls(self.revoked()?)
            .allow_unknown_revocation_status()
            .build()
            .map_err(|error| TlsError::Setup(rustls::Error::General(error.to_string())))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_webpki_verifier(verifier);
        let mut config = match (self.chain()?, self.private_key()?) {
            (None, None) => config.with_no_client_auth(),
            (Some(chain), Some(key)) => config.with_client_auth_cert(chain, key).map_err(TlsError::Identity)?,
            _ => return Err(TlsError::HalfIdentity),
        };
        // A resumed session would not look at the certificates again.
        config.resumption = Resumption::disabled();
        Ok(Connector { tls: TlsConnector::from(Arc::new(config)), name })
    }

    fn chain(&self) -> Result<Option<Vec<CertificateDer<'static>>>, TlsError> {
        match (&self.texts.certificate, &self.certificate) {
            (Some(text), _) => certificates_in("certificate", text).map(Some),
            (None, Some(file)) => certificates("certificate", file).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn private_key(&self) -> Result<Option<PrivateKeyDer<'static>>, TlsError> {
        match (&self.texts.key, &self.key) {
            (Some(text), _) => {
                let key = PrivateKeyDer::from_pem_slice(text.expose().as_bytes());
                key.map(Some).map_err(|error| TlsError::Text { setting: "key", reason: error.to_string() })
            }
            (None, Some(file)) => {
                PrivateKeyDer::from_pem_file(file).map(Some).map_err(|error| failed("key", file, &error))
            }
            (None, None) => Ok(None),
        }
    }

    fn revoked(&self) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
        if let Some(text) = &self.texts.crl {
            let failed =
                |reason: &dyn std::fmt::Display| TlsError::Text { setting: "crl_file", reason: reason.to_string() };
            let read = CertificateRevocationListDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>();
            let lists = read.map_err(|error| failed(&error))?;
            return if lists.is_empty() { Err(failed(&"it has no revocation list")) } else { Ok(lists) };
        }
        let Some(file) = &self.crl_file else { return Ok(Vec::new()) };
        let read = CertificateRevocationListDer::pem_file_iter(file).and_then(Iterator::collect);
        let lists: Vec<_> = read.map_err(|error| failed("crl_file", file, &error))?;
        match lists.is_empty() {
            true => Err(failed("crl_file", file, &"it has no revocation list")),
            false => Ok(lists),
        }
    }

    fn roots(&self) -> Result<RootCertStore, TlsError> {
        let mut roots = RootCertStore::empty();
        match (&self.texts.ca, &self.ca_file) {
            (Some(text), _) => {
                for certificate in certificates_in("ca_file", text)? {
                    let failed =
                        |error: rustls::Error| TlsError::Text { setting: "ca_file", reason: error.to_string() };
                    roots.add(certificate).map_err(failed)?;
                }
            }
            (None, Some(file)) => {
                for certificate in certificates("ca_file", file)? {
                    roots.add(certificate).map_err(|error| failed("ca_file", file, &error))?;
                }
            }
            (None, None) => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if roots.is_empty() {
                    return Err(TlsError::NoRoots);
                }
            }
        }
        Ok(roots)
    }
}

fn certificates_in(setting: &'static str, text: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |reason: &dyn std::fmt::Display| TlsError::Text { setting, reason: reason.to_string() };
    let read = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>();
    let certificates = read.map_err(|error| failed(&error))?;
    match certificates.is_empty() {
        true => Err(failed(&"it has no certificate")),
        false => Ok(certificates),
    }
}

fn certificates(setting: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let certificates: Vec<_> = read.map_err(|error| failed(setting, file, &error))?;
    match certificates.is_empty() {
        true => Err(failed(setting, file, &"it has no certificate")),
        false => Ok(certificates),
    }
}

fn failed(setting: &'static str, file: &Path, reason: &dyn std::fmt::Display) -> TlsError {
    TlsError::File { setting, file: file.to_owned(), reason: reason.to_string() }
}

impl Connector {
    /// The handshake; what is wrong with the other side's certificate is in the error's words.
    pub(crate) async fn secure(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.tls.connect(self.name.clone(), stream).await
    }
}
