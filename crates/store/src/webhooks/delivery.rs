//! The outbox, for the job of the server that empties it. A claim runs out, so an event whose job died is sent again: at
//! least once, always under the same id.

use domain::{
    audit::{Actor, Origin},
    id::WorkspaceId,
    webhook::{Delivery, DeliveryState, Endpoint, retry_after_ms},
    workspace::Workspace,
};
use surrealdb::types::{RecordId, Variables};

use super::{DeliveryRecord, EndpointRecord, Secret, delivery_key, endpoint_key, events::content};
use crate::{
    Error, SystemDoor,
    access::{Inner, random_bytes, with},
    audit::{Chain, Event},
    db::{Abort, corrupt, key},
    notices::consequences::Consequences,
};

/// After this long without a report an event is sent again.
const CLAIM_MS: i64 = 60_000;
/// Delivered and dead events are kept for whoever looks into it.
const ENDED_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// What waits for one endpoint at most; with more it is switched off, and nothing more is written for it.
pub const WAITING_MAX: usize = 20_000;
const NOTHING_ARRIVED: &str = "nothing had arrived for a day";
const TOO_SLOW: &str = "more events waited for it than an endpoint may have";
/// Records removed in one transaction.
const BATCH: i64 = 500;

/// An event that is due, and not claimed yet.
#[derive(Debug)]
pub struct Due(DeliveryRecord);

impl Due {
    #[must_use]
    pub const fn delivery(&self) -> &Delivery {
        &self.0.delivery
    }
}

/// An event that is to be sent now.
#[derive(Debug)]
pub struct Sendable {
    pub endpoint: Endpoint,
    pub delivery: Delivery,
    /// The event as JSON, the same in every attempt.
    pub body: String,
    secrets: Vec<Secret>,
    record: DeliveryRecord,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Answered with 2xx.
    Arrived(u16),
    /// In words, without anything that the other side said.
    Failed(String),
}

impl Sendable {
    /// The headers that say what it is, and prove from whom; `at_s` is now, in seconds.
    #[must_use]
    pub fn headers(&self, at_s: i64) -> [(&'static str, String); 3] {
        let id = self.delivery.id.to_string();
        let signatures: Vec<String> = self.secrets.iter().map(|secret| secret.sign(&id, at_s, &self.body)).collect();
        [("webhook-id", id), ("webhook-timestamp", at_s.to_string()), ("webhook-signature", signatures.join(" "))]
    }
}

impl SystemDoor {
    /// What is due, at most `limit` events in the order in which they came due; not claimed yet.
    pub async fn due_webhooks(&self, limit: u32) -> Result<Vec<Due>, Error> {
        let mut vars = Variables::new();
        vars.insert("now", self.inner().now_ms());
        vars.insert("limit", i64::from(limit));
        let sql = "SELECT VALUE doc FROM (SELECT id, doc, due_ms FROM webhook_delivery \
                   WHERE state = 'waiting' AND due_ms <= $now ORDER BY due_ms, id LIMIT $limit)";
        let records: Vec<DeliveryRecord> = self.inner().db.docs(sql, vars).await?;
        Ok(records.into_iter().map(Due).collect())
    }

