//! Password hashing, off the async threads and bounded, so that sign-ins cannot starve other pages.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Error;

/// Hashes computed at the same time: each takes 19 MiB and some 20 ms of a processor.
const PARALLEL: usize = 1;
/// Hashes that may wait for that: some seconds' worth. Whoever comes then is told to come again.
const PLACES: usize = 100;

#[derive(Debug)]
pub(crate) struct Hasher {
    places: Arc<Semaphore>,
    permits: Arc<Semaphore>,
    /// Verified against when there is no account, so that the answer takes as long.
    decoy: String,
}

/// A place in the queue of those whose password is hashed.
#[derive(Debug)]
pub(crate) struct Place {
    _held: OwnedSemaphorePermit,
}

impl Hasher {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            places: Arc::new(Semaphore::new(PLACES)),
            permits: Arc::new(Semaphore::new(PARALLEL)),
            decoy: hash("no account has this password")?,
        })
    }

    /// [`Error::Busy`] when too many wait already.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        let held = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        Ok(Place { _held: held })
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        let place = self.place()?;
        self.blocking(place, move || hash(&password)).await?
    }

    /// Whether the password matches; without a stored hash false, after the same work.
    pub(crate) async fn verify(&self, place: Place, password: String, stored: Option<String>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let matches = self.blocking(place, move || verify(&password, &stored)).await??;
        Ok(matches && known)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        _place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
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
        assert!(
            hasher.verify(hasher.place().unwrap(), "correct horse battery".into(), Some(stored.clone())).await.unwrap()
        );
        assert!(!hasher.verify(hasher.place().unwrap(), "correct horse batterz".into(), Some(stored)).await.unwrap());
    }

    #[tokio::test]
    async fn who_comes_when_every_place_is_taken_is_told_so() {
        let hasher = Hasher::new().unwrap();
        let places: Vec<_> = (0..PLACES).map(|_| hasher.place().unwrap()).collect();
        assert!(matches!(hasher.hash("correct horse battery".into()).await, Err(Error::Busy)));
        drop(places);
        assert!(hasher.place().is_ok());
    }

    #[tokio::test]
    async fn nothing_matches_where_there_is_no_account() {
        let hasher = Hasher::new().unwrap();
        assert!(!hasher.verify(hasher.place().unwrap(), "no account has this password".into(), None).await.unwrap());
    }
}
