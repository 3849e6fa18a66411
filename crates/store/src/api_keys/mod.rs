//! API keys: made by admins for their workspace, by super admins for the installation, and for people who
//! work with the 10DLC registry; presented by programs.
//!
//! *Invariants*: only the hash of a secret is stored; a key never does what its owner may not do at that moment; revoking,
//! blocking the owner and taking their role away act on the next request.

mod enter;
mod manage;
mod realm;
mod registry;
mod secret;
mod touches;

pub(crate) use self::touches::Touches;
pub use self::{
    enter::{KeyScope, MasterKeyScope},
    manage::{NewKey, installation_keys, list, make, make_for_installation, revoke, revoke_of_installation},
    realm::KeyEntry,
    registry::{make_for_registry, registry_keys, revoke_of_registry},
    secret::ApiSecret,
};
