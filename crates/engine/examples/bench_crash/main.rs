//! `./x bench crash`: campaigns of the four modes are sent while the server is killed with SIGKILL over and over, and started
//! again. In the end the database is held against the log of the simulator, which is a process of its own and lives on.
//!
//! `--server FILE` the program under test, `--kills N` (40), `--terms N` orderly stops by SIGTERM (a tenth of the kills),
//! `--messages N` of each campaign (20,000), `--rate N` segments per second of the link (1,000), `--claim-limit N` (500),
//! `--seed N` for the same moments again, `--dir FOLDER` for the files (the system's temporary folder), which stay there
//! when something is wrong.
//!
//! Kills come in eight phases, by the names that are printed: while the server starts; while a file of recipients comes in
//! or is read (`ingest`; in the end its report, recipients and rejects have to be those of the same file that was read
//! undisturbed); while a Spread campaign is built; while messages are sent; while states are folded; while somebody pauses
//! or resumes (what was paused stays so, what was answered is on record); while delivery records are exported (in the end
//! each file is whole, and none is left behind by halves); while the receipts of seconds come at once. Numbers for the
//! Trigger campaign come over HTTP all the time, each batch repeated under its Idempotency-Key until it is answered with
//! 202; in the end each has to be there once. `…_within` counts the kills after which files or records show that they came
//! in the middle.
//!
//! With `--core` (`./x bench core-crash`) the links are in an SMS Core behind mutual TLS, and the Core is killed: while it
//! starts, while messages are sent, while the receipts of seconds come at once.
//!
//! Exits with 1 when the bench could not measure, and also when what it measured must not be: something lost or doubled,
//! more uncertain than a kill can leave, a state that contradicts the simulator, figures that do not add up.

mod ask;
#[path = "../support/clock.rs"]
mod clock;
mod core_run;
mod feeder;
#[path = "../support/installation.rs"]
mod installation;
mod look;
mod phases;
mod plan;
mod prepare;
mod process;
mod proof;
mod recipients;
mod report;
mod run;
mod verdict;
mod waits;

use std::{path::PathBuf, process::ExitCode};

use domain::campaign::Progress;
use smpp::random::SplitMix64;

