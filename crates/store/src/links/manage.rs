//! Links in the hands of super admins. Whether the settings can be used is the gateway's to say, before they come here.

use std::collections::HashMap;

use domain::{
    channel::ChannelId,
    link::{LinkConfig, LinkTls, LinkUse},
};
use sha2::{Digest, Sha256};

use super::{Link, LinkRecord, LinkSecret, UseRecord, key_of, link_key, password_of, use_key};
use crate::{
    Error, Ruler,
    access::{Inner, hex},
    audit::{Chain, Event},
    db::Tx,
    policies::choice_key,
};

/// A link about to be added.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub id: ChannelId,
    pub config: LinkConfig,
    pub password: LinkSecret,
    pub key: Option<LinkSecret>,
    pub wanted: LinkUse,
}

/// What is typed anew of a link's secrets; what is not stays.
#[derive(Debug, Clone, Default)]
pub struct Replaced {
    pub password: Option<LinkSecret>,
    pub key: Option<LinkSecret>,
}

/// The links that are configured in the product, by id.
pub async fn list(ruler: &Ruler) -> Result<Vec<Link>, Error> {
    Ok(ruler.inner().links().await?.into_iter().map(|record| record.link).collect())
}

pub async fn find(ruler: &Ruler, id: &ChannelId) -> Result<Link, Error> {
    Ok(read(ruler.inner(), id).await?.link)
}

/// What was decided of the use of links, wherever they are configured.
pub async fn uses(ruler: &Ruler) -> Result<HashMap<ChannelId, LinkUse>, Error> {
    Ok(ruler.inner().link_uses().await?.into_iter().map(|record| (record.link, record.wanted)).collect())
}

async fn read(inner: &Inner, id: &ChannelId) -> Result<LinkRecord, Error> {
    let record: Option<LinkRecord> = inner.db.get(link_key(id)).await?;
    record.filter(|record| record.removed_at_ms.is_none()).ok_or(Error::NotFound)
}

/// Adds a link. An id that a removed one had is refused: late receipts are still told apart by it.
pub async fn add(ruler: &Ruler, new: &NewLink) -> Result<Link, Error> {
    let inner = ruler.inner();
    let now_ms = inner.now_ms();
    let link = Link {
        id: new.id.clone(),
        config: new.config.clone(),
        password_set_at_ms: now_ms,
        key_set_at_ms: new.key.as_ref().map(|_| now_ms),
        changed_at_ms: now_ms,
        changed_by: ruler.user().name.clone(),
        revision: 1,
    };
    let record = LinkRecord {
        password: inner.sealer.seal(&password_of(&new.id), new.password.expose().as_bytes())?,
        key: sealed_key(inner, &new.id, new.key.as_ref())?,
        removed_at_ms: None,
        revision: 1,
        link: link.clone(),
    };
    let earlier: Option<UseRecord> = inner.db.get(use_key(&new.id)).await?;
    let wanted = after_use(earlier.as_ref(), &new.id, new.wanted);
    let mut event = event(ruler, "link.added", &new.id);
    for (field, value) in said(&new.config) {
        event = event.change(field, None, Some(value).filter(|value| !value.is_empty()));
    }
    let event = event.change("use", None, Some(new.wanted.label()));
    let added = inner
        .audited(Chain::Installation, event, |tx| {
            tx.create(link_key(&new.id), &record);
            put_use(tx, earlier.as_ref(), &wanted);
            ruler.rely_on(tx);
        })
        .await;
    match added {
        Ok(()) => Ok(link),
        Err(Error::Stale { what }) => match inner.db.get::<LinkRecord>(link_key(&new.id)).await? {
            Some(record) if record.removed_at_ms.is_some() => Err(Error::invalid(
                "id",
                "a link that was removed had this id, and late receipts are told apart by it; choose another",
            )),
            Some(_) => Err(Error::invalid("id", "there is a link with this id already")),
            None => Err(Error::Stale { what }),
        },
        Err(other) => Err(other),
    }
}

/// Puts other settings in force, if those that the person saw still are. Secrets stay unless they are typed anew; the key
/// goes with its certificate.
pub async fn change(
    ruler: &Ruler,
    id: &ChannelId,
    seen_revision: u64,
    config: LinkConfig,
    replaced: &Replaced,
) -> Result<Link, Error> {
    let inner = ruler.inner();
    let before = read(inner, id).await?;
    if before.revision != seen_revision {
        return Err(stale(&before.link));
    }
    let now_ms = inner.now_ms();
    let has_certificate = config.tls.as_ref().is_some_and(|tls| tls.certificate.is_some());
    let mut after = before.clone();
    let mut event = event(ruler, "link.changed", id);
    for ((field, was), (_, is)) in said(&before.link.config).into_iter().zip(said(&config)) {
        event = event.change(field, Some(was), Some(is));
    }
    after.link.config = config;
    if let Some(password) = &replaced.password {
        after.password = inner.sealer.seal(&password_of(id), password.expose().as_bytes())?;
        after.link.password_set_at_ms = now_ms;
        event = event.change("password", Some("the former one"), Some("a new one"));
    }
    if !has_certificate {
        (after.key, after.link.key_set_at_ms) = (None, None);
    } else if let Some(key) = &replaced.key {
        after.key = sealed_key(inner, id, Some(key))?;
        after.link.key_set_at_ms = Some(now_ms);
        event = event.change("tls_key", Some("the former one"), Some("a new one"));
    }
    after.link.changed_at_ms = now_ms;
    after.link.changed_by = ruler.user().name.clone();
    write(ruler, &before, after, event).await
}

