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

/// How long this session lasts still, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLeft {
    /// Unless somebody does something meanwhile.
    pub idle: u32,
    /// Whatever is done.
    pub whole: u32,
}

/// How long this session lasts still. With `active` somebody has done something in the page since it asked last: that is
/// use, and the time begins anew.
#[server]
pub async fn session_left(active: bool) -> Result<TimeLeft, AppError> {
    let services = super::context::services()?;
    let session = if active { super::context::used().await? } else { super::context::watching().await? };
    let left = |until_ms: i64| {
        let left_s = (until_ms - services.gate.now_ms()) / 1_000;
        u32::try_from(left_s.max(0)).unwrap_or(u32::MAX)
    };
    Ok(TimeLeft { idle: left(session.idle_until_ms()), whole: left(session.expires_at_ms()) })
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
