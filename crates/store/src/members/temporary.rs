//! Writes the ends of temporary roles. They are over by the clock before that; the record and the audit log follow.

use domain::{
    audit::{Actor, Origin},
    members::Tenure,
};
use surrealdb::types::Variables;

use super::{Membership, roles::put, tenure_changes};
use crate::{
    Error,
    access::Inner,
    audit::{Chain, Event},
};

/// Ends what is due, and says how many there were.
pub(crate) async fn end_due(inner: &Inner) -> Result<u32, Error> {
    let now_ms = inner.now_ms();
    let mut vars = Variables::new();
    vars.insert("now", now_ms);
    let due: Vec<Membership> =
        inner.db.docs("SELECT VALUE doc FROM membership WHERE ends_at_ms > 0 AND ends_at_ms <= $now", vars).await?;
    let mut ended = 0;
    for membership in due {
        let before = membership.tenure();
        let after = before.in_the_end().map(Tenure::lasting);
        let actor = Actor::System { reason: "temporary role".into() };
        let event = Event::new(actor, Origin::default(), "member.temporary_ended").on("member", &membership.user);
        let event = tenure_changes(event, Some(before), after);
        let outcome =
            inner.audited(Chain::Workspace(membership.workspace), event, |tx| put(tx, &membership, after)).await;
        match outcome {
            Ok(()) => ended += 1,
            // Changed by somebody in this moment, who saw it as it is.
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(ended)
}
