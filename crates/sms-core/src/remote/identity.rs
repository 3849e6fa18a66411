//! Who is at the other end: certificates, authorities, and the list of those who are let in.
//!
//! Nothing is ever resumed: each connection shows its certificate and has it checked against the authorities and the
//! list of this moment.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::{
        NoServerSessionStorage, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use serde::{Deserialize, Serialize};

use super::revocation;

/// PEM files of one end. They are read again when they change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityFiles {
    /// The authorities of the other end; while one replaces another, both.
    pub ca: PathBuf,
    /// Our own certificate, followed by what leads to its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Lists of certificates that the authorities of the other end have revoked.
    #[serde(default)]
    pub crl: Option<PathBuf>,
}

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("{} cannot be read", file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("{} has nothing that can be used: {reason}", file.display())]
    Content { file: PathBuf, reason: String },
    #[error("certificate and key cannot be used together: {0}")]
    Pair(Error),
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// What the files have in them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Content {
    ca: Vec<u8>,
    certificate: Vec<u8>,
    key: Vec<u8>,
    pub crl: Option<Vec<u8>>,
}

/// Reads some of the files, in place of what was in them.
type Piece = fn(&IdentityFiles, &mut Content) -> Result<(), IdentityError>;

/// What is to be in force once the files were looked at.
pub(super) struct Newer<T> {
    pub content: Content,
    /// Made of all of it; None: nothing has changed that can be used.
    pub built: Option<T>,
    /// Why some of the files are not taken.
    pub flaws: Vec<IdentityError>,
}

fn read(file: &Path) -> Result<Vec<u8>, IdentityError> {
    fs::read(file).map_err(|source| IdentityError::Read { file: file.to_owned(), source })
}

impl IdentityFiles {
    /// # Errors
    /// [`IdentityError::Read`].
    pub(super) fn read(&self) -> Result<Content, IdentityError> {
        let crl = self.crl.as_deref().map(read).transpose()?;
        Ok(Content { ca: read(&self.ca)?, certificate: read(&self.certificate)?, key: read(&self.key)?, crl })
    }

    /// Whether SMS Core can be served with these files.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn check(&self, allow: &[String]) -> Result<(), IdentityError> {
        self.server(&self.read()?, allow).map(drop)
    }

    /// What of the files has changed and can be used. Lists, authorities and the own certificate are taken each by itself: a
    /// key that is broken keeps no revocation out.
    pub(super) fn newer<T>(
        &self,
        in_force: &Content,
        build: impl Fn(&Content) -> Result<T, IdentityError>,
    ) -> Newer<T> {
        let mut newer = Newer { content: in_force.clone(), built: None, flaws: Vec::new() };
        let pieces: [Piece; 3] = [
            |files, content| {
                content.crl = files.crl.as_deref().map(read).transpose()?;
                Ok(())
            },
            |files, content| {
                content.ca = read(&files.ca)?;
                Ok(())
            },
            |files, content| {
                (content.certificate, content.key) = (read(&files.certificate)?, read(&files.key)?);
                Ok(())
            },
        ];
        for piece in pieces {
            let mut content = newer.content.clone();
            let built = match piece(self, &mut content) {
                Ok(()) if content == newer.content => continue,
                Ok(()) => build(&content),
                Err(flaw) => Err(flaw),
            };
            match built {
                Ok(built) => (newer.content, newer.built) = (content, Some(built)),
                Err(flaw) => newer.flaws.push(flaw),
            }
        }
        newer
    }

    fn roots(&self, content: &Content) -> Result<RootCertStore, IdentityError> {
        let mut roots = RootCertStore::empty();
        for authority in certificates(&self.ca, &content.ca)? {
            roots.add(authority).map_err(|error| unusable(&self.ca, &error))?;
        }
        Ok(roots)
    }

    fn revoked(&self, content: &Content) -> Result<Vec<CertificateRevocationListDer<'static>>, IdentityError> {
        match (&self.crl, &content.crl) {
            (Some(file), Some(content)) => revocation::lists(file, content),
            _ => Ok(Vec::new()),
        }
    }

    fn pair(&self, content: &Content) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), IdentityError> {
        let chain = certificates(&self.certificate, &content.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&content.key).map_err(|error| unusable(&self.key, &error))?;
        Ok((chain, key))
    }

    /// For the end that connects, and by what it knows the other one.
    pub(super) fn client(&self, content: &Content) -> Result<(Arc<ClientConfig>, Known), IdentityError> {
        let (chain, key) = self.pair(content)?;
        let known = WebPkiServerVerifier::builder_with_provider(Arc::new(self.roots(content)?), provider())
            .with_crls(self.revoked(content)?)
            .allow_unknown_revocation_status()
            .build()
            .map_err(|error| IdentityError::Setup(error.to_string()))?;
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| IdentityError::Setup(error.to_string()))?
            .with_webpki_verifier(Arc::clone(&known))
            .with_client_auth_cert(chain, key)
            .map_err(IdentityError::Pair)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok((Arc::new(config), Known(known)))
    }

    /// For the end that is connected to, and what it lets in.
    pub(super) fn server(
        &self,
        content: &Content,
        allow: &[String],
    ) -> Result<(Arc<ServerConfig>, Arc<Admission>), IdentityError> {
        let roots = Arc::new(self.roots(content)?);
        let by_authority = WebPkiClientVerifier::builder_with_provider(roots, provider())
            .with_crls(self.revoked(content)?)
            .allow_unknown_revocation_status()
            .build()
            .map_err(|error| IdentityError::Setup(error.to_string()))?;
        let admission = Arc::new(Admission { by_authority, allow: allow.to_vec() });
        let verifier: Arc<dyn ClientCertVerifier> = Arc::clone(&admission) as _;
        let (chain, key) = self.pair(content)?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| IdentityError::Setup(error.to_string()))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(IdentityError::Pair)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok((Arc::new(config), admission))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(file: &Path, content: &[u8]) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(content).collect();
    let certificates = read.map_err(|error| unusable(file, &error))?;
    if certificates.is_empty() {
        return Err(unusable(file, &"it has no certificate"));
    }
    Ok(certificates)
}

