//! The job that empties the outbox. It looks every other second, and less often while the mail server cannot be used.

use std::time::Duration;

use store::{Error, SystemDoor, notices::Failure};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Mailer;
use crate::metrics::{MAILS_FAILED, MAILS_SENT};

const LOOK: Duration = Duration::from_secs(2);
const DOWN_FIRST: Duration = Duration::from_secs(5);
const DOWN_LONGEST: Duration = Duration::from_secs(60);
/// How often what is old is removed, by the installation's clock.
const TIDY_MS: i64 = 3_600_000;

/// How a look into the outbox ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Nothing that is due is left.
    Idle,
    /// The mail server cannot be used; what is due waits.
    Down,
}

/// The running job.
#[derive(Debug)]
pub struct Job {
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Job {
    /// Without a mailer nothing is sent; what is old is removed all the same.
    #[must_use]
    pub fn start(door: SystemDoor, mailer: Option<Mailer>) -> Self {
        let stop = CancellationToken::new();
        let running = tokio::spawn(run(door, mailer, stop.clone()));
        Self { stop, running }
    }

    /// The mail on its way gets this long; one that was cut off is sent again after the next start.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.cancel();
        if timeout(grace, &mut self.running).await.is_err() {
            self.running.abort();
        }
    }
}

async fn run(door: SystemDoor, mailer: Option<Mailer>, stop: CancellationToken) {
    let mut tidied_at_ms = i64::MIN;
    let mut wait = LOOK;
    loop {
        let now_ms = door.clock().now_ms();
        if now_ms.saturating_sub(tidied_at_ms) >= TIDY_MS {
            tidied_at_ms = now_ms;
            if let Err(error) = door.tidy_notices().await {
                tracing::warn!(%error, "old notices and mails could not be removed");
            }
        }
        let outcome = match &mailer {
            Some(mailer) => round(&door, mailer, &stop).await,
            None => Ok(Round::Idle),
        };
        wait = match outcome {
            Ok(Round::Idle) => LOOK,
            Ok(Round::Down) if wait < DOWN_FIRST => DOWN_FIRST,
            Ok(Round::Down) => (wait * 2).min(DOWN_LONGEST),
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                DOWN_FIRST
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Sends what is due, one after the other.
pub async fn round(door: &SystemDoor, mailer: &Mailer, stop: &CancellationToken) -> Result<Round, Error> {
    while !stop.is_cancelled() {
        let Some(letter) = door.next_letter().await? else { break };
        match mailer.send(&letter, door.clock().now_ms()).await {
            Ok(()) => {
                MAILS_SENT.one();
                door.letter_sent(&letter).await?;
            }
            Err(not_taken) => {
                MAILS_FAILED.one();
                let (Failure::Temporary(reason) | Failure::Permanent(reason)) = &not_taken.failure;
                tracing::warn!(mail.id = %letter.id, reason, "a mail was not taken");
                door.letter_failed(&letter, &not_taken.failure).await?;
                if not_taken.down {
                    return Ok(Round::Down);
                }
            }
        }
    }
    Ok(Round::Idle)
}