    /// Lets events wait that are due, since their endpoint takes nothing; those that somebody changes meanwhile are left
    /// alone.
    pub async fn postpone_webhooks(&self, due: Vec<Due>, until_ms: i64) -> Result<(), Error> {
        let postponed: Vec<_> = due.into_iter().map(|Due(record)| (record.revision, later(record, until_ms))).collect();
        if postponed.is_empty() {
            return Ok(());
        }
        let build = || {
            with(|tx| {
                for (before, record) in &postponed {
                    tx.compare_and_set(key_of(&record.delivery), *before, record);
                }
            })
        };
        match self.inner().db.transact(build).await {
            Ok(()) | Err(Abort::Stale) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Claims an event; None: somebody else has it, or there is nothing to be sent any more.
    pub async fn claim_webhook(&self, due: Due) -> Result<Option<Sendable>, Error> {
        let inner = self.inner();
        let Due(mut record) = due;
        let due = record.delivery.clone();
        let key = key_of(&due);
        let workspace = inner.db.get::<Workspace>(key::global("workspace", due.workspace)).await?;
        let endpoint = inner.db.get::<EndpointRecord>(endpoint_key(due.workspace, due.endpoint)).await?;
        let (Some(workspace), Some(endpoint)) = (workspace, endpoint) else {
            inner.db.transact(|| with(|tx| tx.delete(key.clone()))).await?;
            return Ok(None);
        };
        let closed = match endpoint.endpoint.disabled_at_ms {
            _ if workspace.archived_at_ms.is_some() => Some("the workspace is archived"),
            Some(_) if !due.by_hand => Some("the webhook is switched off"),
            _ => None,
        };
        if let Some(why) = closed {
            end(&mut record.delivery, DeliveryState::Dead, inner.now_ms());
            record.delivery.outcome = Some(why.to_owned());
            self.put_delivery(&mut record).await?;
            return Ok(None);
        }
        record.delivery.attempts += 1;
        record.delivery.due_ms = inner.now_ms() + CLAIM_MS;
        if !self.put_delivery(&mut record).await? {
            return Ok(None);
        }
        let now_ms = inner.now_ms();
        let name = endpoint.endpoint.id.to_string();
        let open = |sealed: &str| inner.sealer.open(&name, sealed).map(Secret::from_bytes);
        let mut secrets = vec![open(&endpoint.secret)?];
        for (former, _) in endpoint.formers.iter().filter(|(_, until_ms)| now_ms < *until_ms) {
            secrets.push(open(former)?);
        }
        let body = format!(
            r#"{{"type":"{}","id":"{}","timestamp":"{}","data":{}}}"#,
            due.kind.name(),
            due.id,
            rfc3339(due.at_ms),
            content(&record)?
        );
        Ok(Some(Sendable { endpoint: endpoint.endpoint, delivery: record.delivery.clone(), body, secrets, record }))
    }

    /// What came of it.
    pub async fn report_webhook(&self, sent: Sendable, outcome: &Outcome) -> Result<(), Error> {
        let inner = self.inner();
        let now_ms = inner.now_ms();
        let mut record = sent.record;
        let delivery = &mut record.delivery;
        match outcome {
            Outcome::Arrived(status) => {
                end(delivery, DeliveryState::Delivered, now_ms);
                delivery.outcome = Some(format!("answered with {status}"));
            }
            Outcome::Failed(why) => {
                let next_ms = now_ms + retry_after_ms(delivery.attempts, u16::from_le_bytes(random_bytes::<2>()?));
                delivery.outcome = Some(why.clone());
                if next_ms < delivery.try_until_ms {
                    delivery.due_ms = next_ms;
                } else {
                    end(delivery, DeliveryState::Dead, now_ms);
                }
            }
        }
        self.put_delivery(&mut record).await?;
        self.note_endpoint(&sent.endpoint, &record.delivery).await
    }

    /// False: it was changed by somebody else meanwhile.
    async fn put_delivery(&self, record: &mut DeliveryRecord) -> Result<bool, Error> {
        let before = record.revision;
        record.revision += 1;
        record.delivery.revision = record.revision;
        let key = key_of(&record.delivery);
        match self.inner().db.transact(|| with(|tx| tx.compare_and_set(key.clone(), before, record))).await {
            Ok(()) => Ok(true),
            Err(Abort::Stale) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// Notes since when an endpoint fails, and switches it off when that is too long; on record.
    async fn note_endpoint(&self, seen: &Endpoint, tried: &Delivery) -> Result<(), Error> {
        let inner = self.inner();
        let now_ms = inner.now_ms();
        let arrived = tried.state == DeliveryState::Delivered;
        let failing_since_ms = if arrived { None } else { seen.failing_since_ms.or(Some(now_ms)) };
        let too_long = tried.state == DeliveryState::Dead
            && failing_since_ms.is_some_and(|since_ms| tried.failed_throughout(since_ms));
        if too_long && seen.disabled_at_ms.is_none() {
            return self.switch_off(seen, failing_since_ms, NOTHING_ARRIVED).await;
        }
        if failing_since_ms == seen.failing_since_ms {
            return Ok(());
        }
        let key = endpoint_key(seen.workspace, seen.id);
        let Some(before) = inner.db.get::<EndpointRecord>(key.clone()).await? else { return Ok(()) };
        let mut after = before.clone();
        after.revision += 1;
        after.endpoint.failing_since_ms = failing_since_ms;
        after.endpoint.revision = after.revision;
        let written = inner.db.transact(|| with(|tx| tx.compare_and_set(key.clone(), before.revision, &after))).await;
        // Somebody changed it meanwhile: the next attempt notes it.
        if matches!(written, Err(Abort::Stale)) { Ok(()) } else { Ok(written?) }
    }

    /// Switches an endpoint off for which more than `waiting_max` events wait, whether they arrive or not: it takes them
    /// more slowly than they come.
    pub async fn bound_webhook(&self, one_of_it: &Delivery, waiting_max: usize) -> Result<(), Error> {
        let key = endpoint_key(one_of_it.workspace, one_of_it.endpoint);
        let Some(found) = self.inner().db.get::<EndpointRecord>(key).await? else { return Ok(()) };
        let endpoint = found.endpoint;
        if endpoint.disabled_at_ms.is_some() || !self.waits_too_much(&endpoint, waiting_max).await? {
            return Ok(());
        }
        self.switch_off(&endpoint, endpoint.failing_since_ms, TOO_SLOW).await
    }

    /// On record, and the admins of the workspace are told.
    async fn switch_off(&self, seen: &Endpoint, failing_since_ms: Option<i64>, why: &str) -> Result<(), Error> {
        let inner = self.inner();
        let key = endpoint_key(seen.workspace, seen.id);
        let Some(before) = inner.db.get::<EndpointRecord>(key.clone()).await? else { return Ok(()) };
        let mut after = before.clone();
        after.revision += 1;
        after.endpoint.failing_since_ms = failing_since_ms;
        after.endpoint.disabled_at_ms = Some(inner.now_ms());
        after.endpoint.revision = after.revision;
        let told = Consequences::of_webhook_off(inner, &after.endpoint, why).await?;
        let event = Event::new(Actor::System { reason: "webhooks".to_owned() }, Origin::default(), "webhook.disabled")
            .on("webhook", &seen.id)
            .change("url", None, Some(seen.url.clone()))
            .note(why.to_owned());
        let chain = Chain::Workspace(seen.workspace);
        let written = inner
            .audited(chain, event, |tx| {
                tx.compare_and_set(key.clone(), before.revision, &after);
                told.put(tx);
            })
            .await;
        if matches!(written, Err(Error::Moved)) { Ok(()) } else { written }
    }

    async fn waits_too_much(&self, endpoint: &Endpoint, waiting_max: usize) -> Result<bool, Error> {
        let inner: &Inner = self.inner();
        let mut vars = Variables::new();
        vars.insert("range", of_endpoint(endpoint.workspace, endpoint));
        vars.insert("limit", i64::try_from(waiting_max).map_or(i64::MAX, |most| most.saturating_add(1)));
        let sql = "SELECT VALUE id FROM $range WHERE state = 'waiting' LIMIT $limit";
        let ids: Vec<RecordId> = inner.db.read(sql, vars).await?.take(0).map_err(corrupt)?;
        Ok(ids.len() > waiting_max)
    }

    /// Removes events that are over and old; how many.
    pub async fn tidy_webhooks(&self) -> Result<usize, Error> {
        let inner = self.inner();
        let mut removed = 0;
        for state in [DeliveryState::Delivered, DeliveryState::Dead] {
            loop {
                let mut vars = Variables::new();
                vars.insert("state", state.name().to_owned());
                vars.insert("now", inner.now_ms());
                vars.insert("limit", BATCH);
                let sql = "SELECT VALUE id FROM webhook_delivery WHERE state = $state AND due_ms <= $now LIMIT $limit";
                let over: Vec<RecordId> = inner.db.read(sql, vars).await?.take(0).map_err(corrupt)?;
                if over.is_empty() {
                    break;
                }
                inner.db.transact(|| with(|tx| tx.delete_all(over.clone()))).await?;
                removed += over.len();
            }
        }
        Ok(removed)
    }
}

fn key_of(delivery: &Delivery) -> RecordId {
    delivery_key(delivery.workspace, delivery.endpoint, delivery.id)
}

/// The same, due at another moment.
fn later(mut record: DeliveryRecord, due_ms: i64) -> DeliveryRecord {
    record.revision += 1;
    record.delivery.revision = record.revision;
    record.delivery.due_ms = due_ms;
    record
}

/// It is over; from now on it is kept for a while.
const fn end(delivery: &mut Delivery, state: DeliveryState, now_ms: i64) {
    delivery.state = state;
    delivery.due_ms = now_ms + ENDED_KEPT_MS;
}

fn of_endpoint(workspace: WorkspaceId, endpoint: &Endpoint) -> RecordId {
    key::all("webhook_delivery", workspace, [key::id(endpoint.id)])
}

fn rfc3339(at_ms: i64) -> String {
    let text = domain::schedule::Zone::utc().format_exact(at_ms);
    format!("{}Z", text.trim_end_matches(" +00:00").replace(' ', "T"))
}
