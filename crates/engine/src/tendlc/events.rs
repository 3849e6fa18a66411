//! Webhooks of the registry: kept, then followed up. What an event changes is said by [`domain::tendlc::event`].

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::event::{BrandNews, CampaignNews, News, Outcome},
};
use store::{
    Error, SystemDoor,
    tendlc::{
        RawEvent, Subject, brands, campaigns,
        events::{self, Lane},
        known_as,
    },
};
use tcr::{
    error::Cause,
    webhook::{self, WebhookError},
};
use tokio::task::JoinSet;

use super::{Registrations, Trouble};

/// An event of something that we do not know may be about what is just being registered.
const UNKNOWN_FOR_MS: i64 = 10 * 60_000;
/// The registry is waited for so long before what an event says of fewer messages counts without it.
const ANSWER_SOON: Duration = Duration::from_secs(3);
/// Brands and 10DLC campaigns whose events are followed up at once.
const AT_ONCE: usize = 8;
/// Events of which the registry was asked in vain, after which the rest waits for the next look.
const IN_VAIN_MAX: usize = 1_000;

/// What came of following an event up.
enum Followed {
    With(String),
    /// The registry has to be asked, and does not answer. `asked`: this event asked it, and none before.
    Later {
        asked: bool,
    },
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

    /// Follows up what has come and not been followed up yet: first what lets fewer messages leave, then what was tried less
    /// often, in the order in which it came. Of one brand or 10DLC campaign one after the other, of several at once. Where
    /// that takes longer it is looked again what has come meanwhile, so that a suspension waits for no queue.
    pub(super) async fn follow_events(&self) -> Result<(), Trouble> {
        let mut walk = Walk::default();
        let is_silent = Arc::new(AtomicBool::new(false));
        while walk.in_vain.len() < IN_VAIN_MAX && walk.go_on(&self.0.door).await? {
            let in_vain = self.follow_some(&mut walk.subjects, &is_silent).await?;
            walk.in_vain.extend(in_vain);
        }
        Ok(())
    }

    /// Takes out what it begins, and returns those of them of which the registry was asked in vain.
    async fn follow_some(
        &self,
        subjects: &mut VecDeque<Vec<RawEvent>>,
        is_silent: &Arc<AtomicBool>,
    ) -> Result<Vec<String>, Trouble> {
        let until = Instant::now() + ANSWER_SOON;
        let (mut in_vain, mut under_way) = (Vec::new(), JoinSet::new());
        loop {
            while under_way.len() < AT_ONCE {
                let is_time = |first: &RawEvent| first.event.news.narrows() || Instant::now() < until;
                if !subjects.front().and_then(|events| events.first()).is_some_and(is_time) {
                    break;
                }
                let Some(events) = subjects.pop_front() else { break };
                let (this, is_silent) = (self.clone(), Arc::clone(is_silent));
                under_way.spawn(async move { this.follow_in_turn(events, &is_silent).await });
            }
            match under_way.join_next().await {
                None => return Ok(in_vain),
                Some(Ok(done)) => in_vain.extend(done?),
                Some(Err(error)) => tracing::error!(%error, "following up an event of the 10DLC registry broke off"),
            }
        }
    }

    /// Returns those of which the registry was asked in vain.
    async fn follow_in_turn(&self, events: Vec<RawEvent>, is_silent: &AtomicBool) -> Result<Vec<String>, Trouble> {
        let mut in_vain = Vec::new();
        for event in events {
            match Box::pin(self.follow(&event, is_silent)).await {
                Ok(was_in_vain) => in_vain.extend(was_in_vain.then_some(event.id)),
                Err(Trouble::Store(Error::Unavailable)) => return Err(Error::Unavailable.into()),
                // It does not keep the others from their turn.
                Err(error) => tracing::warn!(%error, "an event of the 10DLC registry is followed up later"),
            }
        }
        Ok(in_vain)
    }

    /// Whether the registry was asked in vain.
    async fn follow(&self, event: &RawEvent, is_silent: &AtomicBool) -> Result<bool, Trouble> {
        let door = &self.0.door;
        let Some(registry_id) = event.registry_id() else {
            events::followed(door, event, None, "nothing that concerns a brand or 10DLC campaign").await?;
            return Ok(false);
        };
        let Some((workspace, subject)) = known_as(door, &registry_id).await? else {
            if door.clock().now_ms() - event.received_at_ms >= UNKNOWN_FOR_MS {
                events::followed(door, event, None, "of nothing that is registered here").await?;
            }
            return Ok(false);
        };
        let followed = match (subject, &event.event.news) {
            (Subject::Brand(id), News::Brand { what, .. }) => {
                Box::pin(self.follow_brand(workspace, id, event, *what, is_silent)).await
            }
            (Subject::Campaign(id), News::Campaign { what, .. }) => {
                Box::pin(self.follow_campaign(workspace, id, event, *what, is_silent)).await
            }
            _ => Ok(Followed::With("the id is of something else here".to_owned())),
        };
        match followed {
            Ok(Followed::With(outcome)) => events::followed(door, event, Some(workspace), &outcome).await?,
            Ok(Followed::Later { asked }) => {
                events::tried(door, event, workspace, asked).await?;
                return Ok(asked);
            }
            // It went with its workspace, or as a draft.
            Err(Trouble::Store(Error::NotFound)) => {
                events::followed(door, event, None, "of something that is gone").await?;
            }
            Err(other) => return Err(other),
        }
        Ok(false)
    }

