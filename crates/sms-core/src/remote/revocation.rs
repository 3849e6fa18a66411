//! Certificates that are revoked before their time: lists that authorities sign (RFC 5280 §5), in a PEM file.
//!
//! A list that is out of date goes on counting: what it revokes stays revoked, and whoever is not on it is let in. To
//! refuse everybody would stop all sending because somebody forgot to renew a file. It is said in the log once a day, and
//! in diagnostics. Certificates of an authority without a list are let in, too, so that going over to another authority
//! needs no list on the first day.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rcgen::{CertificateRevocationListParams, Issuer, KeyIdMethod, KeyPair, PublicKeyData, RevokedCertParams};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime, pem::PemObject};
use time::OffsetDateTime;

use super::{
    identity::{IdentityError, unusable},
    issue::{AUTHORITY, AUTHORITY_KEY, AUTHORITY_NAME, DAYS, authority_name, authority_params},
};
use crate::certificate;

/// How often it is said that a list is out of date.
const REMIND: Duration = Duration::from_secs(24 * 3_600);
/// The list of an authority that was made here, beside it.
pub(super) const LIST: &str = "crl.pem";

/// The lists of a file; a file without one is none that anybody meant.
pub(super) fn lists(file: &Path, content: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, IdentityError> {
    let read: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(content).collect();
    let lists = read.map_err(|error| unusable(file, &error))?;
    if lists.is_empty() {
        return Err(unusable(file, &"it has no revocation list"));
    }
    let mut issuers: Vec<Vec<u8>> = Vec::with_capacity(lists.len());
    for list in &lists {
        let read = webpki::BorrowedCertRevocationList::from_der(list).map_err(|error| unusable(file, &error))?;
        let issuer = webpki::CertRevocationList::from(read).issuer().to_vec();
        // Only the first would be asked, and what the other revokes be let in.
        if issuers.contains(&issuer) {
            return Err(unusable(file, &"it has two revocation lists of one authority; keep the newer one alone"));
        }
        issuers.push(issuer);
    }
    Ok(lists)
}

/// Says in the log that a list is out of date.
#[derive(Debug, Default)]
pub(super) struct Reminder(Option<Instant>);

impl Reminder {
    /// `content`: what the file has; whether something was said.
    pub fn look(&mut self, file: Option<&Path>, content: Option<&[u8]>) -> bool {
        let (Some(file), Some(content)) = (file, content) else { return false };
        let end_s = certificate::first_list_end_s(content);
        let now_s = UnixTime::now().as_secs();
        if end_s.is_none_or(|end_s| end_s >= now_s.cast_signed()) || self.0.is_some_and(|said| said.elapsed() < REMIND)
        {
            return false;
        }
        self.0 = Some(Instant::now());
        tracing::warn!(
            file = %file.display(),
            "a list of revoked certificates is out of date: what it revokes stays revoked, and what was revoked since is not \
             known; put a newer one in place of it",
        );
        true
    }
}

/// Why no certificate was revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    #[error("{} cannot be read", file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("{} cannot be written", file.display())]
    Write { file: PathBuf, source: io::Error },
    #[error("{} has no certificate or list that can be read", .0.display())]
    Content(PathBuf),
    #[error("{} is not of the authority in this folder", .0.display())]
    Foreign(PathBuf),
    #[error("{} is the authority itself: take it out of ca on both ends instead", .0.display())]
    Authority(PathBuf),
    #[error("{} is not the key of the authority beside it", .0.display())]
    Key(PathBuf),
    #[error("the authority in this folder was not made by `certs init`: make the list with what made the authority")]
    OtherAuthority,
    #[error("the list cannot be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    pub list: PathBuf,
    /// Certificates on it.
    pub certificates: usize,
}

/// Puts certificates onto the list of the authority that [`super::issue`] made in a folder. What is on it stays on it; with
/// none the list is made anew, good from now on.
///
/// # Errors
/// [`RevokeError`]; then the list is as it was.
pub fn revoke(folder: &Path, certificates: &[PathBuf]) -> Result<Revoked, RevokeError> {
    let (ca_file, list) = (folder.join(AUTHORITY), folder.join(LIST));
    let ca = certificate_in(&ca_file)?;
    let anchor = webpki::anchor_from_trusted_cert(&ca).map_err(|_| RevokeError::Content(ca_file.clone()))?;
    let issuer = authority_in(folder, &ca, &anchor.subject_public_key_info)?;
    let now = OffsetDateTime::now_utc();
    let Kept { mut revoked, others } = kept(&list, &anchor.subject)?;
    for file in certificates {
        let certificate = certificate_in(file)?;
        if certificate == ca {
            return Err(RevokeError::Authority(file.clone()));
        }
        let read = webpki::EndEntityCert::try_from(&certificate).map_err(|_| RevokeError::Content(file.clone()))?;
        if read.issuer() != anchor.subject.as_ref() {
            return Err(RevokeError::Foreign(file.clone()));
        }
        let serial = without_zeros(read.serial());
        if !revoked.iter().any(|known| without_zeros(known.serial_number.as_ref()) == serial) {
            revoked.push(RevokedCertParams {
                serial_number: serial.to_vec().into(),
                revocation_time: now,
                reason_code: None,
                invalidity_date: None,
            });
        }
    }
    let certificates = revoked.len();
    let made = CertificateRevocationListParams {
        // A day of patience with clocks that are behind.
        this_update: now - time::Duration::days(1),
        next_update: now + time::Duration::days(DAYS),
        // It only ever grows, as the number of a list has to.
        crl_number: now.unix_timestamp().unsigned_abs().into(),
        issuing_distribution_point: None,
        revoked_certs: revoked,
        key_identifier_method: KeyIdMethod::Sha256,
    }
    .signed_by(&issuer)?;
    let is_of_anchor = webpki::BorrowedCertRevocationList::from_der(made.der())
        .is_ok_and(|read| webpki::CertRevocationList::from(read).issuer() == anchor.subject.as_ref());
    if !is_of_anchor {
        return Err(RevokeError::OtherAuthority);
    }
    let content = std::iter::once(made.pem()?).chain(others).collect::<String>();
    replace(&list, &content).map_err(|source| RevokeError::Write { file: list.clone(), source })?;
    Ok(Revoked { list, certificates })
}

