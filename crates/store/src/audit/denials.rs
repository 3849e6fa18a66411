//! Denials: somebody tried what their role does not allow.
//!
//! One session is recorded a few times a minute; beyond that its denials are counted, and the next record says how many
//! there were, so that nobody fills the log.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::SessionId;

use super::{Chain, Event};
use crate::access::Inner;

const WINDOW_MS: i64 = 60_000;
const PER_WINDOW: u32 = 10;
/// Sessions that are remembered; those whose minute is over are forgotten first.
const SESSIONS_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<HashMap<SessionId, Window>>);

#[derive(Debug)]
struct Window {
    begun_ms: i64,
    recorded: u32,
    /// Denials since the last record that were counted only.
    unrecorded: u64,
}

impl Denials {
    /// How many denials were passed over before this one; None: this one is passed over too.
    fn admit(&self, session: SessionId, now_ms: i64) -> Option<u64> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS_MAX && !sessions.contains_key(&session) {
            sessions.retain(|_, window| now_ms < window.begun_ms + WINDOW_MS);
            if sessions.len() >= SESSIONS_MAX {
                return None;
            }
        }
        let window = sessions.entry(session).or_insert(Window { begun_ms: now_ms, recorded: 0, unrecorded: 0 });
        if now_ms >= window.begun_ms + WINDOW_MS {
            window.begun_ms = now_ms;
            window.recorded = 0;
        }
        if window.recorded >= PER_WINDOW {
            window.unrecorded += 1;
            return None;
        }
        window.recorded += 1;
        Some(std::mem::take(&mut window.unrecorded))
    }
}

impl Inner {
    /// Records a denial in the background: the refusal itself does not wait for it.
    pub(crate) fn denied(self: &Arc<Self>, session: SessionId, chain: Chain, event: Event) {
        let Some(passed_over) = self.denials.admit(session, self.now_ms()) else { return };
        let event = match passed_over {
            0 => event,
            more => event.note(format!("and {more} more of this session before, which were not recorded one by one")),
        };
        // Outside of a runtime there is no request either.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let inner = Arc::clone(self);
            runtime.spawn(async move { inner.record(chain, event).await });
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_session_does_not_fill_the_log() {
        let denials = Denials::default();
        let (one, other) = (SessionId::from_uuid(Uuid::from_u128(1)), SessionId::from_uuid(Uuid::from_u128(2)));
        for _ in 0..PER_WINDOW {
            assert_eq!(denials.admit(one, 0), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(denials.admit(one, 30_000), None);
        }
        assert_eq!(denials.admit(other, 30_000), Some(0));
        assert_eq!(denials.admit(one, 60_000), Some(7));
        assert_eq!(denials.admit(one, 60_000), Some(0));
    }
}
