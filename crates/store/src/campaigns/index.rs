//! What lists and figures need of a workspace's campaigns, held in memory: reading ten thousand records for each view
//! would cost a tenth of a second.
//!
//! Every write of a campaign commits together with an audit record about it. So the head of the workspace's audit chain
//! tells whether anything has changed, whichever process changed it, and the records behind the known one tell what: a
//! view reads the head, and of the campaigns only those that were written since. Figures of recipients come from this
//! process's own journals at once, and from those of others within [`FIGURES_AGE`].

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    campaign::{Campaign, Progress, Status},
    id::{CampaignId, WorkspaceId},
};
use surrealdb::types::{RecordId, Variables};

use super::campaign_key;
use crate::{Error, access::Inner, audit::Chain, db::key, journal, overview::TopAuthor};

/// Campaigns that are held over all workspaces; beyond it the workspaces that were looked at least recently go.
const HELD_MAX: usize = 50_000;
/// Records read in one go.
const AT_ONCE: usize = 500;
/// Further behind than so many audit records it is quicker to read everything.
const BEHIND_MAX: u64 = 2_000;
/// Of so many campaigns the list of authors is made up whenever a figure has changed.
const AUTHORS_AT_ONCE_MAX: usize = 1_000;
/// How old it may be of more while figures change.
const AUTHORS_AGE: Duration = Duration::from_secs(1);
/// How old the figures of campaigns that another process works on may be.
const FIGURES_AGE: Duration = Duration::from_secs(10);

/// The campaigns of a workspace as they stood at one moment, by id and so by the time of their making.
#[derive(Debug)]
pub(crate) struct Index {
    /// The audit record up to which it follows.
    seq: u64,
    figures_read: Instant,
    entries: BTreeMap<CampaignId, Arc<Entry>>,
    /// Campaigns per status, those that are archived left out.
    by_status: Vec<(Status, u64)>,
    /// Submitted ever.
    total: u64,
    /// Delivered over the campaigns whose figures do not change any more.
    delivered_for_good: u64,
    /// The others.
    open: Vec<CampaignId>,
    /// Building, pending, sending or paused, and not archived; oldest first.
    active: Vec<CampaignId>,
    /// That wait for a decision.
    waiting: u32,
    /// Who had the most messages sent, as it was made up last.
    authors: Mutex<Option<Authors>>,
}

/// A list of authors, and what it was made of besides the index.
#[derive(Debug)]
struct Authors {
    /// It is the same for every moment after the first of these and up to the second: no campaign was made in between.
    between_ms: (i64, i64),
    figures: u64,
    made: Instant,
    all: Arc<[TopAuthor]>,
}

/// A campaign, with what is searched.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) campaign: Campaign,
    /// Name, sender and id in lower case.
    text: String,
}

/// The indexes of all workspaces that somebody looked at.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    held: Mutex<HashMap<WorkspaceId, Slot>>,
    /// What this process's journals said last.
    figures: Mutex<HashMap<(WorkspaceId, CampaignId), Progress>>,
    /// Raised by each of them.
    generation: AtomicU64,
}

#[derive(Debug, Default)]
struct Slot {
    index: Option<Arc<Index>>,
    reading: Arc<tokio::sync::Mutex<()>>,
    used: Option<Instant>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Indexes {
    /// A journal has become durable with these figures.
    pub(crate) fn noted(&self, workspace: WorkspaceId, campaign: CampaignId, live: Progress) {
        locked(&self.figures).insert((workspace, campaign), live);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// The campaign with its figures as they stand.
    fn current(&self, entry: &Entry) -> Campaign {
        let mut campaign = entry.campaign.clone();
        let key = (campaign.workspace, campaign.id);
        if let Some(progress) = locked(&self.figures).get(&key) {
            campaign.progress = *progress;
        }
        campaign
    }

    /// The figures of a campaign as they stand.
    pub(crate) fn progress(&self, entry: &Entry) -> Progress {
        let key = (entry.campaign.workspace, entry.campaign.id);
        locked(&self.figures).get(&key).copied().unwrap_or(entry.campaign.progress)
    }

    fn found(&self, workspace: WorkspaceId) -> (Option<Arc<Index>>, Arc<tokio::sync::Mutex<()>>) {
        let mut held = locked(&self.held);
        let slot = held.entry(workspace).or_default();
        slot.used = Some(Instant::now());
        (slot.index.clone(), Arc::clone(&slot.reading))
    }

    fn keep(&self, workspace: WorkspaceId, index: &Arc<Index>) {
        let mut held = locked(&self.held);
        held.entry(workspace).or_default().index = Some(Arc::clone(index));
        let count = |held: &HashMap<WorkspaceId, Slot>| {
            held.values().filter_map(|slot| slot.index.as_ref()).map(|index| index.entries.len()).sum::<usize>()
        };
        while held.len() > 1 && count(&held) > HELD_MAX {
            let oldest = held.iter().filter(|(id, _)| **id != workspace).min_by_key(|(_, slot)| slot.used);
            let Some(oldest) = oldest.map(|(id, _)| *id) else { break };
            held.remove(&oldest);
        }
    }
}

impl Index {
    fn new(seq: u64, figures_read: Instant, entries: BTreeMap<CampaignId, Arc<Entry>>) -> Self {
        let mut by_status: HashMap<Status, u64> = HashMap::new();
        let (mut total, mut delivered_for_good, mut waiting) = (0, 0, 0);
        let (mut open, mut active) = (Vec::new(), Vec::new());
        for entry in entries.values() {
            let campaign = &entry.campaign;
            let status = campaign.life.status;
            total += u64::from(status != Status::Draft);
            if campaign.life.archived_at_ms.is_none() {
                *by_status.entry(status).or_default() += 1;
                if status.is_active() {
                    active.push(campaign.id);
                }
            }
            waiting += u32::from(is_waiting(campaign));
            if may_change(campaign) {
                open.push(campaign.id);
            } else {
                delivered_for_good += campaign.progress.delivered;
            }
        }
        let by_status = Status::ALL.into_iter().filter_map(|status| Some((status, *by_status.get(&status)?))).collect();
        let authors = Mutex::default();
        Self { seq, figures_read, entries, by_status, total, delivered_for_good, open, active, waiting, authors }
    }

    pub(crate) fn by_status(&self) -> &[(Status, u64)] {
        &self.by_status
    }

    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    pub(crate) const fn waiting(&self) -> u32 {
        self.waiting
    }

    pub(crate) fn is_active(&self, id: CampaignId) -> bool {
        self.active.binary_search(&id).is_ok()
    }

    /// Those that are building, pending, sending or paused, newest first.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.active.iter().rev().filter_map(|id| self.entries.get(id))
    }

    /// Oldest first.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    /// Made before this one, oldest first.
    pub(crate) fn entries_before(&self, id: CampaignId) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.range(..id).map(|(_, entry)| entry)
    }

