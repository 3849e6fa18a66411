//! Whom an SMS Core serves: one Message Center at a time, known by the names in its certificate and by its installation.
//!
//! Receipts go to whoever asks for them. Two who ask would take each other's, acknowledge them as those of nobody, and
//! neither would ever hear of its messages.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::id::InstallationId;

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Served(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// Names in the certificates of its connections.
    names: BTreeSet<String>,
    installation: Option<InstallationId>,
    connections: usize,
    /// Who was turned away last, so that it is logged once.
    refused: Option<(BTreeSet<String>, InstallationId)>,
}

/// A connection of the one that is served.
#[derive(Debug)]
pub(super) struct Guest(Served);

impl Served {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of this installation begins, with a certificate of these names.
    ///
    /// # Errors
    /// Words for the one that connects: another one is served until its last connection has ended.
    pub fn come_in(&self, names: &BTreeSet<String>, installation: InstallationId) -> Result<Guest, String> {
        let mut inner = self.inner();
        let same_names = !inner.names.is_disjoint(names);
        if inner.connections > 0 && !(same_names && inner.installation == Some(installation)) {
            let served = listed(&inner.names);
            let asks = Some((names.clone(), installation));
            if inner.refused != asks {
                let refused = listed(names);
                tracing::warn!(%refused, %served, same_names, "another Message Center is turned away: an SMS Core serves one");
                inner.refused = asks;
            }
            return Err(if same_names {
                format!(
                    "this SMS Core serves one Message Center, and another installation with a certificate of the same name \
                     ({served}) is connected to it: stop that one, or give each installation its own SMS Core, with a \
                     certificate of its own in `allow`"
                )
            } else {
                format!(
                    "this SMS Core serves one Message Center, and {served} is connected to it: give each its own SMS Core, \
                     and leave only its name in `allow`"
                )
            });
        }
        if inner.connections == 0 {
            inner.names.clear();
            inner.installation = Some(installation);
            inner.refused = None;
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
        let installation = InstallationId::NIL;
        let first = served.come_in(&one, installation).unwrap();
        // A renewed certificate needs one of the same names.
        let second = served.come_in(&names(&["one.example"]), installation).unwrap();
        let words = served.come_in(&other, installation).unwrap_err();
        assert!(words.contains("one.example, urn:one is connected"), "{words}");
        drop(first);
        assert!(served.come_in(&other, installation).is_err());
        drop(second);
        let third = served.come_in(&other, installation).unwrap();
        assert!(served.come_in(&one, installation).is_err());
        drop(third);
    }

    #[test]
    fn two_with_one_certificate_are_two() {
        let served = Served::default();
        let names = BTreeSet::from(["urn:one".to_owned()]);
        let [one, other] = [1_u128, 2].map(|number| format!("{number:032x}").parse::<InstallationId>().unwrap());
        let first = served.come_in(&names, one).unwrap();
        let words = served.come_in(&names, other).unwrap_err();
        assert!(words.contains("another installation") && words.contains("stop that one"), "{words}");
        drop(served.come_in(&names, one).unwrap());
        drop(first);
        let _second = served.come_in(&names, other).unwrap();
        assert!(served.come_in(&names, one).is_err());
    }
}
