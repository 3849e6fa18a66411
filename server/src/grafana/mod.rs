//! Grafana's dashboards within our pages: a proxy on an origin of its own, for super admins, which lets through what it
//! takes to look at them. `docs/adr/0013-grafana-behind-a-proxy.md` says why it is as it is.
//!
//! A browser comes in by a one-time ticket, which a page of the main origin posts here ([`door`]), and is in for as long as
//! the session that the ticket stands for goes on. What it asks is one of a table ([`paths`]), and reaches Grafana
//! ([`upstream`]) with the word of this server for who asks, and with nothing else that says so.

mod door;
mod forward;
mod listener;
mod paths;
mod question;
mod trouble;
mod upstream;

use std::{pin::Pin, sync::Arc};

use app::{
    AppError,
    api::monitoring::grafana::{Dashboard, Dashboards},
};
use axum::http::HeaderValue;
use domain::{audit::Origin, clock::Clock};
use store::{Error, Gate, Session, Token};
use tokio::sync::Semaphore;

use self::{
    door::{Bearer, Door},
    paths::Shown,
    trouble::Trouble,
};
pub use self::{
    door::{LOOK_AGAIN_MS, TICKET_MS, VISIT_IDLE_MS},
    forward::{BODY_MAX, router},
    listener::{ListenError, Listener},
    upstream::Upstream,
};
use crate::{
    config::{Config, ConfigError, GrafanaConfig, Site},
    layers::security_headers::page_policy_with_frame,
};

/// Where tickets are posted to. Grafana has no such path.
pub const ENTER: &str = "/message-center/enter";
/// Questions to Grafana at a time, those included whose answers are still on their way to a browser.
const AT_A_TIME: usize = 64;

/// The proxy.
#[derive(Debug)]
pub struct Grafana {
    gate: Gate,
    clock: Arc<dyn Clock>,
    door: Door,
    upstream: Upstream,
    room: Arc<Semaphore>,
    shown: Shown,
    dashboards: Vec<Dashboard>,
    /// Its own origin.
    public_url: String,
    /// The origin of the pages.
    pages: String,
    https: bool,
    cookie: Cookie,
    /// What Grafana's pages may do in a browser.
    policy: HeaderValue,
}

/// The cookie of a visit.
#[derive(Debug)]
struct Cookie {
    name: &'static str,
    attributes: &'static str,
}

impl Cookie {
    /// `__Host-` binds it to this host, TLS and the root path. In a frame of another site browsers keep it only when it is
    /// let in, and then in a jar of that site's own.
    const fn new(keeps_secure: bool, site: Site) -> Self {
        let name = if keeps_secure { "__Host-message_center_grafana" } else { "message_center_grafana" };
        let attributes = match (site, keeps_secure) {
            (Site::Same, false) => "Path=/; HttpOnly; SameSite=Lax",
            (Site::Same, true) => "Path=/; HttpOnly; SameSite=Lax; Secure",
            (Site::Other, _) => "Path=/; HttpOnly; SameSite=None; Secure; Partitioned",
        };
        Self { name, attributes }
    }
}

impl Grafana {
    /// # Errors
    /// When it cannot be as configured.
    pub fn new(config: &GrafanaConfig, main: &Config, gate: Gate, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let policy = format!(
            "frame-ancestors {}; object-src 'none'; base-uri 'self'; form-action 'self'; connect-src 'self'",
            main.public_url
        );
        let policy = HeaderValue::from_str(&policy)
            .map_err(|_| ConfigError::Grafana { setting: "public_url", rule: "of ordinary characters" })?;
        let dashboards: Vec<Dashboard> =
            config.dashboards.iter().map(|one| Dashboard { uid: one.uid.clone(), title: one.title.clone() }).collect();
        Ok(Self {
            gate,
            clock,
            door: Door::default(),
            upstream: Upstream::new(config)?,
            room: Arc::new(Semaphore::new(AT_A_TIME)),
            shown: Shown {
                dashboards: dashboards.iter().map(|one| one.uid.clone()).collect(),
                datasources: config.datasources.clone(),
            },
            dashboards,
            public_url: config.public_url.clone(),
            pages: main.public_url.clone(),
            https: config.is_https(),
            cookie: Cookie::new(config.keeps_secure_cookies(), config.site(main)),
            policy,
        })
    }

    /// Whether somebody still may look: signed in, not blocked, super admin. If not, everything of their session ends here.
    async fn admit(&self, bearer: &Bearer) -> Result<(), Trouble> {
        // What a dashboard asks by itself is no use of the session.
        let session = self.gate.watching_session(&bearer.token, Origin::default()).await;
        match session.and_then(|session| self.gate.rule(&session).map(drop)) {
            Ok(()) => Ok(()),
            Err(Error::SignedOut | Error::NotFound | Error::SecondFactorMissing) => {
                self.door.end(bearer.session);
                Err(Trouble::Over)
            }
            Err(cause) => {
                tracing::warn!(%cause, "cannot look whether a session goes on");
                Err(Trouble::Unsure)
            }
        }
    }
}

impl Dashboards for Grafana {
    fn enter(&self) -> String {
        format!("{}{ENTER}", self.public_url)
    }

    fn shown(&self) -> &[Dashboard] {
        &self.dashboards
    }

    fn ticket(&self, session: &Session, token: Token) -> Result<String, AppError> {
        let bearer = Bearer { session: session.id(), token };
        self.door.ticket(bearer, self.clock.now_ms()).map_err(AppError::internal)
    }

    fn trouble(&self) -> Pin<Box<dyn Future<Output = Option<String>> + Send + '_>> {
        Box::pin(async {
            let reason = self.upstream.health().await.err()?;
            Some(format!(
                "{}: {reason}. Start Grafana, or see whether url of [grafana] leads to it.",
                self.upstream.url()
            ))
        })
    }

    fn page_policy(&self, nonce: &str) -> String {
        page_policy_with_frame(nonce, &self.public_url)
    }
}
