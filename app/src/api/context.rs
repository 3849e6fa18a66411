//! What a server function starts with: the gate, the session behind the cookie, and the workspace in the address.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::request::Parts;
use domain::{audit::Origin, slug::Slug};
use leptos::{prelude::use_context, server_fn::ServerFn};
use store::{Gate, MasterScope, Ruler, Scope, Session, Token};

use crate::{error::AppError, request::cookie_of};

/// The name of the session cookie. The `__Host-` prefix binds it to this host, TLS and the root path; browsers accept it
/// on loopback without TLS, and nowhere else, which is why `--insecure-http` uses the plain name.
pub const COOKIE_SECURE: &str = "__Host-message_center";
pub const COOKIE_INSECURE: &str = "message_center";

/// What the web server hands to every page and server function.
#[derive(Debug, Clone)]
pub struct Services {
    pub gate: Gate,
    pub engine: engine::Handle,
    /// Where links to carriers are set up.
    pub links: engine::links::LinkDesk,
    /// Where recipient files are handed in.
    pub intake: engine::intake::Intake,
    /// Where files of delivery records are asked for.
    pub exports: engine::exports::Exports,
    /// Where 10DLC is registered.
    pub registrations: engine::tendlc::Registrations,
    /// What one upload through the browser may have.
    pub upload_max_bytes: u64,
    /// What one file that a program brings may have, and a file for the suppression list.
    pub api_upload_max_bytes: u64,
    /// Serving plain HTTP beyond loopback by explicit choice: the cookie cannot be `Secure`.
    pub insecure_http: bool,
    /// The address under which people reach this installation, without a trailing slash; links are made from it.
    pub public_url: String,
    /// Where mails are handed over, such as `smtp.example.org:587, STARTTLS`; None: no mails are sent.
    pub mail: Option<String>,
    /// What the figures showed lately.
    pub monitor: super::monitoring::history::Monitor,
    /// The proxy in front of Grafana; None: the installation has none.
    pub grafana: Option<Arc<dyn super::monitoring::grafana::Dashboards>>,
    /// Who looks whether everything is in order.
    pub examiner: Arc<dyn super::diagnostics::Examiner>,
}

/// From where a request came, set by a layer: address behind trusted proxies, user agent, request id.
#[derive(Debug, Clone, Default)]
pub struct RequestOrigin(pub Origin);

/// Who comes in where, for the time in which one page is rendered: its frame and what it shows ask the same, and the
/// answer must not differ between them. Nothing that lives longer than its page has it.
#[derive(Debug, Clone, Default)]
pub struct Proved(Arc<Mutex<Proofs>>);

#[derive(Debug, Default)]
struct Proofs {
    session: Option<Session>,
    scopes: Vec<(Slug, Scope)>,
}

