//! The suppression list as the reading of a file asks it: for one partition of the numbers at a time.

use std::collections::HashSet;

use domain::phone::PhoneNumber;
use store::{Error, SystemScope, suppressions};
use tokio::runtime::Handle;

/// Numbers that get no messages.
pub trait Suppression: Send + Sync {
    /// Which of these numbers they are, sorted. Called on threads that may wait.
    fn among(&self, numbers: &[u64]) -> Result<Vec<u64>, Error>;
}

impl Suppression for () {
    fn among(&self, _: &[u64]) -> Result<Vec<u64>, Error> {
        Ok(Vec::new())
    }
}

impl Suppression for HashSet<PhoneNumber> {
    fn among(&self, numbers: &[u64]) -> Result<Vec<u64>, Error> {
        let mut found: Vec<u64> = numbers
            .iter()
            .copied()
            .filter(|&number| PhoneNumber::from_u64(number).is_some_and(|number| self.contains(&number)))
            .collect();
        found.sort_unstable();
        Ok(found)
    }
}

/// The list of a workspace, as it is when a partition is asked for.
#[derive(Debug, Clone)]
pub struct StoreSuppression {
    scope: SystemScope,
    runtime: Handle,
}

impl StoreSuppression {
    /// Made within the runtime that the database works in.
    #[must_use]
    pub fn new(scope: SystemScope) -> Self {
        Self { scope, runtime: Handle::current() }
    }
}

impl Suppression for StoreSuppression {
    fn among(&self, numbers: &[u64]) -> Result<Vec<u64>, Error> {
        self.runtime.block_on(suppressions::among(&self.scope, numbers))
    }
}
