//! How a browser comes in: with a one-time ticket, which it swaps for a cookie of this origin.
//!
//! Both stand for a session of the main origin, whose own cookie never comes here. Both are 256 random bits of which only
//! the SHA-256 is kept, in memory: after a restart pages ask for another ticket.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::id::SessionId;
use sha2::{Digest, Sha256};
use store::Token;

/// How long a ticket is good.
pub const TICKET_MS: i64 = 30_000;
/// A visit ends when nothing has been asked for so long; dashboards that refresh themselves keep theirs.
pub const VISIT_IDLE_MS: i64 = 30 * 60_000;
/// Whether the session goes on is asked at most this often for a visit.
pub const LOOK_AGAIN_MS: i64 = 2_000;
/// Tickets, and visits, of a session at a time; the oldest makes room.
const OF_A_SESSION: usize = 8;

type Hash = [u8; 32];

/// Whom a ticket or a visit stands for.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub session: SessionId,
    /// With what the session is looked up.
    pub token: Token,
}

#[derive(Debug)]
struct Ticket {
    bearer: Bearer,
    made_at_ms: i64,
}

#[derive(Debug)]
struct Visit {
    bearer: Bearer,
    made_at_ms: i64,
    used_at_ms: i64,
    looked_at_ms: i64,
}

/// What a cookie is good for.
#[derive(Debug)]
pub enum Known {
    /// The session went on a moment ago.
    Yes,
    /// The session has to be looked at.
    AskAbout(Bearer),
    No,
}

/// The tickets and visits that there are.
#[derive(Debug, Default)]
pub struct Door(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    tickets: HashMap<Hash, Ticket>,
    visits: HashMap<Hash, Visit>,
}

