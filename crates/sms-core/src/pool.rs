//! Pools as they are configured: several links that campaigns use as one channel.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{ChannelId, settings::SettingsError, status::LinkStatus};

/// Links that share the messages of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSettings {
    /// Campaigns name it; no link has the same.
    pub id: ChannelId,
    pub name: String,
    pub members: Vec<PoolMember>,
    /// Whether what a link holds when it goes down, and has certainly not sent, goes out by the others. Without it such
    /// messages wait for their link.
    #[serde(default = "PoolSettings::default_failover")]
    pub failover: bool,
    /// Segments per second over all its links. None: what the links take.
    #[serde(default)]
    pub rate_segments_per_s: Option<u32>,
}

/// A link's place in a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolMember {
    pub link: ChannelId,
    /// Its share of the messages in proportion to the others that are up. 0: a reserve, used while no other is up.
    #[serde(default = "PoolMember::default_weight")]
    pub weight: u32,
}

/// The largest rate, in segments per second.
const RATE_MAX: u32 = 1_000_000;
/// The largest weight.
const WEIGHT_MAX: u32 = 1_000;

impl PoolSettings {
    const fn default_failover() -> bool {
        true
    }

    /// Checks it against the links that are known. `all_known`: there are no others, in another process.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, links: &[LinkStatus], all_known: bool) -> Result<(), SettingsError> {
        self.check_itself()?;
        for member in &self.members {
            let link = links.iter().find(|link| link.id == member.link);
            if link.is_none() && all_known {
                return Err(SettingsError::NoSuchLink { pool: self.id.clone(), link: member.link.clone() });
            }
            if link.is_some_and(|link| !link.submits) {
                return Err(SettingsError::CannotSend { pool: self.id.clone(), link: member.link.clone() });
            }
        }
        Ok(())
    }

    fn check_itself(&self) -> Result<(), SettingsError> {
        let mut seen = HashSet::new();
        let fits_rate = |rate| (1..=RATE_MAX).contains(&rate);
        let rules = [
            ((1..=80).contains(&self.name.trim().chars().count()), "name", "1 to 80 characters"),
            ((1..=64).contains(&self.members.len()), "members", "1 to 64 links"),
            (self.members.iter().all(|member| seen.insert(&member.link)), "members", "a link once each"),
            (self.members.iter().all(|member| member.weight <= WEIGHT_MAX), "weight", "0 to 1,000"),
            (self.rate_segments_per_s.is_none_or(fits_rate), "rate_segments_per_s", "1 to 1,000,000"),
            (self.members.iter().any(|member| member.weight > 0), "weight", "above 0 for one member at least"),
        ];
        match rules.into_iter().find(|(fits, ..)| !fits) {
            Some((_, field, rule)) => Err(SettingsError::Pool { pool: self.id.clone(), field, rule }),
            None => Ok(()),
        }
    }
}

impl PoolMember {
    const fn default_weight() -> u32 {
        1
    }
}

/// Checks pools against the links that are known. `all_known`: there are no others, in another process.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn check(pools: &[PoolSettings], links: &[LinkStatus], all_known: bool) -> Result<(), SettingsError> {
    let mut ids: HashSet<_> = links.iter().map(|link| &link.id).collect();
    for pool in pools {
        if !ids.insert(&pool.id) {
            return Err(SettingsError::DuplicateId(pool.id.clone()));
        }
        pool.check(links, all_known)?;
    }
    Ok(())
}
