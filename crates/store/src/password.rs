//! Password hashing, off the async threads and bounded, so that sign-ins cannot starve other pages.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::password::Rules;
use tokio::sync::Semaphore;

use crate::Error;

/// Refuses a password that is too short, common, or the address itself.
pub(crate) fn check(password: &str, email: &str) -> Result<(), Error> {
    Rules::new(LENGTH_MIN).check(password, email).map_err(|refusal| Error::invalid("password", refusal.to_string()))
}

/// Characters of a password at least (NIST SP 800-63B asks for 8; longer is advised on the page).
const LENGTH_MIN: usize = 8;
/// Hashes computed at the same time: each takes 19 MiB and some 20 ms of a processor.
const PARALLEL: usize = 1;

#[derive(Debug)]
pub(crate) struct Hasher {
    permits: Arc<Semaphore>,
    /// Verified against when there is no account, so that the answer takes as long.
    decoy: String,
}

impl Hasher {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self { permits: Arc::new(Semaphore::new(PARALLEL)), decoy: hash("no account has this password")? })
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        self.blocking(move || hash(&password)).await?
    }

    /// Whether the password matches; without a stored hash false, after the same work.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let matches = self.blocking(move || verify(&password, &stored)).await??;
        Ok(matches && known)
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Error::Unavailable)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Unavailable)
    }
}

/// argon2id with m=19456, t=2, p=1 (the crate's defaults, OWASP's minimum).
fn hash(password: &str) -> Result<String, Error> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|cause| Error::Setup(format!("cannot hash a password: {cause}")))?;
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, Error> {
    let parsed = PasswordHash::new(stored).map_err(|_| Error::Corrupt)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_that_was_hashed_matches() {
        let hasher = Hasher::new().unwrap();
        let stored = hasher.hash("correct horse battery".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify("correct horse battery".into(), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify("correct horse batterz".into(), Some(stored)).await.unwrap());
    }

    #[tokio::test]
    async fn nothing_matches_where_there_is_no_account() {
        let hasher = Hasher::new().unwrap();
        assert!(!hasher.verify("no account has this password".into(), None).await.unwrap());
    }
}
