//! The Campaign Registry: a client of its REST API (version 2), its webhooks, and a simulated registry that speaks the same
//! HTTP, so that everything works before there is an account.
//!
//! *Invariants*: nothing is registered twice, whatever fails on the way: everything that is created carries a reference
//! of ours, by which it is looked up before it is sent and after every answer that did not come ([`client`]). A webhook
//! counts for nothing before its signature was verified ([`webhook`]). Secrets and phone numbers are in no URL and in
//! no log. Which rules a form has to keep, and what news change, is not decided here but in [`domain::tendlc`].

#[cfg(feature = "http")]
pub mod client;
#[cfg(feature = "http")]
pub mod error;
pub mod json;
#[cfg(feature = "http")]
pub mod registry;
mod secret;
pub mod signature;
#[cfg(feature = "http")]
pub mod simulator;
pub mod webhook;
#[cfg(feature = "http")]
mod wire;

pub use self::secret::Secret;
#[cfg(feature = "http")]
pub use self::{
    client::{Client, ClientConfig},
    error::{Error, Problem},
    registry::{BrandRecord, CampaignRecord, Page, Registry},
};
