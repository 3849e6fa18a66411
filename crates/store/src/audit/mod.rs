//! The audit log: one hash chain per workspace and one for the installation.
//!
//! What a person changes is recorded in the transaction of the change ([`Inner::audited`]); what has no transaction of
//! its own, such as a failed sign-in, goes through the writer ([`Inner::record`]). Each record holds the hash of the one
//! before it, so that none can be changed, removed or moved without a trace.
//!
//! [`Inner::audited`]: crate::access::Inner::audited
//! [`Inner::record`]: crate::access::Inner::record

mod chain;
mod checkpoint;
mod denials;
mod event;
mod export;
mod facets;
mod fallback;
mod keeper;
mod read;
mod retention;
mod seal;
mod verify;
mod writer;

pub(crate) use self::{
    chain::{Chain, Chains},
    checkpoint::signing_key,
    denials::Denials,
    event::Event,
    fallback::{Fallback, FallbackConfig},
};
pub use self::{
    export::{Export, Format},
    keeper::Keeper,
    read::{ActorFilter, Cursor, Filter, Page, Reader, list, of_campaign, page},
    seal::first_break,
    verify::{Finding, Problem, Verified},
};

/// The action under which the installation's log records that a workspace was deleted, by the workspace's id.
pub(crate) const WORKSPACE_DELETED: &str = "workspace.deleted";

#[cfg(test)]
mod tests;