    /// The authors of the campaigns made since a moment. Ten thousand campaigns are not gone through for each view: the list
    /// is made up anew when a figure has changed, and of so many once in [`AUTHORS_AGE`] at most.
    pub(crate) fn authors(
        &self,
        indexes: &Indexes,
        since_ms: i64,
        make_up: impl FnOnce() -> Vec<TopAuthor>,
    ) -> Arc<[TopAuthor]> {
        let mut known = locked(&self.authors);
        let figures = indexes.generation.load(Ordering::Acquire);
        let is_large = self.entries.len() > AUTHORS_AT_ONCE_MAX;
        let stands = |known: &&Authors| {
            (known.between_ms.0 < since_ms && since_ms <= known.between_ms.1)
                && (known.figures == figures || is_large && known.made.elapsed() < AUTHORS_AGE)
        };
        if let Some(known) = known.as_ref().filter(stands) {
            return Arc::clone(&known.all);
        }
        let all: Arc<[TopAuthor]> = make_up().into();
        let mut between_ms = (i64::MIN, i64::MAX);
        for made_at_ms in self.entries().rev().map(|entry| entry.campaign.created_at_ms) {
            if made_at_ms < since_ms {
                between_ms.0 = made_at_ms;
                break;
            }
            between_ms.1 = made_at_ms;
        }
        *known = Some(Authors { between_ms, figures, made: Instant::now(), all: Arc::clone(&all) });
        all
    }

    /// Recipients whose message was delivered, over all campaigns.
    pub(crate) fn delivered(&self, indexes: &Indexes) -> u64 {
        let open = self.open.iter().filter_map(|id| self.entries.get(id));
        let figures = locked(&indexes.figures);
        let delivered = open.map(|entry| {
            let campaign = &entry.campaign;
            figures.get(&(campaign.workspace, campaign.id)).unwrap_or(&campaign.progress).delivered
        });
        self.delivered_for_good + delivered.sum::<u64>()
    }
}

impl Entry {
    fn new(campaign: Campaign) -> Self {
        let sender = campaign.parameters.sender.as_ref().map_or("", |sender| sender.display_name.as_str());
        // Parted by what nobody types, so that nothing is found across the parts.
        let text = format!("{}\n{sender}\n{}", campaign.parameters.name, campaign.id).to_lowercase();
        Self { campaign, text }
    }

    /// Whether name, sender or id hold what is looked for, in lower case.
    pub(crate) fn holds(&self, search: &str) -> bool {
        self.text.contains(search)
    }
}

/// Whether it waits for a moderator.
pub(crate) fn is_waiting(campaign: &Campaign) -> bool {
    let life = &campaign.life;
    life.status == Status::New && life.archived_at_ms.is_none() && life.approval.is_none()
}

/// Whether the figures of recipients can still move without the campaign's record being written.
fn may_change(campaign: &Campaign) -> bool {
    let progress = &campaign.progress;
    let settled = progress.in_flight() + progress.uncertain + progress.no_receipt == 0;
    campaign.life.status.is_active() || (campaign.life.status.is_final() && !settled)
}

