//! Pools of links in the hands of super admins.

use domain::{
    channel::ChannelId,
    link::{PoolConfig, PoolShare},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use crate::{
    Error, Ruler,
    access::Inner,
    audit::{Chain, Event},
    db::{key, tx::Columns},
    policies::choice_key,
};

/// A pool that is configured in the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    pub id: ChannelId,
    pub config: PoolConfig,
    pub revision: u64,
}

impl Columns for Pool {}

fn pool_key(id: &ChannelId) -> RecordId {
    key::global("pool", id)
}

impl Inner {
    pub(super) async fn pools(&self) -> Result<Vec<Pool>, Error> {
        let mut pools: Vec<Pool> = self.db.docs("SELECT VALUE doc FROM pool", Variables::new()).await?;
        pools.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(pools)
    }
}

/// By id.
pub async fn pools(ruler: &Ruler) -> Result<Vec<Pool>, Error> {
    ruler.inner().pools().await
}

pub async fn find_pool(ruler: &Ruler, id: &ChannelId) -> Result<Pool, Error> {
    ruler.inner().db.get(pool_key(id)).await?.ok_or(Error::NotFound)
}

pub async fn add_pool(ruler: &Ruler, id: &ChannelId, config: PoolConfig) -> Result<Pool, Error> {
    let pool = Pool { id: id.clone(), config, revision: 1 };
    let event = changes(event(ruler, "pool.added", id), None, Some(&pool.config));
    let added = ruler
        .inner()
        .audited(Chain::Installation, event, |tx| {
            tx.create(pool_key(id), &pool);
            ruler.rely_on(tx);
        })
        .await;
    match added {
        Ok(()) => Ok(pool),
        Err(Error::Stale { what }) => match find_pool(ruler, id).await {
            Ok(_) => Err(Error::invalid("id", "there is a pool with this id already")),
            Err(_) => Err(Error::Stale { what }),
        },
        Err(other) => Err(other),
    }
}

/// Other links, weights or name, if those that the person saw are still in force.
pub async fn change_pool(ruler: &Ruler, id: &ChannelId, seen_revision: u64, config: PoolConfig) -> Result<Pool, Error> {
    let before = seen(ruler, id, seen_revision).await?;
    let after = Pool { config, revision: before.revision + 1, ..before.clone() };
    let event = changes(event(ruler, "pool.changed", id), Some(&before.config), Some(&after.config));
    let changed = ruler
        .inner()
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(pool_key(id), before.revision, &after);
            ruler.rely_on(tx);
        })
        .await;
    match changed {
        Ok(()) => Ok(after),
        Err(Error::Moved) => Err(stale()),
        Err(other) => Err(other),
    }
}

/// Takes a pool away that no campaign names.
pub async fn remove_pool(ruler: &Ruler, id: &ChannelId, seen_revision: u64) -> Result<(), Error> {
    let before = seen(ruler, id, seen_revision).await?;
    ruler.inner().channel_is_free(id).await?;
    let event = changes(event(ruler, "pool.removed", id), Some(&before.config), None);
    let removed = ruler
        .inner()
        .audited(Chain::Installation, event, |tx| {
            tx.delete_existing(pool_key(id));
            tx.delete(choice_key(id));
            ruler.rely_on(tx);
        })
        .await;
    match removed {
        Err(Error::Moved) => Err(stale()),
        other => other,
    }
}

async fn seen(ruler: &Ruler, id: &ChannelId, revision: u64) -> Result<Pool, Error> {
    let pool = find_pool(ruler, id).await?;
    if pool.revision == revision { Ok(pool) } else { Err(stale()) }
}

fn stale() -> Error {
    Error::Stale { what: "somebody else has changed this pool in the meantime; look at it again".into() }
}

fn event(ruler: &Ruler, action: &'static str, id: &ChannelId) -> Event {
    Event::new(ruler.actor(), ruler.origin(), action).on("pool", id)
}

fn changes(event: Event, before: Option<&PoolConfig>, after: Option<&PoolConfig>) -> Event {
    let member = |member: &PoolShare| format!("{} {}", member.link, member.weight);
    let members = |config: &PoolConfig| config.members.iter().map(member).collect::<Vec<_>>().join(", ");
    let rate = |config: &PoolConfig| config.rate_segments_per_s.map(|rate| rate.to_string());
    event
        .change("rate_segments_per_s", before.and_then(rate), after.and_then(rate))
        .change("name", before.map(|config| config.name.clone()), after.map(|config| config.name.clone()))
        .change("members", before.map(members), after.map(members))
        .change("failover", before.map(|config| config.failover), after.map(|config| config.failover))
}
