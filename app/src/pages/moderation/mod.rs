//! Moderation: what waits for a decision, and the decisions.

mod board;
mod campaigns;
mod decide;
mod focus;
mod page;
mod review;
mod revisions;

pub use self::{decide::DecisionBar, page::Moderation, review::TenDlcMissing};
