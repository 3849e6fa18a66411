//! Pages of the person: signing in, one-time links, the first run, the start page.

mod code;
mod factor_on;
mod factor_set_up;
mod first_run;
mod forgot;
mod link;
mod locked;
mod password;
mod profile;
mod second_factor;
mod sessions;
mod set_password;
mod sign_in;
mod start;
mod tabs;

pub use self::{
    code::CodePage, first_run::slug_of, forgot::Forgot, link::OneTimeLink, password::Password, profile::Profile,
    second_factor::SecondFactor, sessions::Sessions, sign_in::SignInPage, start::Start,
};