    async fn follow_brand(
        &self,
        workspace: WorkspaceId,
        id: BrandId,
        event: &RawEvent,
        what: BrandNews,
        is_silent: &AtomicBool,
    ) -> Result<Followed, Trouble> {
        let scope = self.scope(workspace);
        let brand = brands::load(&scope, id).await?;
        let Some(state) = brand.state else { return Ok(Followed::Later { asked: false }) };
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
        match soon(is_silent, self.ask_brand(&scope, &brand)).await {
            (_, Ok(_)) => Ok(Followed::With("the registry was asked".to_owned())),
            (asked, Err(Trouble::Registry(_))) => {
                if let Some(state) = meanwhile {
                    brands::becomes(&scope, id, state).await?;
                }
                Ok(Followed::Later { asked })
            }
            (_, Err(other)) => Err(other),
        }
    }

    async fn follow_campaign(
        &self,
        workspace: WorkspaceId,
        id: TenDlcCampaignId,
        event: &RawEvent,
        what: CampaignNews,
        is_silent: &AtomicBool,
    ) -> Result<Followed, Trouble> {
        let scope = self.scope(workspace);
        let campaign = campaigns::load(&scope, id).await?;
        let Some(state) = &campaign.state else { return Ok(Followed::Later { asked: false }) };
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
                if let Err(error) = soon(is_silent, self.ask_campaign(&scope, &campaign)).await.1 {
                    tracing::debug!(%error, "the registry was not asked for the reasons of a carrier");
                }
                return Ok(Followed::With("put on record".to_owned()));
            }
            Outcome::Ask { meanwhile } => meanwhile,
        };
        match soon(is_silent, self.ask_campaign(&scope, &campaign)).await {
            (_, Ok(_)) => Ok(Followed::With("the registry was asked".to_owned())),
            (asked, Err(Trouble::Registry(_))) => {
                if let Some(state) = meanwhile {
                    campaigns::becomes(&scope, id, &state, words).await?;
                }
                Ok(Followed::Later { asked })
            }
            (_, Err(other)) => Err(other),
        }
    }
}

/// The registry's answer, if it comes soon, and whether it was asked: what an event narrows does not wait for a registry
/// that stalls, and of the events of one round only some find out that it does.
async fn soon<T>(
    is_silent: &AtomicBool,
    asked: impl Future<Output = Result<T, Trouble>>,
) -> (bool, Result<T, Trouble>) {
    let stalls = || Trouble::Registry(tcr::Error::Unavailable(Cause::TimeOut));
    if is_silent.load(Ordering::Relaxed) {
        return (false, Err(stalls()));
    }
    let answer = tokio::time::timeout(ANSWER_SOON, asked).await.unwrap_or_else(|_| Err(stalls()));
    if let Err(Trouble::Registry(tcr::Error::Unavailable(Cause::TimeOut | Cause::Connect | Cause::Cut))) = &answer {
        is_silent.store(true, Ordering::Relaxed);
    }
    (true, answer)
}

/// How far a look at what waits has come. Part of it is in memory at a time, however much there is.
#[derive(Default)]
struct Walk {
    /// The last one that was read of each lane.
    behind: [Option<RawEvent>; Lane::ALL.len()],
    /// What was read and not begun.
    subjects: VecDeque<Vec<RawEvent>>,
    /// They stand behind others now, where they would come again.
    in_vain: HashSet<String>,
}

impl Walk {
    /// Reads on: what lets fewer messages leave also while others wait. False: there is nothing more.
    async fn go_on(&mut self, door: &SystemDoor) -> Result<bool, Error> {
        for (lane, behind) in Lane::ALL.into_iter().zip(&mut self.behind) {
            if lane == Lane::Others && !self.subjects.is_empty() {
                return Ok(true);
            }
            let mut found = events::waiting(door, lane, behind.as_ref()).await?;
            let Some(last) = found.last() else { continue };
            *behind = Some(last.clone());
            found.retain(|event| !self.in_vain.contains(&event.id));
            self.subjects = by_subject(found.into_iter().chain(self.subjects.drain(..).flatten()));
            return Ok(true);
        }
        Ok(false)
    }
}

/// Those of one brand or 10DLC campaign together, in their order.
fn by_subject(events: impl Iterator<Item = RawEvent>) -> VecDeque<Vec<RawEvent>> {
    let mut subjects: VecDeque<Vec<RawEvent>> = VecDeque::new();
    let mut places = HashMap::new();
    for event in events {
        let place = *places.entry(event.registry_id()).or_insert(subjects.len());
        match subjects.get_mut(place) {
            Some(subject) => subject.push(event),
            None => subjects.push_back(vec![event]),
        }
    }
    subjects
}
