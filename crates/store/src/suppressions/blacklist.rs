//! The blacklist of the installation: numbers that get nothing by a channel whose preset says so, whoever sends. It is a
//! list like those of the workspaces, in the hands of super admins, with its audit records in the installation's chain.

use std::sync::Arc;

use domain::{
    id::{UploadId, WorkspaceId},
    phone::PhoneNumber,
    schedule::Zone,
    suppression::Source,
};

use super::{
    Cursor, Entry, Import, ListPage, Place, Summary, among_in,
    change::{Added, Change, IMPORT, TRANSACTION_NUMBERS, What, check_batch},
    entry_at, import,
    index::read_shards,
    list::page_in,
    place_in, read_head,
    shard::Shard,
    summary_of,
};
use crate::{
    Error, Ruler, Scope, SystemScope,
    audit::{Chain, Event},
    recipients::push_cell,
};

/// Under whose id it lies: no workspace has this one.
pub const LIST: WorkspaceId = WorkspaceId::NIL;

/// How many numbers are on it.
pub async fn summary(ruler: &Ruler) -> Result<Summary, Error> {
    summary_of(ruler.inner(), LIST).await
}

/// Puts numbers onto it; gives how many were not on it.
pub async fn add(ruler: &Ruler, numbers: &[PhoneNumber]) -> Result<u64, Error> {
    check_batch(numbers, IMPORT)?;
    let mut added = 0;
    for numbers in numbers.chunks(TRANSACTION_NUMBERS) {
        let by = Arc::from(ruler.user().name.as_str());
        let what = What::Add(Added { source: Source::Hand, at_ms: ruler.now_ms(), by });
        added += commit(ruler, numbers, what, "blacklist.added").await?;
    }
    Ok(added)
}

/// Takes numbers off it; gives how many were on it.
pub async fn remove(ruler: &Ruler, numbers: &[PhoneNumber]) -> Result<u64, Error> {
    check_batch(numbers, "send the others after them")?;
    let mut removed = 0;
    for numbers in numbers.chunks(TRANSACTION_NUMBERS) {
        removed += commit(ruler, numbers, What::Remove(None), "blacklist.removed").await?;
    }
    Ok(removed)
}

async fn commit(ruler: &Ruler, numbers: &[PhoneNumber], what: What, action: &'static str) -> Result<u64, Error> {
    let change = Change { workspace: LIST, numbers, what };
    change.commit(ruler.inner(), event(ruler, action), |tx| ruler.rely_on(tx)).await
}

fn event(ruler: &Ruler, action: &'static str) -> Event {
    Event::new(ruler.actor(), ruler.origin(), action).on("blacklist", &"installation")
}

/// Where a number is; None: it is not on the list.
pub async fn place_of(ruler: &Ruler, number: PhoneNumber) -> Result<Option<Place>, Error> {
    place_in(ruler.inner(), LIST, number).await
}

/// The entry that is at a place now.
pub async fn at(ruler: &Ruler, place: Place) -> Result<Option<Entry>, Error> {
    entry_at(ruler.inner(), LIST, place).await
}

/// At most `limit` entries behind `after`, masked.
pub async fn page(ruler: &Ruler, after: Option<Cursor>, limit: usize) -> Result<ListPage, Error> {
    page_in(ruler.inner(), LIST, after, limit, false).await
}

/// Announces a file, as [`super::begin_import`] does for a workspace.
pub async fn begin_import(
    ruler: &Ruler,
    file_name: &str,
    size_bytes: u64,
) -> Result<(Import, Option<UploadId>), Error> {
    import::begin_in(ruler.inner(), LIST, ruler.user(), (file_name, size_bytes)).await
}

/// The file is there and synced: the engine takes over. It stands in the audit log.
pub async fn import_received(ruler: &Ruler, import: &Import, size_bytes: u64) -> Result<Import, Error> {
    let event = Event::new(ruler.actor(), ruler.origin(), "blacklist.import_started");
    import::received_in(ruler.inner(), import, size_bytes, event, |tx| ruler.rely_on(tx)).await
}

/// The latest import, if there was one.
pub async fn find_import(ruler: &Ruler) -> Result<Option<Import>, Error> {
    import::read(ruler.inner(), LIST).await
}

/// Which of these numbers are on it, sorted.
pub async fn among(scope: &SystemScope, numbers: &[u64]) -> Result<Vec<u64>, Error> {
    among_in(scope.inner(), LIST, numbers).await
}

/// Whether a number is on it.
pub(crate) async fn holds(scope: &Scope, number: PhoneNumber) -> Result<bool, Error> {
    Ok(!among_in(scope.inner(), LIST, &[number.as_u64()]).await?.is_empty())
}

/// The whole list as `number,added_at,added_by`, a piece at a time, with times in UTC. It is a reveal, and stands in the
/// audit log as one.
#[derive(Debug)]
pub struct BlacklistCsv {
    ruler: Ruler,
    next_shard: Option<u64>,
    started: bool,
}

impl BlacklistCsv {
    pub async fn open(ruler: Ruler) -> Result<Self, Error> {
        let head = read_head(ruler.inner(), LIST).await?;
        let event = event(&ruler, "blacklist.exported").change("numbers", None, Some(head.total()));
        ruler.inner().audited(Chain::Installation, event, |_| {}).await?;
        Ok(Self { ruler, next_shard: Some(0), started: false })
    }

    /// The next piece of the file; None at its end.
    pub async fn next_piece(&mut self) -> Result<Option<String>, Error> {
        if !self.started {
            self.started = true;
            return Ok(Some("number,added_at,added_by\r\n".to_owned()));
        }
        let Some(from) = self.next_shard else { return Ok(None) };
        let found = read_shards(self.ruler.inner(), LIST, from, 1).await?;
        let Some((number, bytes)) = found.first() else {
            self.next_shard = None;
            return Ok(None);
        };
        self.next_shard = Some(number + 1);
        let (mut out, utc) = (String::new(), Zone::utc());
        for entry in Shard::decode(bytes)?.entries() {
            // With a +, unlike the files of workspaces: without a country it could not be brought back.
            let number = PhoneNumber::from_u64(entry.number).ok_or(Error::Corrupt)?;
            out.push_str(&number.to_string());
            out.push(',');
            push_cell(&mut out, &utc.format(entry.at_ms));
            out.push(',');
            push_cell(&mut out, &entry.by);
            out.push_str("\r\n");
        }
        Ok(Some(out))
    }
}
