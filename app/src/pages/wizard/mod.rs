//! The wizard: a campaign in five steps, saved at each. A step opens once those before it are complete.

mod choose_reading;
mod counter;
mod message;
mod mode;
mod page;
mod recipients;
mod review;
mod smpp;
#[cfg(feature = "hydrate")]
mod transfer;
mod trigger;
mod upload;

pub use self::{counter::Counter, mode::NewCampaign, page::EditCampaign};