/// Takes a link away that is out of use, and that no campaign and no pool names. `in_force` false: it is not set up at all,
/// and what is decided of its use is another's of the same id.
pub async fn remove(ruler: &Ruler, id: &ChannelId, seen_revision: u64, in_force: bool) -> Result<(), Error> {
    let inner = ruler.inner();
    let before = read(inner, id).await?;
    if before.revision != seen_revision {
        return Err(stale(&before.link));
    }
    let used: Option<UseRecord> = inner.db.get(use_key(id)).await?;
    if in_force && used.as_ref().is_none_or(|used| used.wanted == LinkUse::InUse) {
        return Err(Error::Stale { what: "this link is in use; disable it first".into() });
    }
    if !in_force {
        return take_out(ruler, &before).await;
    }
    let pools = inner.pools().await?;
    if let Some(pool) = pools.iter().find(|pool| pool.config.members.iter().any(|member| member.link == *id)) {
        return Err(Error::Stale {
            what: format!("the pool “{}” has this link; take it out there first", pool.config.name),
        });
    }
    inner.channel_is_free(id).await?;
    take_out(ruler, &before).await
}

async fn take_out(ruler: &Ruler, before: &LinkRecord) -> Result<(), Error> {
    let after = LinkRecord {
        removed_at_ms: Some(ruler.now_ms()),
        // Nobody needs them any more.
        password: String::new(),
        key: None,
        ..before.clone()
    };
    let event =
        event(ruler, "link.removed", &before.link.id).change("name", Some(before.link.config.name.clone()), None);
    write(ruler, before, after, event).await.map(drop)
}

/// Takes a link into use, drains or disables it, wherever it is configured.
pub async fn put_to(ruler: &Ruler, id: &ChannelId, wanted: LinkUse) -> Result<(), Error> {
    let inner = ruler.inner();
    let before: Option<UseRecord> = inner.db.get(use_key(id)).await?;
    let action = match wanted {
        LinkUse::InUse => "link.enabled",
        LinkUse::Drained => "link.drained",
        LinkUse::Disabled => "link.disabled",
    };
    let was = before.as_ref().map(|before| before.wanted.label());
    let event = event(ruler, action, id).change("use", was, Some(wanted.label()));
    let after = after_use(before.as_ref(), id, wanted);
    let decided = inner
        .audited(Chain::Installation, event, |tx| {
            put_use(tx, before.as_ref(), &after);
            ruler.rely_on(tx);
        })
        .await;
    match decided {
        Err(Error::Moved) => Err(Error::Stale { what: "somebody else has just decided; look at it again".into() }),
        other => other,
    }
}

fn put_use(tx: &mut Tx, before: Option<&UseRecord>, after: &UseRecord) {
    match before {
        Some(before) => tx.compare_and_set(use_key(&after.link), before.revision, after),
        None => tx.create(use_key(&after.link), after),
    }
}

fn after_use(before: Option<&UseRecord>, id: &ChannelId, wanted: LinkUse) -> UseRecord {
    UseRecord { link: id.clone(), wanted, revision: before.map_or(1, |before| before.revision + 1) }
}

async fn write(ruler: &Ruler, before: &LinkRecord, mut after: LinkRecord, event: Event) -> Result<Link, Error> {
    after.revision = before.revision + 1;
    after.link.revision = after.revision;
    let written = ruler
        .inner()
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(link_key(&before.link.id), before.revision, &after);
            if after.removed_at_ms.is_some() {
                tx.delete(choice_key(&before.link.id));
            }
            ruler.rely_on(tx);
        })
        .await;
    match written {
        Ok(()) => Ok(after.link),
        Err(Error::Moved) => Err(stale(&read(ruler.inner(), &before.link.id).await?.link)),
        Err(other) => Err(other),
    }
}

fn stale(now: &Link) -> Error {
    Error::Stale { what: format!("{} has changed this link in the meantime; look at it again", now.changed_by) }
}

fn sealed_key(inner: &Inner, id: &ChannelId, key: Option<&LinkSecret>) -> Result<Option<String>, Error> {
    key.map(|key| inner.sealer.seal(&key_of(id), key.expose().as_bytes())).transpose()
}

fn event(ruler: &Ruler, action: &'static str, id: &ChannelId) -> Event {
    Event::new(ruler.actor(), ruler.origin(), action).on("link", id)
}

/// The fields as the log says them; certificates, which are public and long, by their fingerprints.
fn said(config: &LinkConfig) -> Vec<(&'static str, String)> {
    let mut said = config.said();
    let fingerprint = |read: fn(&LinkTls) -> Option<&String>| {
        let text = config.tls.as_ref().and_then(read);
        text.map(|text| format!("sha256:{}", hex(&Sha256::digest(text.as_bytes())))).unwrap_or_default()
    };
    said.push(("tls_ca", fingerprint(|tls| tls.ca.as_ref())));
    said.push(("tls_certificate", fingerprint(|tls| tls.certificate.as_ref())));
    said.push(("tls_crl", fingerprint(|tls| tls.crl.as_ref())));
    said
}
