//! `./x bench policies`: what was sent within seven days, and a campaign weighed against it, in an embedded database on
//! disk. Prints one JSON object a line.
//!
//! `--recipients N` (default ten million), all of whom got a message on each of seven days; `--days N` other days;
//! `--dir FOLDER` for the database (default the system's temporary folder).

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Instant,
};

use domain::{
    clock::{Clock, ManualClock},
    id::CampaignId,
    policy::{self, Days, LeftOut, PresetConfig, Sent},
    schedule::Zone,
};
use store::{
    Engine, Reason, StoreConfig,
    policies::history::{Account, Admission, Candidate, Entry, shard_of},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const START_MS: i64 = 1_790_000_000_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Claims of one journal record.
const BATCH: u64 = 2_000;
/// As the weighing of a campaign does.
const PASS: u64 = 2 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("bench policies: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// The value behind an option.
fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).map(String::as_str)
}

/// Removes the files of the bench, whatever happens.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0) {
            eprintln!("bench policies: {} stays behind: {cause}", self.0.display());
        }
    }
}

fn report(metric: &str, value: f64, unit: &str) {
    println!(
        r#"{{"bench":"policies","metric":"{metric}","value":{value:.2},"unit":"{unit}","anchor":"none","anchor_value":null,"ratio":null}}"#
    );
}

/// Number `i` of a hundred million Austrian mobile numbers, each once, in no order.
const fn number(i: u64) -> u64 {
    436_600_000_000 + (i * 48_271_633 + 12_345_677) % 100_000_000
}

fn kib(name: &str) -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in /proc/self/status")?;
    Ok(line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse()?)
}

