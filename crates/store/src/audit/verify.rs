//! Whether the log is what was written: every record against the one before it, the chains against their checkpoints.
//!
//! The checkpoints are read once, line by line, and each chain is walked along with them a page at a time: memory
//! depends on the number of chains, and not on their length.

mod problem;
mod walk;

use std::{collections::BTreeMap, io, path::Path};

use domain::slug::Slug;
use surrealdb::types::Variables;

pub use self::problem::{Finding, Problem};
use self::walk::Walk;
use super::{Chain, checkpoint, retention::Anchor};
use crate::{Error, SystemDoor, access::Inner, db::corrupt};

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub chains: u64,
    pub records: u64,
    pub checkpoints: u64,
    /// The first thing that is wrong in each chain, and in the checkpoints.
    pub findings: Vec<Finding>,
}

impl Verified {
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

impl SystemDoor {
    /// Checks the chains of the installation and of all workspaces, or of one workspace alone, against the
    /// installation's checkpoints, or against a copy of them that was kept elsewhere.
    pub async fn verify_audit(&self, workspace: Option<&Slug>, copy: Option<&Path>) -> Result<Verified, Error> {
        let inner = self.inner();
        let only = match workspace {
            Some(slug) => {
                let workspace = inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
                Some(Chain::Workspace(workspace.id).name())
            }
            None => None,
        };
        let path = copy.map_or_else(|| inner.checkpoint_path(), Path::to_owned);
        verify(inner, only.as_deref(), &path).await
    }
}

pub(super) async fn verify(inner: &Inner, only: Option<&str>, path: &Path) -> Result<Verified, Error> {
    let unreadable = |cause: io::Error| Error::Setup(format!("{}: {cause}", path.display()));
    let mut findings = Vec::new();
    let mut walks: BTreeMap<String, Walk> = BTreeMap::new();
    for name in inner.chain_names().await? {
        if only.is_none_or(|only| only == name) {
            walks.insert(name.clone(), inner.walk(name).await?);
        }
    }
    let (mut checkpoints, mut stated_anchors) = (0, BTreeMap::new());
    for line in checkpoint::lines(path, inner.audit_key.verifying_key()).map_err(unreadable)? {
        let line = line.map_err(unreadable)?;
        checkpoints += 1;
        let statement = match line.statement {
            Ok(statement) => statement,
            Err(flaw) => {
                let problem = Problem::Checkpoint { line: line.number, flaw: flaw.to_string() };
                findings.push(Finding { chain: String::new(), problem });
                continue;
            }
        };
        stated_anchors.extend(statement.anchors.into_iter().map(|place| (place.chain.clone(), place)));
        for place in statement.heads.into_iter().filter(|place| only.is_none_or(|only| only == place.chain)) {
            if !walks.contains_key(&place.chain) {
                let walk = inner.walk(place.chain.clone()).await?;
                walks.insert(place.chain.clone(), walk);
            }
            if let Some(walk) = walks.get_mut(&place.chain) {
                walk.state(inner, place, statement.at_ms).await?;
            }
        }
    }
    let (mut records, mut chains) = (0, 0);
    for (name, mut walk) in walks {
        walk.finish(inner, stated_anchors.get(&name)).await?;
        records += walk.records();
        if walk.is_empty() && walk.problem().is_some() && inner.was_deleted(&name).await? {
            // Its checkpoints are all that is left of a workspace that was deleted.
            continue;
        }
        chains += 1;
        findings.extend(walk.into_problem().map(|problem| Finding { chain: name, problem }));
    }
    Ok(Verified { chains, records, checkpoints, findings })
}

impl Inner {
    /// Chains that have a head, and those of all workspaces: a head that was removed is missed.
    async fn chain_names(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT VALUE record::id(id) FROM audit_head; SELECT VALUE record::id(id) FROM workspace";
        let mut answer = self.db.read(sql, Variables::new()).await?;
        let mut names: Vec<String> = answer.take(0).map_err(corrupt)?;
        let workspaces: Vec<String> = answer.take(1).map_err(corrupt)?;
        names.extend(workspaces);
        names.push(Chain::Installation.name());
        names.sort();
        names.dedup();
        Ok(names)
    }

    async fn walk(&self, name: String) -> Result<Walk, Error> {
        let anchor: Option<Anchor> = self.anchor(&name).await?;
        Ok(Walk::new(name, anchor))
    }

    /// Whether the installation's log says that the workspace of this chain was deleted.
    async fn was_deleted(&self, chain: &str) -> Result<bool, Error> {
        let records = self.about(Chain::Installation, chain).await?;
        Ok(records.iter().any(|record| record.action == super::WORKSPACE_DELETED))
    }
}