use crate::{
    core_run::CoreFigures,
    plan::Phase,
    report::Report,
    run::{Figures, Hits, Options},
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match options(&arguments).and_then(|options| measure(&options, arguments.iter().any(|given| given == "--core"))) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(complaint)) => {
            eprintln!("bench crash: {complaint}");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("bench crash: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What must not be, if there is something.
fn measure(options: &Options, is_of_core: bool) -> Result<Option<String>, Failure> {
    let (complaint, folder) = if is_of_core {
        let figures = core_run::run(options)?;
        report_core(options, &figures);
        (figures.complaint(options.claim_limit), figures.folder)
    } else {
        let figures = run::run(options)?;
        report(options, &figures);
        (figures.complaint(options.claim_limit), figures.folder)
    };
    Ok(complaint.map(|complaint| format!("{complaint}; the files are in {}", folder.display())))
}

fn options(arguments: &[String]) -> Result<Options, Failure> {
    let given = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let number = |name: &str, default: u32| given(name).map_or(Ok(default), str::parse);
    let kills = number("--kills", 40)?;
    let messages = number("--messages", 20_000)?;
    // Five times as many are built and read.
    let most = recipients::RECIPIENTS_MAX / 5;
    if !(1..=most).contains(&messages) {
        return Err(format!("--messages has to be 1 to {most}").into());
    }
    Ok(Options {
        server: given("--server").ok_or("--server FILE is missing: the message-center program")?.into(),
        kills,
        terms: number("--terms", kills.div_ceil(10))?,
        messages,
        rate: number("--rate", 1_000)?,
        claim_limit: number("--claim-limit", 500)?,
        seed: match given("--seed") {
            Some(seed) => seed.parse()?,
            None => SplitMix64::from_entropy().next_u64(),
        },
        dir: given("--dir").map_or_else(std::env::temp_dir, PathBuf::from),
    })
}

fn report(options: &Options, figures: &Figures) {
    let Figures { verdict, progress, .. } = figures;
    let report = Report("crash");
    let (recipients, times) = ("recipients", "times");
    report.none_of("lost", verdict.lost, recipients);
    report.none_of("duplicates", verdict.duplicates, "parts");
    report.at_most("uncertain_max", figures.uncertain_max, recipients, "claim limit", options.claim_limit.into());
    report.none_of("uncertain_on_sigterm", figures.uncertain_on_term, recipients);
    report.none_of("mismatches", verdict.mismatches, recipients);
    report.none_of("unsettled", verdict.unsettled, recipients);
    report.none_of("sent_while_paused", figures.sent_while_paused, "parts");
    report.none_of("broken_promises", figures.broken_promises, "answers");
    report.none_of("other_complaints", figures.complaints.len() as u64, times);
    report.plain("kills", figures.kills().into(), times);
    for phase in Phase::ALL {
        let Hits { kills, within } = figures.hits.get(&phase).copied().unwrap_or_default();
        report.plain(&format!("kills_{}", phase.name()), kills.into(), times);
        report.plain(&format!("kills_{}_within", phase.name()), within.into(), times);
    }
    report.plain("storm_receipts_max", figures.storm_max, recipients);
    report.plain("files_brought", figures.files_brought, times);
    report.plain("rejects_compared", figures.proved.rejects, "lines");
    report.plain("plans_compared", figures.proved.built, "campaigns");
    report.plain("exports_compared", figures.proved.exports, "files");
    report.plain("export_rows_compared", figures.proved.export_rows, recipients);
    report.plain("sigterms", figures.terms.into(), times);
    report.plain("sigterm_max_ms", figures.term_max.as_millis() as u64, "ms");
    report.plain("ready_after_kill_max_ms", figures.ready_max.as_millis() as u64, "ms");
    outcome(&report, progress, figures.parts_at_smsc, options.seed);
}

fn report_core(options: &Options, figures: &CoreFigures) {
    let CoreFigures { verdict, progress, .. } = figures;
    let report = Report("core-crash");
    let (recipients, times) = ("recipients", "times");
    report.none_of("lost", verdict.lost, recipients);
    report.none_of("duplicates", verdict.duplicates, "parts");
    report.at_most("uncertain_max", figures.uncertain_max, recipients, "claim limit", options.claim_limit.into());
    report.none_of("uncertain_on_sigterm", figures.uncertain_on_term, recipients);
    report.none_of("mismatches", verdict.mismatches, recipients);
    report.none_of("unsettled", verdict.unsettled, recipients);
    report.plain("kills", figures.kills.values().sum::<u32>().into(), times);
    for (phase, _) in Phase::OF_CORE {
        let kills = figures.kills.get(&phase).copied().unwrap_or_default();
        report.plain(&format!("kills_{}", phase.name()), kills.into(), times);
    }
    report.plain("storm_receipts_max", figures.storm_max, recipients);
    report.plain("sigterms", figures.terms.into(), times);
    report.plain("sigterm_max_ms", figures.term_max.as_millis() as u64, "ms");
    report.plain("uncertain_ever", figures.uncertain_ever, recipients);
    outcome(&report, progress, figures.parts_at_smsc, options.seed);
}

/// What has become of everybody.
fn outcome(report: &Report, progress: &Progress, parts_at_smsc: u64, seed: u64) {
    let recipients = "recipients";
    report.plain("messages", progress.total(), recipients);
    report.plain("delivered", progress.delivered, recipients);
    report.plain("failed", progress.failed, recipients);
    report.plain("uncertain", progress.uncertain, recipients);
    report.plain("no_receipt", progress.no_receipt, recipients);
    report.plain("parts_at_smsc", parts_at_smsc, "parts");
    report.plain("seed", seed, "seed");
}
