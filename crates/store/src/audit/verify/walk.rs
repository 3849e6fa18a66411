//! One chain, record by record, along with what the checkpoints state of it.

use std::collections::{HashSet, VecDeque};

use domain::audit::AuditRecord;
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SerdeWrapper, Variables};

use super::{
    super::{
        Chain,
        chain::Head,
        checkpoint::Place,
        facets,
        retention::Anchor,
        seal::{GENESIS, hash_of},
    },
    Problem,
};
use crate::{Error, access::Inner, db::corrupt};

/// Records that are read at a time.
const PAGE: u64 = 500;
/// Checkpoints that are kept waiting, so that the chain is read in pages and not from each to the next.
const WAITING_MAX: usize = 500;

#[derive(Debug)]
pub(super) struct Walk {
    name: String,
    anchor: Option<Anchor>,
    /// The place that was checked last, and its hash.
    seq: u64,
    hash: String,
    /// The last place in which a checkpoint agreed.
    agreed: u64,
    /// A checkpoint stated the anchor's place.
    anchored: bool,
    /// What is stated of places that are still to come.
    waiting: VecDeque<(Place, i64)>,
    problem: Option<Problem>,
    records: u64,
}

/// A record with the number in its key.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    key: u64,
    doc: AuditRecord,
}

impl Walk {
    pub(super) fn new(name: String, anchor: Option<Anchor>) -> Self {
        let (seq, hash) = anchor.as_ref().map_or((0, GENESIS.to_owned()), |anchor| (anchor.seq, anchor.hash.clone()));
        let agreed = seq;
        Self { name, anchor, seq, hash, agreed, anchored: false, waiting: VecDeque::new(), problem: None, records: 0 }
    }

