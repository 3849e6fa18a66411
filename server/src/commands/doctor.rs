//! `message-center doctor`: what is in order and what is not, as a table or as JSON.

use std::{path::Path, sync::Arc};

use app::api::diagnostics::{Finding, Verdict};
use clap::Args;

use super::core;
use crate::{cli::CliError, clock::SystemClock, config::Config, doctor::Doctor};

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Bind a session on each link for trial, unless a server runs that has them.
    #[arg(long)]
    bind: bool,
    /// The file of --config is that of an SMS Core: look at its links, certificates and revocation lists.
    #[arg(long, conflicts_with = "bind")]
    pub core: bool,
}

pub async fn run(args: &DoctorArgs, config: Config) -> Result<(), CliError> {
    say(args, &Doctor::outside(config, Arc::new(SystemClock), args.bind).look().await)
}

/// The same of the file of an SMS Core.
pub fn run_core(args: &DoctorArgs, file: Option<&Path>) -> Result<(), CliError> {
    say(args, &core::examine(file)?)
}

fn say(args: &DoctorArgs, findings: &[Finding]) -> Result<(), CliError> {
    if args.json {
        println!("{}", json(findings));
    } else {
        print!("{}", table(findings));
    }
    if findings.iter().any(|finding| finding.verdict == Verdict::Fault) { Err(CliError::Unwell) } else { Ok(()) }
}

fn json(findings: &[Finding]) -> String {
    // Made of strings: it can always be written.
    serde_json::to_string_pretty(findings).unwrap_or_default()
}

fn table(findings: &[Finding]) -> String {
    use std::fmt::Write;

    let mut text = String::new();
    let mut area = "";
    for finding in findings {
        if finding.area != area {
            area = &finding.area;
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}{area}", if text.is_empty() { "" } else { "\n" });
        }
        let _ = writeln!(text, "  {:<8} {}: {}", finding.verdict.label(), finding.what, finding.found);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "           → {advice}");
        }
    }
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let _ = writeln!(text, "\n{} faults, {} warnings", count(Verdict::Fault), count(Verdict::Warning));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_was_found_and_what_to_do() {
        let finding = |verdict, what: &str, advice: Option<&str>| Finding {
            area: "Data".into(),
            what: what.into(),
            verdict,
            found: "as found".into(),
            advice: advice.map(ToOwned::to_owned),
        };
        let text = table(&[finding(Verdict::Good, "Folder", None), finding(Verdict::Fault, "Disk", Some("make room"))]);
        assert_eq!(
            text,
            "Data\n  Good     Folder: as found\n  Fault    Disk: as found\n           → make room\n\n1 faults, 0 warnings\n"
        );
        assert!(json(&[finding(Verdict::Warning, "Disk", None)]).contains("\"verdict\": \"warning\""));
    }
}
