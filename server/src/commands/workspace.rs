//! `message-center workspace`: tenants from the command line.

use clap::{Args, Subcommand};
use store::workspaces::NewWorkspace;

use super::open;
use crate::{cli::CliError, config::Config};

#[derive(Debug, Subcommand)]
pub enum WorkspaceCommand {
    /// Make a workspace; add people with `user create --workspace`.
    Create(Create),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Its part of every address: 2 to 40 of a-z, 0-9 and hyphens.
    #[arg(long)]
    slug: String,
    /// The display name.
    #[arg(long)]
    name: String,
    /// An IANA name, such as Europe/Vienna.
    #[arg(long, value_name = "ZONE")]
    time_zone: String,
    /// Two letters, such as AT: national numbers are numbers of this country.
    #[arg(long, value_name = "COUNTRY")]
    country: String,
    /// Let people approve what they made themselves.
    #[arg(long)]
    without_four_eyes: bool,
}

pub async fn run(command: WorkspaceCommand, config: &Config) -> Result<(), CliError> {
    let WorkspaceCommand::Create(create) = command;
    let gate = open(config).await?;
    let new = NewWorkspace {
        slug: create.slug,
        display_name: create.name,
        time_zone: create.time_zone,
        default_country: create.country,
        four_eyes: !create.without_four_eyes,
    };
    let workspace = store::workspaces::create(&gate, &new).await?;
    println!("{}/w/{}", config.public_url, workspace.slug);
    Ok(())
}