impl Inner {
    /// The campaigns of a workspace as they stand.
    pub(crate) async fn index(&self, workspace: WorkspaceId) -> Result<Arc<Index>, Error> {
        let seq = self.position(Chain::Workspace(workspace)).await?;
        let (found, reading) = self.indexes.found(workspace);
        if let Some(index) = found.filter(|index| index.seq == seq) {
            // Figures of other processes: one view reads them, the others take what there is.
            let one = (index.figures_read.elapsed() > FIGURES_AGE).then(|| reading.try_lock().ok()).flatten();
            return match one {
                Some(_held) => self.with_figures(workspace, &index).await,
                None => Ok(index),
            };
        }
        let _held = reading.lock().await;
        let seq = self.position(Chain::Workspace(workspace)).await?;
        let index = match self.indexes.found(workspace).0 {
            Some(index) if index.seq == seq => return Ok(index),
            Some(index) => match self.written_since(workspace, index.seq, seq).await? {
                Some(written) => self.with_written(workspace, &index, seq, written).await?,
                None => self.read_all(workspace, seq).await?,
            },
            None => self.read_all(workspace, seq).await?,
        };
        self.indexes.keep(workspace, &index);
        Ok(index)
    }

    /// Campaigns with their figures as they stand.
    pub(crate) fn current(&self, entry: &Entry) -> Campaign {
        self.indexes.current(entry)
    }

    /// The campaigns that audit records behind `from` and up to `to` are about; None: not all of these are there.
    async fn written_since(
        &self,
        workspace: WorkspaceId,
        from: u64,
        to: u64,
    ) -> Result<Option<HashSet<CampaignId>>, Error> {
        let Some(behind) = to.checked_sub(from).filter(|behind| *behind <= BEHIND_MAX) else { return Ok(None) };
        let about = self.subjects(Chain::Workspace(workspace), from + 1, to + 1).await?;
        if u64::try_from(about.len()) != Ok(behind) {
            return Ok(None);
        }
        let campaigns = about.into_iter().filter(|(kind, _)| kind == "campaign");
        Ok(Some(campaigns.filter_map(|(_, id)| id.parse().ok()).collect()))
    }

    async fn with_written(
        &self,
        workspace: WorkspaceId,
        before: &Index,
        seq: u64,
        written: HashSet<CampaignId>,
    ) -> Result<Arc<Index>, Error> {
        if written.is_empty() {
            let entries = before.entries.clone();
            return Ok(Arc::new(Index::new(seq, before.figures_read, entries)));
        }
        let mut entries = before.entries.clone();
        entries.retain(|id, _| !written.contains(id));
        let written: Vec<CampaignId> = written.into_iter().collect();
        for ids in written.chunks(AT_ONCE) {
            let keys: Vec<RecordId> = ids.iter().map(|id| campaign_key(workspace, *id)).collect();
            let mut vars = Variables::new();
            vars.insert("keys", keys);
            let found: Vec<Campaign> = self.db.docs("SELECT VALUE doc FROM $keys WHERE doc != NONE", vars).await?;
            let figures = journal::figures_of(self, workspace, ids).await?;
            entries.extend(found.into_iter().map(|campaign| entry(campaign, &figures)));
        }
        Ok(Arc::new(Index::new(seq, before.figures_read, entries)))
    }

    async fn read_all(&self, workspace: WorkspaceId, seq: u64) -> Result<Arc<Index>, Error> {
        let figures_read = Instant::now();
        let figures = journal::figures_of_all(self, workspace).await?;
        let mut entries = BTreeMap::new();
        let mut before = None;
        loop {
            let mut vars = Variables::new();
            vars.insert("range", key::range("campaign", workspace, [], None, before.map(key::id)));
            vars.insert("limit", i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
            let found: Vec<Campaign> =
                self.db.docs("SELECT VALUE doc FROM $range ORDER BY id DESC LIMIT $limit", vars).await?;
            before = found.last().map(|campaign| campaign.id);
            entries.extend(found.into_iter().map(|campaign| entry(campaign, &figures)));
            if before.is_none() {
                return Ok(Arc::new(Index::new(seq, figures_read, entries)));
            }
        }
    }

    /// The same campaigns with what the journals say now.
    async fn with_figures(&self, workspace: WorkspaceId, before: &Index) -> Result<Arc<Index>, Error> {
        let figures_read = Instant::now();
        // What this process notes from here on is newer than what is read.
        for id in &before.open {
            locked(&self.indexes.figures).remove(&(workspace, *id));
        }
        let mut entries = before.entries.clone();
        for ids in before.open.chunks(AT_ONCE) {
            for (id, progress) in journal::figures_of(self, workspace, ids).await? {
                if let Some(known) = entries.get_mut(&id).filter(|known| known.campaign.progress != progress) {
                    let campaign = Campaign { progress, ..known.campaign.clone() };
                    *known = Arc::new(Entry::new(campaign));
                }
            }
        }
        let index = Arc::new(Index::new(before.seq, figures_read, entries));
        self.indexes.keep(workspace, &index);
        Ok(index)
    }
}

fn entry(mut campaign: Campaign, figures: &HashMap<CampaignId, Progress>) -> (CampaignId, Arc<Entry>) {
    if let Some(progress) = figures.get(&campaign.id) {
        campaign.progress = *progress;
    }
    (campaign.id, Arc::new(Entry::new(campaign)))
}
