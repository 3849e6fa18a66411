//! Building a Spread campaign: its plan is fixed, and its recipients are brought into the order of it.
//!
//! The order is by rank, which follows from the recorded seed and the place in the file. Recipients are sorted a share of
//! the ranks at a time, each in a pass over all blocks, so that memory is the same for a thousand and for ten million.
//! What is written commits with how far it is; whatever ends the process, the next one goes on with the same plan.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use domain::{
    campaign::{Event, Mode},
    id::CampaignId,
    spread::Plan,
};
use store::{
    Error, SystemScope,
    recipients::{self, BLOCK_LEN, RecipientBlock, Spread, SpreadStage},
};
use tokio::task::JoinHandle;

use super::runner::{Runner, Stop};

/// Merge values and numbers that one pass keeps.
const PASS_OCTETS: u64 = 24 << 20;
/// Beside its values a recipient takes so much while it is sorted.
const ROW_OCTETS: u64 = 40;
/// Blocks that are committed together, at most so many bytes of values.
const COMMIT_BLOCKS: usize = 16;
const COMMIT_OCTETS: usize = 4 << 20;

/// The work goes on in the background; dropping this ends it.
#[derive(Debug)]
pub(super) struct Arranging {
    task: JoinHandle<Result<Spread, Error>>,
    percent: Arc<AtomicU8>,
}

impl Drop for Arranging {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Arranging {
    pub(super) fn percent(&self) -> u8 {
        self.percent.load(Ordering::Relaxed)
    }
}

impl Runner {
    /// Fixes the plan and arranges the recipients; true: all is ready.
    pub(super) async fn arrange(&mut self) -> Result<bool, Stop> {
        if let Some(arranging) = self.arranging.take_if(|arranging| arranging.task.is_finished()) {
            return self.arranged(arranging).await;
        }
        if self.arranging.is_some() {
            return Ok(false);
        }
        let Some(spread) = self.fixed_plan().await? else { return Ok(false) };
        let percent = Arc::new(AtomicU8::new(spread.percent()));
        let task = arrange(self.scope.clone(), self.key.campaign, spread, Arc::clone(&percent));
        self.arranging = Some(Arranging { task: tokio::spawn(task), percent });
        Ok(false)
    }

    async fn arranged(&mut self, mut arranging: Arranging) -> Result<bool, Stop> {
        match (&mut arranging.task).await {
            Ok(Ok(spread)) => {
                self.block = None;
                self.spread = Some(spread);
                Ok(true)
            }
            // Again, from where it stands.
            Ok(Err(Error::Unavailable | Error::Unknown | Error::Moved)) => Ok(false),
            Ok(Err(Error::Corrupt)) => {
                self.advance(Event::Fail, Some("the recipients cannot be read as they were stored".to_owned())).await?;
                Ok(false)
            }
            Ok(Err(cause)) => Err(cause.into()),
            Err(cause) => {
                tracing::error!(campaign = %self.key.campaign, %cause, "arranging the recipients ended");
                Ok(false)
            }
        }
    }

