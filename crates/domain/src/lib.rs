//! The words and rules of Message Center, shared by the server and the browser.
//!
//! *Invariants*: this crate does no I/O, reads no clock and draws no random numbers: time, identifiers and keys are
//! passed in. What a person may do is decided by [`permission`]'s one table; what a campaign may become is decided by
//! [`campaign::transition`] alone.

pub mod api_key;
pub mod audit;
pub mod campaign;
pub mod channel;
pub mod clock;
#[cfg(feature = "hash")]
pub mod ctn_hash;
pub mod email;
#[cfg(feature = "time")]
pub mod hours;
pub mod id;
pub mod inbound;
pub mod installation;
pub mod link;
pub mod mail;
pub mod members;
pub mod merge;
pub mod message_template;
pub mod month;
pub mod notice;
pub mod password;
pub mod permission;
pub mod phone;
pub mod policy;
pub mod recipient;
pub mod reject;
#[cfg(feature = "time")]
pub mod schedule;
pub mod second_factor;
pub mod segment;
pub mod sender;
pub mod slug;
pub mod smpp_status;
#[cfg(feature = "time")]
pub mod spread;
pub mod suppression;
pub mod tendlc;
pub mod test_send;
pub mod webhook;
pub mod week;
pub mod workspace;