impl Door {
    /// A ticket, to be handed over once.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn ticket(&self, bearer: Bearer, now_ms: i64) -> Result<String, getrandom::Error> {
        let secret = secret()?;
        let mut kept = self.kept();
        kept.tickets.retain(|_, ticket| now_ms < ticket.made_at_ms + TICKET_MS);
        let session = bearer.session;
        make_room(&mut kept.tickets, |ticket| (ticket.bearer.session == session).then_some(ticket.made_at_ms));
        kept.tickets.insert(hash(&secret), Ticket { bearer, made_at_ms: now_ms });
        Ok(secret)
    }

    /// Takes a ticket out: whatever comes of it, it is good no more.
    pub fn redeem(&self, ticket: &str, now_ms: i64) -> Option<Bearer> {
        let ticket = self.kept().tickets.remove(&hash(ticket))?;
        (ticket.made_at_ms..ticket.made_at_ms + TICKET_MS).contains(&now_ms).then_some(ticket.bearer)
    }

    /// Begins a visit of a session that has just been looked at; gives the value of its cookie.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn begin(&self, bearer: Bearer, now_ms: i64) -> Result<String, getrandom::Error> {
        let secret = secret()?;
        let mut kept = self.kept();
        kept.visits.retain(|_, visit| now_ms < visit.used_at_ms + VISIT_IDLE_MS);
        let session = bearer.session;
        make_room(&mut kept.visits, |visit| (visit.bearer.session == session).then_some(visit.made_at_ms));
        let visit = Visit { bearer, made_at_ms: now_ms, used_at_ms: now_ms, looked_at_ms: now_ms };
        kept.visits.insert(hash(&secret), visit);
        Ok(secret)
    }

    /// What a presented cookie is good for.
    pub fn known(&self, cookie: &str, now_ms: i64) -> Known {
        let (hash, mut kept) = (hash(cookie), self.kept());
        let Some(visit) = kept.visits.get_mut(&hash) else { return Known::No };
        if now_ms >= visit.used_at_ms + VISIT_IDLE_MS {
            kept.visits.remove(&hash);
            return Known::No;
        }
        visit.used_at_ms = now_ms;
        // A clock that was set back says nothing of how long ago that was.
        if (visit.looked_at_ms..visit.looked_at_ms + LOOK_AGAIN_MS).contains(&now_ms) {
            Known::Yes
        } else {
            Known::AskAbout(visit.bearer.clone())
        }
    }

    /// The session goes on.
    pub fn looked(&self, cookie: &str, now_ms: i64) {
        if let Some(visit) = self.kept().visits.get_mut(&hash(cookie)) {
            visit.looked_at_ms = now_ms;
        }
    }

    /// The session is over, and with it everything that stands for it.
    pub fn end(&self, session: SessionId) {
        let mut kept = self.kept();
        kept.tickets.retain(|_, ticket| ticket.bearer.session != session);
        kept.visits.retain(|_, visit| visit.bearer.session != session);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the oldest of those that have an age, until another one is not too many.
fn make_room<T>(kept: &mut HashMap<Hash, T>, made_at_ms: impl Fn(&T) -> Option<i64>) {
    loop {
        let of_it = || kept.iter().filter_map(|(hash, one)| Some((made_at_ms(one)?, *hash)));
        if of_it().count() < OF_A_SESSION {
            return;
        }
        let Some((_, oldest)) = of_it().min() else { return };
        kept.remove(&oldest);
    }
}

fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// 256 random bits, as hexadecimal digits.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn bearer(session: u128) -> Bearer {
        Bearer { session: SessionId::from_uuid(Uuid::from_u128(session)), token: Token::presented("of the pages") }
    }

    #[test]
    fn a_ticket_is_good_once_and_for_half_a_minute() {
        let door = Door::default();
        let (first, late) = (door.ticket(bearer(1), 0).unwrap(), door.ticket(bearer(1), 0).unwrap());
        assert_eq!(first.len(), 64);
        assert_ne!(first, late);
        assert!(door.redeem(&first, 29_999).is_some());
        assert!(door.redeem(&first, 29_999).is_none(), "a second time");
        assert!(door.redeem(&late, 30_000).is_none(), "too late");
        assert!(door.redeem(&late, 0).is_none(), "and gone then");
        assert!(door.redeem("", 0).is_none());
        assert!(!format!("{door:?}").contains("of the pages"), "the token is not printed");
    }

    #[test]
    fn a_visit_is_looked_after_and_ends_with_its_session_or_by_rest() {
        let door = Door::default();
        let cookie = door.begin(bearer(1), 0).unwrap();
        let other = door.begin(bearer(2), 0).unwrap();
        assert!(matches!(door.known(&cookie, 1_999), Known::Yes));
        assert!(matches!(door.known(&cookie, 2_000), Known::AskAbout(_)));
        assert!(matches!(door.known(&cookie, 2_001), Known::AskAbout(_)), "until somebody looked");
        door.looked(&cookie, 2_001);
        assert!(matches!(door.known(&cookie, 4_000), Known::Yes));
        assert!(matches!(door.known(&cookie, 4_000 + VISIT_IDLE_MS - 1), Known::AskAbout(_)), "used meanwhile");
        assert!(matches!(door.known(&other, VISIT_IDLE_MS), Known::No), "at rest for too long");
        let ticket = door.ticket(bearer(1), 0).unwrap();
        door.end(bearer(1).session);
        assert!(matches!(door.known(&cookie, 4_001), Known::No));
        assert!(door.redeem(&ticket, 1).is_none(), "its tickets end, too");
        assert!(matches!(door.known("made up", 0), Known::No));
    }

    #[test]
    fn nobody_fills_the_memory_and_the_oldest_makes_room() {
        let door = Door::default();
        let tickets: Vec<String> = (0..20).map(|at| door.ticket(bearer(1), at).unwrap()).collect();
        let visits: Vec<String> = (0..20).map(|at| door.begin(bearer(1), at).unwrap()).collect();
        let other = door.ticket(bearer(2), 20).unwrap();
        assert!(door.redeem(&tickets[11], 20).is_none());
        assert!(door.redeem(&tickets[12], 20).is_some() && door.redeem(&tickets[19], 20).is_some());
        assert!(matches!(door.known(&visits[11], 20), Known::No));
        assert!(matches!(door.known(&visits[12], 20), Known::Yes));
        assert!(door.redeem(&other, 20).is_some(), "nobody else's");
    }
}
