//! Pages of the person: signing in, one-time links, the first run, the start page.

mod code;
mod first_run;
mod forgot;
mod link;
mod locked;
mod set_password;
mod sign_in;
mod start;

pub use self::{
    code::CodePage, first_run::slug_of, forgot::Forgot, link::OneTimeLink, sign_in::SignInPage, start::Start,
};
