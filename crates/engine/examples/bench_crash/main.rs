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
//! Exits with 1 when the bench could not measure, and also when what it measured must not be: something lost or doubled,
//! more uncertain than a kill can leave, a state that contradicts the simulator, figures that do not add up.

mod ask;
#[path = "../support/clock.rs"]
mod clock;
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
mod run;
mod verdict;

use std::{path::PathBuf, process::ExitCode};

use smpp::random::SplitMix64;

use crate::{
    plan::Phase,
    run::{Figures, Hits, Options},
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match options(&arguments).and_then(|options| run::run(&options).map(|figures| (options, figures))) {
        Ok((options, figures)) => {
            report(&options, &figures);
            match figures.complaint(options.claim_limit) {
                None => ExitCode::SUCCESS,
                Some(complaint) => {
                    eprintln!("bench crash: {complaint}; the files are in {}", figures.folder.display());
                    ExitCode::FAILURE
                }
            }
        }
        Err(failure) => {
            eprintln!("bench crash: {failure}");
            ExitCode::FAILURE
        }
    }
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
    let bound = |value: u64, bound: u64| {
        // Above 1 is better than the bound; nothing at all has no ratio.
        let ratio = if value == 0 { "null".to_owned() } else { format!("{:.2}", bound as f64 / value as f64) };
        (bound.to_string(), ratio)
    };
    let line = |metric: &str, value: u64, unit: &str, anchor: &str, (anchor_value, ratio): (String, String)| {
        println!(
            r#"{{"bench":"crash","metric":"{metric}","value":{value},"unit":"{unit}","anchor":"{anchor}","anchor_value":{anchor_value},"ratio":{ratio}}}"#
        );
    };
    let claimed = u64::from(options.claim_limit);
    let (recipients, times) = ("recipients", "times");
    line("lost", verdict.lost, recipients, "design", bound(verdict.lost, 0));
    line("duplicates", verdict.duplicates, "parts", "design", bound(verdict.duplicates, 0));
    line("uncertain_max", figures.uncertain_max, recipients, "claim limit", bound(figures.uncertain_max, claimed));
    line("uncertain_on_sigterm", figures.uncertain_on_term, recipients, "design", bound(figures.uncertain_on_term, 0));
    line("mismatches", verdict.mismatches, recipients, "design", bound(verdict.mismatches, 0));
    line("unsettled", verdict.unsettled, recipients, "design", bound(verdict.unsettled, 0));
    let plain =
        |metric: &str, value: u64, unit: &str| line(metric, value, unit, "none", ("null".into(), "null".into()));
    line("sent_while_paused", figures.sent_while_paused, "parts", "design", bound(figures.sent_while_paused, 0));
    line("broken_promises", figures.broken_promises, "answers", "design", bound(figures.broken_promises, 0));
    line(
        "other_complaints",
        figures.complaints.len() as u64,
        times,
        "design",
        bound(figures.complaints.len() as u64, 0),
    );
    plain("kills", figures.kills().into(), times);
    for phase in Phase::ALL {
        let Hits { kills, within } = figures.hits.get(&phase).copied().unwrap_or_default();
        plain(&format!("kills_{}", phase.name()), kills.into(), times);
        plain(&format!("kills_{}_within", phase.name()), within.into(), times);
    }
    plain("storm_receipts_max", figures.storm_max, recipients);
    plain("files_brought", figures.files_brought, times);
    plain("rejects_compared", figures.proved.rejects, "lines");
    plain("plans_compared", figures.proved.built, "campaigns");
    plain("exports_compared", figures.proved.exports, "files");
    plain("export_rows_compared", figures.proved.export_rows, recipients);
    plain("sigterms", figures.terms.into(), times);
    plain("sigterm_max_ms", figures.term_max.as_millis() as u64, "ms");
    plain("ready_after_kill_max_ms", figures.ready_max.as_millis() as u64, "ms");
    plain("messages", progress.total(), recipients);
    plain("delivered", progress.delivered, recipients);
    plain("failed", progress.failed, recipients);
    plain("uncertain", progress.uncertain, recipients);
    plain("no_receipt", progress.no_receipt, recipients);
    plain("parts_at_smsc", figures.parts_at_smsc, "parts");
    plain("seed", options.seed, "seed");
}
