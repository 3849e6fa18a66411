//! What the gateway is set up with.

use std::collections::HashMap;

use domain::{channel::ChannelId, link::LinkUse};

use super::{Link, LinkRecord, LinkSecret, Pool, key_of, password_of};
use crate::{Error, SystemDoor};

/// A link with its secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedLink {
    pub link: Link,
    pub password: LinkSecret,
    pub key: Option<LinkSecret>,
}

/// Everything that is configured in the product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configured {
    pub links: Vec<OpenedLink>,
    /// Links whose secrets do not open: the master key is another one, or the record was changed behind our back.
    pub unreadable: Vec<ChannelId>,
    pub uses: HashMap<ChannelId, LinkUse>,
    pub pools: Vec<Pool>,
}

/// Reads all of it.
pub async fn configured(door: &SystemDoor) -> Result<Configured, Error> {
    let inner = door.inner();
    let open = |record: &LinkRecord| {
        let id = &record.link.id;
        let text = |of: &str, sealed: &str| {
            let secret = inner.sealer.open(of, sealed)?;
            String::from_utf8(secret).map(LinkSecret::new).map_err(|_| Error::Corrupt)
        };
        let password = text(&password_of(id), &record.password)?;
        let key = record.key.as_deref().map(|sealed| text(&key_of(id), sealed)).transpose()?;
        Ok::<_, Error>(OpenedLink { link: record.link.clone(), password, key })
    };
    let mut configured = Configured { pools: inner.pools().await?, ..Configured::default() };
    for record in inner.links().await? {
        match open(&record) {
            Ok(opened) => configured.links.push(opened),
            Err(_) => configured.unreadable.push(record.link.id),
        }
    }
    configured.uses = inner.link_uses().await?.into_iter().map(|record| (record.link, record.wanted)).collect();
    Ok(configured)
}
