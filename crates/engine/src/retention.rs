//! Removes the recipients of campaigns that ended long ago, where a workspace says so: files first, then records.

use std::time::Duration;

use store::{Error, SystemDoor, inbound, retention};
use tokio_util::sync::CancellationToken;

use crate::exports::Exports;

/// Nobody waits for it: days are counted.
const LOOK: Duration = Duration::from_secs(600);

/// Goes on until it is stopped.
pub async fn run(door: SystemDoor, exports: Exports, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // Whatever failed is tried again at the next look.
        if let Err(cause) = once(&door, &exports).await {
            tracing::warn!(%cause, "recipients that were kept long enough cannot be removed yet");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Marks what is due, and removes what is marked; what subscribers wrote goes at once.
pub async fn once(door: &SystemDoor, exports: &Exports) -> Result<(), Error> {
    let marked = retention::mark_due(door).await?;
    if marked > 0 {
        tracing::info!(campaigns = marked, "recipients have been kept long enough");
    }
    inbound::forget_due(door).await?;
    for removal in retention::unfinished(door).await? {
        exports.remove_of(removal.workspace, removal.campaign).await?;
        retention::finish(door, removal).await?;
    }
    Ok(())
}