    pub(super) const fn records(&self) -> u64 {
        self.records
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub(super) const fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    pub(super) fn into_problem(self) -> Option<Problem> {
        self.problem
    }

    /// A checkpoint states a place of this chain.
    pub(super) async fn state(&mut self, inner: &Inner, place: Place, at_ms: i64) -> Result<(), Error> {
        if self.problem.is_some() {
            return Ok(());
        }
        if let Some(anchor) = self.anchor.as_ref().filter(|anchor| anchor.seq >= place.seq) {
            self.anchored |= anchor.seq == place.seq && anchor.hash == place.hash;
            return Ok(());
        }
        // A place behind one that was checked: the checkpoints went back, so an old copy was put in place.
        if place.seq < self.seq || self.waiting.back().is_some_and(|(last, _)| last.seq > place.seq) {
            self.advance(inner, None).await?;
            self.problem.get_or_insert(Problem::Rewritten { first: place.seq, stated: place.seq, at_ms });
            return Ok(());
        }
        if place.seq == self.seq {
            if place.hash != self.hash {
                self.problem = Some(Problem::Rewritten { first: self.agreed + 1, stated: place.seq, at_ms });
            }
            return Ok(());
        }
        let far = place.seq - self.seq >= PAGE;
        self.waiting.push_back((place, at_ms));
        if far || self.waiting.len() >= WAITING_MAX {
            self.advance(inner, None).await?;
        }
        Ok(())
    }

    /// To the end of the chain, and what stands there.
    pub(super) async fn finish(&mut self, inner: &Inner, anchor: Option<&Place>) -> Result<(), Error> {
        if let (Some(own), Some(stated)) = (&self.anchor, anchor) {
            self.anchored |= own.seq == stated.seq && own.hash == stated.hash;
        }
        if self.problem.is_none()
            && let Some(own) = &self.anchor
            && !self.anchored
        {
            self.problem = Some(Problem::Anchor { first: own.seq + 1 });
        }
        self.advance(inner, Some(u64::MAX)).await?;
        if self.problem.is_some() {
            return Ok(());
        }
        let Some(chain) = Chain::named(&self.name) else { return Ok(()) };
        let head: Option<Head> = inner.db.get(chain.head_key()).await?;
        let agrees = head.as_ref().map_or(self.seq == 0, |head| head.seq == self.seq && head.hash == self.hash);
        if !agrees {
            self.problem = Some(Problem::Head { last: self.seq, head: head.map(|head| head.seq) });
        }
        Ok(())
    }

    /// To the last stated place, or to `to`.
    async fn advance(&mut self, inner: &Inner, to: Option<u64>) -> Result<(), Error> {
        let Some(chain) = Chain::named(&self.name) else { return Ok(()) };
        let stated = self.waiting.back().map_or(0, |(place, _)| place.seq);
        let end = to.unwrap_or(stated);
        while self.problem.is_none() && self.seq < end {
            let found = page(inner, chain, self.seq + 1, end).await?;
            let whole = found.len() as u64 == PAGE;
            for Found { key, doc } in &found {
                self.check(*key, doc);
                if self.problem.is_some() {
                    return Ok(());
                }
            }
            if let Some(seq) = hidden(inner, &self.name, &found).await? {
                self.problem = Some(Problem::Hidden { seq });
            }
            if !whole {
                break;
            }
        }
        if self.problem.is_none()
            && let Some((place, at_ms)) = self.waiting.front()
        {
            self.problem = Some(Problem::Cut { first: self.seq + 1, stated: place.seq, at_ms: *at_ms });
        }
        Ok(())
    }

    fn check(&mut self, key: u64, doc: &AuditRecord) {
        let expected = self.seq + 1;
        let problem = if key != expected {
            Some(Problem::Missing { first: expected, last: key - 1 })
        } else if doc.seq != expected {
            Some(Problem::Moved { seq: expected, found: doc.seq })
        } else if doc.hash != hash_of(doc, &self.hash) {
            Some(Problem::Edited { seq: expected })
        } else {
            None
        };
        if problem.is_some() {
            self.problem = problem;
            return;
        }
        self.seq = expected;
        self.hash.clone_from(&doc.hash);
        self.records += 1;
        while let Some((place, at_ms)) = self.waiting.pop_front_if(|(place, _)| place.seq == expected) {
            if place.hash != doc.hash {
                self.problem = Some(Problem::Rewritten { first: self.agreed + 1, stated: place.seq, at_ms });
                return;
            }
            self.agreed = expected;
        }
    }
}

async fn page(inner: &Inner, chain: Chain, from: u64, last: u64) -> Result<Vec<Found>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", chain.records(from, last.checked_add(1)));
    vars.insert("limit", PAGE as i64);
    let sql = "SELECT VALUE { key: record::id(id)[1], doc: doc } FROM $range ORDER BY id LIMIT $limit";
    let mut answer = inner.db.read(sql, vars).await?;
    let found: Vec<SerdeWrapper<Found>> = answer.take(0).map_err(corrupt)?;
    Ok(found.into_iter().map(|found| found.0).collect())
}

/// The first of these records that a key is missing of.
async fn hidden(inner: &Inner, chain: &str, found: &[Found]) -> Result<Option<u64>, Error> {
    let expected: Vec<(u64, Vec<RecordId>)> =
        found.iter().map(|found| (found.doc.seq, facets::keys(chain, &found.doc))).collect();
    let all: Vec<RecordId> = expected.iter().flat_map(|(_, keys)| keys.clone()).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let count = all.len();
    let mut vars = Variables::new();
    vars.insert("keys", all);
    let mut answer = inner.db.read("SELECT VALUE id FROM $keys", vars).await?;
    let there: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
    if there.len() == count {
        return Ok(None);
    }
    let there: HashSet<String> = there.iter().map(|key| format!("{key:?}")).collect();
    let misses = |keys: &[RecordId]| keys.iter().any(|key| !there.contains(&format!("{key:?}")));
    Ok(expected.into_iter().find(|(_, keys)| misses(keys)).map(|(seq, _)| seq))
}
