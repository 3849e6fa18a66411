//! Whom an SMS Core serves: one Message Center at a time, known by the names in its certificate.
//!
//! Receipts go to whoever asks for them. Two who ask would take each other's, acknowledge them as those of nobody, and
//! neither would ever hear of its messages.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Served(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// Names in the certificates of its connections.
    names: BTreeSet<String>,
    connections: usize,
    /// Who was turned away last, so that it is logged once.
    refused: BTreeSet<String>,
}

/// A connection of the one that is served.
#[derive(Debug)]
pub(super) struct Guest(Served);

impl Served {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection with a certificate of these names begins.
    ///
    /// # Errors
    /// Words for the one that connects: another one is served until its last connection has ended.
    pub fn come_in(&self, names: &BTreeSet<String>) -> Result<Guest, String> {
        let mut inner = self.inner();
        if inner.connections > 0 && inner.names.is_disjoint(names) {
            let served = listed(&inner.names);
            if inner.refused != *names {
                tracing::warn!(refused = listed(names), %served, "another Message Center is turned away: an SMS Core serves one");
                inner.refused.clone_from(names);
            }
            return Err(format!(
                "this SMS Core serves one Message Center, and {served} is connected to it: give each its own SMS Core, and \
                 leave only its name in `allow`"
            ));
        }
        if inner.connections == 0 {
            inner.names.clear();
            inner.refused.clear();
        }
        inner.connections += 1;
        inner.names.extend(names.iter().cloned());
        Ok(Guest(self.clone()))
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.inner().connections -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_served_until_its_last_connection_has_ended() {
        let served = Served::default();
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let (one, other) = (names(&["urn:one", "one.example"]), names(&["urn:other"]));
        let first = served.come_in(&one).unwrap();
        // A renewed certificate needs one of the same names.
        let second = served.come_in(&names(&["one.example"])).unwrap();
        let words = served.come_in(&other).unwrap_err();
        assert!(words.contains("one.example, urn:one is connected"), "{words}");
        drop(first);
        assert!(served.come_in(&other).is_err());
        drop(second);
        let third = served.come_in(&other).unwrap();
        assert!(served.come_in(&one).is_err());
        drop(third);
    }
}
