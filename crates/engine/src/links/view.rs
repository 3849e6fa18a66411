//! Links and pools as their pages show them.

use domain::{channel::ChannelId, link::LinkUse};
use sms_core::{LinkSettings, LinkState, LinkStatus, PoolMember};
use store::{
    Error, Ruler,
    links::{self, Link},
};

use super::{BindTest, LinkDesk};

/// Where a link or a pool is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOrigin {
    Product,
    File,
    /// The simulator that comes with the product.
    Trial,
    /// The file of an SMS Core in another process.
    OtherCore,
}

/// A link with everything that its page shows.
#[derive(Debug, Clone)]
pub struct LinkSheet {
    pub id: ChannelId,
    pub name: String,
    pub origin: LinkOrigin,
    /// `host:port`; None: only the other Core knows.
    pub address: Option<String>,
    pub is_tls: bool,
    /// None: it is not in force.
    pub status: Option<LinkStatus>,
    /// Why it is not.
    pub left_out: Option<String>,
    /// What was decided of its use, if anything was.
    pub wanted: Option<LinkUse>,
    /// The latest bind for trial since the start.
    pub test: Option<BindTest>,
    /// The settings, of a link that is configured in the product.
    pub link: Option<Link>,
}

impl LinkSheet {
    /// Whether messages go out by it; None: the other Core has not said so far.
    #[must_use]
    pub fn submits(&self) -> Option<bool> {
        let known = self.status.as_ref().filter(|status| status.state == LinkState::Up);
        self.link.as_ref().map(|link| link.config.bind.submits()).or_else(|| known.map(|status| status.submits))
    }
}

/// A pool with everything that its page shows.
#[derive(Debug, Clone)]
pub struct PoolSheet {
    pub id: ChannelId,
    pub name: String,
    pub origin: LinkOrigin,
    pub members: Vec<PoolMember>,
    pub failover: bool,
    pub rate_segments_per_s: Option<u32>,
    pub state: Option<LinkState>,
    pub left_out: Option<String>,
    /// None: not configured in the product.
    pub revision: Option<u64>,
}

impl LinkDesk {
    /// All links: those of this process in the order in which they are set up, those of others, and what is left out.
    pub async fn sheets(&self, ruler: &Ruler) -> Result<Vec<LinkSheet>, Error> {
        let of_product = links::list(ruler).await?;
        let uses = links::uses(ruler).await?;
        let statuses = self.core().links();
        let state = self.state();
        let is_of_file = |id: &ChannelId| state.file.links.iter().any(|link| link.id == *id);
        let is_trial = |id: &ChannelId| state.file.trial.iter().any(|link| link.id == *id);
        let mut sheets: Vec<_> = statuses
            .into_iter()
            .map(|status| {
                let applied = state.applied.iter().find(|settings| settings.id == status.id);
                let origin = match applied {
                    None => LinkOrigin::OtherCore,
                    Some(_) if is_of_file(&status.id) => LinkOrigin::File,
                    Some(_) if is_trial(&status.id) => LinkOrigin::Trial,
                    Some(_) => LinkOrigin::Product,
                };
                LinkSheet {
                    name: status.name.clone(),
                    address: applied.map(address),
                    is_tls: applied.is_some_and(|settings| settings.tls.is_some()),
                    left_out: None,
                    test: state.tests.get(&status.id).cloned(),
                    wanted: uses.get(&status.id).copied(),
                    link: (origin == LinkOrigin::Product).then(|| find(&of_product, &status.id)).flatten(),
                    id: status.id.clone(),
                    origin,
                    status: Some(status),
                }
            })
            .collect();
        let is_shown = |id: &ChannelId, sheets: &[LinkSheet]| {
            sheets.iter().any(|sheet| sheet.id == *id && sheet.origin == LinkOrigin::Product)
        };
        for link in of_product {
            if is_shown(&link.id, &sheets) {
                continue;
            }
            let reason = state.left_out.get(&link.id).cloned();
            sheets.push(LinkSheet {
                id: link.id.clone(),
                name: link.config.name.clone(),
                origin: LinkOrigin::Product,
                address: Some(format!("{}:{}", link.config.host, link.config.port)),
                is_tls: link.config.tls.is_some(),
                status: None,
                left_out: Some(reason.unwrap_or_else(|| "it is set up in a moment".to_owned())),
                test: state.tests.get(&link.id).cloned(),
                wanted: uses.get(&link.id).copied(),
                link: Some(link),
            });
        }
        Ok(sheets)
    }

    /// One of them.
    pub async fn sheet(&self, ruler: &Ruler, id: &ChannelId) -> Result<LinkSheet, Error> {
        let mut sheets = self.sheets(ruler).await?;
        sheets.retain(|sheet| sheet.id == *id);
        // Of two with this id it is the one that is left out, which somebody has to look at.
        sheets.pop().ok_or(Error::NotFound)
    }

    /// All pools.
    pub async fn pool_sheets(&self, ruler: &Ruler) -> Result<Vec<PoolSheet>, Error> {
        let of_product = links::pools(ruler).await?;
        let channels = self.core().channels();
        let state = self.state();
        let state_of = |id: &ChannelId| {
            channels.iter().find(|channel| channel.id == *id && !channel.members.is_empty()).map(|pool| pool.state)
        };
        let of_file = state.file.pools.iter().map(|pool| PoolSheet {
            id: pool.id.clone(),
            name: pool.name.clone(),
            origin: LinkOrigin::File,
            members: pool.members.clone(),
            failover: pool.failover,
            rate_segments_per_s: pool.rate_segments_per_s,
            state: state_of(&pool.id),
            left_out: None,
            revision: None,
        });
        let of_product = of_product.iter().map(|pool| {
            let settings = super::settings::of_pool(&pool.id, &pool.config);
            let left_out = state.left_out.get(&pool.id).cloned();
            PoolSheet {
                state: if left_out.is_some() { None } else { state_of(&pool.id) },
                id: settings.id,
                name: settings.name,
                origin: LinkOrigin::Product,
                members: settings.members,
                failover: settings.failover,
                rate_segments_per_s: settings.rate_segments_per_s,
                left_out,
                revision: Some(pool.revision),
            }
        });
        Ok(of_file.chain(of_product).collect())
    }
}

fn find(links: &[Link], id: &ChannelId) -> Option<Link> {
    links.iter().find(|link| link.id == *id).cloned()
}

fn address(settings: &LinkSettings) -> String {
    format!("{}:{}", settings.host, settings.port)
}
