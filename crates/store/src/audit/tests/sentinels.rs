//! The lines in the log that alerts are built on, tripped one by one.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

use tracing::subscriber::DefaultGuard;

use super::*;
use crate::metrics;

/// What is logged, as JSON, as the product writes it with `log_format = "json"`.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Of this thread, until the guard is dropped.
    fn listen() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        (lines, tracing::subscriber::set_default(log))
    }

    fn of(&self, sentinel: &str) -> Vec<serde_json::Value> {
        let octets = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(octets).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["sentinel"] == sentinel).collect()
    }
}

async fn record(log: &Log, number: u64) {
    log.clock.advance(10);
    let event = Event::new(Actor::Unknown, Origin::default(), "sign_in.failed").on("sign_in", &number);
    log.inner().record(Chain::Installation, event).await;
}

#[tokio::test]
async fn a_database_that_is_away_is_said_once_and_a_full_file_too() {
    let log = Log::with(|config| config.fallback_max_bytes = 1_000).await;
    let (lines, _guard) = Lines::listen();
    record(&log, 0).await;
    assert!(lines.of("audit-fallback").is_empty(), "the database takes it");
    let (engaged, overflown) = (metrics::FALLBACK.get(), metrics::FALLBACK_OVERFLOW.get());
    log.set_down(true);
    record(&log, 1).await;
    record(&log, 2).await;
    let said = lines.of("audit-fallback");
    assert_eq!(said.len(), 1, "said once, and not with each event");
    assert!(said[0]["message"].as_str().unwrap().starts_with("[audit-fallback] "), "{}", said[0]);
    assert_eq!(said[0]["level"], "ERROR");
    assert!(metrics::FALLBACK.get() > engaged);
    assert!(lines.of("audit-fallback-overflow").is_empty(), "there is room yet");
    let standing = log.opened.system.audit_fallback();
    assert!(standing.bytes > 0 && standing.lost_events == 0, "{standing:?}");

    for number in 3..20 {
        record(&log, number).await;
    }
    let said = lines.of("audit-fallback-overflow");
    assert_eq!(said.len(), 1, "said once a minute");
    assert!(said[0]["message"].as_str().unwrap().starts_with("[audit-fallback-overflow] "), "{}", said[0]);
    assert_eq!((&said[0]["severity"], &said[0]["lost"]), (&"critical".into(), &1.into()));
    assert!(metrics::FALLBACK_OVERFLOW.get() > overflown);
    assert!(log.opened.system.audit_fallback().lost_events > 10);
    log.clock.advance(60_000);
    record(&log, 20).await;
    assert_eq!(lines.of("audit-fallback-overflow").len(), 2, "a lasting one is said again");

    log.set_down(false);
    log.keeper.flush().await.unwrap();
    let standing = log.opened.system.audit_fallback();
    assert_eq!((standing.bytes, standing.lost_events), (0, 0));
    log.set_down(true);
    record(&log, 21).await;
    assert_eq!(lines.of("audit-fallback").len(), 2, "the next time is said again");
}

#[tokio::test]
async fn a_log_that_is_behind_its_checkpoint_is_said() {
    let log = Log::new().await;
    let (lines, _guard) = Lines::listen();
    log.write(3).await;
    log.checkpoint().await;
    assert!(lines.of("audit-checkpoint-ahead").is_empty());
    // As if a backup had been put in place.
    let sql = "UPDATE audit_head SET doc.seq = 1 WHERE doc.seq > 1";
    log.inner().db.read(sql, Variables::new()).await.unwrap();
    log.checkpoint().await;
    let said = lines.of("audit-checkpoint-ahead");
    assert_eq!((said.len(), &said[0]["stated"], &said[0]["found"]), (1, &3.into(), &1.into()));
}