pub(super) fn unusable(file: &Path, reason: &dyn std::fmt::Display) -> IdentityError {
    IdentityError::Content { file: file.to_owned(), reason: reason.to_string() }
}

/// The names (URI or DNS) in a certificate; none when it cannot be read.
pub(super) fn names(certificate: &CertificateDer<'_>) -> BTreeSet<String> {
    let Ok(certificate) = webpki::EndEntityCert::try_from(certificate) else { return BTreeSet::new() };
    certificate.valid_uri_names().chain(certificate.valid_dns_names()).map(str::to_owned).collect()
}

/// By what the end that connects knows the other one.
#[derive(Debug)]
pub(super) struct Known(Arc<WebPkiServerVerifier>);

impl Known {
    /// Whether a certificate with which somebody is connected already is revoked by now. Another authority is no reason to
    /// break off what is under way: that one goes over by itself.
    pub fn has_revoked(&self, chain: &[CertificateDer<'_>], name: &ServerName<'_>) -> bool {
        let Some((own, others)) = chain.split_first() else { return false };
        let verified = self.0.verify_server_cert(own, others, name, &[], UnixTime::now());
        matches!(verified, Err(Error::InvalidCertificate(CertificateError::Revoked)))
    }
}

/// Lets in whose certificate comes from one of the authorities and has a name (URI or DNS) that is on the list.
#[derive(Debug)]
pub(super) struct Admission {
    by_authority: Arc<dyn ClientCertVerifier>,
    allow: Vec<String>,
}

impl Admission {
    fn is_listed(&self, certificate: &CertificateDer<'_>) -> bool {
        let names = names(certificate);
        self.allow.iter().any(|allowed| names.contains(allowed))
    }

    /// Whether who is connected already would be let in now.
    pub fn still_admits(&self, chain: &[CertificateDer<'_>]) -> bool {
        chain.split_first().is_some_and(|(own, others)| self.verify_client_cert(own, others, UnixTime::now()).is_ok())
    }
}

impl ClientCertVerifier for Admission {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.by_authority.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.by_authority.verify_client_cert(own, others, now)?;
        if self.is_listed(own) {
            Ok(verified)
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_authority.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_authority.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_authority.supported_verify_schemes()
    }
}
