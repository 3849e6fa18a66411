//! The writer for what has no transaction of its own: failed sign-ins, lockouts, denials.

use super::{Chain, Event};
use crate::access::Inner;

impl Inner {
    /// Records an event that nothing else is committed with. What it is about has happened already and cannot be
    /// refused any more, so there is no error to hand back.
    pub(crate) async fn record(&self, chain: Chain, event: Event) {
        let action = event.action.clone();
        if let Err(cause) = self.audited(chain, event, |_| {}).await {
            tracing::error!(%cause, %action, "an event is not in the audit log");
        }
    }
}
