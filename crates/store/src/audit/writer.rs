//! The writer for what has no transaction of its own: failed sign-ins, lockouts, denials.
//!
//! The database first. When it does not answer, the event goes to the fallback file, and so does all that follows until
//! the file is flushed, so that the order is kept. Each event has an id, by which the chain knows it again: one that was
//! given up and was written after all is not written twice.

use std::time::Duration;

use domain::audit::{Actor, Origin};

use super::{
    Chain, Event,
    event::Entry,
    fallback::{Gap, Line},
};
use crate::{Error, access::Inner};

/// For so long the database may keep an event waiting.
const PATIENCE: Duration = Duration::from_secs(3);
/// Events of one transaction when the file is flushed.
const BATCH: usize = 200;

impl Inner {
    /// Records an event that nothing else is committed with. What it is about has happened already and cannot be
    /// refused any more, so there is no error to hand back.
    pub(crate) async fn record(&self, chain: Chain, event: Event) {
        let entry = Entry { at_ms: self.now_ms(), id: Some(self.event_id()), event };
        if !self.fallback.engaged() {
            let entries = std::slice::from_ref(&entry);
            if let Ok(Ok(())) = tokio::time::timeout(PATIENCE, self.append_once(chain, entries)).await {
                return;
            }
        }
        self.fallback.keep(chain, entry, || self.event_id()).await;
        self.chains.grown.notify_one();
    }

    fn event_id(&self) -> String {
        // Without randomness from the system nothing else works either; the time still tells events apart.
        self.new_uuid().map_or_else(|_| self.now_ms().to_string(), |id| id.to_string())
    }

    /// Brings the fallback file into the database, in its order and with the original times; what found no room in it
    /// is recorded as a gap. How many events came back.
    pub(super) async fn flush_fallback(&self) -> Result<u64, Error> {
        if !self.fallback.engaged() {
            return Ok(0);
        }
        let mut events = 0;
        loop {
            while let Some((lines, end)) = self.fallback.next_lines(BATCH).await? {
                events += lines.len() as u64;
                self.flush_lines(lines).await?;
                self.fallback.flushed(end);
            }
            if !self.fallback.empty().await? {
                continue;
            }
            while let Some(gap) = self.fallback.gap() {
                let entry = Entry { at_ms: self.now_ms(), id: Some(gap.id.clone()), event: gap_event(&gap) };
                self.append_once(Chain::Installation, &[entry]).await?;
                self.fallback.gap_recorded(&gap).await;
            }
            if self.fallback.disengage() {
                return Ok(events);
            }
        }
    }

    pub(super) async fn flush_lines(&self, lines: Vec<Line>) -> Result<(), Error> {
        let mut lines = lines.into_iter().peekable();
        while let Some(first) = lines.next() {
            let mut entries = vec![first.entry];
            while let Some(next) = lines.next_if(|line| line.chain == first.chain) {
                entries.push(next.entry);
            }
            // A chain of no known name would be somebody's hand in the file; its events are kept all the same.
            let chain = Chain::named(&first.chain).unwrap_or(Chain::Installation);
            self.append_once(chain, &entries).await?;
        }
        Ok(())
    }
}

fn gap_event(gap: &Gap) -> Event {
    let actor = Actor::System { reason: "audit".to_owned() };
    Event::new(actor, Origin::default(), "audit.gap")
        .change("events_lost", None, Some(gap.count))
        .change("first_at_ms", None, Some(gap.first_at_ms))
        .change("last_at_ms", None, Some(gap.last_at_ms))
        .note(format!("{} events were not kept: the database was away and the file for them full", gap.count))
}
