//! Delivery webhooks: the job that sends events to the endpoints of workspaces.

mod job;
mod post;

pub use self::{
    job::{Job, Rounds},
    post::Poster,
};
