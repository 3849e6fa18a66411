//! Test messages: the list of numbers in the settings, and sending one of a campaign.

mod numbers;
mod send;

pub use self::{numbers::TestNumbers, send::SendTestPage};
