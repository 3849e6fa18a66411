//! What super admins decide of links and pools: checked by the gateway, kept, and brought into force.

use domain::{
    channel::ChannelId,
    link::{LinkConfig, LinkUse, PoolConfig},
};
use sms_core::{CoreError, LinkOrder, LinkState, SettingsError};
use store::{
    Error, Ruler,
    links::{self, Link, LinkSecret, NewLink, Pool, Replaced},
};

use super::{BindTest, LinkDesk, settings};

/// Why a decision is not in force.
#[derive(Debug, thiserror::Error)]
pub enum LinkRefusal {
    #[error(transparent)]
    Store(#[from] Error),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Everything that is wrong with a link.
    #[error("the settings of the link cannot be used")]
    Flaws(Vec<SettingsError>),
    #[error("the id {0} is taken by a link or a pool of the configuration file, or of another SMS Core")]
    IdTaken(ChannelId),
    #[error("there is no certificate without its key: give both, or neither")]
    NoKey,
}

impl LinkRefusal {
    /// What is wrong field by field, as forms name the fields; empty when it is not about fields.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Store(_) => Vec::new(),
            Self::Settings(flaw) => vec![field_of(flaw)],
            Self::Flaws(flaws) => flaws.iter().map(field_of).collect(),
            Self::IdTaken(_) => vec![("id", self.to_string())],
            Self::NoKey => vec![("tls_key", self.to_string())],
        }
    }
}

fn field_of(flaw: &SettingsError) -> (&'static str, String) {
    match flaw {
        SettingsError::OutOfRange { field, rule, .. } => {
            (*field, format!("{} has to be {rule}", field.replace('_', " ")))
        }
        SettingsError::Tls { setting, reason, .. } => {
            let field = match *setting {
                "ca_file" => "tls_ca",
                "certificate" => "tls_certificate",
                "crl_file" => "tls_crl",
                "key" => "tls_key",
                "server_name" => "tls_server_name",
                _ => "tls",
            };
            (field, reason.clone())
        }
        SettingsError::Pool { field: "name", rule, .. } => ("name", format!("name has to be {rule}")),
        SettingsError::Pool { field, rule, .. } => ("members", format!("{field} has to be {rule}")),
        SettingsError::NoSuchLink { .. } | SettingsError::CannotSend { .. } => ("members", flaw.to_string()),
        SettingsError::DuplicateId(_) => ("id", flaw.to_string()),
    }
}

/// What is typed of a link's secrets: of a new link both, of another one what is replaced.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    pub password: Option<LinkSecret>,
    pub key: Option<LinkSecret>,
}

impl LinkDesk {
    /// Adds a link, in use or not yet.
    pub async fn add(
        &self,
        ruler: &Ruler,
        id: ChannelId,
        config: LinkConfig,
        secrets: Secrets,
        wanted: LinkUse,
    ) -> Result<Link, LinkRefusal> {
        if self.core().channels().iter().chain(&self.core().links()).any(|known| known.id == id)
            && links::find(ruler, &id).await.is_err()
        {
            return Err(LinkRefusal::IdTaken(id));
        }
        let password = secrets.password.unwrap_or_else(|| LinkSecret::new(""));
        check(&id, &config, &password, secrets.key.as_ref())?;
        let link = links::add(ruler, &NewLink { id, config, password, key: secrets.key, wanted }).await?;
        self.apply().await?;
        Ok(link)
    }

    /// Other settings of a link, with secrets where they are typed anew.
    pub async fn change(
        &self,
        ruler: &Ruler,
        id: &ChannelId,
        seen_revision: u64,
        config: LinkConfig,
        secrets: Secrets,
    ) -> Result<Link, LinkRefusal> {
        links::find(ruler, id).await?;
        let configured = links::configured(&self.0.door).await?;
        let opened = configured.links.into_iter().find(|opened| opened.link.id == *id);
        // Of one whose secrets do not open any more, all that it needs has to be typed.
        let (password, key) = opened.map_or((None, None), |opened| (Some(opened.password), opened.key));
        let password = secrets.password.clone().or(password).unwrap_or_else(|| LinkSecret::new(""));
        check(id, &config, &password, secrets.key.clone().or(key).as_ref())?;
        let replaced = Replaced { password: secrets.password, key: secrets.key };
        let link = links::change(ruler, id, seen_revision, config, &replaced).await?;
        self.apply().await?;
        Ok(link)
    }

