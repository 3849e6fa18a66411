//! How much was claimed lately, by quarters of an hour: what limits of a day count.
//!
//! A quarter is the finest step by which the midnights of the world's zones differ. It becomes durable with the claim,
//! because it follows from the claims alone; what came back from the Core without having been sent is counted back.

use std::{
    collections::{BTreeMap, HashMap},
    ops::{AddAssign, Range},
};

use domain::id::CampaignId;
use serde::{Deserialize, Serialize};
use surrealdb::types::{Bytes, SerdeWrapper, Variables};

use super::entry::{Batch, Entry};
use crate::{
    Error, SystemScope,
    db::{corrupt, key},
};

const QUARTER_MS: i64 = 15 * 60_000;
/// The longest day has 25 hours.
const KEPT: i64 = 27 * 4;

/// Messages are recipients, segments their parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    pub messages: u64,
    pub segments: u64,
}

impl AddAssign for Claimed {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.segments += other.segments;
    }
}

/// What one campaign claimed within a little more than a day, by quarters of an hour since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, u64, u64)>", into = "Vec<(i64, u64, u64)>")]
pub struct Claims(BTreeMap<i64, Claimed>);

impl From<Vec<(i64, u64, u64)>> for Claims {
    fn from(stored: Vec<(i64, u64, u64)>) -> Self {
        let claimed = |(quarter, messages, segments)| (quarter, Claimed { messages, segments });
        Self(stored.into_iter().map(claimed).collect())
    }
}

impl From<Claims> for Vec<(i64, u64, u64)> {
    fn from(claims: Claims) -> Self {
        claims.0.into_iter().map(|(quarter, claimed)| (quarter, claimed.messages, claimed.segments)).collect()
    }
}

impl Claims {
    pub(super) fn add(&mut self, at_ms: i64, claimed: Claimed) {
        let quarter = at_ms.div_euclid(QUARTER_MS);
        if let Some(known) = self.0.get_mut(&quarter) {
            *known += claimed;
            return;
        }
        self.0.insert(quarter, claimed);
        let latest = self.0.last_key_value().map_or(quarter, |(&latest, _)| latest);
        self.0.retain(|&quarter, _| quarter > latest - KEPT);
    }

    pub(super) fn take_back(&mut self, at_ms: i64, claimed: Claimed) {
        if let Some(known) = self.0.get_mut(&at_ms.div_euclid(QUARTER_MS)) {
            known.messages = known.messages.saturating_sub(claimed.messages);
            known.segments = known.segments.saturating_sub(claimed.segments);
        }
    }

    /// What was claimed within a day, as [`domain::schedule::Zone::day`] gives it.
    #[must_use]
    pub fn within(&self, day: &Range<i64>) -> Claimed {
        let mut sum = Claimed::default();
        let (from, to) = (day.start.div_euclid(QUARTER_MS), day.end.div_euclid(QUARTER_MS));
        for &claimed in self.0.range(from..to.max(from)).map(|(_, claimed)| claimed) {
            sum += claimed;
        }
        sum
    }
}

/// A record of one campaign, by its key.
#[derive(Debug, Serialize, Deserialize)]
struct Standing {
    campaign: CampaignId,
    /// Of the journal's head: the next record; of the blocks: the latest one that is folded.
    seq: u64,
    #[serde(default)]
    claims: Option<Claims>,
}

/// What each campaign of the workspace claimed lately, folded or not. What came back and is not folded yet still counts,
/// so that it is never less than the truth. Reads what is there for each campaign: once, not for every claim.
pub async fn claims(scope: &SystemScope) -> Result<HashMap<CampaignId, Claims>, Error> {
    let (inner, workspace) = (scope.inner(), scope.workspace_id());
    let mut vars = Variables::new();
    vars.insert("progress", key::all("progress", workspace, []));
    vars.insert("heads", key::all("lease", workspace, []));
    let sql = "SELECT VALUE { campaign: record::id(id)[1], seq: doc.seq, claims: doc.claims } FROM $progress;
               SELECT VALUE { campaign: record::id(id)[1], seq: doc.next_seq } FROM $heads";
    let mut answer = inner.db.read(sql, vars).await?;
    let folded: Vec<SerdeWrapper<Standing>> = answer.take(0).map_err(corrupt)?;
    let heads: Vec<SerdeWrapper<Standing>> = answer.take(1).map_err(corrupt)?;
    let (mut claims, mut folded_seq) = (HashMap::new(), HashMap::new());
    for SerdeWrapper(standing) in folded {
        folded_seq.insert(standing.campaign, standing.seq);
        claims.insert(standing.campaign, standing.claims.unwrap_or_default());
    }
    for SerdeWrapper(head) in heads {
        if head.seq > folded_seq.get(&head.campaign).copied().unwrap_or(0) + 1 {
            unfolded(scope, head.campaign, claims.entry(head.campaign).or_default()).await?;
        }
    }
    Ok(claims)
}

async fn unfolded(scope: &SystemScope, campaign: CampaignId, claims: &mut Claims) -> Result<(), Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("journal", scope.workspace_id(), [key::id(campaign)]));
    let mut answer = scope.inner().db.read("SELECT VALUE bytes FROM $range", vars).await?;
    let records: Vec<Bytes> = answer.take(0).map_err(corrupt)?;
    for record in records {
        let batch = Batch::decode(&record.into_inner()).map_err(|cause| {
            tracing::error!(%campaign, %cause, "a journal record cannot be read");
            Error::Corrupt
        })?;
        for entry in &batch.entries {
            let Entry::Claim { runs, at_ms } = entry else { continue };
            for run in runs {
                let (messages, parts) = (u64::from(run.len), u64::from(run.parts.max(1)));
                claims.add(*at_ms, Claimed { messages, segments: messages * parts });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn messages(messages: u64) -> Claimed {
        Claimed { messages, segments: messages * 2 }
    }

    #[test]
    fn a_day_counts_what_lies_in_it() {
        let mut claims = Claims::default();
        // A day of a zone that is 5 h 45 min ahead.
        let midnight = 40 * 24 * HOUR_MS - (5 * 60 + 45) * 60_000;
        let day = midnight..midnight + 24 * HOUR_MS;
        for (at_ms, count) in [(day.start - 1, 1), (day.start, 2), (day.end - 1, 4), (day.end, 8)] {
            claims.add(at_ms, messages(count));
        }
        assert_eq!(claims.within(&day), messages(6));
        claims.take_back(day.start + 5, messages(1));
        assert_eq!(claims.within(&day), messages(5));
        assert_eq!(claims.within(&(day.start - 24 * HOUR_MS..day.start)), messages(1));
    }

    #[test]
    fn what_no_day_needs_any_more_is_forgotten() {
        let mut claims = Claims::default();
        for hour in 0..1_000 {
            claims.add(hour * HOUR_MS, messages(1));
        }
        assert!(claims.0.len() <= 28, "{}", claims.0.len());
        assert_eq!(claims.within(&(975 * HOUR_MS..1_000 * HOUR_MS)), messages(25));
    }
}
