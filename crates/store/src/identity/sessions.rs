//! Where somebody is signed in, and ending that.

use domain::id::SessionId;
use surrealdb::types::{RecordId, Variables};

use crate::{
    Error, Gate, Session,
    access::SessionRecord,
    audit::{Chain, Event},
};

/// One of somebody's own sessions.
#[derive(Debug, Clone)]
pub struct OwnSession {
    pub id: SessionId,
    pub address: String,
    pub user_agent: String,
    pub began_at_ms: i64,
    /// To the minute.
    pub last_used_at_ms: i64,
    /// The one that asks.
    pub is_this: bool,
}

/// Those that are not over, the last used first.
pub async fn list(gate: &Gate, session: &Session) -> Result<Vec<OwnSession>, Error> {
    let inner = &*gate.inner;
    let mut vars = Variables::new();
    vars.insert("user", session.user().id.to_string());
    let records: Vec<SessionRecord> = inner.db.docs("SELECT VALUE doc FROM session WHERE user = $user", vars).await?;
    let settings = inner.settings().await?.settings;
    let now_ms = inner.now_ms();
    let lasts = |record: &SessionRecord| {
        now_ms < record.created_at_ms + settings.session_absolute_ms()
            && now_ms < record.last_used_at_ms + settings.session_idle_ms()
    };
    let mut own: Vec<OwnSession> = records
        .into_iter()
        .filter(lasts)
        .map(|record| OwnSession {
            is_this: record.id == session.id(),
            id: record.id,
            address: record.address,
            user_agent: record.user_agent,
            began_at_ms: record.created_at_ms,
            last_used_at_ms: record.last_used_at_ms,
        })
        .collect();
    own.sort_by_key(|own| (!own.is_this, -own.last_used_at_ms));
    Ok(own)
}

/// Ends one of somebody's own sessions.
pub async fn end(gate: &Gate, session: &Session, id: SessionId) -> Result<(), Error> {
    let ended = find(gate, session, "doc.id = $id", id).await?;
    if ended.is_empty() {
        return Err(Error::NotFound);
    }
    let event = Event::new(session.actor(None), session.origin().clone(), "session.ended").on("session", &id);
    delete(gate, event, &ended).await
}

/// Ends all of somebody's sessions but the one that asks; how many there were.
pub async fn end_others(gate: &Gate, session: &Session) -> Result<u32, Error> {
    let ended = find(gate, session, "doc.id != $id", session.id()).await?;
    let count = u32::try_from(ended.len()).unwrap_or(u32::MAX);
    if count > 0 {
        let event = Event::new(session.actor(None), session.origin().clone(), "session.others_ended")
            .on("user", &session.user().id)
            .note(format!("{count} sessions"));
        delete(gate, event, &ended).await?;
    }
    Ok(count)
}

pub(super) async fn find(gate: &Gate, session: &Session, which: &str, id: SessionId) -> Result<Vec<RecordId>, Error> {
    let mut vars = Variables::new();
    vars.insert("user", session.user().id.to_string());
    vars.insert("id", id.to_string());
    let sql = format!("SELECT VALUE id FROM session WHERE user = $user AND {which}");
    let mut answer = gate.inner.db.read(&sql, vars).await?;
    answer.take(0).map_err(crate::db::corrupt)
}

async fn delete(gate: &Gate, event: Event, ended: &[RecordId]) -> Result<(), Error> {
    gate.inner
        .audited(Chain::Installation, event, |tx| {
            for session in ended {
                tx.delete(session.clone());
            }
        })
        .await
}
