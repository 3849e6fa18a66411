//! `message-center certs`: certificates with which Message Center and an SMS Core know each other, and the list of those
//! that count no longer.

use std::path::{Path, PathBuf};

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
    /// Revoke certificates that `init` made, or renew the list of those that are.
    Revoke {
        /// The folder with ca.crt, ca.key and crl.pem.
        #[arg(long, value_name = "FOLDER")]
        dir: PathBuf,
        /// Certificates that count no longer; none: the list is made anew as it is.
        #[arg(value_name = "CERTIFICATE")]
        certificates: Vec<PathBuf>,
    },
}

pub fn run(command: CertsCommand) -> Result<(), CliError> {
    match command {
        CertsCommand::Init { dir, hosts } => init(&dir, &hosts),
        CertsCommand::Revoke { dir, certificates } => revoke(&dir, &certificates),
    }
}

fn revoke(dir: &Path, certificates: &[PathBuf]) -> Result<(), CliError> {
    let revoked = sms_core::remote::revoke(dir, certificates)?;
    println!(
        "{} revokes {} certificates. Put it in place of the file that crl names on both ends: they take it within two seconds.",
        revoked.list.display(),
        revoked.certificates,
    );
    Ok(())
}

fn init(dir: &Path, hosts: &[String]) -> Result<(), CliError> {
    let issued = sms_core::remote::issue(dir, hosts)?;
    println!(
        "For the SMS Core ({hosts}):\n  ca = {ca:?}\n  certificate = {:?}\n  key = {:?}\n  crl = {crl:?}\n  allow = [{:?}]\n",
        issued.core.0,
        issued.core.1,
        issued.center_name,
        hosts = hosts.join(", "),
        ca = issued.ca,
        crl = issued.crl,
    );
    println!(
        "For Message Center, in [[cores]]:\n  ca = {:?}\n  certificate = {:?}\n  key = {:?}\n  crl = {:?}\n",
        issued.ca, issued.center.0, issued.center.1, issued.crl,
    );
    println!("Keep {} away from both machines: it makes certificates that both believe.", dir.join("ca.key").display());
    Ok(())
}
