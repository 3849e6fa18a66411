//! The audit log: one hash chain per workspace and one for the installation.
//!
//! What a person changes is recorded in the transaction of the change ([`Inner::audited`]); what has no transaction of
//! its own, such as a failed sign-in, goes through the writer ([`Inner::record`]). Each record holds the hash of the one
//! before it, so that none can be changed, removed or moved without a trace.
//!
//! [`Inner::audited`]: crate::access::Inner::audited
//! [`Inner::record`]: crate::access::Inner::record

mod chain;
mod denials;
mod event;
mod read;
mod seal;
mod writer;

pub(crate) use self::{
    chain::{Chain, Chains},
    denials::Denials,
    event::Event,
};
pub use self::{
    read::{of_campaign, page},
    seal::first_break,
};
