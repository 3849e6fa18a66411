//! What is done from time to time: what waits is told to the registry, events are followed up, and everything that the
//! registry has is asked for again, which repairs what webhooks missed.

use std::time::Duration;

use store::tendlc::{brands, campaigns, events, numbers};
use tcr::{Error as RegistryError, error::Cause};
use tokio_util::sync::CancellationToken;

use super::{Registrations, Trouble, refusal};

/// Between two looks at what waits, unless there are news.
const LOOK: Duration = Duration::from_secs(5);
/// Between two questions for everything.
const ASK_ALL_MS: i64 = 5 * 60_000;
/// What the registry sends webhooks about.
const CATEGORIES: [&str; 3] = ["BRAND", "CAMPAIGN", "VETTING"];

/// Has something done with each record of a list that is read in parts. A macro, since closures that borrow and give
/// futures are not known to be `Send`.
macro_rules! each {
    ($list:path, $door:expr, $one:pat => $done:expr) => {{
        let mut after = None;
        loop {
            let found = $list($door, after).await?;
            let Some(last) = found.last() else { break };
            after = Some(*last);
            for $one in found {
                keep_on($done.await)?;
            }
        }
    }};
}

impl Registrations {
    /// Goes on until it is stopped. Without a registry there is nothing to do.
    pub async fn run(self, stop: CancellationToken) {
        if !self.is_on() {
            return;
        }
        // Asking for everything takes minutes, and a suspension that came by webhook is not to wait for it.
        let work = async { tokio::join!(self.keep_following(), self.keep_asking()) };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = work => {}
        }
    }

    async fn keep_following(&self) {
        loop {
            if let Err(error) = self.follow_events().await {
                tracing::warn!(%error, "events of the 10DLC registry are followed up later");
            }
            tokio::select! {
                () = self.0.events.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn keep_asking(&self) {
        let mut subscribed = false;
        let mut asked_at_ms = i64::MIN;
        loop {
            subscribed = subscribed || self.subscribe().await;
            let mut done = self.tell_all().await;
            let now_ms = self.0.door.clock().now_ms();
            if now_ms >= asked_at_ms.saturating_add(ASK_ALL_MS) {
                let asked = self.ask_all().await;
                if asked.is_ok() {
                    asked_at_ms = now_ms;
                }
                done = done.and(asked);
            }
            // Whatever failed is tried again at the next look.
            if let Err(error) = done {
                tracing::warn!(%error, "a round of the 10DLC registry did not come to its end");
            }
            tokio::select! {
                () = self.0.news.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Has the registry send webhooks here.
    async fn subscribe(&self) -> bool {
        let webhooks = self.0.config.webhooks.as_ref().filter(|webhooks| webhooks.subscribe);
        let (Some(registry), Some(webhooks)) = (&self.0.registry, webhooks) else { return true };
        for category in CATEGORIES {
            if let Err(error) = registry.subscribe(category, &webhooks.url).await {
                tracing::warn!(%error, category, "the 10DLC registry was not asked for webhooks yet");
                return false;
            }
        }
        true
    }

    /// Follows up what has come, and tells the registry what it has still to be told. Ends early where it does not answer.
    pub async fn round(&self) -> Result<(), Trouble> {
        self.follow_events().await?;
        self.tell_all().await
    }

    async fn tell_all(&self) -> Result<(), Trouble> {
        let door = &self.0.door;
        each!(brands::unfinished, door, (workspace, id) => self.settle_brand(workspace, id));
        each!(campaigns::unfinished, door, (workspace, id) => self.settle_campaign(workspace, id));
        each!(numbers::unfinished, door, (workspace, number) => self.settle_number(workspace, number));
        Ok(())
    }

    /// Asks the registry for everything that it has.
    pub async fn ask_all(&self) -> Result<(), Trouble> {
        let door = &self.0.door;
        each!(brands::live, door, (workspace, id) => self.settle_brand(workspace, id));
        each!(campaigns::live, door, (workspace, id) => self.settle_campaign(workspace, id));
        Ok(events::forget_old(door).await?)
    }
}

/// One that is refused, or gone, or at which the registry stumbles, does not keep the others from their turn; a registry or
/// a store that does not answer at all does.
fn keep_on<T>(done: Result<T, Trouble>) -> Result<(), Trouble> {
    match done {
        Ok(_) => Ok(()),
        Err(Trouble::Registry(error)) if refusal(&error).is_some() => Ok(()),
        Err(Trouble::Store(store::Error::NotFound | store::Error::Moved)) => Ok(()),
        Err(Trouble::Store(error @ (store::Error::Stale { .. } | store::Error::Corrupt))) => {
            tracing::error!(%error, "a record of 10DLC cannot be told to the registry");
            Ok(())
        }
        Err(Trouble::Registry(error @ (RegistryError::Unreadable | RegistryError::Unavailable(Cause::Status(_))))) => {
            tracing::warn!(%error, "the 10DLC registry has no answer to one record; it is asked again");
            Ok(())
        }
        Err(other) => Err(other),
    }
}
