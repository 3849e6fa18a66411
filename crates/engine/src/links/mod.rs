//! The links of this process, from the configuration file and from the product, and what super admins do to them.
//!
//! What a person decides is in the database first, with its audit record, and then in force: a process that dies in
//! between reads it at its next start. [`LinkDesk::run`] looks from time to time, so that what could not be read at once,
//! or was decided in another process, is in force soon, too.

mod decide;
mod settings;
mod view;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{channel::ChannelId, clock::Clock, link::LinkUse};
use sms_core::{Core, CoreSettings, InProcessCore, LinkOrder, LinkSettings, PoolSettings, SettingsError, Switchboard};
use store::{SystemDoor, links};
use tokio_util::sync::CancellationToken;

pub use self::{
    decide::{LinkRefusal, Secrets},
    view::{LinkOrigin, LinkSheet, PoolSheet},
};

/// How often the database is asked for what is configured.
const LOOK: Duration = Duration::from_secs(5);

/// What the configuration file says of links, and what comes with the product.
#[derive(Debug, Clone, Default)]
pub struct FileLinks {
    pub links: Vec<LinkSettings>,
    pub pools: Vec<PoolSettings>,
    /// The simulator's link, where the file has none.
    pub trial: Vec<LinkSettings>,
}

/// Where links are set up while they run. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LinkDesk(Arc<Desk>);

#[derive(Debug)]
struct Desk {
    door: SystemDoor,
    own: Arc<InProcessCore>,
    board: Arc<Switchboard>,
    /// There are Cores in other processes, whose links are not all known.
    has_others: bool,
    state: Mutex<State>,
    /// One at a time: what is read last is what is in force.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    file: FileLinks,
    /// What the product said when everything was brought into force.
    seen: Option<links::Configured>,
    /// What the links of this process are set up with.
    applied: Vec<LinkSettings>,
    /// Links and pools of the product that cannot be used, and why.
    left_out: HashMap<ChannelId, String>,
    /// The latest bind for trial of each link.
    tests: HashMap<ChannelId, BindTest>,
}

/// What came of a bind for trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindTest {
    pub at_ms: i64,
    /// What the carrier or the network says, in words, where it failed.
    pub outcome: Result<(), String>,
}

