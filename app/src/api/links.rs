//! The links to carriers, as people of a workspace see them.

#[cfg(feature = "ssr")]
use domain::permission::{Permission, Reach};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// A link to a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    pub id: String,
    pub name: String,
    pub health: LinkHealth,
    pub simulator: bool,
    /// What has gone wrong, while it is not up.
    pub trouble: Option<Trouble>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkHealth {
    Up,
    /// Not bound; it keeps trying.
    Connecting,
    /// Nothing happens until a person restarts it.
    Stopped,
    /// It sends what it has, and takes nothing more.
    Draining,
    /// Out of use by a super admin's decision.
    Disabled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub since: Moment,
    /// As the session layer says it: without a capital letter and a full stop.
    pub reason: String,
}

impl LinkView {
    /// What everybody has to know of a link that is not up; None while nothing has gone wrong.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let Trouble { since, reason } = self.trouble.as_ref()?;
        let (name, since) = (&self.name, &since.local);
        Some(match self.health {
            LinkHealth::Draining | LinkHealth::Disabled => return None,
            LinkHealth::Stopped => format!(
                "The link “{name}” was stopped at {since}: {reason}. It does not try again by itself: a super admin \
                 restarts it, or corrects its settings. Campaigns on it wait, and nothing is lost."
            ),
            LinkHealth::Up | LinkHealth::Connecting => format!(
                "The link “{name}” has been down since {since}: {reason}. It keeps trying. Campaigns on it wait and go on \
                 by themselves, and nothing is lost."
            ),
        })
    }
}

/// Lets a link that was stopped try again.
#[server]
pub async fn restart_link(slug: String, link: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageInstallation;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageInstallation>()?;
    let links = services.engine.links();
    let found = links.iter().find(|found| found.id.as_str() == link).ok_or(AppError::NotFound)?;
    store::links::restarted(&proof, found.id.as_str()).await?;
    services.engine.restart_link(&found.id);
    Ok(())
}

#[cfg(feature = "ssr")]
impl LinkView {
    /// With times of the workspace's zone. Addresses are for those who run the installation.
    #[must_use]
    pub fn of(scope: &store::Scope, link: &engine::LinkStatus) -> Self {
        let health = match link.state {
            engine::LinkState::Up => LinkHealth::Up,
            engine::LinkState::Connecting => LinkHealth::Connecting,
            engine::LinkState::Draining => LinkHealth::Draining,
            engine::LinkState::Disabled | engine::LinkState::ShutDown => LinkHealth::Disabled,
            engine::LinkState::Stopped => LinkHealth::Stopped,
        };
        let runs_it = scope.reach(Permission::ManageInstallation) != Reach::None;
        let reason = if runs_it { link.trouble() } else { link.trouble_in_general() };
        let trouble =
            reason.map(|reason| Trouble { since: Moment::of(scope, link.since_ms), reason: reason.to_owned() });
        Self { id: link.id.as_str().to_owned(), name: link.name.clone(), health, simulator: link.is_simulator, trouble }
    }
}

/// What keeps messages from leaving, in sentences; None while nothing does.
#[cfg(feature = "ssr")]
#[must_use]
pub fn down(scope: &store::Scope, links: &[engine::LinkStatus]) -> Option<String> {
    let sentences: Vec<String> = links.iter().filter_map(|link| LinkView::of(scope, link).sentence()).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Whether every link that is in use is a simulator. A single real one by which messages can leave, and nobody is told
/// that none does.
#[cfg(feature = "ssr")]
#[must_use]
pub fn only_simulated(links: &[engine::LinkStatus]) -> bool {
    let out_of_use = |state| matches!(state, engine::LinkState::Disabled | engine::LinkState::ShutDown);
    let mut used = links.iter().filter(|link| !out_of_use(link.state)).peekable();
    used.peek().is_some() && used.all(|link| link.is_simulator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(health: LinkHealth) -> LinkView {
        let since = Moment { local: "2026-11-20 17:45 +01:00".into(), utc: "2026-11-20T16:45:00Z".into() };
        LinkView {
            id: "a".into(),
            name: "Carrier A".into(),
            health,
            simulator: false,
            trouble: Some(Trouble { since, reason: "no connection: connection refused".into() }),
        }
    }

    #[test]
    fn a_link_that_is_down_is_said_with_time_reason_and_consequence() {
        let down = link(LinkHealth::Connecting).sentence().unwrap();
        assert!(down.starts_with("The link “Carrier A” has been down since 2026-11-20 17:45 +01:00: no connection"));
        assert!(down.contains("go on by themselves"));
        assert!(link(LinkHealth::Stopped).sentence().unwrap().contains("does not try again by itself"));
        assert_eq!(LinkView { trouble: None, ..link(LinkHealth::Connecting) }.sentence(), None);
    }
}
