//! The webhooks of a workspace: where its programs are told of what happens.

use domain::webhook::{DeliveryState, EventKind};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// What the page of webhooks shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhooksView {
    pub rows: Vec<WebhookRow>,
    /// A secret that was made just now, where no script has kept it.
    pub fresh: Option<FreshSecret>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRow {
    pub id: String,
    pub url: String,
    pub events: Vec<EventKind>,
    pub enabled: bool,
    pub failing_since: Option<Moment>,
    pub created_by: String,
    pub created: Moment,
    /// The last ones, newest first.
    pub deliveries: Vec<DeliveryRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRow {
    pub id: String,
    pub kind: EventKind,
    pub at: Moment,
    pub state: DeliveryState,
    pub attempts: u32,
    /// When a waiting one is sent next.
    pub next: Option<Moment>,
    pub outcome: Option<String>,
}

/// A secret, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshSecret {
    pub url: String,
    pub secret: String,
}

/// Events of each endpoint that the page shows.
#[cfg(feature = "ssr")]
const SHOWN: u32 = 10;

/// The webhooks of the workspace.
#[server]
pub async fn webhooks(slug: String) -> Result<WebhooksView, AppError> {
    use domain::permission::kind::ManageWorkspace;

    let services = super::context::services()?;
    let handed = handed_over(&services);
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let moment = |at_ms| Moment::of(&scope, at_ms);
    let mut rows = Vec::new();
    for endpoint in store::webhooks::list(&proof).await? {
        let deliveries = store::webhooks::deliveries(&proof, endpoint.id, None, None, SHOWN).await?;
        rows.push(WebhookRow {
            id: endpoint.id.to_string(),
            url: endpoint.url,
            events: endpoint.events,
            enabled: endpoint.disabled_at_ms.is_none(),
            failing_since: endpoint.failing_since_ms.map(moment),
            created_by: endpoint.created_by_name,
            created: moment(endpoint.created_at_ms),
            deliveries: deliveries
                .into_iter()
                .map(|delivery| DeliveryRow {
                    id: delivery.id.to_string(),
                    kind: delivery.kind,
                    at: moment(delivery.at_ms),
                    state: delivery.state,
                    attempts: delivery.attempts,
                    next: (delivery.state == DeliveryState::Waiting).then(|| moment(delivery.due_ms)),
                    outcome: delivery.outcome,
                })
                .collect(),
        });
    }
    let fresh = handed.and_then(|(id, secret)| {
        let row = rows.iter().find(|row| row.id == id)?;
        secret.starts_with("whsec_").then(|| FreshSecret { url: row.url.clone(), secret })
    });
    Ok(WebhooksView { rows, fresh })
}

/// An endpoint, with the secret that signs its events.
#[server]
pub async fn make_webhook(
    slug: String,
    url: String,
    #[server(default)] events: Vec<EventKind>,
) -> Result<FreshSecret, AppError> {
    use domain::permission::kind::ManageWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let (endpoint, secret) =
        store::webhooks::create(&proof, None, &store::webhooks::NewEndpoint { url, events }).await?;
    hand_over(&services, &endpoint.id.to_string(), &secret.reveal());
    Ok(FreshSecret { url: endpoint.url, secret: secret.reveal() })
}

/// Switches an endpoint on or off.
#[server]
pub async fn switch_webhook(slug: String, webhook: String, enabled: bool) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let before = store::webhooks::find(&proof, webhook_id(&webhook)?).await?;
    let same = store::webhooks::NewEndpoint { url: before.url, events: before.events };
    store::webhooks::change(&proof, before.id, &same, enabled).await?;
    Ok(())
}

/// Another secret; the former ones sign too for a day.
#[server]
pub async fn rotate_webhook(slug: String, webhook: String) -> Result<FreshSecret, AppError> {
    use domain::permission::kind::ManageWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let endpoint = store::webhooks::find(&proof, webhook_id(&webhook)?).await?;
    let secret = store::webhooks::rotate(&proof, endpoint.id).await?;
    hand_over(&services, &endpoint.id.to_string(), &secret.reveal());
    Ok(FreshSecret { url: endpoint.url, secret: secret.reveal() })
}

/// Sends an event that says nothing.
#[server]
pub async fn test_webhook(slug: String, webhook: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    store::webhooks::send_test(&proof, webhook_id(&webhook)?).await?;
    Ok(())
}

/// Takes an endpoint away, with what waits for it.
#[server]
pub async fn remove_webhook(slug: String, webhook: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    Ok(store::webhooks::remove(&proof, webhook_id(&webhook)?).await?)
}

/// Sends an event again.
#[server]
pub async fn redeliver_event(slug: String, webhook: String, event: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let event = event.parse().map_err(|_| AppError::NotFound)?;
    store::webhooks::redeliver(&proof, webhook_id(&webhook)?, event).await?;
    Ok(())
}

/// In which a secret comes to the page that shows it once, where no script waits for it.
#[cfg(feature = "ssr")]
const COOKIE: &str = "webhook_handed_over";

#[cfg(feature = "ssr")]
fn hand_over(services: &super::context::Services, id: &str, secret: &str) {
    super::minute_cookie::keep(services, COOKIE, &format!("{id}.{secret}"));
}

#[cfg(feature = "ssr")]
fn handed_over(services: &super::context::Services) -> Option<(String, String)> {
    let value = super::minute_cookie::take(services, COOKIE)?;
    let (id, secret) = value.split_once('.')?;
    Some((id.to_owned(), secret.to_owned()))
}

#[cfg(feature = "ssr")]
fn webhook_id(id: &str) -> Result<domain::id::WebhookId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}
