//! The links to carriers, for super admins: how they are, and what is done to them.

#[cfg(feature = "ssr")]
mod convert;
pub mod form;
pub mod pools;

use domain::link::LinkUse;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use self::{form::LinkForm, pools::PoolRow};
use crate::{error::AppError, state::moment::Moment};

/// Where a link or a pool is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Product,
    File,
    /// The simulator that comes with the product.
    Trial,
    /// The file of an SMS Core in another process.
    OtherCore,
}

impl Origin {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Product => "configured here",
            Self::File => "from the configuration file",
            Self::Trial => "comes with the product",
            Self::OtherCore => "from the file of another SMS Core",
        }
    }
}

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkCondition {
    Up,
    /// Not bound yet, and nothing has gone wrong so far.
    Connecting,
    /// Not bound; it keeps trying.
    Down,
    /// Refused by the carrier; nothing happens until a person restarts it.
    Stopped,
    Draining,
    Disabled,
    /// It cannot be set up.
    LeftOut,
}

impl LinkCondition {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Up => "Up",
            Self::Connecting => "Connecting",
            Self::Down => "Down",
            Self::Stopped => "Stopped",
            Self::Draining => "Draining",
            Self::Disabled => "Disabled",
            Self::LeftOut => "Not set up",
        }
    }
}

/// A link as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkRow {
    pub id: String,
    pub name: String,
    pub origin: Origin,
    /// `host:port`; None: only the other Core knows.
    pub address: Option<String>,
    pub tls: bool,
    pub simulator: bool,
    pub condition: LinkCondition,
    /// None: it is not set up.
    pub live: Option<LinkFigures>,
    /// What is wrong, as a sentence.
    pub trouble: Option<String>,
}

/// The figures of a link at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkFigures {
    pub since: Moment,
    pub sessions_bound: u32,
    pub sessions_configured: u32,
    pub window_used: u32,
    pub window: u32,
    pub queued: u64,
    pub retrying: u64,
    pub rate: f64,
    pub rate_limit: Option<f64>,
    pub throttled: bool,
    pub accepted: u64,
    pub refused: u64,
    pub times_throttled: u64,
    pub uncertain: u64,
    pub receipts: u64,
    pub inbound: u64,
    pub last_error: Option<String>,
    pub last_error_at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkList {
    pub links: Vec<LinkRow>,
    pub pools: Vec<PoolRow>,
    /// Real links are in use, and the simulator is as well.
    pub simulator_beside: bool,
}

/// A link as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkDetail {
    pub row: LinkRow,
    /// Of one that is configured here.
    pub settings: Option<LinkSettingsView>,
    /// What subscribers miss who write by it, with what to do.
    pub flaw: Option<String>,
    pub test: Option<TestedLink>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkSettingsView {
    /// Without secrets.
    pub form: LinkForm,
    pub password_set: Moment,
    pub key_set: Option<Moment>,
    pub changed: Moment,
    pub changed_by: String,
    pub revision: u64,
}

/// What came of a bind for trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestedLink {
    pub at: Moment,
    /// None: it was bound.
    pub failure: Option<String>,
}

/// All links and pools.
#[server]
pub async fn carrier_links() -> Result<LinkList, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let links: Vec<LinkRow> = services.links.sheets(&ruler).await?.iter().map(convert::row).collect();
    let is_used = |link: &&LinkRow| !matches!(link.condition, LinkCondition::Disabled | LinkCondition::LeftOut);
    let real = links.iter().filter(is_used).any(|link| !link.simulator);
    let simulator_beside = real && links.iter().filter(is_used).any(|link| link.origin == Origin::Trial);
    let pools = services.links.pool_sheets(&ruler).await?.into_iter().map(|sheet| pools::row(sheet, &links)).collect();
    Ok(LinkList { links, pools, simulator_beside })
}

/// One link.
#[server]
pub async fn carrier_link(id: String) -> Result<LinkDetail, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let sheet = services.links.sheet(&ruler, &convert::id(&id)?).await?;
    Ok(convert::detail(&sheet, services.engine.inbound()))
}

/// Adds a link, and leads to its page.
#[server]
pub async fn add_link(
    id: String,
    #[server(default)] in_use: bool,
    #[server(flatten)] link: LinkForm,
) -> Result<(), AppError> {
    use domain::channel::ChannelId;

    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let read = link.read();
    let id = ChannelId::parse(id.trim());
    let (id, (config, secrets)) = match (id, read) {
        (Ok(id), Ok(read)) => (id, read),
        (Err(refusal), read) => {
            let mut fields = vec![crate::error::FieldError {
                field: "id".into(),
                message: crate::error::sentence(&refusal.to_string()),
            }];
            fields.extend(read.err().unwrap_or_default());
            return Err(AppError::fields(fields));
        }
        (_, Err(fields)) => return Err(AppError::fields(fields)),
    };
    let wanted = if in_use { LinkUse::InUse } else { LinkUse::Disabled };
    let added = services.links.add(&ruler, id, config, secrets, wanted).await.map_err(convert::refusal)?;
    leptos_axum::redirect(&format!("/installation/links/{}", added.id));
    Ok(())
}

/// Puts other settings in force. Secrets that are left empty stay as they are.
#[server]
pub async fn change_link(id: String, revision: u64, #[server(flatten)] link: LinkForm) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let id = convert::id(&id)?;
    let (config, secrets) = link.read().map_err(AppError::fields)?;
    services.links.change(&ruler, &id, revision, config, secrets).await.map_err(convert::refusal)?;
    Ok(())
}

/// Takes a link into use, drains or disables it.
#[server]
pub async fn use_link(id: String, wanted: LinkUse) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    services.links.decide_use(&ruler, &convert::id(&id)?, wanted).await.map_err(convert::refusal)
}

/// Lets a link that was stopped try again.
#[server]
pub async fn restart_carrier_link(id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    services.links.restart(&ruler, &convert::id(&id)?).await.map_err(convert::refusal)
}

/// Binds for trial.
#[server]
pub async fn test_link(id: String) -> Result<TestedLink, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let test = services.links.test(&ruler, &convert::id(&id)?).await.map_err(convert::refusal)?;
    Ok(convert::tested(&test))
}

/// Takes a link away that is out of use.
#[server]
pub async fn remove_link(id: String, revision: u64) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    services.links.remove(&ruler, &convert::id(&id)?, revision).await.map_err(convert::refusal)?;
    leptos_axum::redirect("/installation/links");
    Ok(())
}
