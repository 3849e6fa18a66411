//! The data folder of `./x bench web`: `bench_web_data FOLDER N` fills it with a workspace of N campaigns, made through the
//! same doors as a person's clicks. Most are decided, some wait, some are drafts; some have sent in the last day.

#[path = "support/clock.rs"]
mod clock;
#[path = "support/installation.rs"]
mod installation;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use domain::{
    campaign::{Campaign, Mode, Parameters},
    clock::Clock,
    permission::kind,
};
use store::{
    Engine, Opened, Reason, StoreConfig, campaigns,
    journal::{
        Acquired, Journal, Owner,
        entry::{Entry, Outcome, Run},
    },
};

use crate::{
    clock::MachineClock,
    installation::{Draft, approve, draft},
};

type Failure = Box<dyn std::error::Error>;

const HOUR_MS: i64 = 3_600_000;
/// Of so many campaigns one sends, and one waits for a decision; every tenth is a draft.
const SENDS_ONE_OF: usize = 40;
const WAITS_ONE_OF: usize = 200;
/// Recipients of a campaign that sends.
const RECIPIENTS: u32 = 50;

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (folder, count) = (words.next().map(PathBuf::from), words.next().and_then(|count| count.parse().ok()));
    let (Some(folder), Some(count)) = (folder, count) else {
        eprintln!("bench_web_data FOLDER CAMPAIGNS");
        return ExitCode::FAILURE;
    };
    match fill(folder, count).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn fill(folder: PathBuf, count: usize) -> Result<(), Failure> {
    let config = StoreConfig::new(Engine::disk(folder.join("db")), folder.join("keys"));
    let opened = store::open(config, Arc::new(MachineClock)).await?;
    let first = draft(&opened, "Planned maintenance tonight.").await?;
    let model = campaigns::find(&first.author, first.campaign).await?.parameters;
    for index in 1..count {
        one(&opened, &first, &model, index).await?;
    }
    // As the server does every hour: nobody decides ten thousand campaigns in one.
    opened.system.tidy_notices().await?;
    Ok(())
}

async fn one(opened: &Opened, first: &Draft, model: &Parameters, index: usize) -> Result<(), Failure> {
    // Trigger needs no file of recipients to be submitted.
    let made = campaigns::create(&first.author.grant::<kind::CreateCampaign>()?, Mode::Trigger).await?;
    let this = Draft { campaign: made.id, author: first.author.clone(), moderator: first.moderator.clone() };
    let parameters = Parameters { name: format!("Campaign {index}"), mode: Mode::Trigger, ..model.clone() };
    campaigns::save(&this.edit().await?, parameters, false).await?;
    if index % 10 == 5 {
        return Ok(());
    }
    let submitted = campaigns::submit(&this.edit().await?).await?;
    if index.is_multiple_of(SENDS_ONE_OF) {
        send(opened, &submitted, index).await?;
    }
    if index % WAITS_ONE_OF == 1 {
        return Ok(());
    }
    if index % 10 == 7 {
        // Approved, and waits for its Start button.
        return approve(opened, &this).await;
    }
    let decides = opened.gate.enter(&first.moderator, &first.author.workspace().slug).await?;
    campaigns::reject(&decides.grant()?, made.id, submitted.life.version, "Not now").await?;
    Ok(())
}

/// Messages of one of the last 24 hours, most of them delivered to the carrier, one refused.
async fn send(opened: &Opened, campaign: &Campaign, index: usize) -> Result<(), Failure> {
    let system = opened.system.enter(campaign.workspace, Reason::Dispatch);
    let acquired = Journal::acquire(&system, campaign.id, RECIPIENTS, &Owner::new(60_000, true)?).await?;
    let Acquired { mut journal, mut folder, mut book } = acquired.ok_or("somebody else sends")?;
    let at_ms = MachineClock.now_ms() - i64::try_from(index / SENDS_ONE_OF % 24)? * HOUR_MS;
    let mut entries = vec![Entry::Claim { runs: vec![Run { start: 0, len: RECIPIENTS, parts: 1 }], at_ms }];
    entries.extend((0..RECIPIENTS).map(|index| {
        let outcome = match index {
            0 => Outcome::Refused { command_status: 0x0B },
            index => Outcome::Accepted { message_id: format!("{index:08x}").into() },
        };
        Entry::Outcome { index, part: 0, at_ms, outcome }
    }));
    journal.apply(&mut book, &entries).await?;
    journal.append(&entries, *book.progress()).await?;
    folder.fold(&book.snapshot(), journal.position()).await?;
    Ok(())
}
