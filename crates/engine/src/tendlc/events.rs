//! Webhooks of the registry: kept, then followed up. What an event changes is said by [`domain::tendlc::event`].

use std::time::Duration;

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::event::{BrandNews, CampaignNews, News, Outcome},
};
use store::{
    Error,
    tendlc::{RawEvent, Subject, brands, campaigns, events, known_as},
};
use tcr::webhook::{self, WebhookError};

use super::{Registrations, Trouble};

/// An event of something that we do not know may be about what is just being registered.
const UNKNOWN_FOR_MS: i64 = 10 * 60_000;
/// The registry is waited for so long before what an event says of fewer messages counts without it.
const ANSWER_SOON: Duration = Duration::from_secs(3);

/// What came of following an event up.
enum Followed {
    With(String),
    /// The registry has to be asked, and does not answer.
    Later,
}

/// Why a webhook was not taken; nothing follows from it.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("no webhooks are expected here")]
    Off,
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    #[error(transparent)]
    Store(#[from] Error),
}

impl Registrations {
    /// Takes a webhook: verifies its signature, keeps it, and has it followed up. False: the same event was here before.
    pub async fn take_webhook(&self, signature: &str, body: &[u8]) -> Result<bool, NotTaken> {
        let webhooks = self.0.config.webhooks.as_ref().ok_or(NotTaken::Off)?;
        let received = webhook::receive(&webhooks.secret, &webhooks.url, signature, body)?;
        let new = events::receive(&self.0.door, received.event, received.canonical).await?;
        self.0.events.notify_one();
        Ok(new)
    }

    /// Has what waits looked at now.
    pub fn nudge(&self) {
        self.0.events.notify_one();
        self.0.news.notify_one();
    }

    /// Follows up what has come and not been followed up yet, in its order.
    pub(super) async fn follow_events(&self) -> Result<(), Trouble> {
        for event in events::waiting(&self.0.door).await? {
            match self.follow(&event).await {
                Ok(()) => {}
                Err(Trouble::Store(Error::Unavailable)) => return Err(Error::Unavailable.into()),
                // It does not keep the others from their turn.
                Err(error) => tracing::warn!(%error, "an event of the 10DLC registry is followed up later"),
            }
        }
        Ok(())
    }

    async fn follow(&self, event: &RawEvent) -> Result<(), Trouble> {
        let door = &self.0.door;
        let registry_id = match &event.event.news {
            News::Brand { brand, .. } => brand.to_string(),
            News::Campaign { campaign, .. } => campaign.to_string(),
            News::Other { .. } => {
                return Ok(
                    events::followed(door, event, None, "nothing that concerns a brand or 10DLC campaign").await?
                );
            }
        };
        let Some((workspace, subject)) = known_as(door, &registry_id).await? else {
            if door.clock().now_ms() - event.received_at_ms < UNKNOWN_FOR_MS {
                return Ok(events::tried(door, event, None).await?);
            }
            return Ok(events::followed(door, event, None, "of nothing that is registered here").await?);
        };
        let followed = match (subject, &event.event.news) {
            (Subject::Brand(id), News::Brand { what, .. }) => {
                Box::pin(self.follow_brand(workspace, id, event, *what)).await
            }
            (Subject::Campaign(id), News::Campaign { what, .. }) => {
                Box::pin(self.follow_campaign(workspace, id, event, *what)).await
            }
            _ => Ok(Followed::With("the id is of something else here".to_owned())),
        };
        match followed {
            Ok(Followed::With(outcome)) => Ok(events::followed(door, event, Some(workspace), &outcome).await?),
            Ok(Followed::Later) => Ok(events::tried(door, event, Some(workspace)).await?),
            // It went with its workspace, or as a draft.
            Err(Trouble::Store(Error::NotFound)) => {
                Ok(events::followed(door, event, None, "of something that is gone").await?)
            }
            Err(other) => Err(other),
        }
    }

    async fn follow_brand(
        &self,
        workspace: WorkspaceId,
        id: BrandId,
        event: &RawEvent,
        what: BrandNews,
    ) -> Result<Followed, Trouble> {
        let scope = self.scope(workspace);
        let brand = brands::load(&scope, id).await?;
        let Some(state) = brand.state else { return Ok(Followed::Later) };
        let meanwhile = match state.apply(event.event.at_ms, what) {
            // One that was tried before may have left a word that holds only until the registry is asked.
            Outcome::Nothing if event.attempts > 0 => None,
            Outcome::Nothing => return Ok(Followed::With("nothing new".to_owned())),
            Outcome::Becomes(state) => {
                brands::becomes(&scope, id, state).await?;
                return Ok(Followed::With("put on record".to_owned()));
            }
            Outcome::Ask { meanwhile } => meanwhile,
        };
        match soon(self.ask_brand(&scope, &brand)).await {
            Ok(_) => Ok(Followed::With("the registry was asked".to_owned())),
            Err(Trouble::Registry(_)) => {
                if let Some(state) = meanwhile {
                    brands::becomes(&scope, id, state).await?;
                }
                Ok(Followed::Later)
            }
            Err(other) => Err(other),
        }
    }

    async fn follow_campaign(
        &self,
        workspace: WorkspaceId,
        id: TenDlcCampaignId,
        event: &RawEvent,
        what: CampaignNews,
    ) -> Result<Followed, Trouble> {
        let scope = self.scope(workspace);
        let campaign = campaigns::load(&scope, id).await?;
        let Some(state) = &campaign.state else { return Ok(Followed::Later) };
        let words = event.event.description.as_deref();
        let meanwhile = match state.apply(event.event.at_ms, what) {
            // One that was tried before may have left a word that holds only until the registry is asked.
            Outcome::Nothing if event.attempts > 0 => None,
            Outcome::Nothing => return Ok(Followed::With("nothing new".to_owned())),
            Outcome::Becomes(state) => {
                campaigns::becomes(&scope, id, &state, words).await?;
                if what == CampaignNews::Expired {
                    self.free_numbers(&scope, id).await?;
                }
                // For the reason, which is beside the carrier's status; the news themselves stand already.
                if let Err(error) = soon(self.ask_campaign(&scope, &campaign)).await {
                    tracing::debug!(%error, "the registry was not asked for the reasons of a carrier");
                }
                return Ok(Followed::With("put on record".to_owned()));
            }
            Outcome::Ask { meanwhile } => meanwhile,
        };
        match soon(self.ask_campaign(&scope, &campaign)).await {
            Ok(_) => Ok(Followed::With("the registry was asked".to_owned())),
            Err(Trouble::Registry(_)) => {
                if let Some(state) = meanwhile {
                    campaigns::becomes(&scope, id, &state, words).await?;
                }
                Ok(Followed::Later)
            }
            Err(other) => Err(other),
        }
    }
}

/// The registry's answer, if it comes soon: what an event narrows does not wait for one that stalls.
async fn soon<T>(asked: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let stalls = || Trouble::Registry(tcr::Error::Unavailable(tcr::error::Cause::TimeOut));
    tokio::time::timeout(ANSWER_SOON, asked).await.unwrap_or_else(|_| Err(stalls()))
}
