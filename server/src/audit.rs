//! What keeps the audit log, beside the web server: checkpoints soon after something was recorded and at least every
//! minute, the way back from the fallback file, and retention.

use std::time::Duration;

use store::{Error, audit::Keeper};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// Records that come together are stated together.
const GATHER: Duration = Duration::from_secs(1);
/// How often it is looked whether the database is back, or a checkpoint is due.
const LOOK: Duration = Duration::from_secs(5);
const RETENTION: Duration = Duration::from_secs(6 * 3_600);

/// Goes on until it is stopped, and states where the log ends then.
pub async fn run(keeper: Keeper, stop: CancellationToken) {
    let (mut well, mut retention_due) = (true, Instant::now());
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            () = sleep(LOOK) => {}
            () = keeper.news() => tokio::select! {
                () = stop.cancelled() => break,
                () = sleep(GATHER) => {}
            },
        }
        let kept = keep(&keeper).await;
        // Said once, and not at every look.
        if well && let Err(cause) = &kept {
            tracing::error!(%cause, "the audit log cannot be kept as it should");
        }
        well = kept.is_ok();
        if well && Instant::now() >= retention_due {
            retention_due = Instant::now() + RETENTION;
            match keeper.retain().await {
                Ok(0) => {}
                Ok(records) => tracing::info!(records, "old audit records removed"),
                Err(cause) => tracing::error!(%cause, "old audit records cannot be removed"),
            }
        }
    }
    if let Err(cause) = keep(&keeper).await {
        tracing::error!(%cause, "the end of the audit log is not in its checkpoints");
    }
}

async fn keep(keeper: &Keeper) -> Result<(), Error> {
    let events = keeper.flush().await?;
    if events > 0 {
        tracing::info!(events, "audit events brought back from the fallback file");
    }
    keeper.checkpoint().await
}
