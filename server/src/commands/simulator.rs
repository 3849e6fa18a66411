//! `message-center simulator`: the SMSC for trials, as a process of its own.

pub(crate) mod control;

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use smpp::simulator::{Behaviour, Simulator, SimulatorConfig};

use tokio::net::TcpListener;

use crate::cli::CliError;

/// Real SMPP 3.4, no radio: accepts everything and reports it delivered, unless told otherwise.
#[derive(Debug, Args)]
pub struct SimulatorArgs {
    /// Where it listens.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:2775")]
    listen: SocketAddr,
    /// Write down every accepted part in this file (it grows).
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Serve a page there that changes how it behaves while it runs, and shows what it has counted.
    #[arg(long, value_name = "ADDRESS:PORT")]
    control: Option<SocketAddr>,
    /// How it behaves, as JSON, such as '{"latency_ms": 20, "receipts": {"loss_rate": 0.01}}'.
    #[arg(long, value_name = "JSON")]
    behaviour: Option<String>,
}

pub async fn run(args: SimulatorArgs) -> Result<(), CliError> {
    let behaviour = match &args.behaviour {
        Some(json) => serde_json::from_str(json).map_err(CliError::Behaviour)?,
        None => Behaviour::default(),
    };
    let mut config = SimulatorConfig::loopback();
    config.address = args.listen;
    config.log = args.log;
    config.behaviour = behaviour;
    let simulator = Simulator::bind(config).await.map_err(CliError::Simulator)?;
    println!("listening on {}", simulator.address());
    if let Some(address) = args.control {
        let listener = TcpListener::bind(address).await.map_err(CliError::Simulator)?;
        println!("control page at http://{}", listener.local_addr().map_err(CliError::Simulator)?);
        let router = control::router(simulator.control());
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
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
