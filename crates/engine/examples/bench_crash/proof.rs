//! What has to be right in the end beside the messages: the file that was brought under kills, the plans that were built
//! under kills, and the files that were written under kills.

use std::{collections::HashSet, path::Path, sync::Arc};

use domain::{campaign::Status, id::CampaignId};
use store::{
    Reason, SystemScope, campaigns,
    exports::ExportState,
    recipients::{self, BLOCK_LEN, RecipientBlock, SpreadStage},
};

use crate::{
    Failure,
    look::{Job, Sight, copy_installation, in_runtime, open},
    prepare::Scene,
    recipients::{all, number},
};

/// What does not fit.
#[derive(Debug, Default)]
pub struct Complaints(pub Vec<String>);

/// How many of each were looked at.
#[derive(Debug, Default)]
pub struct Proved {
    pub built: u64,
    pub exports: u64,
    pub export_rows: u64,
    pub rejects: u64,
}

impl Complaints {
    fn unless(&mut self, fits: bool, complaint: impl FnOnce() -> String) {
        if !fits {
            self.0.push(complaint());
        }
    }
}

/// Looks at all of it, in a copy; `sight` is of the same moment.
pub fn prove(data: &Path, copy: &Path, scene: &Scene, sight: &Sight) -> Result<(Proved, Complaints), Failure> {
    copy_installation(data, copy)?;
    let found = in_runtime(Box::pin(async {
        let opened = open(copy).await?;
        let scope = opened.system.enter(scene.workspace, Reason::Dispatch);
        let (mut proved, mut complaints) = (Proved::default(), Complaints::default());
        proved.rejects = ingest(&scope, scene, &mut complaints).await?;
        for campaign in &scene.built {
            proved.built += u64::from(built(&scope, *campaign, &mut complaints).await?);
        }
        for (job, seen) in scene.jobs.iter().zip(&sight.jobs) {
            let numbers: Vec<u64> = seen.rows.iter().map(|(number, _)| *number).collect();
            for export in opened.system.exports_of(job.workspace, job.campaign).await? {
                let path = data.join("exports").join(format!("{}.{}", export.workspace, export.id));
                let ExportState::Ready { octets, rows, .. } = export.state else {
                    complaints.unless(false, || format!("an export is {:?}", export.state));
                    continue;
                };
                proved.exports += 1;
                proved.export_rows += rows;
                complaints.unless(is_whole(&path, octets, rows, *job, &numbers), || {
                    format!("the file of an export of {} is not whole", job.mode.label())
                });
            }
        }
        Ok((proved, complaints))
    }))?;
    std::fs::remove_dir_all(copy)?;
    let (proved, mut complaints) = found;
    complaints.unless(!has_unfinished_export(data), || "half a file is left behind".to_owned());
    Ok((proved, complaints))
}

/// Whether a file of delivery records is being written, or was when the server was killed.
pub fn has_unfinished_export(data: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(data.join("exports")) else { return false };
    entries.flatten().any(|entry| entry.path().extension().is_some_and(|ending| ending == "part"))
}

/// Report, recipients and rejects are those of the file that was read undisturbed; how many rejects there are.
async fn ingest(scope: &SystemScope, scene: &Scene, complaints: &mut Complaints) -> Result<u64, Failure> {
    let (brought, reference) =
        (campaigns::load(scope, scene.brought).await?, campaigns::load(scope, scene.reference).await?);
    complaints.unless(brought.report == reference.report && brought.report.is_some(), || {
        format!("the report is {:?} after kills, {:?} without", brought.report, reference.report)
    });
    for block in 0.. {
        let one = recipients::load_block(scope, scene.brought, block).await?;
        let other = recipients::load_block(scope, scene.reference, block).await?;
        let same = match (&one, &other) {
            (None, None) => break,
            (Some(one), Some(other)) => is_same(one, other),
            _ => false,
        };
        complaints.unless(same, || format!("block {block} of the recipients is another after kills"));
        if !same {
            break;
        }
    }
    let (one, other) = (rejects(scope, scene.brought).await?, rejects(scope, scene.reference).await?);
    complaints.unless(one == other, || format!("{} rejects after kills, {} without", one.len(), other.len()));
    Ok(other.len() as u64)
}

