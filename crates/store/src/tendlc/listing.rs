//! Lists over the workspaces that are seen. The database narrows, orders, counts and cuts them, so that a page costs the
//! same memory however much there is.
//!
//! Of what is ordered only keys and the columns of the order are held; the records of a page are read by their keys. Every
//! order ends with the key, so that nothing is on two pages and nothing on none.

use std::collections::{BTreeMap, BTreeSet};

use domain::{id::WorkspaceId, tendlc::Visible};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use super::{
    access::Sight,
    kept::{Kept, record},
};
use crate::{
    Error,
    access::{Inner, with},
    db::{Db, corrupt, key},
};

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    limit: u32,
    /// So many come before it.
    skipped: u64,
    /// Behind the last page is the last one.
    or_last: bool,
}

/// A part of a list, and how much there is in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub total: u64,
    slice: Slice,
}

/// What somebody looks for: a text of the record, or one of these workspaces, whose name has the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    text: String,
    workspaces: Vec<WorkspaceId>,
}

/// Newest first.
pub(super) const NEWEST: Order = Order { columns: "made_at_ms", sql: "made_at_ms DESC, id DESC" };

#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// Those of `sql`, but for the key.
    pub(super) columns: &'static str,
    pub(super) sql: &'static str,
}

impl Slice {
    #[must_use]
    pub const fn new(limit: u32, skipped: u64) -> Self {
        Self { limit, skipped, or_last: false }
    }

    /// A page of so many, counted from 1. Behind the last page is the last: something may be gone since its address was made.
    #[must_use]
    pub fn page(page: u32, limit: u32) -> Self {
        let limit = limit.max(1);
        Self { limit, skipped: u64::from(page.saturating_sub(1)) * u64::from(limit), or_last: true }
    }

    /// The part that there is of so many, how many come before it, and how many it has at most.
    pub(super) fn parts(self, total: u64) -> (Self, u64, u32) {
        let slice = self.of(total);
        (slice, slice.skipped, slice.limit)
    }

    fn of(self, total: u64) -> Self {
        if !self.or_last || self.skipped < total {
            return self;
        }
        let limit = u64::from(self.limit);
        Self { skipped: total.saturating_sub(1) / limit * limit, ..self }
    }
}

impl<T> Listed<T> {
    pub(super) const fn empty(slice: Slice) -> Self {
        Self { items: Vec::new(), total: 0, slice: Slice { skipped: 0, ..slice } }
    }

    pub(super) const fn of(items: Vec<T>, total: u64, slice: Slice) -> Self {
        Self { items, total, slice }
    }

    /// The page that it is, from 1.
    #[must_use]
    pub fn page(&self) -> u32 {
        u32::try_from(self.slice.skipped / u64::from(self.slice.limit.max(1)) + 1).unwrap_or(u32::MAX)
    }

    /// 1 at least.
    #[must_use]
    pub fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(self.slice.limit.max(1)))).unwrap_or(u32::MAX).max(1)
    }

    /// The same part with other items.
    #[must_use]
    pub fn with<U>(&self, items: Vec<U>) -> Listed<U> {
        Listed { items, total: self.total, slice: self.slice }
    }
}

impl Search {
    /// None: nothing is looked for.
    #[must_use]
    pub fn new(text: &str, workspaces: impl IntoIterator<Item = WorkspaceId>) -> Option<Self> {
        let text = folded(&[text.trim()]);
        (!text.is_empty()).then(|| Self { text, workspaces: workspaces.into_iter().collect() })
    }

    /// The workspaces whose name has the text.
    pub(super) fn workspaces(&self) -> Vec<String> {
        self.workspaces.iter().map(ToString::to_string).collect()
    }
}

/// Texts by which something is found, as they are compared: one a line.
pub(super) fn folded(texts: &[&str]) -> String {
    texts.join("\n").to_lowercase()
}

/// A query under construction: from where, and under which conditions.
#[derive(Debug)]
pub(super) struct Query {
    from: String,
    conditions: Vec<&'static str>,
    vars: Variables,
}

