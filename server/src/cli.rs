//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    commands::{
        audit::{self, AuditCommand},
        certs::{self, CertsCommand},
        core::{self, CoreError},
        doctor::{self, DoctorArgs},
        registry::{self, StaffCommand},
        simulator::{self, SimulatorArgs},
        user::{self, UserCommand},
        workspace::{self, WorkspaceCommand},
    },
    config::{Config, ConfigError, Overrides, ServeOptions},
    logging,
    serve::{self, ServeError},
    services::StartError,
};

/// Runs SMS campaigns: many isolated tenants, nothing sent without approval, everything on record.
#[derive(Debug, Parser)]
#[command(name = "message-center", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Common {
    /// Configuration file in TOML; without it `message-center.toml` in the working folder is read if it is there.
    #[arg(long, global = true, value_name = "FILE", env = "MESSAGE_CENTER_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the web server and everything behind it.
    Serve(ServeOptions),
    /// Accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
        #[command(flatten)]
        overrides: Overrides,
    },
    /// Tenants.
    Workspace {
        #[command(subcommand)]
        command: WorkspaceCommand,
        #[command(flatten)]
        overrides: Overrides,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
        #[command(flatten)]
        overrides: Overrides,
    },
    /// Look whether everything is in order, and say what to do about what is not. Ends with 1 when something is broken.
    Doctor {
        #[command(flatten)]
        args: DoctorArgs,
        #[command(flatten)]
        overrides: Overrides,
    },
    /// Run the links to carriers as a process of its own, by the file of --config.
    Core,
    /// Certificates for Message Center and SMS Core.
    Certs {
        #[command(subcommand)]
        command: CertsCommand,
    },
    /// Run the SMSC for trials as a process of its own.
    Simulator(SimulatorArgs),
    /// Who registers for 10DLC, for which workspaces, and with which keys.
    Staff {
        #[command(subcommand)]
        command: StaffCommand,
        #[command(flatten)]
        overrides: Overrides,
    },
    /// Run the 10DLC registry for trials as a process of its own.
    RegistrySimulator(registry::SimulatorArgs),
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Read file, environment and options as `serve` would, check them, and print what results.
    Check(Overrides),
}

/// Why the program ended early.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    #[error("the server stopped")]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Slug(#[from] domain::slug::InvalidSlug),
    #[error("{file} cannot be read")]
    Read { file: PathBuf, source: std::io::Error },
    #[error("the password cannot be asked for; use --password-file, or leave it out for a one-time link")]
    Terminal(#[source] std::io::Error),
    #[error("the two passwords are not the same")]
    PasswordsDiffer,
    #[error("--behaviour cannot be read")]
    Behaviour(#[source] serde_json::Error),
    #[error("--key-file has to begin with an API key and a secret, with a colon in between")]
    RegistryKey,
    #[error("the simulator cannot listen there")]
    Simulator(#[source] std::io::Error),
    #[error(transparent)]
    RegistrySimulator(#[from] tcr::simulator::StartError),
    #[error("SMS Core stopped")]
    Core(#[from] CoreError),
    #[error("no certificates were made")]
    Certs(#[from] sms_core::remote::IssueError),
    #[error("nothing was revoked")]
    Revoke(#[from] sms_core::remote::RevokeError),
    #[error("the audit log does not hold")]
    AuditBroken,
    #[error("something is broken: see above")]
    Unwell,
    #[error("the runtime cannot be started")]
    Runtime(#[source] std::io::Error),
}

impl Cli {
    /// Does what the command line says.
    pub fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Serve(options) => {
                let config = Config::load(self.common.config.as_deref(), &options.overrides)?;
                logging::start(&config);
                let (file, overrides) = (self.common.config, options.overrides);
                let again = move || Config::load(file.as_deref(), &overrides);
                runtime()?.block_on(serve::run(config, options.demo, again))?;
            }
            Command::User { command, overrides } => {
                let config = Config::load(self.common.config.as_deref(), &overrides)?;
                runtime()?.block_on(user::run(command, &config))?;
            }
            Command::Workspace { command, overrides } => {
                let config = Config::load(self.common.config.as_deref(), &overrides)?;
                runtime()?.block_on(workspace::run(command, &config))?;
            }
            Command::Audit { command, overrides } => {
                let config = Config::load(self.common.config.as_deref(), &overrides)?;
                runtime()?.block_on(audit::run(command, &config))?;
            }
            Command::Doctor { args, .. } if args.core => doctor::run_core(&args, self.common.config.as_deref())?,
            Command::Doctor { args, overrides } => {
                let config = Config::load(self.common.config.as_deref(), &overrides)?;
                runtime()?.block_on(doctor::run(&args, config))?;
            }
            Command::Core => runtime()?.block_on(core::run(self.common.config.as_deref()))?,
            Command::Certs { command } => certs::run(command)?,
            Command::Simulator(args) => runtime()?.block_on(simulator::run(args))?,
            Command::Staff { command, overrides } => {
                let config = Config::load(self.common.config.as_deref(), &overrides)?;
                runtime()?.block_on(registry::staff(command, &config))?;
            }
            Command::RegistrySimulator(args) => runtime()?.block_on(registry::simulate(args))?,
            Command::Config { command: ConfigCommand::Check(overrides) } => {
                let config = Config::load(self.common.config.as_deref(), &overrides)?;
                println!("{}", config.to_toml());
            }
        }
        Ok(())
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    // Without optimisation the futures of a whole request are large; what is not touched takes no memory.
    tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()
        .map_err(CliError::Runtime)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
