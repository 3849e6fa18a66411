//! What is done from time to time: what waits is told to the registry, events are followed up, and everything that the
//! registry has is asked for again, which repairs what webhooks missed.

use std::time::Duration;

use store::tendlc::{brands, campaigns, events, numbers};
use tokio_util::sync::CancellationToken;

use super::{Registrations, Trouble, refusal};

/// Between two looks at what waits, unless there are news.
const LOOK: Duration = Duration::from_secs(5);
/// Between two questions for everything.
const ASK_ALL_MS: i64 = 5 * 60_000;
/// What the registry sends webhooks about.
const CATEGORIES: [&str; 3] = ["BRAND", "CAMPAIGN", "VETTING"];

impl Registrations {
    /// Goes on until it is stopped. Without a registry there is nothing to do.
    pub async fn run(self, stop: CancellationToken) {
        if !self.is_on() {
            return;
        }
        let mut subscribed = false;
        let mut asked_at_ms = i64::MIN;
        while !stop.is_cancelled() {
            subscribed = subscribed || self.subscribe().await;
            let now_ms = self.0.door.clock().now_ms();
            let due = now_ms >= asked_at_ms.saturating_add(ASK_ALL_MS);
            let work = async {
                self.round().await?;
                if due {
                    self.ask_all().await?;
                }
                Ok::<(), Trouble>(())
            };
            tokio::select! {
                () = stop.cancelled() => break,
                done = work => match done {
                    Ok(()) if due => asked_at_ms = now_ms,
                    Ok(()) => {}
                    // Whatever failed is tried again at the next look.
                    Err(error) => tracing::warn!(%error, "a round of the 10DLC registry did not come to its end"),
                },
            }
            tokio::select! {
                () = stop.cancelled() => {}
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
        for brand in brands::unfinished(&self.0.door).await? {
            keep_on(self.settle_brand(brand.workspace, brand.id).await)?;
        }
        for campaign in campaigns::unfinished(&self.0.door).await? {
            keep_on(self.settle_campaign(campaign.workspace, campaign.id).await)?;
        }
        for number in numbers::unfinished(&self.0.door).await? {
            keep_on(self.settle_number(number.workspace, number.number).await)?;
        }
        Ok(())
    }

    /// Asks the registry for everything that it has.
    pub async fn ask_all(&self) -> Result<(), Trouble> {
        for brand in brands::live(&self.0.door).await? {
            keep_on(self.settle_brand(brand.workspace, brand.id).await)?;
        }
        for campaign in campaigns::live(&self.0.door).await? {
            keep_on(self.settle_campaign(campaign.workspace, campaign.id).await)?;
        }
        Ok(events::forget_old(&self.0.door).await?)
    }
}

/// One that is refused, or gone, does not keep the others from their turn; a registry or a store that does not answer does.
fn keep_on<T>(done: Result<T, Trouble>) -> Result<(), Trouble> {
    match done {
        Ok(_) => Ok(()),
        Err(Trouble::Registry(error)) if refusal(&error).is_some() => Ok(()),
        Err(Trouble::Store(store::Error::NotFound | store::Error::Moved)) => Ok(()),
        Err(Trouble::Store(error @ (store::Error::Stale { .. } | store::Error::Corrupt))) => {
            tracing::error!(%error, "a record of 10DLC cannot be told to the registry");
            Ok(())
        }
        Err(other) => Err(other),
    }
}
