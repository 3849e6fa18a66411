//! The store from outside, through its doors only.

mod access;
mod accounts;
mod api_keys;
mod approval_race;
mod audit;
mod campaigns;
mod erasure;
mod fixture;
mod idempotency;
mod invitations;
mod joining;
mod mail;
mod members;
mod notices;
mod people;
mod recipients;
mod role_race;
mod roles;
mod second_factor;
mod senders;
mod sign_in;
mod suppressions;
mod usage;
mod workspaces;