impl Query {
    /// Records of these tables in the workspaces that are seen. None: nothing is seen.
    pub(super) fn over(sight: &Sight, tables: &[&'static str]) -> Option<Self> {
        let mut vars = Variables::new();
        let from = match sight.visible() {
            Visible::All => tables.join(", "),
            Visible::Only(workspaces) => {
                let mut sources = Vec::with_capacity(workspaces.len() * tables.len());
                for (at, (table, workspace)) in
                    tables.iter().flat_map(|table| workspaces.iter().map(move |of| (table, of))).enumerate()
                {
                    vars.insert(format!("from{at}"), key::all(table, *workspace, []));
                    sources.push(format!("$from{at}"));
                }
                sources.join(", ")
            }
            Visible::None => return None,
        };
        Some(Self { from, conditions: Vec::new(), vars })
    }

    /// Records of a table in one workspace.
    pub(super) fn within(workspace: WorkspaceId, table: &'static str) -> Self {
        let mut vars = Variables::new();
        vars.insert("from0", key::all(table, workspace, []));
        Self { from: "$from0".to_owned(), conditions: Vec::new(), vars }
    }

    pub(super) fn when(mut self, condition: &'static str) -> Self {
        self.conditions.push(condition);
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl SurrealValue) -> Self {
        self.vars.insert(name, value);
        self
    }

    /// One of these words, where there are any.
    pub(super) fn phases(self, words: Vec<&'static str>) -> Self {
        if words.is_empty() {
            return self;
        }
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        self.when("phase IN $phases").with("phases", words)
    }

    /// `found`: when a record has the text `$search`.
    pub(super) fn search(self, search: Option<&Search>, found: &'static str) -> Self {
        match search {
            None => self,
            Some(search) => self.when(found).with("search", search.text.clone()).with("places", search.workspaces()),
        }
    }

    fn narrowed(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!("WHERE {}", self.conditions.join(" AND ")) }
    }