impl LinkDesk {
    /// Starts the links. `others` are Cores in other processes.
    ///
    /// # Errors
    /// What is wrong in the configuration file; what is wrong in the product is left out and said on its page.
    pub async fn open(
        door: SystemDoor,
        file: FileLinks,
        others: Vec<Arc<dyn Core>>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, LinkRefusal> {
        CoreSettings { links: file.links.clone() }.check()?;
        let configured = links::configured(&door).await?;
        let (settings, left_out) = assemble(&file, &configured, &[]);
        let own = Arc::new(InProcessCore::start(CoreSettings { links: settings.clone() }, clock)?);
        let has_others = !others.is_empty();
        let cores = std::iter::once(Arc::clone(&own) as Arc<dyn Core>).chain(others).collect();
        let board = Arc::new(Switchboard::new(cores, file.pools.clone(), !has_others)?);
        let state = Mutex::new(State { file, applied: settings, left_out, ..State::default() });
        let desk = Self(Arc::new(Desk { door, own, board, has_others, state, turn: tokio::sync::Mutex::default() }));
        desk.apply().await?;
        Ok(desk)
    }

    /// Everything as one Core: links, those of other processes, and pools.
    #[must_use]
    pub fn core(&self) -> Arc<dyn Core> {
        Arc::clone(&self.0.board) as Arc<dyn Core>
    }

    /// Goes over to what the configuration file says now. Its pools stay until the next start.
    ///
    /// # Errors
    /// What is wrong in the file; then nothing has changed.
    pub async fn reload(&self, links: Vec<LinkSettings>) -> Result<(), LinkRefusal> {
        CoreSettings { links: links.clone() }.check()?;
        let before = std::mem::replace(&mut self.state().file.links, links);
        let applied = self.apply().await;
        if applied.is_err() {
            self.state().file.links = before;
        }
        applied
    }

    /// Looks again and again at what is configured, until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            if let Err(cause) = self.look().await {
                tracing::warn!(%cause, "links stay as they were set up");
            }
        }
    }

    /// Brings into force what has changed since the last time.
    async fn look(&self) -> Result<(), LinkRefusal> {
        let configured = links::configured(&self.0.door).await?;
        let is_known = self.state().seen.as_ref() == Some(&configured);
        if is_known { Ok(()) } else { self.apply().await }
    }

    /// Brings into force what is configured. Links that are the same do not notice.
    async fn apply(&self) -> Result<(), LinkRefusal> {
        let desk = &*self.0;
        let _turn = desk.turn.lock().await;
        let configured = links::configured(&desk.door).await?;
        let (file, before) = {
            let state = self.state();
            (state.file.clone(), state.applied.clone())
        };
        let (settings, mut left_out) = assemble(&file, &configured, &before);
        desk.own.configure(CoreSettings { links: settings.clone() })?;
        self.state().applied.clone_from(&settings);
        for settings in &settings {
            if let Some(wanted) = configured.uses.get(&settings.id) {
                self.put_to(settings, *wanted);
            }
        }
        // Those of other processes; an id that is of this one stands before.
        let is_own = |id: &ChannelId| settings.iter().any(|link| link.id == *id);
        desk.board.keep_to(
            &configured.uses.iter().filter(|(id, _)| !is_own(id)).map(|(id, used)| (id.clone(), *used)).collect(),
        );
        self.set_pools(file.pools, &configured.pools, &mut left_out)?;
        let mut state = self.state();
        state.left_out = left_out;
        state.seen = Some(configured);
        Ok(())
    }

    /// Gives the order that brings a link where it is wanted, if it is not there.
    fn put_to(&self, settings: &LinkSettings, wanted: LinkUse) {
        let links = self.0.own.links();
        let Some(status) = links.iter().find(|status| status.id == settings.id) else { return };
        // Those that are to be disabled are configured so.
        let order = LinkOrder::towards(wanted, status.state).filter(|_| wanted != LinkUse::Disabled);
        let Some(order) = order else { return };
        if let Err(cause) = self.0.own.order_link(&settings.id, order) {
            tracing::warn!(link = %settings.id, %cause, "a link is not where it is wanted");
        }
    }

    fn set_pools(
        &self,
        of_file: Vec<PoolSettings>,
        of_product: &[links::Pool],
        left_out: &mut HashMap<ChannelId, String>,
    ) -> Result<(), LinkRefusal> {
        let all_known = !self.0.has_others;
        let links = self.0.board.links();
        let mut pools = of_file;
        for pool in of_product {
            let settings = settings::of_pool(&pool.id, &pool.config);
            let is_taken = pools.iter().any(|other| other.id == pool.id) || links.iter().any(|link| link.id == pool.id);
            let checked = if is_taken {
                Err(SettingsError::DuplicateId(pool.id.clone()))
            } else {
                settings.check(&links, all_known)
            };
            match checked {
                Ok(()) => pools.push(settings),
                Err(flaw) => {
                    left_out.insert(pool.id.clone(), flaw.to_string());
                }
            }
        }
        Ok(self.0.board.set_pools(pools, all_known)?)
    }

    /// The certificates that links of the product have as PEM texts, each with what it is for. Those in files are found by
    /// the configuration.
    #[must_use]
    pub fn certificates(&self) -> Vec<(String, String)> {
        let state = self.state();
        let mut certificates = Vec::new();
        for link in &state.applied {
            let Some(tls) = &link.tls else { continue };
            let own = tls.texts.certificate.iter().map(|pem| (format!("link {}", link.id), pem.clone()));
            let authority = tls.texts.ca.iter().map(|pem| (format!("authority of link {}", link.id), pem.clone()));
            certificates.extend(own.chain(authority));
        }
        certificates
    }

    /// The lists of revoked certificates that links of the product have as PEM texts, each with what it is for.
    #[must_use]
    pub fn revocation_lists(&self) -> Vec<(String, String)> {
        let state = self.state();
        let list = |link: &LinkSettings| {
            let pem = link.tls.as_ref()?.texts.crl.clone()?;
            Some((format!("revocation list of link {}", link.id), pem))
        };
        state.applied.iter().filter_map(list).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The links as they are to be set up, and those that cannot be. The file stands before the product.
fn assemble(
    file: &FileLinks,
    configured: &links::Configured,
    before: &[LinkSettings],
) -> (Vec<LinkSettings>, HashMap<ChannelId, String>) {
    let mut left_out: HashMap<_, _> = configured
        .unreadable
        .iter()
        .map(|id| {
            (
                id.clone(),
                "its secrets cannot be opened: the master key is not the one under which they were kept".to_owned(),
            )
        })
        .collect();
    let of_file = if file.links.is_empty() { &file.trial } else { &file.links };
    let mut all = of_file.clone();
    for opened in &configured.links {
        let id = &opened.link.id;
        let settings = settings::of_link(opened);
        let in_the_way = all.iter().any(|other| other.id == *id) || file.pools.iter().any(|pool| pool.id == *id);
        let flaw = if in_the_way {
            Some("the configuration file has a link or a pool of the same id".to_owned())
        } else {
            settings.flaws().first().map(SettingsError::to_string)
        };
        match flaw {
            Some(reason) => {
                left_out.insert(id.clone(), reason);
            }
            None => all.push(settings),
        }
    }
    for settings in &mut all {
        let Some(wanted) = configured.uses.get(&settings.id) else { continue };
        let earlier = before.iter().find(|earlier| earlier.id == settings.id);
        settings.disabled = match wanted {
            LinkUse::InUse => false,
            LinkUse::Disabled => true,
            // While it drains it is not disabled yet; after a restart there is nothing left to drain.
            LinkUse::Drained => earlier.is_none_or(|earlier| earlier.disabled),
        };
    }
    (all, left_out)
}
