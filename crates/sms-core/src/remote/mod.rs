//! The Core API: SMS Core as a process of its own, over HTTP/2 with mutual TLS.
//!
//! A lane is one request whose body carries batches and whose response carries outcomes; receipts are one request whose
//! response carries them and whose body acknowledges them. Neither end keeps anything: when a connection breaks, what was
//! handed over and has no outcome is [`crate::PartResult::Uncertain`], and receipts that are not acknowledged come again.
//! See `docs/adr/0010-the-core-api.md`.

mod client;
mod client_lane;
mod client_receipts;
mod flaws;
mod identity;
mod issue;
mod keeper;
mod pipe;
mod revocation;
pub(crate) mod sentinel;
mod served;
mod server;
mod server_lane;
mod server_receipts;
mod standing;
mod wire;

pub use client::{RemoteCore, RemoteError, RemoteSettings};
pub use identity::{IdentityError, IdentityFiles};
pub use issue::{IssueError, Issued, issue};
pub use revocation::{RevokeError, Revoked, revoke};
pub use server::{CoreServer, ServeError, ServerControl, ServerSettings};

/// The version of the API that this program speaks, as client and as server. It is counted up with every change that
/// the other side has to know.
pub const API_VERSION: u32 = 4;

/// The header that says which version of the API a request is of.
const VERSION_HEADER: &str = "core-api";
/// The header that tells one run of an SMS Core from another, with its links.
const RUN_HEADER: &str = "core-run";
/// The header that says which installation of Message Center asks.
const INSTALLATION_HEADER: &str = "core-installation";
