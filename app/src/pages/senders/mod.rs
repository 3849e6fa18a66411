//! Sender names.

mod addressing;
mod detail;
mod list;
mod new;

pub use self::{
    addressing::AddressingFields,
    detail::{Revisions, SenderDetail},
    list::SenderList,
    new::NewSender,
};
