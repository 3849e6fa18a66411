//! Who somebody is: signing in, passwords, second factors, sessions, and the people of an installation.
//!
//! *Invariants*: what was typed as a password or code is compared after the same work, whether there is an account or
//! not; each attempt is counted before it is made, so that guesses at the same time are all counted; neither passwords
//! nor codes nor tokens are kept in a form that could be used again.

pub mod account;
mod challenge;
mod guard;
mod limiter;
mod sealed;
pub mod second_factor;
pub mod sessions;
pub mod settings;
mod sign_in;
mod tidy;
pub mod users;

pub(crate) use self::{limiter::Limiter, sealed::Sealer};
pub use self::{
    sign_in::{Entrance, SignInRefusal},
    users::UserState,
};
