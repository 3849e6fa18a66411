//! What people do to links, on record. How a link is configured is no data of the store.

use domain::permission::kind;

use crate::{
    Error, Granted,
    audit::{Chain, Event},
};

/// Puts on record that this person lets a link that was stopped try again.
pub async fn restarted(scope: &Granted<kind::ManageInstallation>, link: &str) -> Result<(), Error> {
    let event = Event::new(scope.actor(), scope.origin(), "link.restarted").on("link", &link);
    scope.inner().audited(Chain::Installation, event, |tx| scope.rely_on(tx)).await
}