fn is_same(one: &RecipientBlock, other: &RecipientBlock) -> bool {
    let values = |block: &RecipientBlock| -> Vec<Option<String>> {
        let columns = 0..block.field_names().len();
        let cells = columns.flat_map(|column| (0..block.len()).map(move |row| (column, row)));
        cells.map(|(column, row)| block.value(column, row).map(str::to_owned)).collect()
    };
    one.numbers() == other.numbers()
        && one.segments() == other.segments()
        && one.field_names() == other.field_names()
        && values(one) == values(other)
}

async fn rejects(scope: &SystemScope, campaign: CampaignId) -> Result<Vec<recipients::Reject>, Failure> {
    let mut rejects = Vec::new();
    let mut from = 0;
    loop {
        let chunks = recipients::load_rejects(scope, campaign, from, 8).await?;
        let Some((last, _)) = chunks.last() else { return Ok(rejects) };
        from = last + 1;
        for (_, bytes) in chunks {
            rejects.extend(recipients::RejectChunk::decode(&bytes)?.rejects);
        }
    }
}

/// A campaign whose building was killed waits for tomorrow, everybody is in it once, in the order of its plan. False: it
/// was never started.
async fn built(scope: &SystemScope, campaign: CampaignId, complaints: &mut Complaints) -> Result<bool, Failure> {
    let status = campaigns::load(scope, campaign).await?.life.status;
    if status == Status::New {
        return Ok(false);
    }
    complaints.unless(status == Status::Pending, || format!("what was built is {status:?}"));
    let Some(spread) = recipients::load_spread(scope, campaign).await? else {
        complaints.unless(false, || "what was built has no plan".to_owned());
        return Ok(true);
    };
    complaints.unless(spread.stage == SpreadStage::Ready, || format!("a plan is {:?}", spread.stage));
    let mut by_rank: Vec<(u64, u32)> = (0..spread.recipients).map(|index| (spread.seed.rank(index), index)).collect();
    by_rank.sort_unstable();
    let mut order = by_rank.iter().map(|&(_, index)| number(UNSENT_PLACE, u64::from(index)));
    let (mut seen, mut in_order) = (HashSet::new(), true);
    for block in 0..spread.recipients.div_ceil(BLOCK_LEN) {
        let block = recipients::load_block(scope, campaign, block).await?.map(Arc::new).ok_or("a block is missing")?;
        for &digits in block.numbers() {
            in_order &= order.next() == Some(digits);
            seen.insert(digits);
        }
    }
    complaints.unless(in_order && seen.len() == spread.recipients as usize, || {
        format!("{} of {} are in what was built; in order: {in_order}", seen.len(), spread.recipients)
    });
    Ok(true)
}

const UNSENT_PLACE: usize = crate::prepare::UNSENT;

/// As long as its record says, with a row for everybody who was there, in their order.
fn is_whole(path: &Path, octets: u64, rows: u64, job: Job, numbers: &[u64]) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    let lines: Vec<&str> = text.split_terminator("\r\n").skip(1).collect();
    let fits = |(at, line): (usize, &&str)| {
        let mut cells = line.split(',');
        let (no, digits) = (cells.next(), cells.next());
        let of_the_campaign = |digits: &str| digits.parse().is_ok_and(|digits: u64| numbers.get(at) == Some(&digits));
        no == Some((at + 1).to_string().as_str()) && digits.is_some_and(of_the_campaign)
    };
    let complete = match job.mode {
        // It grew afterwards.
        domain::campaign::Mode::Trigger => rows <= numbers.len() as u64,
        _ => rows == all(job.place, job.messages).len() as u64,
    };
    complete && text.len() as u64 == octets && lines.len() as u64 == rows && lines.iter().enumerate().all(fits)
}
