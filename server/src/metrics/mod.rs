//! Figures for operators: gathered here, read by Prometheus from a listener of their own, and drawn on the monitoring
//! page. No label names a workspace, a campaign, a person or a number.

mod disk;
mod gather;
pub mod http;
mod leaving;
mod listener;
mod process;
mod sampler;

pub use self::{
    disk::{Space, folder_bytes, space},
    gather::{Certificate, Source},
    leaving::{EVENTS_ARRIVED, EVENTS_FAILED, MAILS_FAILED, MAILS_SENT},
    listener::{ListenError, Listener},
    process::Process,
    sampler::sample,
};
