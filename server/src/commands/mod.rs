//! Commands for operators. They open the same data folder as the server, so the server has to be stopped: the embedded
//! database belongs to one process.

pub mod audit;
pub mod certs;
pub mod core;
pub mod doctor;
pub mod registry;
pub mod simulator;
pub mod user;
pub mod workspace;

use crate::{cli::CliError, config::Config, services::open_store};

/// The data folder of the configuration, opened for one command.
async fn open(config: &Config) -> Result<store::Gate, CliError> {
    Ok(open_store(config).await?.gate)
}
