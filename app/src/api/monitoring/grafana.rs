//! Grafana's dashboards, for super admins, where the installation has a Grafana: where the proxy in front of it lets a
//! browser in, and a ticket with which it does so once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// A dashboard that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    pub uid: String,
    pub title: String,
}

/// What it takes to show Grafana within a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrafanaView {
    /// Where the ticket is posted to: an address of another origin.
    pub enter: String,
    /// Good once, for half a minute. Never in an address.
    pub ticket: String,
    pub dashboards: Vec<Dashboard>,
    /// Why Grafana shows nothing at the moment, and what to do; None: it answers.
    pub trouble: Option<String>,
}

/// The proxy in front of Grafana; the server hands one to its pages where there is one.
#[cfg(feature = "ssr")]
pub trait Dashboards: Send + Sync + std::fmt::Debug {
    /// Where tickets are posted to.
    fn enter(&self) -> String;

    fn shown(&self) -> &[Dashboard];

    /// A ticket that stands for a session.
    fn ticket(&self, session: &store::Session, token: store::Token) -> Result<String, AppError>;

    /// Why Grafana shows nothing at the moment.
    fn trouble(&self) -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send + '_>>;

    /// The content security policy of a page that has it in a frame.
    fn page_policy(&self, nonce: &str) -> String;
}

/// A way in, for whoever looks at the page now; None where the installation has no Grafana.
#[server]
pub async fn grafana_dashboards() -> Result<Option<GrafanaView>, AppError> {
    let (services, parts) = (super::super::context::services()?, super::super::context::parts()?);
    // A page has a nonce, and where it is loaded by itself its policy is made here.
    let page = leptos::nonce::use_nonce().zip(use_context::<leptos_axum::ResponseOptions>());
    let session = services.session(&parts).await?;
    services.gate.rule(&session)?;
    let Some(grafana) = &services.grafana else { return Ok(None) };
    if let Some((nonce, response)) = page
        && let Ok(policy) = axum::http::HeaderValue::from_str(&grafana.page_policy(&nonce))
    {
        response.insert_header(axum::http::header::CONTENT_SECURITY_POLICY, policy);
    }
    let trouble = grafana.trouble().await;
    let token = services.presented(&parts).ok_or(AppError::SignedOut)?;
    let ticket = grafana.ticket(&session, token)?;
    Ok(Some(GrafanaView { enter: grafana.enter(), ticket, dashboards: grafana.shown().to_vec(), trouble }))
}
