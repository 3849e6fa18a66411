//! Links and pools that super admins configure, which links are out of use, and what people do to links, on record.
//!
//! Secrets are sealed under the key that is not in the database, and no function gives them to a person: only the engine
//! opens them, with its door. How a link in a configuration file is set up is no data of the store; what is decided of
//! its use is.

mod load;
mod manage;
mod pools;
mod secret;

use domain::{
    channel::ChannelId,
    link::{LinkConfig, LinkUse},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

pub use self::{
    load::{Configured, OpenedLink, configured},
    manage::{NewLink, Replaced, add, change, find, list, put_to, remove, uses},
    pools::{Pool, add_pool, change_pool, find_pool, pools, remove_pool},
    secret::LinkSecret,
};
use crate::{
    Error, Granted, Ruler,
    access::Inner,
    audit::{Chain, Event},
    db::{key, tx::Columns},
};

/// A link as people see it: that there is a secret and since when, and never which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub id: ChannelId,
    pub config: LinkConfig,
    pub password_set_at_ms: i64,
    /// Of the key of its certificate, if it has one.
    pub key_set_at_ms: Option<i64>,
    pub changed_at_ms: i64,
    pub changed_by: String,
    pub revision: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct LinkRecord {
    link: Link,
    /// Sealed.
    password: String,
    key: Option<String>,
    removed_at_ms: Option<i64>,
    revision: u64,
}

impl Columns for LinkRecord {}

/// What was decided of a link's use.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct UseRecord {
    link: ChannelId,
    wanted: LinkUse,
    revision: u64,
}

impl Columns for UseRecord {}

fn link_key(id: &ChannelId) -> RecordId {
    key::global("link", id)
}

fn use_key(id: &ChannelId) -> RecordId {
    key::global("link_use", id)
}

/// What a secret is sealed for: that of one link opens for no other.
fn password_of(id: &ChannelId) -> String {
    format!("link/{id}/password")
}

fn key_of(id: &ChannelId) -> String {
    format!("link/{id}/key")
}

impl Inner {
    /// Those that are not removed, by id.
    async fn links(&self) -> Result<Vec<LinkRecord>, Error> {
        let mut records: Vec<LinkRecord> = self.db.docs("SELECT VALUE doc FROM link", Variables::new()).await?;
        records.retain(|record| record.removed_at_ms.is_none());
        records.sort_by(|a, b| a.link.id.cmp(&b.link.id));
        Ok(records)
    }

    async fn link_uses(&self) -> Result<Vec<UseRecord>, Error> {
        self.db.docs("SELECT VALUE doc FROM link_use", Variables::new()).await
    }

    /// Refuses what campaigns that have not ended would miss.
    async fn channel_is_free(&self, id: &ChannelId) -> Result<(), Error> {
        use domain::campaign::{Campaign, Status};

        let mut vars = Variables::new();
        vars.insert("channel", id.to_string());
        let sql = "SELECT VALUE doc FROM campaign WHERE doc.parameters.channel = $channel";
        let named: Vec<Campaign> = self.db.docs(sql, vars).await?;
        let ended = [Status::Done, Status::Cancelled, Status::Failed, Status::Expired];
        let waiting =
            named.iter().filter(|one| one.life.status != Status::Draft && !ended.contains(&one.life.status)).count();
        if waiting > 0 {
            let campaigns = if waiting == 1 { "campaign that has" } else { "campaigns that have" };
            return Err(Error::Stale {
                what: format!(
                    "{waiting} {campaigns} not ended would have no way out; cancel them or let them end first"
                ),
            });
        }
        Ok(())
    }
}

/// Puts on record that this person lets a link that was stopped try again.
pub async fn restarted(scope: &Granted<kind::ManageInstallation>, link: &str) -> Result<(), Error> {
    let event = Event::new(scope.actor(), scope.origin(), "link.restarted").on("link", &link);
    scope.inner().audited(Chain::Installation, event, |tx| scope.rely_on(tx)).await
}

/// The same, by a super admin outside of the workspaces.
pub async fn restarted_by(ruler: &Ruler, link: &ChannelId) -> Result<(), Error> {
    let event = Event::new(ruler.actor(), ruler.origin(), "link.restarted").on("link", link);
    ruler.inner().audited(Chain::Installation, event, |tx| ruler.rely_on(tx)).await
}

/// Puts on record that somebody had the link bind for trial, and what came of it.
pub async fn tested(ruler: &Ruler, link: &ChannelId, outcome: &str) -> Result<(), Error> {
    let event = Event::new(ruler.actor(), ruler.origin(), "link.tested").on("link", link).note(outcome.to_owned());
    ruler.inner().audited(Chain::Installation, event, |tx| ruler.rely_on(tx)).await
}
