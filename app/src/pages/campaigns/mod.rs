//! The campaigns of a workspace: the list, and the page of one with its tabs.

mod actions;
mod audit;
mod copying;
mod detail;
mod exports;
mod filters;
mod job_errors;
mod list;
mod live;
mod message_errors;
mod parameters;
mod plan;
mod progress;
mod recipients;
mod restoring;
mod status;
mod tab;

pub use self::{
    actions::wired,
    detail::CampaignDetail,
    list::{CampaignList, Row},
    live::Live,
    parameters::{AddressingFacts, policy_of},
    plan::PlanDays,
    status::CampaignState,
};
