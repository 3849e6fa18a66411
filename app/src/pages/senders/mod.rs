//! Sender names.

mod addressing;
mod detail;
mod list;
mod new;

pub use self::{detail::SenderDetail, list::SenderList, new::NewSender};
