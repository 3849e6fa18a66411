//! Removing what deleted workspaces left behind: files first, then records. What a crash cut off goes on at the next start.

use std::time::Duration;

use engine::{exports::Exports, intake::Intake};
use store::{Error, SystemDoor, workspaces::removal};
use tokio_util::sync::CancellationToken;

/// How often it is looked whether a workspace was deleted.
const LOOK: Duration = Duration::from_secs(5);

/// Goes on until it is stopped.
pub async fn run(door: SystemDoor, intake: Intake, exports: Exports, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // Whatever failed is tried again at the next look.
        if let Err(cause) = finish_all(&door, &intake, &exports).await {
            tracing::warn!(%cause, "what a deleted workspace left behind cannot be removed yet");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn finish_all(door: &SystemDoor, intake: &Intake, exports: &Exports) -> Result<(), Error> {
    for workspace in removal::unfinished(door).await? {
        let removed = intake.spool().remove_all(workspace).await;
        removed.map_err(|cause| Error::Setup(format!("files of uploads cannot be removed: {cause}")))?;
        let removed = exports.files().remove_all(workspace).await;
        removed.map_err(|cause| Error::Setup(format!("files of exports cannot be removed: {cause}")))?;
        removal::finish(door, workspace).await?;
    }
    Ok(())
}
