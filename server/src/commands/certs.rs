//! `message-center certs init`: certificates with which Message Center and an SMS Core know each other.

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::CliError;

#[derive(Debug, Subcommand)]
pub enum CertsCommand {
    /// Make an authority, a certificate for SMS Core and one for Message Center.
    Init {
        /// The folder for them; nothing in it is replaced.
        #[arg(long, value_name = "FOLDER")]
        dir: PathBuf,
        /// A name or address under which Message Center reaches the SMS Core; may be given several times.
        #[arg(long = "host", value_name = "NAME", default_values = ["localhost", "127.0.0.1"])]
        hosts: Vec<String>,
    },
}

pub fn run(command: CertsCommand) -> Result<(), CliError> {
    let CertsCommand::Init { dir, hosts } = command;
    let issued = sms_core::remote::issue(&dir, &hosts)?;
    println!(
        "For the SMS Core ({hosts}):\n  ca = {ca:?}\n  certificate = {:?}\n  key = {:?}\n  allow = [{:?}]\n",
        issued.core.0,
        issued.core.1,
        issued.center_name,
        hosts = hosts.join(", "),
        ca = issued.ca,
    );
    println!(
        "For Message Center, in [[cores]]:\n  ca = {:?}\n  certificate = {:?}\n  key = {:?}\n",
        issued.ca, issued.center.0, issued.center.1,
    );
    println!("Keep {} away from both machines: it makes certificates that both believe.", dir.join("ca.key").display());
    Ok(())
}