fn read(file: &Path) -> Result<Vec<u8>, RevokeError> {
    std::fs::read(file).map_err(|source| RevokeError::Read { file: file.to_owned(), source })
}

fn certificate_in(file: &Path) -> Result<CertificateDer<'static>, RevokeError> {
    CertificateDer::from_pem_slice(&read(file)?).map_err(|_| RevokeError::Content(file.to_owned()))
}

fn authority_in(folder: &Path, ca: &[u8], public_key: &[u8]) -> Result<Issuer<'static, KeyPair>, RevokeError> {
    let file = folder.join(AUTHORITY_KEY);
    let key = String::from_utf8(read(&file)?).map_err(|_| RevokeError::Key(file.clone()))?;
    let key = KeyPair::from_pem(&key).map_err(|_| RevokeError::Key(file.clone()))?;
    // That of the certificate is without what says how long it is.
    if !key.subject_public_key_info().ends_with(public_key) {
        return Err(RevokeError::Key(file));
    }
    let own = authority_name(&key);
    let has_own = ca.windows(own.len()).any(|octets| octets == own.as_bytes());
    let name = if has_own { &own } else { AUTHORITY_NAME };
    Ok(Issuer::new(authority_params(name), key))
}

/// Around a list in a PEM file (RFC 7468 §6).
const BEGIN: &str = "-----BEGIN X509 CRL-----";
const END: &str = "-----END X509 CRL-----";

/// What the file of a list has already.
#[derive(Default)]
struct Kept {
    /// What this authority has revoked.
    revoked: Vec<RevokedCertParams>,
    /// The lists of other authorities (PEM), which stay as they are.
    others: Vec<String>,
}

fn kept(file: &Path, issuer: &[u8]) -> Result<Kept, RevokeError> {
    let content = match std::fs::read(file) {
        Ok(content) => content,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
        Err(source) => return Err(RevokeError::Read { file: file.to_owned(), source }),
    };
    let failed = || RevokeError::Content(file.to_owned());
    let content = String::from_utf8(content).map_err(|_| failed())?;
    let mut kept = Kept::default();
    let lists = content.split_inclusive(END).filter_map(|text| text.find(BEGIN).and_then(|begin| text.get(begin..)));
    for text in lists.clone() {
        let der = CertificateRevocationListDer::from_pem_slice(text.as_bytes()).map_err(|_| failed())?;
        let read = || webpki::BorrowedCertRevocationList::from_der(&der).map_err(|_| failed());
        if webpki::CertRevocationList::from(read()?).issuer() != issuer {
            kept.others.push(format!("{text}\n"));
            continue;
        }
        for entry in &read()? {
            let entry = entry.map_err(|_| failed())?;
            let at_s = i64::try_from(entry.revocation_date.as_secs()).map_err(|_| failed())?;
            let serial = without_zeros(entry.serial_number);
            if kept.revoked.iter().any(|known| known.serial_number.as_ref() == serial) {
                continue;
            }
            kept.revoked.push(RevokedCertParams {
                serial_number: serial.to_vec().into(),
                revocation_time: OffsetDateTime::from_unix_timestamp(at_s).map_err(|_| failed())?,
                reason_code: None,
                invalidity_date: None,
            });
        }
    }
    if lists.count() == 0 { Err(failed()) } else { Ok(kept) }
}

/// DER has a zero before a number whose first bit is set.
fn without_zeros(serial: &[u8]) -> &[u8] {
    let first = serial.iter().position(|octet| *octet != 0).unwrap_or(serial.len());
    &serial[first..]
}

/// Never a file that is half there: it is looked at every two seconds.
fn replace(file: &Path, content: &str) -> io::Result<()> {
    let fresh = file.with_extension("new");
    let mut written = File::create(&fresh)?;
    written.write_all(content.as_bytes())?;
    written.sync_all()?;
    std::fs::rename(&fresh, file)
}
