//! Server functions, a file per area. Each is parse → enter → grant → call → map, with no rule of its own; each stands in
//! the access table (`server/src/access.rs`).

pub mod account;
pub mod audit;
pub mod campaigns;
#[cfg(feature = "ssr")]
mod challenge;
#[cfg(feature = "ssr")]
pub mod context;
pub mod diagnostics;
pub mod forgotten;
#[cfg(feature = "ssr")]
mod handed_over;
pub mod hold;
pub mod inbound;
pub mod installation;
pub mod invitations;
pub mod joining;
#[cfg(feature = "ssr")]
mod key_handed_over;
pub mod keys;
pub mod links;
pub mod master;
pub mod members;
#[cfg(feature = "ssr")]
mod minute_cookie;
pub mod moderation;
pub mod monitoring;
pub mod notices;
#[cfg(feature = "ssr")]
mod number_lines;
pub mod numbers;
pub mod onboarding;
pub mod outbox;
pub mod overview;
pub mod profile;
#[cfg(feature = "ssr")]
mod qr;
pub mod recipients;
pub mod registry;
pub mod second_factor;
pub mod senders;
pub mod sending;
pub mod sessions;
pub mod settings;
pub mod suppression;
pub mod templates;
pub mod test_sends;
#[cfg(feature = "ssr")]
mod typed;
pub mod usage;
pub mod webhooks;
pub mod wizard;
pub mod workspace;