impl Proved {
    fn with<T>(parts: &Parts, look: impl FnOnce(&mut Proofs) -> Option<T>) -> Option<T> {
        let Self(proofs) = parts.extensions.get::<Self>()?;
        look(&mut proofs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Services {
    #[must_use]
    pub const fn cookie_name(&self) -> &'static str {
        if self.insecure_http { COOKIE_INSECURE } else { COOKIE_SECURE }
    }

    /// The `Set-Cookie` value that signs a browser in, or out when there is no token.
    #[must_use]
    pub fn set_cookie(&self, token: Option<&Token>) -> String {
        let secure = if self.insecure_http { "" } else { "; Secure" };
        let name = self.cookie_name();
        match token {
            Some(token) => format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", token.reveal()),
            None => format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"),
        }
    }

    /// The token that a request presents.
    #[must_use]
    pub fn presented(&self, parts: &Parts) -> Option<Token> {
        cookie_of(parts, self.cookie_name()).map(Token::presented)
    }

    /// The session behind a request's cookie.
    pub async fn session(&self, parts: &Parts) -> Result<Session, AppError> {
        if let Some(proved) = Proved::with(parts, |proofs| proofs.session.clone()) {
            return Ok(proved);
        }
        let session = self.session_anew(parts, !asked_by_itself(parts.uri.path())).await?;
        Proved::with(parts, |proofs| proofs.session.replace(session.clone()));
        Ok(session)
    }

    async fn session_anew(&self, parts: &Parts, used: bool) -> Result<Session, AppError> {
        let token = self.presented(parts).ok_or(AppError::SignedOut)?;
        let origin = origin(parts);
        Ok(if used {
            self.gate.session(&token, origin).await?
        } else {
            self.gate.watching_session(&token, origin).await?
        })
    }

    /// Proof that whoever sends a request may be in a workspace.
    pub async fn enter(&self, parts: &Parts, slug: &str) -> Result<Scope, AppError> {
        let session = self.session(parts).await?;
        let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
        let known =
            |proofs: &mut Proofs| proofs.scopes.iter().find(|(of, _)| *of == slug).map(|(_, scope)| scope.clone());
        if let Some(proved) = Proved::with(parts, known) {
            return Ok(proved);
        }
        let scope = self.gate.enter(&session, &slug).await?;
        Proved::with(parts, |proofs| {
            proofs.scopes.push((slug, scope.clone()));
            Some(())
        });
        Ok(scope)
    }
}

/// The services of this request. An error, never a panic: route generation calls server functions without them.
pub fn services() -> Result<Services, AppError> {
    use_context::<Services>().ok_or_else(|| AppError::unavailable("The services of this installation are not up yet."))
}

pub fn parts() -> Result<Parts, AppError> {
    use_context::<Parts>().ok_or_else(|| AppError::unavailable("The services of this installation are not up yet."))
}

#[must_use]
pub fn origin(parts: &Parts) -> Origin {
    parts.extensions.get::<RequestOrigin>().cloned().unwrap_or_default().0
}

/// The signed-in person; [`AppError::SignedOut`] otherwise.
pub async fn session() -> Result<Session, AppError> {
    services()?.session(&parts()?).await
}

/// The signed-in person, whatever is asked: it counts as use of the session.
pub async fn used() -> Result<Session, AppError> {
    services()?.session_anew(&parts()?, true).await
}

/// The signed-in person, without its being use of the session.
pub async fn watching() -> Result<Session, AppError> {
    services()?.session_anew(&parts()?, false).await
}

/// What an open page asks again and again, whether somebody sits before it or not. Would it count as use of the session,
/// nobody who left such a page open would ever be signed out; what people do in the page is told by
/// [`super::sessions::session_left`].
fn asked_by_itself(path: &str) -> bool {
    const ASKED: [&str; 15] = [
        <super::workspace::Workspace as ServerFn>::PATH,
        <super::notices::UnreadNotices as ServerFn>::PATH,
        <super::overview::Overview as ServerFn>::PATH,
        <super::campaigns::list::Campaigns as ServerFn>::PATH,
        <super::campaigns::detail::Campaign as ServerFn>::PATH,
        <super::campaigns::detail::CampaignPulse as ServerFn>::PATH,
        <super::moderation::ModerationQueue as ServerFn>::PATH,
        <super::registry::campaigns::TendlcCampaign as ServerFn>::PATH,
        <super::registry::numbers::TendlcNumbers as ServerFn>::PATH,
        <super::outbox::Outbox as ServerFn>::PATH,
        <super::monitoring::Monitoring as ServerFn>::PATH,
        <super::monitoring::workspace::WorkspaceMonitoring as ServerFn>::PATH,
        <super::installation::links::CarrierLinks as ServerFn>::PATH,
        <super::installation::links::CarrierLink as ServerFn>::PATH,
        <super::registry::brands::RegistryBrand as ServerFn>::PATH,
    ];
    ASKED.contains(&path) || (path.starts_with("/w/") && path.ends_with("/events"))
}

/// Who sends the request, also while they lack a second factor that the installation asks for.
pub async fn identified() -> Result<store::Identified, AppError> {
    let services = services()?;
    let parts = parts()?;
    let token = services.presented(&parts).ok_or(AppError::SignedOut)?;
    Ok(services.gate.identify(&token, origin(&parts)).await?)
}

/// Proof that the signed-in person may be in the workspace of this address.
///
/// The context of a page may be gone once something has been awaited: a page that is rendered a second time drops the
/// first. So a function that a page loads with takes its services before it enters.
pub async fn enter(slug: &str) -> Result<Scope, AppError> {
    services()?.enter(&parts()?, slug).await
}

/// Proof that the signed-in person is a super admin; whoever is not finds nothing.
pub async fn rule() -> Result<Ruler, AppError> {
    let services = services()?;
    let session = services.session(&parts()?).await?;
    Ok(services.gate.rule(&session)?)
}

/// Proof that a super admin reads across workspaces; whoever is none finds nothing.
pub async fn master() -> Result<MasterScope, AppError> {
    let services = services()?;
    let session = services.session(&parts()?).await?;
    Ok(services.gate.master(&session)?)
}

/// [`rule`], with the address of a workspace that it is about.
pub async fn rule_over(slug: &str) -> Result<(Ruler, Slug), AppError> {
    let ruler = rule().await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    Ok((ruler, slug))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_ask_by_themselves_is_no_use() {
        let asked = <crate::api::workspace::Workspace as ServerFn>::PATH;
        let done = <crate::api::campaigns::control::StartCampaign as ServerFn>::PATH;
        for path in [asked, "/w/acme/events"] {
            assert!(asked_by_itself(path), "{path}");
        }
        for path in ["/w/acme", "/w/acme/campaigns", done, "/events"] {
            assert!(!asked_by_itself(path), "{path}");
        }
    }
}
