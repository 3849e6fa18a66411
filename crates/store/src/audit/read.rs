//! The log as people read it: newest first, narrowed by a filter, a page at a time.
//!
//! A page is read along the keys of the rarest facet that the filter names (see [`super::facets`]); what else the filter
//! asks for is looked at record by record, for at most [`EXAMINED_MAX`] records a page.

use std::{fmt, str::FromStr};

use domain::{
    audit::{Actor, AuditRecord, Origin},
    id::CampaignId,
    permission::kind,
};
use surrealdb::types::{RecordId, Variables};

use super::{Chain, facets};
use crate::{Error, Granted, On, Ruler, access::Inner, db::corrupt};

/// Records that one page looks at, at most: one that few records answer ends early and says so.
const EXAMINED_MAX: usize = 5_000;
const STEP: usize = 200;

/// Which records are wanted; what is None is left open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub actor: Option<ActorFilter>,
    /// An action such as `campaign.approved`, or a group of them, such as `campaign`.
    pub action: Option<String>,
    pub resource_kind: Option<String>,
    pub resource_id: Option<String>,
    /// Milliseconds since the epoch; the first moment that counts.
    pub from_ms: Option<i64>,
    /// The first moment that no longer counts.
    pub to_ms: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActorFilter {
    /// By e-mail address, as it is today.
    Email(String),
    System,
    Unknown,
}

/// A place in the log, between two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    at_ms: i64,
    seq: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at_ms, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::invalid("before", "this is no page of the log");
        let (at_ms, seq) = text.split_once('_').ok_or_else(invalid)?;
        Ok(Self { at_ms: at_ms.parse().map_err(|_| invalid())?, seq: seq.parse().map_err(|_| invalid())? })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub records: Vec<AuditRecord>,
    /// From where to go on; None: there is nothing further.
    pub next: Option<Cursor>,
}

/// Proof of the right to read a chain.
#[derive(Debug, Clone)]
pub struct Reader(Whose);

#[derive(Debug, Clone)]
enum Whose {
    Workspace(Box<Granted<kind::ViewAudit>>),
    Installation(Box<Ruler>),
}

impl Reader {
    #[must_use]
    pub fn workspace(scope: Granted<kind::ViewAudit>) -> Self {
        Self(Whose::Workspace(Box::new(scope)))
    }

    #[must_use]
    pub fn installation(ruler: Ruler) -> Self {
        Self(Whose::Installation(Box::new(ruler)))
    }

    pub(super) fn actor(&self) -> Actor {
        match &self.0 {
            Whose::Workspace(scope) => scope.actor(),
            Whose::Installation(ruler) => ruler.actor(),
        }
    }

    pub(super) fn origin(&self) -> Origin {
        match &self.0 {
            Whose::Workspace(scope) => scope.origin(),
            Whose::Installation(ruler) => ruler.origin(),
        }
    }

    pub(super) fn inner(&self) -> &Inner {
        match &self.0 {
            Whose::Workspace(scope) => scope.inner(),
            Whose::Installation(ruler) => ruler.inner(),
        }
    }

    pub(super) fn chain(&self) -> Chain {
        match &self.0 {
            Whose::Workspace(scope) => Chain::Workspace(scope.workspace_id()),
            Whose::Installation(_) => Chain::Installation,
        }
    }
}

/// A page of at most `limit` records behind `before` (None: from the newest).
pub async fn list(reader: &Reader, filter: &Filter, before: Option<Cursor>, limit: usize) -> Result<Page, Error> {
    let inner = reader.inner();
    match inner.narrowed(filter).await? {
        Some(narrowed) => inner.list(reader.chain(), &narrowed, before, limit).await,
        None => Ok(Page { records: Vec::new(), next: None }),
    }
}

/// The workspace's log, newest first: at most `limit` records before `before_seq` (None: from the newest).
pub async fn page(
    scope: &Granted<kind::ViewAudit>,
    before_seq: Option<u64>,
    limit: u32,
) -> Result<Vec<AuditRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("limit", i64::from(limit));
    vars.insert("range", Chain::Workspace(scope.workspace_id()).records(0, before_seq));
    scope.inner().db.docs("SELECT VALUE doc FROM $range ORDER BY id DESC LIMIT $limit", vars).await
}

/// Everything recorded about one campaign, oldest first.
pub async fn of_campaign(proof: &On<kind::ViewCampaignAudit>) -> Result<Vec<AuditRecord>, Error> {
    about_campaign(proof.inner(), proof.workspace_id(), proof.campaign().id).await
}

async fn about_campaign(
    inner: &Inner,
    workspace: domain::id::WorkspaceId,
    campaign: CampaignId,
) -> Result<Vec<AuditRecord>, Error> {
    let mut records = inner.about(Chain::Workspace(workspace), &campaign.to_string()).await?;
    records.retain(|record| record.resource_kind == "campaign");
    Ok(records)
}

/// A filter whose person was looked up.
#[derive(Debug, Clone)]
pub(super) struct Narrowed {
    /// The facet that is read along.
    facet: String,
    /// The facet of the person, where that is another one.
    actor: Option<String>,
    filter: Filter,
}