    /// How many there are.
    pub(super) async fn count(&self, inner: &Inner) -> Result<u64, Error> {
        let sql = format!(
            "SELECT VALUE count FROM (SELECT count() AS count FROM {} {} GROUP ALL)",
            self.from,
            self.narrowed()
        );
        let count: Option<i64> = inner.db.read(&sql, self.vars.clone()).await?.take(0).map_err(corrupt)?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// The keys of a part, in its order.
    pub(super) async fn keys(&self, inner: &Inner, order: Order, slice: Slice) -> Result<Vec<RecordId>, Error> {
        let mut vars = self.vars.clone();
        vars.insert("limit", i64::from(slice.limit));
        vars.insert("skipped", i64::try_from(slice.skipped).unwrap_or(i64::MAX));
        let sql = format!(
            "SELECT VALUE id FROM (SELECT id, {} FROM {} {} ORDER BY {} LIMIT $limit START $skipped)",
            order.columns,
            self.from,
            self.narrowed(),
            order.sql
        );
        inner.db.read(&sql, vars).await?.take(0).map_err(corrupt)
    }

    /// A part of the list, with its records.
    pub(super) async fn page<K: Kept>(&self, inner: &Inner, order: Order, slice: Slice) -> Result<Listed<K>, Error> {
        let total = self.count(inner).await?;
        let slice = slice.of(total);
        let keys = if slice.skipped < total { self.keys(inner, order, slice).await? } else { Vec::new() };
        Ok(Listed { items: records(inner, keys).await?, total, slice })
    }

    /// Rows of `columns`, grouped by them, each with how many there are (`count`).
    pub(super) async fn groups<R: SurrealValue>(&self, inner: &Inner, columns: &'static str) -> Result<Vec<R>, Error> {
        let sql =
            format!("SELECT {columns}, count() AS count FROM {} {} GROUP BY {columns}", self.from, self.narrowed());
        inner.db.read(&sql, self.vars.clone()).await?.take(0).map_err(corrupt)
    }
}

#[derive(Debug, SurrealValue)]
struct OfWorkspace {
    workspace: String,
    count: i64,
}

/// How many there are in each workspace that has any.
pub(super) async fn by_workspace(query: &Query, inner: &Inner) -> Result<Vec<(WorkspaceId, u64)>, Error> {
    let rows: Vec<OfWorkspace> = query.groups(inner, "workspace").await?;
    let row = |row: &OfWorkspace| Some((row.workspace.parse().ok()?, u64::try_from(row.count).ok()?));
    rows.iter().map(|one| row(one).ok_or(Error::Corrupt)).collect()
}

/// How many of the live records of a table there are in each workspace that has any.
pub(super) async fn live_by_workspace(sight: &Sight, table: &'static str) -> Result<Vec<(WorkspaceId, u64)>, Error> {
    match Query::over(sight, &[table]) {
        Some(query) => by_workspace(&query.when("live = true"), sight.inner()).await,
        None => Ok(Vec::new()),
    }
}

#[derive(Debug, SurrealValue)]
struct AtPhase {
    phase: String,
    count: i64,
}

/// How many records stand where.
pub(super) async fn phases<P: Ord>(
    query: &Query,
    sight: &Sight,
    read: fn(&str) -> Option<P>,
) -> Result<BTreeMap<P, u64>, Error> {
    let rows: Vec<AtPhase> = query.groups(sight.inner(), "phase").await?;
    let row = |row: &AtPhase| Some((read(&row.phase)?, u64::try_from(row.count).ok()?));
    rows.iter().map(|one| row(one).ok_or(Error::Corrupt)).collect()
}

/// These records, each once, as far as they are there and seen; in no order.
pub(super) async fn many<K: Kept>(
    sight: &Sight,
    ids: impl IntoIterator<Item = (WorkspaceId, K::Id)>,
) -> Result<Vec<K>, Error>
where
    K::Id: Ord,
{
    let seen: BTreeSet<_> = ids.into_iter().filter(|(workspace, _)| sight.visible().sees(*workspace)).collect();
    records(sight.inner(), seen.into_iter().map(|(workspace, id)| record::<K>(workspace, id)).collect()).await
}

/// The records under these keys, in their order; what is gone meanwhile is left out.
pub(super) async fn records<K: Kept>(inner: &Inner, keys: Vec<RecordId>) -> Result<Vec<K>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut vars = Variables::new();
    vars.insert("keys", keys.clone());
    let found: Vec<K> = inner.db.docs("SELECT VALUE doc FROM $keys", vars).await?;
    let mut found: Vec<(usize, K)> = found
        .into_iter()
        .filter_map(|one| {
            let own = record::<K>(one.workspace(), one.id());
            Some((keys.iter().position(|key| *key == own)?, one))
        })
        .collect();
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

/// Records that are written anew at a time.
const FILLED_AT_ONCE: i64 = 200;

/// Gives the records of these tables the columns that they were written without, by writing them again as they are.
pub(crate) async fn fill(db: &Db) -> Result<(), Error> {
    fill_table::<super::Brand>(db).await?;
    fill_table::<super::TenDlc>(db).await?;
    fill_table::<super::Number>(db).await
}

async fn fill_table<K: Kept>(db: &Db) -> Result<(), Error> {
    let mut behind: Option<RecordId> = None;
    loop {
        let mut vars = Variables::new();
        vars.insert("limit", FILLED_AT_ONCE);
        let from = if behind.is_some() { "$behind" } else { K::TABLE };
        let sql = format!("SELECT VALUE doc FROM {from} ORDER BY id LIMIT $limit");
        if let Some(behind) = behind {
            vars.insert("behind", behind);
        }
        let found: Vec<K> = db.docs(&sql, vars).await?;
        let Some(last) = found.last() else { return Ok(()) };
        behind = Some(key::after(K::TABLE, last.workspace(), [key::id(last.id())]));
        db.transact(|| {
            with(|tx| {
                for one in &found {
                    tx.put(record::<K>(one.workspace(), one.id()), one);
                }
            })
        })
        .await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_last_page_is_the_last() {
        let at = |page, total| {
            let slice = Slice::page(page, 10).of(total);
            let listed = Listed::<()> { items: Vec::new(), total, slice };
            (listed.page(), listed.pages())
        };
        for (page, total, expected) in [
            (0, 0, (1, 1)),
            (1, 0, (1, 1)),
            (9, 0, (1, 1)),
            (2, 11, (2, 2)),
            (3, 11, (2, 2)),
            (3, 20, (2, 2)),
            (2, 21, (2, 3)),
        ] {
            assert_eq!(at(page, total), expected, "page {page} of {total}");
        }
        // A program gets what it asked for.
        assert_eq!(Slice::new(10, 500).of(3).skipped, 500);
    }
}
