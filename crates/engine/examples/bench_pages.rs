//! `./x bench pages`: looking at a campaign of ten million recipients that has been sent, in an embedded database on disk:
//! pages at its start and end, pages of one state, and search by number. Prints one JSON object a line.
//!
//! `--recipients N` (default ten million), `--dir FOLDER` for the database (default the system's temporary folder).

#[path = "support/clock.rs"]
mod clock;
#[expect(dead_code, reason = "nobody approves: nothing is sent")]
#[path = "support/installation.rs"]
mod installation;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use domain::{phone::PhoneNumber, recipient::RecipientState};
use store::{
    Engine, Opened, Reason, StoreConfig,
    recipients::{
        BLOCK_LEN, EncodedBlock, ErrorKind, PackedMessageId, Page, PageQuery, PartState, PartStatus, RecipientBlock,
        RecipientStatus, Reveal, SendError, StateBlock, find_by_number, page, replace_blocks,
    },
};

use crate::{
    clock::MachineClock,
    installation::{Draft, draft},
};

type Failure = Box<dyn std::error::Error>;

/// As the page of a campaign shows them.
const ROWS: usize = 50;
/// Looks at each place; their median is told.
const LOOKS: u32 = 9;
/// Of so many recipients one failed.
const FAILED_ONE_OF: u64 = 1_000_003;
const FIRST_NUMBER: u64 = 436_600_000_000;
const BEGIN_MS: i64 = 1_780_000_000_000;

#[tokio::main]
async fn main() -> ExitCode {
    match measure(&std::env::args().skip(1).collect::<Vec<_>>()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench pages: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).map(String::as_str)
}

fn report(metric: &str, value: f64, unit: &str) {
    println!(
        r#"{{"bench":"pages","metric":"{metric}","value":{value:.2},"unit":"{unit}","anchor":"none","anchor_value":null,"ratio":null}}"#
    );
}

/// Removes the database, whatever happens.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            eprintln!("bench pages: {} stays behind: {cause}", self.0.display());
        }
    }
}

async fn measure(arguments: &[String]) -> Result<(), Failure> {
    let recipients: u64 = option(arguments, "--recipients").map_or(Ok(10_000_000), str::parse)?;
    let parent = option(arguments, "--dir").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = Folder(parent.join(format!("message-center-pages-{}", std::process::id())));
    let opened = open(&folder.0).await?;
    let draft = draft(&opened, "Hello").await?;
    let begin = Instant::now();
    fill(&opened, &draft, recipients).await?;
    report("fill_s", begin.elapsed().as_secs_f64(), "s");
    look(&draft, recipients).await
}

async fn open(folder: &Path) -> Result<Opened, Failure> {
    let config = StoreConfig::new(Engine::disk(folder.join("db")), folder.join("keys"));
    Ok(store::open(config, Arc::new(MachineClock)).await?)
}

/// All of them delivered, but for a few that failed.
async fn fill(opened: &Opened, draft: &Draft, recipients: u64) -> Result<(), Failure> {
    let scope = opened.system.enter(draft.author.workspace_id(), Reason::Ingest);
    let fields: Arc<[String]> = ["first_name".to_owned()].into();
    let mut index = 0;
    while index < recipients {
        let len = u64::from(BLOCK_LEN).min(recipients - index);
        let mut numbers = RecipientBlock::new(fields.clone());
        let mut states = StateBlock::waiting(len as usize);
        for (row, state) in (index..index + len).zip(states.rows_mut()) {
            numbers.push(FIRST_NUMBER + row, 1, ["Theresia"])?;
            *state = status(row);
        }
        let block = EncodedBlock::new(u32::try_from(index / u64::from(BLOCK_LEN))?, &numbers, &states);
        replace_blocks(&scope, draft.campaign, &[block]).await?;
        index += len;
    }
    Ok(())
}

fn status(row: u64) -> RecipientStatus {
    let failed = row % FAILED_ONE_OF == FAILED_ONE_OF - 1;
    let at_ms = BEGIN_MS + row as i64 / 20;
    let id = format!("{row:08x}");
    RecipientStatus {
        state: if failed { RecipientState::Failed } else { RecipientState::Delivered },
        attempts: 1,
        error: failed.then_some(SendError { kind: ErrorKind::CarrierCode, code: 11 }),
        claimed_at_ms: Some(at_ms),
        submitted_at_ms: Some(at_ms + 12),
        done_at_ms: Some(at_ms + 3_000),
        parts: vec![PartStatus {
            state: if failed { PartState::Failed } else { PartState::Delivered },
            message_id: Some(PackedMessageId::new(id.as_bytes())),
        }],
    }
}

async fn look(draft: &Draft, recipients: u64) -> Result<(), Failure> {
    let last = u32::try_from(recipients.saturating_sub(ROWS as u64))?;
    for (metric, from, state) in [
        ("first_page_ms", 0, None),
        ("last_page_ms", last, None),
        ("page_of_delivered_ms", last / 2, Some(RecipientState::Delivered)),
        ("page_of_failed_ms", 0, Some(RecipientState::Failed)),
        ("page_of_nobody_ms", 0, Some(RecipientState::Uncertain)),
    ] {
        let query = PageQuery { from, state, limit: ROWS };
        let expected = match state {
            Some(RecipientState::Failed) => (recipients / FAILED_ONE_OF) as usize,
            Some(RecipientState::Uncertain) => 0,
            _ => ROWS.min(recipients as usize),
        };
        let mut took_ms = Vec::new();
        for _ in 0..LOOKS {
            let begin = Instant::now();
            let Page { rows, .. } = page(&draft.author, draft.campaign, query, Reveal::Masked, &()).await?;
            took_ms.push(begin.elapsed().as_secs_f64() * 1_000.0);
            if rows.len() != expected {
                return Err(format!("{metric}: {} rows came, and not {expected}", rows.len()).into());
            }
        }
        report(metric, median(took_ms), "ms");
    }
    for (metric, number, expected) in [
        ("search_found_ms", FIRST_NUMBER + recipients - 1, 1),
        ("search_not_found_ms", FIRST_NUMBER + recipients + 4_711, 0),
    ] {
        let number = PhoneNumber::from_u64(number).ok_or("no phone number")?;
        let mut took_ms = Vec::new();
        for _ in 0..LOOKS {
            let begin = Instant::now();
            let found = find_by_number(&draft.author, draft.campaign, number, ROWS, &()).await?;
            took_ms.push(begin.elapsed().as_secs_f64() * 1_000.0);
            if found.len() != expected {
                return Err(format!("{metric}: {} were found, and not {expected}", found.len()).into());
            }
        }
        report(metric, median(took_ms), "ms");
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
