//! How mails leave, for super admins.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// The mail server and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxView {
    /// Such as `smtp.example.org:587, STARTTLS`; None: no mails are sent.
    pub server: Option<String>,
    pub waiting: u32,
    pub waiting_since: Option<Moment>,
    /// Why the last attempt failed, while something waits.
    pub last_error: Option<String>,
    /// Within the last week.
    pub sent: u32,
    pub last_sent: Option<Moment>,
    /// Newest first.
    pub given_up: Vec<GivenUpView>,
}

/// A mail that was never taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUpView {
    pub at: Moment,
    pub what: String,
    pub attempts: u32,
    pub reason: String,
}

/// How the outbox is. Nobody but super admins learns that there is one.
#[server]
pub async fn outbox() -> Result<OutboxView, AppError> {
    let services = super::context::services()?;
    let ruler = services.gate.rule(&super::context::session().await?)?;
    let standing = store::notices::standing(&ruler).await?;
    let utc = Moment::in_utc;
    Ok(OutboxView {
        server: services.mail,
        waiting: standing.waiting,
        waiting_since: standing.waiting_since_ms.map(utc),
        last_error: standing.last_error,
        sent: standing.sent,
        last_sent: standing.last_sent_at_ms.map(utc),
        given_up: standing
            .given_up
            .into_iter()
            .map(|given_up| GivenUpView {
                at: utc(given_up.at_ms),
                what: given_up.what.label().to_owned(),
                attempts: given_up.attempts,
                reason: given_up.reason,
            })
            .collect(),
    })
}

/// Sends a mail to oneself, to see whether mails arrive.
#[server]
pub async fn send_test_mail() -> Result<(), AppError> {
    let services = super::context::services()?;
    let ruler = services.gate.rule(&super::context::session().await?)?;
    Ok(store::notices::send_trial(&ruler).await?)
}
