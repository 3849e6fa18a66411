//! A seat: the place of one session in a link, and the loop that keeps a session bound in it.

use std::{sync::Arc, time::Duration};

use smpp::{
    BindRole, Session,
    random::SplitMix64,
    session::{BindError, End, Transport},
};
use tokio::{
    sync::{OwnedRwLockReadGuard, RwLock},
    time::{Instant, sleep, timeout},
};

use super::{
    link::{Link, Order, count},
    worker,
};
use crate::settings::{LinkSettings, roles};

/// All seats of a link that were set up together: each holds it for reading while it is taken, so that the next
/// generation can wait until the carrier has room for it.
pub(super) type Generation = Arc<RwLock<()>>;

/// What a session is bound with, for as long as the link is configured so.
#[derive(Debug)]
pub(super) struct Seat {
    pub settings: Arc<LinkSettings>,
    pub role: BindRole,
    pub generation: u64,
    /// While it exists the next generation waits.
    _taken: OwnedRwLockReadGuard<()>,
}

impl Seat {
    pub fn new(settings: Arc<LinkSettings>, role: BindRole, generation: u64, taken: OwnedRwLockReadGuard<()>) -> Self {
        Self { settings, role, generation, _taken: taken }
    }

    /// When a session that ends in order gives up waiting for answers.
    pub fn leave_by(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.settings.timers.response_s)
    }
}

/// Keeps one session bound until the link is told to leave, or is set up anew.
pub(super) async fn keep_session(link: Arc<Link>, seat: Seat, before: Option<Generation>) {
    if let Some(before) = before {
        drop(before.write().await);
    }
    let mut orders = link.order.subscribe();
    let mut random = SplitMix64::from_entropy();
    let mut failures = 0;
    loop {
        let directive = *orders.borrow_and_update();
        if directive.generation != seat.generation {
            return;
        }
        match directive.order {
            Order::Leave(_) => return,
            Order::Stop | Order::Disabled => {
                failures = 0;
                if orders.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Order::Run | Order::Drain => (),
        }
        let established = tokio::select! {
            established = establish(&seat.settings, seat.role) => established,
            _ = orders.changed() => continue,
        };
        match established {
            Ok(session) => {
                let bound_at = Instant::now();
                link.came(seat.role);
                let end = worker::run(Arc::clone(&link), &seat, session).await;
                link.went(seat.role);
                if let Some(reason) = end {
                    link.note(reason);
                }
                if bound_at.elapsed() >= Duration::from_secs(seat.settings.timers.reconnect_max_s) {
                    failures = 0;
                }
            }
            // One session too many is no reason to stop those that work.
            Err(BindError::Refused(status)) if seat.settings.policy.stop.contains(&status) && link.sessions() == 0 => {
                link.stop(BindError::Refused(status).to_string(), seat.generation);
                continue;
            }
            Err(error) => link.note(error.to_string()),
        }
        if link.runs(seat.generation) {
            count(&link.tallies.reconnects);
            let delay = backoff(&seat.settings, failures, &mut random);
            failures = failures.saturating_add(1);
            tokio::select! {
                () = sleep(delay) => (),
                _ = orders.changed() => (),
            }
        }
    }
}

async fn establish(settings: &LinkSettings, role: BindRole) -> Result<Session<Transport>, BindError> {
    let limit = Duration::from_secs(settings.timers.connect_s);
    let connector = match &settings.tls {
        // Read anew each time: a renewed certificate is in use from the next connection on.
        Some(tls) => Some(tls.connector(&settings.host).map_err(|error| BindError::Unreachable(error.to_string()))?),
        None => None,
    };
    let transport = Transport::open(&settings.host, settings.port, connector.as_ref(), limit).await?;
    Session::bind(transport, &settings.bind(role), settings.session()).await
}

/// Binds a session in each role of the link, and ends it: whether settings and carrier agree.
///
/// # Errors
/// What the carrier, the network or the settings have against it, in words.
pub async fn test_bind(settings: &LinkSettings) -> Result<(), String> {
    for role in roles(settings.bind) {
        let mut session = establish(settings, *role).await.map_err(|error| error.to_string())?;
        session.begin_unbind(Duration::ZERO);
        let end = async {
            let mut events = Vec::new();
            loop {
                // Receipts that come meanwhile are not acknowledged: the carrier sends them to the next session.
                events.clear();
                if let Err(end) = session.drive(&mut events).await {
                    return end;
                }
            }
        };
        let patience = Duration::from_secs(settings.timers.unbind_s + 1);
        match timeout(patience, end).await {
            // It was bound, which is what was asked.
            Ok(End::Unbound | End::UnboundByPeer | End::Closed) | Err(_) => (),
            Ok(other) => return Err(other.to_string()),
        }
    }
    Ok(())
}

/// Doubles with each failure up to the longest wait; half of it is chance, so that many sessions do not return at once.
fn backoff(settings: &LinkSettings, failures: u32, random: &mut SplitMix64) -> Duration {
    let least = Duration::from_secs(settings.timers.reconnect_min_s);
    let longest = Duration::from_secs(settings.timers.reconnect_max_s);
    let full = least.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(longest);
    full.mul_f64(0.5 + random.next_f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChannelId;

    #[test]
    fn the_wait_doubles_up_to_the_longest_and_varies() {
        let settings = LinkSettings::simulator(ChannelId::parse("x").unwrap(), 1);
        let mut random = SplitMix64::new(7);
        for (failures, full) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 8.0), (4, 10.0), (400, 10.0)] {
            let wait = backoff(&settings, failures, &mut random).as_secs_f64();
            assert!((full / 2.0..=full).contains(&wait), "{failures}: {wait}");
        }
        assert_ne!(backoff(&settings, 3, &mut random), backoff(&settings, 3, &mut random));
    }
}
