//! `message-center registry-simulator`: the 10DLC registry for trials, as a process of its own; and `message-center staff`:
//! who registers for which workspaces, and with which keys.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use domain::{api_key::Scope, slug::Slug, tendlc::staff::StaffRole};
use store::{
    api_keys::{self, NewKey},
    tendlc::staff,
};
use tcr::{
    Secret,
    simulator::{Behaviour, Simulator, SimulatorConfig},
};

use super::open;
use crate::{cli::CliError, config::Config};

/// Speaks the registry's HTTP, keeps its rules, costs nothing: verifies and approves everything, unless told otherwise.
/// `/control` changes what happens while it runs.
#[derive(Debug, Args)]
pub struct SimulatorArgs {
    /// Where it listens; `url` in [registry] is http://ADDRESS:PORT/v2.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:2780")]
    listen: SocketAddr,
    /// The file of API key and secret, key:secret in its first line: the same as `key_file` in [registry].
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// Keep what is registered in this folder, which is made where it is missing. Without it a restart forgets everything.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// How it behaves, as JSON, such as '{"brands": "wait", "carriers": {"10035": "review"}}'.
    #[arg(long, value_name = "JSON")]
    behaviour: Option<String>,
}

pub async fn simulate(args: SimulatorArgs) -> Result<(), CliError> {
    let behaviour: Behaviour = match &args.behaviour {
        Some(json) => serde_json::from_str(json).map_err(CliError::Behaviour)?,
        None => Behaviour::default(),
    };
    let text = std::fs::read_to_string(&args.key_file)
        .map_err(|source| CliError::Read { file: args.key_file.clone(), source })?;
    let line = text.lines().next().unwrap_or_default().trim();
    let (key, secret) = line.split_once(':').ok_or(CliError::RegistryKey)?;
    let (api_key, secret) = (Secret::new(key), Secret::new(secret));
    let config = SimulatorConfig { address: args.listen, api_key, secret, behaviour, data_dir: args.data_dir };
    let simulator = Simulator::bind(config).await?;
    println!("the registry is at {}", simulator.base_url());
    simulator
        .run(async {
            // Without a way to wait for the signal it runs until it is killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
        .await;
    Ok(())
}

#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Assign a workspace to somebody, who registers brands and 10DLC campaigns for it, or reads.
    Assign {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        #[arg(long, value_name = "SLUG")]
        workspace: String,
        #[arg(long, value_enum)]
        role: RoleName,
    },
    /// Take a workspace from somebody.
    Unassign {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        #[arg(long, value_name = "SLUG")]
        workspace: String,
    },
    /// The staff of a workspace.
    List {
        #[arg(long, value_name = "SLUG")]
        workspace: String,
    },
    /// Make a key for /api/v1/messaging that is good in every workspace in which somebody has to do with the registry.
    /// It is printed once.
    MakeKey {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Which program uses it.
        #[arg(long)]
        name: String,
        /// It only reads.
        #[arg(long)]
        read_only: bool,
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        days: u32,
    },
    /// Somebody's keys.
    Keys {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
    /// End a key.
    RevokeKey {
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// The id that `keys` shows.
        id: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    Admin,
    Developer,
    Viewer,
    Billing,
}

impl From<RoleName> for StaffRole {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Developer => Self::Developer,
            RoleName::Viewer => Self::Viewer,
            RoleName::Billing => Self::Billing,
        }
    }
}

pub async fn staff(command: StaffCommand, config: &Config) -> Result<(), CliError> {
    let gate = open(config).await?;
    match command {
        StaffCommand::Assign { email, workspace, role } => {
            let slug = Slug::parse(&workspace)?;
            let assigned = staff::assign_by_command(&gate, &slug, &email, role.into()).await?;
            println!("{email} is {} of {slug}.", assigned.role.label().to_lowercase());
        }
        StaffCommand::Unassign { email, workspace } => {
            let slug = Slug::parse(&workspace)?;
            staff::unassign_by_command(&gate, &slug, &email).await?;
            println!("{slug} is not assigned to {email} any more.");
        }
        StaffCommand::List { workspace } => {
            for (assignment, email) in staff::list_by_command(&gate, &Slug::parse(&workspace)?).await? {
                println!("{email}\t{}", assignment.role.label().to_lowercase());
            }
        }
        StaffCommand::MakeKey { email, name, read_only, days } => {
            let scopes = if read_only { vec![Scope::TenDlcRead] } else { vec![Scope::TenDlcRead, Scope::TenDlcWrite] };
            let new = NewKey { name, scopes, life_days: days };
            println!("{}", api_keys::make_for_registry(&gate, &email, &new).await?.reveal());
        }
        StaffCommand::Keys { email } => {
            for entry in api_keys::registry_keys(&gate, &email).await? {
                let ended = if entry.key.state(gate.now_ms()).is_active() { "" } else { "\tended" };
                println!("{}\t{}…\t{}{ended}", entry.key.id, entry.key.start, entry.key.name);
            }
        }
        StaffCommand::RevokeKey { email, id } => {
            let id = id.parse().map_err(|_| store::Error::NotFound)?;
            api_keys::revoke_of_registry(&gate, &email, id).await?;
            println!("The key is ended.");
        }
    }
    Ok(())
}
