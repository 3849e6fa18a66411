//! From records of claims into shards, what is too old out of them, and one number out of everything.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use domain::{
    id::{CampaignId, WorkspaceId},
    permission::kind,
    phone::PhoneNumber,
    policy::Sent,
};
use surrealdb::types::{Bytes, RecordId, SurrealValue, Variables};

use super::{
    CLAIMS_TABLE, Entry, History, account::read_shards, forget, memory::SETTLE_ENTRIES, shard, shard_key, shard_of,
};
use crate::{
    Error, Granted, SystemDoor,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key},
};

/// Shards that are written together, and bytes of them at most: far below the memtable.
const COMMIT_SHARDS: usize = 128;
const COMMIT_OCTETS: usize = 4 << 20;

#[derive(Debug, SurrealValue)]
struct Record {
    campaign: String,
    seq: i64,
    bytes: Bytes,
}

/// Reads the records that have not settled, unless that was done.
pub(super) async fn read(inner: &Inner, history: &History) -> Result<(), Error> {
    let reading = async || {
        let mut vars = Variables::new();
        vars.insert("range", key::all(CLAIMS_TABLE, history.workspace, []));
        let sql = "SELECT record::id(id)[1] AS campaign, record::id(id)[2] AS seq, bytes FROM $range";
        let mut answer = inner.db.read(sql, vars).await?;
        let records: Vec<Record> = answer.take(0).map_err(corrupt)?;
        let mut found = Vec::with_capacity(records.len());
        for record in records {
            let campaign: CampaignId = record.campaign.parse().map_err(|_| Error::Corrupt)?;
            found.push((campaign, record.seq.unsigned_abs(), shard::decode(&record.bytes.into_inner())?));
        }
        let mut memory = history.memory();
        for (campaign, seq, entries) in found {
            entries.into_iter().for_each(|entry| memory.fresh.insert(entry));
            memory.records += 1;
            let latest = memory.durable.entry(campaign).or_default();
            *latest = (*latest).max(seq);
        }
        Ok(())
    };
    history.read.get_or_try_init(reading).await.map(drop)
}

/// Brings what is in memory into shards, and deletes its records. What a crash cuts off is done again, and changes nothing
/// then.
pub(super) async fn settle(inner: &Inner, history: &History) -> Result<(), Error> {
    let _one = history.settling.lock().await;
    let (taken, durable) = {
        let mut memory = history.memory();
        // Whoever settled last went away in the middle, as a request does whose connection is cut.
        if let Some(left) = memory.settling.take() {
            left.all().for_each(|entry| memory.fresh.insert(entry));
        }
        let taken = Arc::new(std::mem::take(&mut memory.fresh));
        memory.settling = Some(Arc::clone(&taken));
        memory.records = 0;
        memory.settled_at = Some(Instant::now());
        (taken, memory.durable.clone())
    };
    let written = write(inner, history.workspace, taken.all().collect(), &durable.iter().collect::<Vec<_>>()).await;
    let mut memory = history.memory();
    memory.settling = None;
    match written {
        Ok(()) => memory.durable.retain(|campaign, seq| durable.get(campaign) != Some(seq)),
        Err(_) => {
            taken.all().for_each(|entry| memory.fresh.insert(entry));
            memory.records += durable.len() as u64;
        }
    }
    written
}

async fn write(
    inner: &Inner,
    workspace: WorkspaceId,
    entries: Vec<Entry>,
    durable: &[(&CampaignId, &u64)],
) -> Result<(), Error> {
    let entries = tokio::task::spawn_blocking(move || in_order(entries)).await.map_err(|_| Error::Unavailable)?;
    let place = |entry: &Entry| (entry.day(), shard_of(entry.number));
    let (mut shards, mut octets) = (Vec::new(), 0);
    let mut waiting: Vec<&[Entry]> = entries.chunk_by(|a, b| place(a) == place(b)).collect();
    waiting.reverse();
    while !waiting.is_empty() {
        let some: Vec<&[Entry]> = (0..16).map_while(|_| waiting.pop()).collect();
        let keys = |of_shard: &&[Entry]| shard_key(workspace, place(&of_shard[0]).0, place(&of_shard[0]).1);
        let keys: Vec<RecordId> = some.iter().map(keys).collect();
        for ((key, new), known) in keys.iter().zip(some).zip(read_shards(inner, keys.clone()).await?) {
            let known = known.map(|bytes| shard::decode(&bytes)).transpose()?.unwrap_or_default();
            let bytes = bytes::Bytes::from(shard::encode(&shard::merged(known, new)));
            octets += bytes.len();
            shards.push((place(&new[0]).0, key.clone(), bytes));
        }
        if shards.len() >= COMMIT_SHARDS || octets >= COMMIT_OCTETS || waiting.is_empty() {
            put(inner, workspace, &shards).await?;
            shards.clear();
            octets = 0;
        }
    }
    let delete = || {
        let mut tx = Tx::new();
        for (campaign, seq) in durable {
            let upto = Some(key::number(**seq + 1));
            tx.delete(key::range(CLAIMS_TABLE, workspace, [key::id(campaign)], Some(key::number(0)), upto));
        }
        tx
    };
    if durable.is_empty() { Ok(()) } else { Ok(inner.db.transact(delete).await?) }
}

