//! Between what is on record of 10DLC and the registry: registers what people hand in, asks what became of it, follows its
//! webhooks up, and ends there what ends here.
//!
//! Whatever a person does is on record first, with what the registry has to be told ([`store::tendlc`]). Then the registry
//! is told, while the person waits, and again in the rounds ([`Registrations::round`]) if that did not come to its end. What
//! is created carries the reference that is on record, by which the registry is asked before it is told, so that nothing is
//! registered twice (`docs/adr/0007-a-webhook-is-a-reason-to-ask.md`).
//!
//! *Invariant*: one record is told to the registry by one task at a time.

mod brands;
mod campaigns;
mod events;
mod numbers;
mod outage;
mod retire;
mod rounds;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

pub use self::{campaigns::AskedFor, events::NotTaken, outage::Outage};
use domain::{
    id::WorkspaceId,
    tendlc::{
        Flaw, PartnerId,
        limits::{Connector, Limits, NumbersAt, limits},
        throughput::Tiers,
    },
};
use store::{Reason, SystemDoor, SystemScope};
use tcr::{Error as RegistryError, Registry, Secret};
use tokio::sync::{Notify, OwnedMutexGuard};

/// What is fixed while it runs.
#[derive(Debug, Clone)]
pub struct TenDlcConfig {
    /// Through whom registrations go: decides how long fields may be.
    pub connector: Connector,
    /// How much may be sent.
    pub tiers: Tiers,
    /// The partner upstream with whom each 10DLC campaign is shared once the registry has it; None: with nobody.
    pub partner: Option<PartnerId>,
    /// How the registry's webhooks come; None: none is taken, and it is only asked.
    pub webhooks: Option<Webhooks>,
    /// Who knows which numbers are in a 10DLC campaign.
    pub numbers: NumbersAt,
}

/// How the registry's webhooks come.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// Where the registry sends them; it signs over this.
    pub url: String,
    /// With which it signs.
    pub secret: Secret,
    /// Whether the registry is asked to send them there.
    pub subscribe: bool,
}

impl Default for TenDlcConfig {
    fn default() -> Self {
        Self {
            connector: Connector::Registry,
            tiers: Tiers::default(),
            partner: None,
            webhooks: None,
            numbers: NumbersAt::Registry,
        }
    }
}

/// Why something at the registry did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(
        "10DLC is not set up in this installation: whoever runs it gives the registry's address and key in [registry]"
    )]
    Off,
    /// Broken rules of a form; nothing was sent.
    #[error("{}", Sentences(.0))]
    Flaws(Vec<Flaw>),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Trouble {
    /// Whether the same may succeed later, without anything being different in what was asked.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Off => true,
            Self::Registry(error) => refusal(error).is_none(),
            Self::Store(_) | Self::Flaws(_) => false,
        }
    }
}

struct Sentences<'a>(&'a [Flaw]);

impl fmt::Display for Sentences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, flaw) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{flaw}")?;
        }
        Ok(())
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Registrations(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    door: SystemDoor,
    registry: Option<Arc<dyn Registry>>,
    config: TenDlcConfig,
    /// Something is to be told before the next look.
    news: Notify,
    /// A webhook has come.
    events: Notify,
    /// A lock for each record that is being told to the registry.
    busy: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    outage: Mutex<Option<Outage>>,
}

/// So many locks are kept before those that nobody holds are dropped.
const LOCKS_MAX: usize = 1_000;

impl Registrations {
    /// Without a registry everything that needs one is refused with [`Trouble::Off`].
    #[must_use]
    pub fn new(door: SystemDoor, registry: Option<Arc<dyn Registry>>, config: TenDlcConfig) -> Self {
        Self(Arc::new(Shared {
            door,
            registry,
            config,
            news: Notify::new(),
            events: Notify::new(),
            busy: Mutex::default(),
            outage: Mutex::default(),
        }))
    }

    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.registry.is_some()
    }

    /// How long fields may be.
    #[must_use]
    pub fn limits(&self) -> Limits {
        limits(self.0.config.connector)
    }

    #[must_use]
    pub fn connector(&self) -> Connector {
        self.0.config.connector
    }

    #[must_use]
    pub fn tiers(&self) -> &Tiers {
        &self.0.config.tiers
    }

    /// Who knows which numbers are in a 10DLC campaign.
    #[must_use]
    pub fn numbers_at(&self) -> NumbersAt {
        self.0.config.numbers
    }

    fn registry(&self) -> Result<&dyn Registry, Trouble> {
        self.0.registry.as_deref().ok_or(Trouble::Off)
    }

    fn scope(&self, workspace: WorkspaceId) -> SystemScope {
        self.0.door.enter(workspace, Reason::Registry)
    }

    /// Waits until nobody else tells the registry of this.
    async fn alone(&self, with: &impl fmt::Display) -> OwnedMutexGuard<()> {
        let lock = {
            let mut busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
            if busy.len() >= LOCKS_MAX {
                busy.retain(|_, lock| Arc::strong_count(lock) > 1);
            }
            Arc::clone(busy.entry(with.to_string()).or_default())
        };
        lock.lock_owned().await
    }
}

/// The registry's words, if it has understood and refused: the same again would be refused again. Whatever else went wrong
/// is tried again.
fn refusal(error: &RegistryError) -> Option<String> {
    match error {
        RegistryError::Refused(_) | RegistryError::NotFound => Some(error.to_string()),
        RegistryError::Unauthorised
        | RegistryError::Busy { .. }
        | RegistryError::Unavailable(_)
        | RegistryError::Unreadable => None,
    }
}

/// What came of telling the registry while a person waits: that it does not answer now is no failure, since the rounds go
/// on with it.
fn unless_later<T>(told: Result<T, Trouble>, as_it_is: T) -> Result<T, Trouble> {
    match told {
        Err(Trouble::Registry(error)) if refusal(&error).is_none() => {
            tracing::warn!(%error, "the 10DLC registry was not told yet; it is tried again");
            Ok(as_it_is)
        }
        other => other,
    }
}
