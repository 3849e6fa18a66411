//! Pages of the person: signing in, one-time links, the first run, the start page.

mod first_run;
mod link;
mod locked;
mod set_password;
mod sign_in;
mod start;

pub use self::{link::OneTimeLink, sign_in::SignInPage, start::Start};
