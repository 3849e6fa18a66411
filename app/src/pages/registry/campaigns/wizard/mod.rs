//! The wizard: five steps, each a form that is saved on the server. What is checked while somebody types are the rules
//! themselves (`domain::tendlc`), and they are asked again when a step is saved and when it is handed in.

mod begin;
mod page;
mod purpose;
mod replies;
mod review;
mod samples;
mod typing;
mod use_case;

pub use self::{begin::NewTenDlc, page::EditTenDlc};
