//! The long work: reading recipient files and sending campaigns.

mod copy;
pub mod dispatch;
pub mod exports;
mod inbound;
pub mod ingest;
pub mod intake;
pub mod links;
pub mod metrics;
pub mod retention;
pub mod run;
pub mod tendlc;
mod test_sends;
pub mod trigger;

pub use sms_core::{LinkState, LinkStatus};

pub use self::{
    dispatch::DispatchConfig,
    inbound::{InboundConfig, UNCONFIRMED},
    run::{CampaignFigures, ChannelGap, Engine, EngineConfig, Handle, UnderWay, WorkspaceFigures},
};
