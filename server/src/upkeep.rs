//! What comes due by the clock, whoever asks for a page: ends of temporary roles, requests that ran out, answers that are
//! given no more, sessions and links that are over, and what was sent so long ago that no policy counts it.

use std::time::{Duration, Instant};

use store::{Error, SystemDoor};
use tokio_util::sync::CancellationToken;

/// Roles are over at their end, whether it is written or not: nobody waits for this.
const EVERY: Duration = Duration::from_secs(60);

/// Goes on until it is stopped.
pub async fn run(door: SystemDoor, stop: CancellationToken) {
    let mut looked_at = Instant::now();
    while !stop.is_cancelled() {
        if let Err(cause) = once(&door, &mut looked_at).await {
            tracing::warn!(%cause, "what has come due cannot be written yet");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn once(door: &SystemDoor, looked_at: &mut Instant) -> Result<(), Error> {
    let ended = door.end_temporary_roles().await?;
    if ended > 0 {
        tracing::info!(roles = ended, "temporary roles ended");
    }
    door.forget_old_join_requests().await?;
    let answers = door.forget_idempotency().await?;
    tracing::debug!(records = answers, "answers that programs are given no more were removed");
    let over = door.tidy_identity().await?;
    tracing::debug!(records = over, "sessions, challenges and links that are over were removed");
    if let Err(cause) = door.settle_sent().await {
        tracing::warn!(%cause, "what was sent lately stays in memory for now");
    }
    let now = Instant::now();
    // A machine that slept has not run.
    let ran_for = now.duration_since(std::mem::replace(looked_at, now)).min(EVERY * 10);
    door.forget_sent(ran_for).await?;
    Ok(())
}
