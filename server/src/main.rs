//! The `message-center` program: the web server, and commands for operators.

mod assets;
mod cli;
mod clock;
mod commands;
mod config;
mod demo;
mod health;
mod layers;
mod logging;
mod router;
mod routes;
mod serve;
mod services;
mod state;
mod theme;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("message-center: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
