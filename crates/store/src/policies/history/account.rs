//! What a campaign asks and says of the history of its workspace.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use domain::{
    id::CampaignId,
    policy::{Days, LeftOut, PresetConfig, Sent},
};
use surrealdb::types::{RecordId, Variables};

use super::{Entry, History, memory::Memory, settle, shard, shard_key, shard_of};
use crate::{Error, SystemScope, access::Inner, db::corrupt};

/// Shards that are read with one question.
const SHARDS_AT_ONCE: usize = 64;

/// The history of a workspace, as one of its campaigns uses it.
#[derive(Debug, Clone)]
pub struct Account {
    scope: SystemScope,
    history: Arc<History>,
    campaign: CampaignId,
}

/// A message about to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub number: u64,
    /// Which message it is, and the hash of its text.
    pub message: u32,
    pub text: u32,
}

/// What claims are asked about.
#[derive(Debug)]
pub struct Admission<'a> {
    pub rules: &'a PresetConfig,
    pub days: &'a Days,
    pub at_ms: i64,
    /// Since when the campaign has been weighed; None: each number is looked up.
    pub base: Option<u64>,
}

impl Account {
    /// Reads what a former process left, once.
    pub async fn open(scope: &SystemScope, campaign: CampaignId) -> Result<Self, Error> {
        let inner = scope.inner();
        let history = inner.histories.of(scope.workspace_id());
        settle::read(inner, &history).await?;
        Ok(Self { scope: scope.clone(), history, campaign })
    }

    /// The campaign is about to be weighed against everything that was claimed before now; what others claim from now on,
    /// [`Account::admit`] looks at. The campaign says when it has [`Account::end`]ed.
    #[must_use]
    pub fn begin(&self) -> u64 {
        self.history.memory().begin(self.campaign)
    }

    pub fn end(&self) {
        self.history.memory().end(self.campaign);
    }

    /// Whether what was weighed then can still be gone by.
    #[must_use]
    pub fn reaches(&self, base: u64) -> bool {
        self.history.memory().reaches(base)
    }