impl Narrowed {
    fn admits(&self, record: &AuditRecord) -> bool {
        let Filter { action, resource_kind, resource_id, .. } = &self.filter;
        let action_fits = |wanted: &String| {
            if wanted.contains('.') { record.action == *wanted } else { facets::group_of(&record.action) == wanted }
        };
        self.actor.as_ref().is_none_or(|actor| facets::of_actor(&record.actor) == *actor)
            && action.as_ref().is_none_or(action_fits)
            && resource_kind.as_ref().is_none_or(|kind| record.resource_kind == *kind)
            && resource_id.as_ref().is_none_or(|id| record.resource_id == *id)
    }
}

impl Inner {
    /// None: there is nobody of that address, so there are no records.
    pub(super) async fn narrowed(&self, filter: &Filter) -> Result<Option<Narrowed>, Error> {
        let actor = match &filter.actor {
            None => None,
            Some(ActorFilter::System) => Some(facets::of_actor(&Actor::System { reason: String::new() })),
            Some(ActorFilter::Unknown) => Some(facets::of_actor(&Actor::Unknown)),
            Some(ActorFilter::Email(email)) => match self.user_by_email(&crate::access::fold(email)).await? {
                Some(user) => Some(facets::of_actor(&user.actor())),
                None => return Ok(None),
            },
        };
        let facet = if let Some(id) = &filter.resource_id {
            facets::of_resource(id)
        } else if let Some(actor) = &actor {
            actor.clone()
        } else if let Some(action) = &filter.action {
            facets::of_group(facets::group_of(action))
        } else if let Some(kind) = &filter.resource_kind {
            facets::of_kind(kind)
        } else {
            facets::ALL.to_owned()
        };
        Ok(Some(Narrowed { facet, actor, filter: filter.clone() }))
    }

    pub(super) async fn list(
        &self,
        chain: Chain,
        narrowed: &Narrowed,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, Error> {
        let name = chain.name();
        let from_ms = narrowed.filter.from_ms.unwrap_or(i64::MIN);
        let to_ms = narrowed.filter.to_ms.unwrap_or(i64::MAX);
        let mut end = match before {
            Some(cursor) if cursor.at_ms < to_ms => (cursor.at_ms, Some(cursor.seq)),
            _ => (to_ms, None),
        };
        let (mut records, mut examined) = (Vec::new(), 0);
        loop {
            let step = STEP.min(limit.saturating_sub(records.len()).saturating_add(1).max(50));
            let keys = self.keys_back(facets::range(&name, &narrowed.facet, from_ms, end), step).await?;
            let found = self.records_of(chain, &keys).await?;
            for record in found {
                end = (record.at_ms, Some(record.seq));
                examined += 1;
                if narrowed.admits(&record) {
                    records.push(record);
                }
                if records.len() == limit || examined == EXAMINED_MAX {
                    let next = Some(Cursor { at_ms: end.0, seq: end.1.unwrap_or_default() });
                    // Whether there is anything behind is known by looking.
                    let range = facets::range(&name, &narrowed.facet, from_ms, end);
                    let more = !self.keys_back(range, 1).await?.is_empty();
                    return Ok(Page { records, next: next.filter(|_| more) });
                }
            }
            if keys.len() < step {
                return Ok(Page { records, next: None });
            }
        }
    }

    /// The latest about one resource, newest first.
    pub(crate) async fn latest_about(&self, chain: Chain, id: &str, limit: usize) -> Result<Vec<AuditRecord>, Error> {
        let filter = Filter { resource_id: Some(id.to_owned()), ..Filter::default() };
        match self.narrowed(&filter).await? {
            Some(narrowed) => Ok(self.list(chain, &narrowed, None, limit).await?.records),
            None => Ok(Vec::new()),
        }
    }

    /// Everything about one resource, oldest first.
    pub(super) async fn about(&self, chain: Chain, id: &str) -> Result<Vec<AuditRecord>, Error> {
        let filter = Filter { resource_id: Some(id.to_owned()), ..Filter::default() };
        let Some(narrowed) = self.narrowed(&filter).await? else { return Ok(Vec::new()) };
        let (mut records, mut before) = (Vec::new(), None);
        loop {
            let page = self.list(chain, &narrowed, before, 500).await?;
            records.extend(page.records);
            before = page.next;
            if before.is_none() {
                records.reverse();
                return Ok(records);
            }
        }
    }

    async fn keys_back(&self, range: RecordId, limit: usize) -> Result<Vec<RecordId>, Error> {
        let mut vars = Variables::new();
        vars.insert("range", range);
        vars.insert("limit", limit as i64);
        let mut answer = self.db.read("SELECT VALUE id FROM $range ORDER BY id DESC LIMIT $limit", vars).await?;
        answer.take(0).map_err(corrupt)
    }

    /// The records of these keys, in their order.
    async fn records_of(&self, chain: Chain, keys: &[RecordId]) -> Result<Vec<AuditRecord>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<RecordId> = keys.iter().filter_map(facets::read).map(|(_, seq)| chain.record_key(seq)).collect();
        let mut vars = Variables::new();
        vars.insert("ids", ids);
        let mut records: Vec<AuditRecord> = self.db.docs("SELECT VALUE doc FROM $ids", vars).await?;
        records.sort_by_key(|record| std::cmp::Reverse((record.at_ms, record.seq)));
        Ok(records)
    }
}
