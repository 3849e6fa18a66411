//! Where the links of the other process are wanted, by what was decided here.
//!
//! The other process keeps nothing, so what is out of use is told to it again: when a connection begins, before anything
//! goes out by it, and whenever a link is found elsewhere. That a link is in use is told once for each decision: another
//! Message Center may have taken it out of use since, and which of two that disagree is right is not ours to fight over.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{channel::ChannelId, link::LinkUse};
use tokio::sync::watch;

use super::{
    client::{Connected, Shared, in_words},
    pipe::{Pipe, whole},
};
use crate::{
    core::{CoreError, LinkOrder},
    status::LinkStatus,
};

#[derive(Debug, Default)]
pub(super) struct Standing {
    inner: Mutex<Inner>,
    /// It was said what is wanted; nothing is connected before.
    known: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    links: HashMap<ChannelId, Wanted>,
    /// The run of the other process that was told.
    run: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Wanted {
    wanted: LinkUse,
    /// It was told, or was there, since this was decided.
    reached: bool,
}

impl Standing {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until it was said for the first time what is wanted.
    pub async fn known(&self) {
        // It cannot be gone while this waits.
        let _ = self.known.subscribe().wait_for(|known| *known).await;
    }

    /// The other process answers, in this run of it: another one than before has forgotten what it was told.
    pub fn meets(&self, run: Option<String>) {
        let mut inner = self.inner();
        if run.is_some() && inner.run != run {
            inner.run = run;
            inner.links.values_mut().for_each(|wanted| wanted.reached = false);
        }
    }

    pub fn set(&self, uses: &HashMap<ChannelId, LinkUse>) {
        let all = &mut self.inner().links;
        let next = uses.iter().map(|(link, &wanted)| {
            let reached = all.get(link).is_some_and(|before| before.wanted == wanted && before.reached);
            (link.clone(), Wanted { wanted, reached })
        });
        *all = next.collect();
        self.known.send_replace(true);
    }

    /// What links in these states have to be told.
    fn orders(&self, links: &[LinkStatus]) -> Vec<(ChannelId, LinkOrder)> {
        let all = &mut self.inner().links;
        let mut orders = Vec::new();
        for link in links {
            let Some(wanted) = all.get_mut(&link.id) else { continue };
            match LinkOrder::towards(wanted.wanted, link.state) {
                None => wanted.reached = true,
                Some(LinkOrder::Enable) if wanted.reached => {}
                Some(order) => orders.push((link.id.clone(), order)),
            }
        }
        orders
    }

    /// It was told. Whoever has taken a link out of use since then has decided later.
    fn told(&self, link: &ChannelId, order: LinkOrder) {
        let all = &mut self.inner().links;
        if let Some(wanted) = all.get_mut(link).filter(|wanted| wanted.wanted == LinkUse::InUse) {
            wanted.reached |= order == LinkOrder::Enable;
        }
    }
}

impl Shared {
    /// Tells links that are not where they are wanted.
    pub async fn tell(&self, connected: &Connected, links: &[LinkStatus]) -> Result<(), String> {
        for (link, order) in self.standing.orders(links) {
            let body = rmp_serde::to_vec(&order).map_err(|error| error.to_string())?;
            let response = self.request(connected, "POST", &format!("/links/{link}/order"), Pipe::of(body)).await?;
            let octets = whole(response.into_body()).await.map_err(|error| in_words(&error))?;
            let answer = rmp_serde::from_slice::<Result<(), CoreError>>(&octets);
            match answer.unwrap_or_else(|_| Err(self.unreachable())) {
                Ok(()) => {
                    self.standing.told(&link, order);
                    tracing::info!(core = %self.settings.id, %link, ?order, "SMS Core is told what was decided");
                }
                Err(cause) => {
                    tracing::warn!(core = %self.settings.id, %link, ?order, %cause, "a link is not where it is wanted");
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use smpp::simulator::{Simulator, SimulatorConfig};

    use super::*;
    use crate::{Core, CoreSettings, InProcessCore, LinkSettings, LinkState};

    /// A link as it is reported, in some state.
    async fn status(state: LinkState) -> LinkStatus {
        let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
        let link = LinkSettings::simulator(ChannelId::parse("a").unwrap(), simulator.address().port());
        let clock: std::sync::Arc<dyn domain::clock::Clock> = std::sync::Arc::new(domain::clock::ManualClock::at(0));
        let core = InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap();
        LinkStatus { state, ..core.links().remove(0) }
    }

    #[tokio::test]
    async fn what_is_out_of_use_is_told_again_and_what_is_in_use_once() {
        let standing = Standing::default();
        let (up, disabled) = (status(LinkState::Up).await, status(LinkState::Disabled).await);
        let orders = |status: &LinkStatus| -> Vec<LinkOrder> {
            standing.orders(std::slice::from_ref(status)).into_iter().map(|(_, order)| order).collect()
        };
        let decide = |wanted| standing.set(&HashMap::from([(up.id.clone(), wanted)]));
        assert_eq!(orders(&disabled), [], "nothing was decided: its file says so");
        decide(LinkUse::Drained);
        for _ in 0..2 {
            assert_eq!(orders(&up), [LinkOrder::Drain]);
            assert_eq!(orders(&disabled), []);
        }
        decide(LinkUse::InUse);
        assert_eq!(orders(&disabled), [LinkOrder::Enable], "until it was");
        assert_eq!(orders(&disabled), [LinkOrder::Enable]);
        standing.told(&up.id, LinkOrder::Enable);
        assert_eq!(orders(&disabled), [], "somebody else has decided since, before it was seen in use");
        assert_eq!(orders(&up), []);
        decide(LinkUse::InUse);
        assert_eq!(orders(&disabled), [], "somebody else has decided since");
        decide(LinkUse::Disabled);
        decide(LinkUse::InUse);
        assert_eq!(orders(&disabled), [LinkOrder::Enable], "decided anew");
    }

    /// Its own file says `disabled`, and here it was decided that it is in use.
    #[tokio::test]
    async fn a_process_that_has_begun_again_is_told_what_is_in_use() {
        let standing = Standing::default();
        let disabled = status(LinkState::Disabled).await;
        standing.set(&HashMap::from([(disabled.id.clone(), LinkUse::InUse)]));
        let is_told = || !standing.orders(std::slice::from_ref(&disabled)).is_empty();
        standing.meets(Some("first".to_owned()));
        assert!(is_told());
        standing.told(&disabled.id, LinkOrder::Enable);
        for same in [Some("first".to_owned()), None] {
            standing.meets(same);
            assert!(!is_told(), "somebody else has decided since");
        }
        standing.meets(Some("second".to_owned()));
        assert!(is_told());
    }
}
