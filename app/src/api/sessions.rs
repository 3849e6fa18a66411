//! Where somebody is signed in.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// One of one's own sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub id: String,
    /// Browser and system, as the browser names them.
    pub device: String,
    pub address: String,
    pub began: Moment,
    pub last_used: Moment,
    /// The one of this browser.
    pub is_this: bool,
}

/// One's own sessions, this one first.
#[server]
pub async fn own_sessions() -> Result<Vec<SessionView>, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let own = store::identity::sessions::list(&services.gate, &session).await?;
    Ok(own
        .into_iter()
        .map(|own| SessionView {
            id: own.id.to_string(),
            device: crate::state::device::device(&own.user_agent),
            address: own.address,
            began: Moment::in_utc(own.began_at_ms),
            last_used: Moment::in_utc(own.last_used_at_ms),
            is_this: own.is_this,
        })
        .collect())
}

/// Ends one of one's own sessions.
#[server]
pub async fn end_session(session: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let own = super::context::session().await?;
    let id = session.parse().map_err(|_| AppError::NotFound)?;
    Ok(store::identity::sessions::end(&services.gate, &own, id).await?)
}

/// Ends all of one's own sessions but this one; how many there were.
#[server]
pub async fn end_other_sessions() -> Result<u32, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    Ok(store::identity::sessions::end_others(&services.gate, &session).await?)
}
