//! The pages of Message Center and the server functions behind them, for the server (`ssr`) and the browser
//! (`hydrate`).
//!
//! * [`api`]: server functions, a file per area: parse, enter, grant, call, map, and no rule of their own.
//! * [`pages`]: `pages/<area>/<what>.rs`, and the table of routes.
//! * [`ui`]: widgets, a file each; the only place with raw form controls.
//! * [`shell`]: the document around the pages, and what is common to all of them.
//!
//! *Invariants*: data is reached through `store::Gate` alone; nothing here sends an SMS; a page renders the same on both
//! sides, so it reads no clock and draws no random numbers.

#![recursion_limit = "512"]
#![allow(clippy::needless_pass_by_value, reason = "components own their properties")]

pub mod api;
pub mod error;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod request;
pub mod shell;
pub mod state;
#[cfg(feature = "ssr")]
pub mod typed;
pub mod ui;

pub use self::{
    error::{AppError, FieldError},
    shell::{App, document},
};