fn in_order(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_unstable_by_key(|entry| (entry.day(), shard_of(entry.number), *entry));
    entries
}

/// Writes shards, each with its day.
async fn put(inner: &Inner, workspace: WorkspaceId, shards: &[(u32, RecordId, bytes::Bytes)]) -> Result<(), Error> {
    let ran_ms = forget::ran_ms(inner).await?;
    let days: BTreeSet<u32> = shards.iter().map(|(day, ..)| *day).collect();
    let build = || {
        let mut tx = Tx::new();
        for (_, key, bytes) in shards {
            tx.put_bytes(key.clone(), bytes.clone());
        }
        days.iter().for_each(|&day| forget::note(&mut tx, workspace, day, ran_ms));
        tx
    };
    Ok(inner.db.transact(build).await?)
}

impl SystemDoor {
    /// Settles what has waited in memory for long, and gives up what nobody needs.
    pub async fn settle_sent(&self) -> Result<(), Error> {
        let inner = self.inner();
        let all = inner.histories.all();
        // Many workspaces that send a little each would take as much memory together as one that sends much.
        let is_much = all.iter().map(|history| history.memory().fresh.len()).sum::<usize>() >= SETTLE_ENTRIES;
        let mut outcome = Ok(());
        for history in all {
            let is_due = history.memory().is_due() || is_much && history.memory().records > 0;
            if is_due && let Err(cause) = settle(inner, &history).await {
                // What is wrong with one workspace is not the others' business.
                outcome = Err(cause);
            }
        }
        inner.histories.let_go();
        outcome
    }
}

/// The shards that may have something of a number, in the order of their days.
async fn shards_of(inner: &Inner, workspace: WorkspaceId, number: u64) -> Result<Vec<RecordId>, Error> {
    let days = forget::days(inner, workspace).await?;
    Ok(days.into_iter().map(|day| shard_key(workspace, day, shard_of(number))).collect())
}

/// What is remembered of one number, in the order of time.
pub(crate) async fn of_number(proof: &Granted<kind::ManageWorkspace>, number: PhoneNumber) -> Result<Vec<Sent>, Error> {
    let inner = proof.inner();
    let history = inner.histories.of(proof.workspace_id());
    read(inner, &history).await?;
    let number = number.as_u64();
    let mut sent: Vec<Sent> = history.memory().of(number).collect();
    let keys = shards_of(inner, proof.workspace_id(), number).await?;
    for bytes in read_shards(inner, keys).await?.into_iter().flatten() {
        shard::of_numbers(&bytes, &[number], |entry| sent.push(entry.sent))?;
    }
    sent.sort_unstable_by_key(|sent| (sent.minute, sent.message));
    sent.dedup();
    Ok(sent)
}

/// Takes a number out, with an audit record that names its hash; gives how many messages were remembered of it.
pub(crate) async fn erase(
    proof: &Granted<kind::ManageWorkspace>,
    number: PhoneNumber,
    named: &str,
) -> Result<u64, Error> {
    let inner = proof.inner();
    let workspace = proof.workspace_id();
    let history = inner.histories.of(workspace);
    read(inner, &history).await?;
    // Afterwards all of it is in shards.
    settle(inner, &history).await?;
    let _one = history.settling.lock().await;
    history.memory().fresh.forget(number.as_u64());
    let keys = shards_of(inner, workspace, number.as_u64()).await?;
    let (mut changed, mut messages) = (Vec::new(), 0);
    for (key, bytes) in keys.iter().zip(read_shards(inner, keys.clone()).await?) {
        let Some(bytes) = bytes else { continue };
        let mut entries = shard::decode(&bytes)?;
        let before = entries.len();
        entries.retain(|entry| entry.number != number.as_u64());
        if entries.len() < before {
            messages += (before - entries.len()) as u64;
            changed.push((key.clone(), bytes::Bytes::from(shard::encode(&entries))));
        }
    }
    if changed.is_empty() {
        return Ok(0);
    }
    let event = Event::new(proof.actor(), proof.origin(), "recipients.number_erased")
        .on("workspace", &workspace)
        .change("messages_counted", None, Some(messages))
        .note(named.to_owned());
    inner
        .audited(Chain::Workspace(workspace), event, |tx| {
            for (key, bytes) in &changed {
                tx.put_bytes(key.clone(), bytes.clone());
            }
            proof.rely_on(tx);
        })
        .await?;
    Ok(messages)
}
