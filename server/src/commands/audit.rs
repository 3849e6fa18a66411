//! `message-center audit`: whether the audit log is what was written.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::slug::Slug;
use store::{Reason, SystemDoor, audit::Finding};

use crate::{cli::CliError, config::Config, services::open_store};

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check every record against the one before it, and the log against its signed checkpoints. Ends with 1 when
    /// something is wrong, and names the first bad record.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The log of this workspace alone.
    #[arg(long, value_name = "SLUG")]
    workspace: Option<String>,
    /// Check against these checkpoints, such as a copy that was kept elsewhere.
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
}

pub async fn run(command: AuditCommand, config: &Config) -> Result<(), CliError> {
    let AuditCommand::Verify(verify) = command;
    let slug = verify.workspace.as_deref().map(Slug::parse).transpose()?;
    if let Some(file) = verify.checkpoints.as_ref().filter(|file| !file.is_file()) {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(CliError::Read { file: file.clone(), source });
    }
    let system = open_store(config).await?.system;
    let verified = system.verify_audit(slug.as_ref(), verify.checkpoints.as_deref()).await?;
    println!(
        "{} records in {} logs looked at, along with {} checkpoints.",
        verified.records, verified.chains, verified.checkpoints
    );
    if verified.holds() {
        println!("The audit log holds.");
        return Ok(());
    }
    for finding in &verified.findings {
        println!("{}: {}", place(&system, finding).await, finding.problem);
    }
    Err(CliError::AuditBroken)
}

/// Where it is, as people call it.
async fn place(system: &SystemDoor, finding: &Finding) -> String {
    if finding.chain.is_empty() {
        return "checkpoints".to_owned();
    }
    let Ok(id) = finding.chain.parse() else { return finding.chain.clone() };
    match system.enter(id, Reason::Retention).workspace().await {
        Ok(workspace) => format!("workspace {}", workspace.slug),
        Err(_) => format!("workspace {id}"),
    }
}
