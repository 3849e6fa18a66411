//! Certificates for a first installation: an authority, and one certificate for each end.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType,
};

use super::revocation::{LIST, RevokeError, revoke};

/// Why no certificates were made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("{} is there already; certificates are not replaced, choose another folder", .0.display())]
    Exists(PathBuf),
    #[error("{} cannot be written", file.display())]
    Write { file: PathBuf, source: io::Error },
    #[error("“{0}” is no host name or address")]
    Host(String),
    #[error("certificates cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    #[error("the list of revoked certificates cannot be made")]
    List(#[from] RevokeError),
}

/// The files that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub ca: PathBuf,
    /// Of SMS Core.
    pub core: (PathBuf, PathBuf),
    /// Of Message Center.
    pub center: (PathBuf, PathBuf),
    /// The certificates that the authority has revoked: none yet.
    pub crl: PathBuf,
    /// The name of Message Center, for the list of who is let in.
    pub center_name: String,
}

/// The name of Message Center in its certificate.
const CENTER_NAME: &str = "urn:message-center:center";
const CORE_NAME: &str = "urn:message-center:core";
/// Days for which certificates are good; the authority ten times as long.
pub(super) const DAYS: i64 = 825;
/// Names of files.
pub(super) const AUTHORITY: &str = "ca.crt";
pub(super) const AUTHORITY_KEY: &str = "ca.key";

/// Makes an authority and two certificates in a folder. `hosts`: the names and addresses under which SMS Core is reached.
/// Keys are readable by their owner only, and nothing that exists is touched.
///
/// # Errors
/// [`IssueError`]; files that were made before stay.
pub fn issue(folder: &Path, hosts: &[String]) -> Result<Issued, IssueError> {
    std::fs::create_dir_all(folder).map_err(|source| IssueError::Write { file: folder.to_owned(), source })?;
    let file = |name: &str| folder.join(name);
    let issued = Issued {
        ca: file(AUTHORITY),
        core: (file("core.crt"), file("core.key")),
        center: (file("center.crt"), file("center.key")),
        crl: file(LIST),
        center_name: CENTER_NAME.to_owned(),
    };
    let ca_key = file(AUTHORITY_KEY);
    let all = [&issued.ca, &ca_key, &issued.crl, &issued.core.0, &issued.core.1, &issued.center.0, &issued.center.1];
    if let Some(there) = all.into_iter().find(|file| file.exists()) {
        return Err(IssueError::Exists(there.clone()));
    }
    let authority = authority()?;
    write(&issued.ca, &authority.pem(), false)?;
    write(&ca_key, &authority.key().serialize_pem(), true)?;
    let (certificate, key) = leaf(&authority, "SMS Core", CORE_NAME, hosts, ExtendedKeyUsagePurpose::ServerAuth, DAYS)?;
    write(&issued.core.0, &certificate, false)?;
    write(&issued.core.1, &key, true)?;
    let (certificate, key) =
        leaf(&authority, "Message Center", CENTER_NAME, &[], ExtendedKeyUsagePurpose::ClientAuth, DAYS)?;
    write(&issued.center.0, &certificate, false)?;
    write(&issued.center.1, &key, true)?;
    revoke(folder, &[])?;
    Ok(issued)
}

/// An authority with its key.
fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, IssueError> {
    let key = KeyPair::generate()?;
    Ok(CertifiedIssuer::self_signed(authority_params(&authority_name(&key)), key)?)
}

/// What authorities were called before each had a name of its own.
pub(super) const AUTHORITY_NAME: &str = "Message Center authority";

/// A name of its own: revocation lists are found by the name of who signed them, and two authorities of one name would be
/// taken for each other. Behind it stands the end of the key, which is as good as random.
pub(super) fn authority_name(key: &KeyPair) -> String {
    let spki = key.subject_public_key_info();
    let end = spki.iter().rev().take(8).map(|octet| format!("{octet:02x}"));
    format!("{AUTHORITY_NAME} {}", end.collect::<String>())
}

pub(super) fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(name, DAYS * 10);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A certificate and its key, as PEM, good from a day ago for `days` days.
fn leaf(
    authority: &CertifiedIssuer<'static, KeyPair>,
    common_name: &str,
    uri: &str,
    hosts: &[String],
    purpose: ExtendedKeyUsagePurpose,
    days: i64,
) -> Result<(String, String), IssueError> {
    let mut params = params(common_name, days);
    params.subject_alt_names.push(SanType::URI(uri.try_into()?));
    for host in hosts {
        let name = match host.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(host.as_str().try_into().map_err(|_| IssueError::Host(host.clone()))?),
        };
        params.subject_alt_names.push(name);
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![purpose];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

fn params(common_name: &str, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, common_name);
    let now = time::OffsetDateTime::now_utc();
    // A day of patience with clocks that are behind.
    params.not_before = now - time::Duration::days(1);
    params.not_after = now + time::Duration::days(days);
    params
}

fn write(file: &Path, content: &str, secret: bool) -> Result<(), IssueError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    let written = options.open(file).and_then(|mut open| open.write_all(content.as_bytes()));
    written.map_err(|source| IssueError::Write { file: file.to_owned(), source })
}