    pub async fn remove(&self, ruler: &Ruler, id: &ChannelId, seen_revision: u64) -> Result<(), LinkRefusal> {
        let in_force = {
            let state = self.state();
            let others = state.file.links.iter().chain(&state.file.trial).any(|link| link.id == *id);
            !others && state.applied.iter().any(|link| link.id == *id)
        };
        links::remove(ruler, id, seen_revision, in_force).await?;
        self.apply().await
    }

    /// Takes a link into use, drains or disables it; one of another process too, which is told when it can be reached.
    pub async fn decide_use(&self, ruler: &Ruler, id: &ChannelId, wanted: LinkUse) -> Result<(), LinkRefusal> {
        let is_set_up = self.state().applied.iter().any(|link| link.id == *id);
        let of_others = self.core().links().into_iter().find(|link| link.id == *id);
        match of_others.filter(|_| !is_set_up) {
            // What stands in the list for a Core that was never reached is no link.
            Some(link) if link.sessions_configured == 0 => {
                let what =
                    "this SMS Core was not reached yet, and its links are not known; try again when it is".to_owned();
                return Err(Error::Stale { what }.into());
            }
            Some(_) => {}
            None if is_set_up => {}
            None => drop(links::find(ruler, id).await?),
        }
        links::put_to(ruler, id, wanted).await?;
        self.apply().await
    }

    /// Lets a link that was stopped try again.
    pub async fn restart(&self, ruler: &Ruler, id: &ChannelId) -> Result<(), LinkRefusal> {
        let links = self.core().links();
        let link = links.iter().find(|link| link.id == *id).ok_or(Error::NotFound)?;
        if link.state != LinkState::Stopped {
            return Err(Error::Stale { what: "this link is not stopped (any more)".into() }.into());
        }
        links::restarted_by(ruler, id).await?;
        if let Err(cause) = self.core().order_link(id, LinkOrder::Restart) {
            tracing::warn!(link = %id, %cause, "the link is not restarted");
        }
        Ok(())
    }

    /// Binds for trial beside whatever is bound.
    pub async fn test(&self, ruler: &Ruler, id: &ChannelId) -> Result<BindTest, LinkRefusal> {
        if !self.core().links().iter().any(|link| link.id == *id) {
            return Err(Error::NotFound.into());
        }
        let outcome = self.core().test_link(id).await.map_err(|cause| match cause {
            CoreError::TestFailed { reason, .. } => reason,
            other => other.to_string(),
        });
        links::tested(ruler, id, outcome.as_ref().map_or_else(String::as_str, |()| "bound")).await?;
        let test = BindTest { at_ms: ruler.now_ms(), outcome };
        self.state().tests.insert(id.clone(), test.clone());
        Ok(test)
    }

    /// Adds a pool.
    pub async fn add_pool(&self, ruler: &Ruler, id: ChannelId, config: PoolConfig) -> Result<Pool, LinkRefusal> {
        if self.core().channels().iter().chain(&self.core().links()).any(|known| known.id == id) {
            return Err(LinkRefusal::IdTaken(id));
        }
        self.check_pool(&id, &config)?;
        let pool = links::add_pool(ruler, &id, config).await?;
        self.apply().await?;
        Ok(pool)
    }

    pub async fn change_pool(
        &self,
        ruler: &Ruler,
        id: &ChannelId,
        seen_revision: u64,
        config: PoolConfig,
    ) -> Result<Pool, LinkRefusal> {
        self.check_pool(id, &config)?;
        let pool = links::change_pool(ruler, id, seen_revision, config).await?;
        self.apply().await?;
        Ok(pool)
    }

    pub async fn remove_pool(&self, ruler: &Ruler, id: &ChannelId, seen_revision: u64) -> Result<(), LinkRefusal> {
        links::remove_pool(ruler, id, seen_revision).await?;
        self.apply().await
    }

    fn check_pool(&self, id: &ChannelId, config: &PoolConfig) -> Result<(), SettingsError> {
        settings::of_pool(id, config).check(&self.core().links(), !self.0.has_others)
    }
}

fn check(
    id: &ChannelId,
    config: &LinkConfig,
    password: &LinkSecret,
    key: Option<&LinkSecret>,
) -> Result<(), LinkRefusal> {
    let has_certificate = config.tls.as_ref().is_some_and(|tls| tls.certificate.is_some());
    if has_certificate && key.is_none() {
        return Err(LinkRefusal::NoKey);
    }
    // A key whose certificate is taken away goes with it.
    let flaws = settings::of_config(id, config, password, key.filter(|_| has_certificate)).flaws();
    if flaws.is_empty() { Ok(()) } else { Err(LinkRefusal::Flaws(flaws)) }
}