    /// The plan on record, made now if there is none. None: there can be none, and the campaign has ended; or the database
    /// cannot be used.
    async fn fixed_plan(&mut self) -> Result<Option<Spread>, Stop> {
        let campaign = self.key.campaign;
        match recipients::load_spread(&self.scope, campaign).await {
            Ok(Some(spread)) => return Ok(Some(spread)),
            Ok(None) => {}
            Err(_) => return Ok(None),
        }
        let Ok(rules) = self.tenant.rules(&self.scope).await else { return Ok(None) };
        let parameters = &self.campaign.parameters;
        let (Some(start_ms), Some(end_ms)) = (parameters.start_at_ms, parameters.end_at_ms) else {
            self.advance(Event::Fail, Some("the campaign has no window to be spread over".to_owned())).await?;
            return Ok(None);
        };
        let (now_ms, count) = (self.scope.now_ms(), self.book.recipients());
        let plan = if now_ms < end_ms {
            // Late, but inside: over what is left.
            let week = rules.workspace.daily_window.as_ref();
            Plan::new(start_ms.max(now_ms)..end_ms, week, &rules.zone, count)
        } else {
            // A person decides, or has decided, to send after the window: then all are due.
            Ok(Plan::at_once(now_ms, count))
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(refusal) => {
                let failure = format!("there is no plan for what is left of the window: {refusal}");
                self.advance(Event::Fail, Some(failure)).await?;
                return Ok(None);
            }
        };
        match recipients::fix_plan(&self.scope, campaign, plan, count).await {
            Ok(spread) => Ok(Some(spread)),
            Err(Error::Unavailable | Error::Unknown | Error::Moved) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// The plan of a Spread campaign that is being sent.
    pub(super) async fn load_plan(&mut self) -> Result<bool, Stop> {
        if self.campaign.parameters.mode != Mode::Spread || self.spread.is_some() {
            return Ok(true);
        }
        match recipients::load_spread(&self.scope, self.key.campaign).await {
            Ok(Some(spread)) if spread.stage == SpreadStage::Ready => {
                self.spread = Some(spread);
                Ok(true)
            }
            Ok(_) => {
                self.advance(Event::Fail, Some("the plan of the campaign is missing".to_owned())).await?;
                Ok(false)
            }
            Err(_) => Ok(false),
        }
    }

    /// Of a campaign that ended while it was built: what has begun to take its place does so to the end, so that everybody
    /// is there once; what was only prepared goes. True: all is in order.
    pub(super) async fn tidy_order(&mut self) -> Result<bool, Stop> {
        if self.campaign.parameters.mode != Mode::Spread {
            return Ok(true);
        }
        match recipients::load_spread(&self.scope, self.key.campaign).await {
            Ok(Some(spread)) if spread.stage == SpreadStage::Copying => {
                let done = self.arrange().await?;
                self.look_again();
                Ok(done)
            }
            Ok(_) => {
                self.arranging = None;
                Ok(recipients::discard_order(&self.scope, self.key.campaign).await.is_ok())
            }
            Err(_) => Ok(false),
        }
    }
}

/// Goes on with what is there until the recipients are in the order of the plan.
async fn arrange(
    scope: SystemScope,
    campaign: CampaignId,
    mut spread: Spread,
    percent: Arc<AtomicU8>,
) -> Result<Spread, Error> {
    if spread.stage == SpreadStage::Ordering {
        order(&scope, campaign, &mut spread, &percent).await?;
    }
    while spread.stage == SpreadStage::Copying {
        spread.copy_some(&scope, campaign).await?;
        percent.store(spread.percent(), Ordering::Relaxed);
    }
    recipients::discard_order(&scope, campaign).await?;
    Ok(spread)
}

async fn order(
    scope: &SystemScope,
    campaign: CampaignId,
    spread: &mut Spread,
    percent: &AtomicU8,
) -> Result<(), Error> {
    let passes = passes(scope, campaign, spread).await?;
    // Blocks that a former attempt has written come out the same, and are not written again.
    let mut written = 0;
    let mut open: Option<RecipientBlock> = None;
    let mut full = Vec::new();
    let (total, mut sorted) = (spread.recipients, 0);
    for pass in 0..passes {
        let share = Share::gather(scope, campaign, spread, pass, passes).await?;
        let share = tokio::task::spawn_blocking(move || share.sorted()).await.map_err(|_| Error::Unavailable)?;
        for row in 0..share.rows.len() {
            let block = open.get_or_insert_with(|| RecipientBlock::new(Arc::clone(&share.field_names)));
            share.push(row, block)?;
            sorted += 1;
            if !block.is_full() && sorted < total {
                continue;
            }
            written += 1;
            full.extend(open.take().filter(|_| written > spread.blocks));
            let octets: usize = full.iter().map(RecipientBlock::octets).sum();
            if full.len() >= COMMIT_BLOCKS || octets >= COMMIT_OCTETS || sorted == total && !full.is_empty() {
                recipients::order_some(scope, campaign, spread, &full).await?;
                percent.store(spread.percent(), Ordering::Relaxed);
                full.clear();
            }
        }
    }
    // Everybody, once: otherwise the blocks are not what was approved.
    if sorted == total && spread.stage == SpreadStage::Copying { Ok(()) } else { Err(Error::Corrupt) }
}

/// In how many shares the recipients have to be sorted to fit. All have to be there, in full blocks but the last.
async fn passes(scope: &SystemScope, campaign: CampaignId, spread: &Spread) -> Result<u64, Error> {
    let mut octets = 0;
    for number in 0..spread.blocks_total() {
        let block = recipients::load_block(scope, campaign, number).await?.ok_or(Error::Corrupt)?;
        let expected = (spread.recipients - number * BLOCK_LEN).min(BLOCK_LEN);
        if block.len() != expected as usize {
            return Err(Error::Corrupt);
        }
        octets += block.octets() as u64 + u64::from(expected) * ROW_OCTETS;
    }
    Ok(octets.div_ceil(PASS_OCTETS).max(1))
}

/// The recipients whose ranks lie in one share of all ranks.
struct Share {
    field_names: Arc<[String]>,
    rows: Vec<Row>,
    values: String,
    /// Of each value of each recipient, in the order in which they were gathered.
    lengths: Vec<u16>,
}

struct Row {
    rank: u64,
    number: u64,
    segments: u8,
    /// In which place it was gathered, and where its values begin.
    place: u32,
    start: u32,
}

impl Share {
    async fn gather(
        scope: &SystemScope,
        campaign: CampaignId,
        spread: &Spread,
        pass: u64,
        passes: u64,
    ) -> Result<Self, Error> {
        let mut share =
            Self { field_names: Arc::from([]), rows: Vec::new(), values: String::new(), lengths: Vec::new() };
        for number in 0..spread.blocks_total() {
            let block = recipients::load_block(scope, campaign, number).await?.ok_or(Error::Corrupt)?;
            if number == 0 {
                share.field_names = Arc::clone(block.field_names());
            } else if share.field_names != *block.field_names() {
                return Err(Error::Corrupt);
            }
            for row in 0..block.len() {
                let rank = spread.seed.rank(number * BLOCK_LEN + row as u32);
                // Of [0, 2^64) the share that this pass is about.
                if (u128::from(rank) * u128::from(passes)) >> 64 != u128::from(pass) {
                    continue;
                }
                let start = u32::try_from(share.values.len()).map_err(|_| Error::Corrupt)?;
                for column in 0..share.field_names.len() {
                    let value = block.value(column, row).unwrap_or_default();
                    share.values.push_str(value);
                    share.lengths.push(u16::try_from(value.len()).map_err(|_| Error::Corrupt)?);
                }
                let (number, segments) = (block.numbers()[row], block.segments()[row]);
                let place = share.rows.len() as u32;
                share.rows.push(Row { rank, number, segments, place, start });
            }
        }
        Ok(share)
    }

    fn sorted(mut self) -> Self {
        self.rows.sort_unstable_by_key(|row| row.rank);
        self
    }

    fn push(&self, row: usize, block: &mut RecipientBlock) -> Result<(), Error> {
        let row = &self.rows[row];
        let fields = self.field_names.len();
        let mut start = row.start as usize;
        let lengths = &self.lengths[row.place as usize * fields..][..fields];
        let values = lengths.iter().map(|&length| {
            let value = &self.values[start..start + usize::from(length)];
            start += usize::from(length);
            value
        });
        block.push(row.number, row.segments, values).map_err(|_| Error::Corrupt)
    }
}