    /// What was sent to some numbers since then, and perhaps a little before. `numbers`: of one shard, in their order.
    pub async fn sent_to(&self, numbers: &[u64], since_ms: i64) -> Result<Vec<Entry>, Error> {
        let mut found = Vec::new();
        find(self.scope.inner(), &self.history, numbers, since_ms, self.scope.now_ms(), |entry| found.push(entry))
            .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Who of these may be claimed now: they are claimed for everybody who asks later. In the order of the candidates the
    /// rule by which one is left out. None: too much has happened since the campaign was weighed; weigh it again.
    pub async fn admit(
        &self,
        ask: &Admission<'_>,
        candidates: &[Candidate],
    ) -> Result<Option<Vec<Option<LeftOut>>>, Error> {
        let _held = self.history.admitting.lock().await;
        let since_ms = ask.rules.looks_back_to_ms(ask.at_ms, ask.days);
        let mut sent: HashMap<u64, Vec<Sent>> = HashMap::new();
        loop {
            let mut asked = {
                let mut memory = self.history.memory();
                if ask.base.is_some_and(|base| !memory.reaches(base)) {
                    return Ok(None);
                }
                let asked = self.unknown(ask, candidates, &memory, &mut sent);
                if asked.is_empty() {
                    return Ok(Some(self.judged(ask, candidates, &mut memory, &mut sent)));
                }
                asked
            };
            asked.sort_unstable_by_key(|&number| (shard_of(number), number));
            asked.dedup();
            sent.extend(asked.iter().map(|&number| (number, Vec::new())));
            find(self.scope.inner(), &self.history, &asked, since_ms, ask.at_ms, |entry| {
                if let Some(sent) = sent.get_mut(&entry.number) {
                    sent.push(entry.sent);
                }
            })
            .await?;
        }
    }

    /// Brings what is in memory into `sent`, and gives the numbers of which the disk has to be asked as well: not those that
    /// are left out by what is in memory already, nor those that nobody else has sent to.
    fn unknown(
        &self,
        ask: &Admission<'_>,
        candidates: &[Candidate],
        memory: &Memory,
        sent: &mut HashMap<u64, Vec<Sent>>,
    ) -> Vec<u64> {
        // Whoever claims without asking may have done so while the disk was read.
        for (number, sent) in &mut *sent {
            sent.extend(memory.of(*number));
        }
        let is_asked = |number: u64| ask.base.is_none_or(|base| memory.may_be_new(self.campaign, base, number));
        let (mut of_memory, mut asked) = (HashMap::new(), Vec::new());
        for one in candidates.iter().filter(|one| !sent.contains_key(&one.number) && is_asked(one.number)) {
            let known: &mut Vec<Sent> = of_memory.entry(one.number).or_insert_with(|| memory.of(one.number).collect());
            if ask.rules.judge(known, one.message, one.text, ask.at_ms, ask.days).is_none() {
                asked.push(one.number);
            }
        }
        for number in &asked {
            of_memory.remove(number);
        }
        sent.extend(of_memory);
        asked
    }

    /// Who is left out of these; the others are claimed.
    fn judged(
        &self,
        ask: &Admission<'_>,
        candidates: &[Candidate],
        memory: &mut Memory,
        sent: &mut HashMap<u64, Vec<Sent>>,
    ) -> Vec<Option<LeftOut>> {
        let minute = domain::policy::minute(ask.at_ms);
        let (mut verdicts, mut claimed) = (Vec::with_capacity(candidates.len()), Vec::new());
        for one in candidates {
            let mut known = sent.get_mut(&one.number);
            let verdict = (known.as_deref_mut())
                .and_then(|sent| ask.rules.judge(sent, one.message, one.text, ask.at_ms, ask.days));
            if verdict.is_none() {
                let claim = Sent { message: one.message, minute, text: one.text };
                known.into_iter().for_each(|sent| sent.push(claim));
                claimed.push(Entry { number: one.number, sent: claim });
            }
            verdicts.push(verdict);
        }
        memory.claim(self.campaign, &claimed);
        verdicts
    }

    /// Remembers claims that nobody has to be asked about.
    pub fn claim(&self, entries: &[Entry]) {
        self.history.memory().claim(self.campaign, entries);
    }

    /// Claims that were admitted, and are not made after all.
    pub fn release(&self, entries: &[Entry]) {
        self.history.memory().release(entries);
    }

    /// Record `seq` of the campaign's journal is durable, with claims. True: it is time to [`Account::settle`].
    #[must_use]
    pub fn durable(&self, seq: u64) -> bool {
        let mut memory = self.history.memory();
        let Memory { durable, records, .. } = &mut *memory;
        durable.insert(self.campaign, seq);
        *records += 1;
        memory.is_full()
    }

    /// Brings what is in memory into shards.
    pub async fn settle(&self) -> Result<(), Error> {
        settle::settle(self.scope.inner(), &self.history).await
    }
}

/// Hands out whatever is remembered of numbers since the day of a moment. In memory first: what settles meanwhile is in its
/// shard before it leaves the memory. `numbers`: in the order of their shards.
async fn find(
    inner: &Inner,
    history: &History,
    numbers: &[u64],
    since_ms: i64,
    until_ms: i64,
    mut found: impl FnMut(Entry),
) -> Result<(), Error> {
    {
        let memory = history.memory();
        for &number in numbers {
            memory.of(number).for_each(|sent| found(Entry { number, sent }));
        }
    }
    let day = |at_ms: i64| domain::policy::minute(at_ms) / (24 * 60);
    // Claims that a clock which was set back has made lie ahead of now.
    let days = day(since_ms)..=day(until_ms) + 1;
    let mut keys: Vec<(RecordId, &[u64])> = Vec::new();
    for of_shard in numbers.chunk_by(|&a, &b| shard_of(a) == shard_of(b)) {
        let shard = shard_of(of_shard[0]);
        keys.extend(days.clone().map(|day| (shard_key(history.workspace, day, shard), of_shard)));
    }
    for some in keys.chunks(SHARDS_AT_ONCE) {
        let shards = read_shards(inner, some.iter().map(|(key, _)| key.clone()).collect()).await?;
        for ((_, numbers), bytes) in some.iter().zip(shards) {
            if let Some(bytes) = bytes {
                shard::of_numbers(&bytes, numbers, &mut found)?;
            }
        }
    }
    Ok(())
}

/// The bytes of records, in their order; None: there is no such one.
pub(super) async fn read_shards(inner: &Inner, keys: Vec<RecordId>) -> Result<Vec<Option<Bytes>>, Error> {
    let mut vars = Variables::new();
    vars.insert("keys", keys);
    let mut answer = inner.db.read("RETURN $keys.map(|$key| $key.bytes)", vars).await?;
    let found: Vec<Option<surrealdb::types::Bytes>> = answer.take(0).map_err(corrupt)?;
    Ok(found.into_iter().map(|bytes| bytes.map(surrealdb::types::Bytes::into_inner)).collect())
}