fn octets(dir: &Path) -> Outcome<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        sum += if entry.file_type()?.is_dir() { octets(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(sum)
}

/// The largest resident memory while something goes on.
struct Peak(Arc<Mutex<f64>>, tokio::task::JoinHandle<()>);

impl Peak {
    fn watch() -> Self {
        let peak = Arc::new(Mutex::new(0.0_f64));
        let seen = Arc::clone(&peak);
        let task = tokio::spawn(async move {
            loop {
                if let (Ok(now), Ok(mut peak)) = (kib("VmRSS"), seen.lock()) {
                    *peak = peak.max(now);
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        });
        Self(peak, task)
    }

    fn mib(self) -> f64 {
        self.1.abort();
        self.0.lock().map_or(0.0, |peak| *peak / 1_024.0)
    }
}

async fn measure(arguments: &[String]) -> Outcome<()> {
    let recipients: u64 = option(arguments, "--recipients").unwrap_or("10000000").parse()?;
    let days: i64 = option(arguments, "--days").unwrap_or("7").parse()?;
    let parent = option(arguments, "--dir").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = Folder(parent.join(format!("message-center-bench-{}", std::process::id())));
    let clock = Arc::new(ManualClock::at(START_MS));
    let config = StoreConfig::new(Engine::disk(folder.0.join("db")), folder.0.join("keys"));
    let opened = store::open(config, clock.clone()).await?;
    let scope = opened.system.enter("0190b7a0-0000-7000-8000-000000000001".parse()?, Reason::Dispatch);
    let campaign = |n: i64| -> Outcome<CampaignId> { Ok(format!("0190b7a0-0000-7000-8000-0000000001{n:02}").parse()?) };

    let writing = Peak::watch();
    let begun = Instant::now();
    for day in 0..days {
        let (id, message) = (campaign(day)?, policy::message(campaign(day)?, None));
        let account = Account::open(&scope, id).await?;
        for (seq, first) in (1..).zip((0..recipients).step_by(BATCH as usize)) {
            let at_ms = clock.now_ms() + (first / BATCH) as i64 * 100 % (10 * 3_600_000);
            let sent = Sent { message, minute: policy::minute(at_ms), text: day as u32 };
            let entries: Vec<Entry> =
                (first..recipients.min(first + BATCH)).map(|i| Entry { number: number(i), sent }).collect();
            account.claim(&entries);
            if account.durable(seq) {
                account.settle().await?;
            }
        }
        account.settle().await?;
        clock.advance(DAY_MS);
    }
    let sent = recipients * days.unsigned_abs();
    report("remembered_per_s", sent as f64 / begun.elapsed().as_secs_f64(), "1/s");
    report("remembering_rss_peak_mib", writing.mib(), "MiB");
    // Written over and over, so most of the files is of the past until the database compacts them.
    report("bytes_on_disk_per_message", octets(&folder.0)? as f64 / sent as f64, "B");

    let before_mib = kib("VmRSS")? / 1_024.0;
    let weighing = Peak::watch();
    let begun = Instant::now();
    let (at_ms, zone) = (clock.now_ms(), Zone::utc());
    let on = Days::of(&zone, at_ms);
    let rules = PresetConfig { per_day: Some(1), per_week: Some(8), duplicate_hours: Some(24), ..Default::default() };
    let account = Account::open(&scope, campaign(99)?).await?;
    let base = account.begin();
    let (passes, mut looked_at, mut left_out) = (recipients.div_ceil(PASS).max(1), 0, 0_u64);
    for pass in 0..passes {
        let is_in = |number: &u64| u64::from(shard_of(*number)) * passes / 1_024 == pass;
        let mut share: Vec<u64> = (0..recipients).map(number).filter(is_in).collect();
        share.sort_unstable_by_key(|&number| (shard_of(number), number));
        for of_shard in share.chunk_by(|&a, &b| shard_of(a) == shard_of(b)) {
            let entries = account.sent_to(of_shard, rules.looks_back_to_ms(at_ms, &on)).await?;
            looked_at += entries.len();
            for of_number in entries.chunk_by(|a, b| a.number == b.number) {
                let mut sent: Vec<Sent> = of_number.iter().map(|entry| entry.sent).collect();
                left_out += u64::from(rules.judge(&mut sent, 1, 99, at_ms, &on).is_some());
            }
        }
    }
    report("weighed_per_s", recipients as f64 / begun.elapsed().as_secs_f64(), "1/s");
    report("messages_looked_at", looked_at as f64, "");
    report("weighing_rss_growth_mib", (weighing.mib() - before_mib).max(0.0), "MiB");
    if left_out > 0 {
        return Err(format!("{left_out} are left out, and nobody got too much").into());
    }

    // Claims of the weighed campaign, while another one claims among the same numbers.
    let (other, message) = (Account::open(&scope, campaign(98)?).await?, policy::message(campaign(99)?, None));
    let sent = Sent { message: 5, minute: policy::minute(at_ms), text: 5 };
    let others: Vec<Entry> = (0..recipients / 100).map(|i| Entry { number: number(i * 100), sent }).collect();
    other.claim(&others);
    let ask = Admission { rules: &rules, days: &on, at_ms, base: Some(base) };
    let begun = Instant::now();
    let (mut claimed, mut refused) = (0_u64, 0_u64);
    for first in (0..recipients.min(200_000)).step_by(500) {
        let one = |i| Candidate { number: number(i), message, text: 99 };
        let candidates: Vec<Candidate> = (first..recipients.min(first + 500)).map(one).collect();
        let verdicts = account.admit(&ask, &candidates).await?.ok_or("the weighing does not reach so far")?;
        claimed += verdicts.len() as u64;
        refused += verdicts.iter().filter(|verdict| **verdict == Some(LeftOut::PerDay)).count() as u64;
    }
    report("claims_checked_per_s", claimed as f64 / begun.elapsed().as_secs_f64(), "1/s");
    if refused != claimed.div_ceil(100) {
        return Err(format!("{refused} of {claimed} were refused, and one in a hundred had got theirs").into());
    }
    // A Trigger campaign looks each number up.
    let ask = Admission { base: None, ..ask };
    let begun = Instant::now();
    let looked = recipients.min(5_000);
    for i in 0..looked {
        let one = Candidate { number: number(recipients - 1 - i), message: 7, text: 7 };
        account.admit(&ask, &[one]).await?;
    }
    report("numbers_looked_up_per_s", looked as f64 / begun.elapsed().as_secs_f64(), "1/s");
    Ok(())
}
