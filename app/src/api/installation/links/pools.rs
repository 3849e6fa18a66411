//! Pools of links, for super admins.

use std::collections::HashMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{LinkCondition, Origin};
use crate::error::AppError;

/// A pool as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRow {
    pub id: String,
    pub name: String,
    pub origin: Origin,
    pub condition: LinkCondition,
    pub members: Vec<PoolMemberView>,
    pub failover: bool,
    /// Over all its links; None: what they take.
    pub rate_segments_per_s: Option<u32>,
    pub trouble: Option<String>,
    /// None: it is not configured here.
    pub revision: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolMemberView {
    pub link: String,
    pub name: String,
    /// 0: a reserve.
    pub weight: u32,
}

/// A pool as its form shows it, with the links that it may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolDetail {
    /// None: a new one.
    pub pool: Option<PoolRow>,
    /// Id and name of every link that sends.
    pub links: Vec<(String, String)>,
}

#[cfg(feature = "ssr")]
pub(super) fn row(sheet: engine::links::PoolSheet, links: &[super::LinkRow]) -> PoolRow {
    let name =
        |id: &str| links.iter().find(|link| link.id == id).map_or_else(|| id.to_owned(), |link| link.name.clone());
    let members = sheet.members.iter().map(|member| PoolMemberView {
        link: member.link.to_string(),
        name: name(member.link.as_str()),
        weight: member.weight,
    });
    PoolRow {
        members: members.collect(),
        id: sheet.id.to_string(),
        name: sheet.name,
        origin: super::convert::origin(sheet.origin),
        condition: sheet.state.map_or(LinkCondition::LeftOut, |state| super::convert::condition(state, true)),
        failover: sheet.failover,
        rate_segments_per_s: sheet.rate_segments_per_s,
        trouble: sheet.left_out.as_deref().map(crate::error::sentence),
        revision: sheet.revision,
    }
}

/// A pool, or what a new one may have.
#[server]
pub async fn link_pool(#[server(default)] id: String) -> Result<PoolDetail, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let sheets = services.links.sheets(&ruler).await?;
    let rows: Vec<_> = sheets.iter().map(super::convert::row).collect();
    let sends = |sheet: &&engine::links::LinkSheet| sheet.status.as_ref().is_some_and(|status| status.submits);
    let links = sheets.iter().filter(sends).map(|sheet| (sheet.id.to_string(), sheet.name.clone())).collect();
    if id.is_empty() {
        return Ok(PoolDetail { pool: None, links });
    }
    let pools = services.links.pool_sheets(&ruler).await?;
    let found = pools.into_iter().find(|pool| pool.id.as_str() == id).ok_or(AppError::NotFound)?;
    Ok(PoolDetail { pool: Some(row(found, &rows)), links })
}

/// Adds a pool. A link with a weight is in it.
#[server]
pub async fn add_pool(
    id: String,
    name: String,
    #[server(default)] failover: bool,
    #[server(default)] rate_segments_per_s: String,
    #[server(default)] weights: HashMap<String, String>,
) -> Result<(), AppError> {
    use domain::channel::ChannelId;

    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let id = ChannelId::parse(id.trim())
        .map_err(|refusal| AppError::field("id", crate::error::sentence(&refusal.to_string())))?;
    let config = read(&name, failover, &rate_segments_per_s, &weights)?;
    services.links.add_pool(&ruler, id, config).await.map_err(super::convert::refusal)?;
    // Its links' policies hold for it from now on.
    services.engine.nudge();
    leptos_axum::redirect("/installation/links");
    Ok(())
}

/// Other links, weights or name.
#[server]
pub async fn change_pool(
    id: String,
    revision: u64,
    name: String,
    #[server(default)] failover: bool,
    #[server(default)] rate_segments_per_s: String,
    #[server(default)] weights: HashMap<String, String>,
) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let id = super::convert::id(&id)?;
    let config = read(&name, failover, &rate_segments_per_s, &weights)?;
    services.links.change_pool(&ruler, &id, revision, config).await.map_err(super::convert::refusal)?;
    // Its links' policies hold for it from now on.
    services.engine.nudge();
    leptos_axum::redirect("/installation/links");
    Ok(())
}

/// Takes a pool away.
#[server]
pub async fn remove_pool(id: String, revision: u64) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    services.links.remove_pool(&ruler, &super::convert::id(&id)?, revision).await.map_err(super::convert::refusal)?;
    leptos_axum::redirect("/installation/links");
    Ok(())
}

#[cfg(feature = "ssr")]
fn read(
    name: &str,
    failover: bool,
    rate: &str,
    weights: &HashMap<String, String>,
) -> Result<domain::link::PoolConfig, AppError> {
    use domain::link::{PoolConfig, PoolShare};

    let rate_segments_per_s = match rate.trim() {
        "" => None,
        rate => Some(rate.parse().ok().filter(|rate| *rate > 0).ok_or_else(|| {
            AppError::field("rate_segments_per_s", "A rate is a whole number of segments per second, or nothing.")
        })?),
    };

    let given = weights.iter().filter(|(_, weight)| !weight.trim().is_empty());
    let mut members = given
        .map(|(link, weight)| {
            let refused = || AppError::field("members", "A weight is a whole number from 0 to 1,000, or nothing.");
            let weight = weight.trim().parse().map_err(|_| refused())?;
            Ok(PoolShare { link: super::convert::id(link)?, weight })
        })
        .collect::<Result<Vec<_>, AppError>>()?;
    members.sort_by(|a, b| a.link.cmp(&b.link));
    Ok(PoolConfig { name: name.trim().to_owned(), members, failover, rate_segments_per_s })
}
