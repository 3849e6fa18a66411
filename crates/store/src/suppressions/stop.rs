//! STOP and START: what a subscriber wrote to a SADDR holds for every workspace that sends with it.

use std::sync::Arc;

use domain::{phone::PhoneNumber, sender::Saddr, suppression::Source};

use super::change::{Added, Change, What};
use crate::{Error, Reason, SystemDoor, audit::Event, senders};

/// Puts the subscriber onto the list of every workspace that uses the SADDR; gives how many lists are longer now.
/// Repeating it changes nothing.
pub async fn by_stop(door: &SystemDoor, saddr: &Saddr, number: PhoneNumber) -> Result<u64, Error> {
    let entry = || Added { source: Source::Stop, at_ms: door.inner().now_ms(), by: Arc::from("") };
    everywhere(door, saddr, number, "suppressions.stopped", || What::Add(entry())).await
}

/// Takes the subscriber off again, as far as a STOP put them there: what people or files put there stays.
pub async fn by_start(door: &SystemDoor, saddr: &Saddr, number: PhoneNumber) -> Result<u64, Error> {
    everywhere(door, saddr, number, "suppressions.restarted", || What::Remove(Some(Source::Stop))).await
}

async fn everywhere(
    door: &SystemDoor,
    saddr: &Saddr,
    number: PhoneNumber,
    action: &'static str,
    what: impl Fn() -> What,
) -> Result<u64, Error> {
    let mut changed = 0;
    for workspace in senders::users_of(door.inner(), saddr).await? {
        let scope = door.enter(workspace, Reason::Inbound);
        let event = Event::new(scope.actor(), scope.origin(), action).on("workspace", &workspace).change(
            "saddr",
            None,
            Some(saddr.to_string()),
        );
        let change = Change { workspace, numbers: &[number], what: what() };
        changed += change.commit(scope.inner(), event, |_| {}).await?;
    }
    Ok(changed)
}
