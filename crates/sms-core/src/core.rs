//! The trait that the engine dispatches through, whether the links are in this process or in another one.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use domain::link::LinkUse;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    ChannelId,
    message::{PartOutcome, Submission},
    receipts::ReceiptStream,
    status::{LinkState, LinkStatus},
};

/// The gateway: batches in, outcomes out, receipts with acknowledgement. It keeps nothing durable.
pub trait Core: Send + Sync + fmt::Debug {
    /// Opens a queue of its own on a channel, so that one campaign does not hold up another, nor a tenant with many of
    /// them another tenant.
    ///
    /// # Errors
    /// [`CoreError::UnknownChannel`], [`CoreError::ReceiveOnly`], [`CoreError::ShutDown`].
    fn open_lane_of(&self, tenant: Tenant, channel: &ChannelId, priority: Priority) -> Result<Lane, CoreError>;

    /// [`Core::open_lane_of`] for what is of no tenant in particular.
    ///
    /// # Errors
    /// The same.
    fn open_lane(&self, channel: &ChannelId, priority: Priority) -> Result<Lane, CoreError> {
        self.open_lane_of(Tenant::default(), channel, priority)
    }

    /// The receipts of all links. The first caller gets them, a second one `None`.
    fn take_receipts(&self) -> Option<ReceiptStream>;

    fn links(&self) -> Vec<LinkStatus>;

    /// What lanes can be opened on: links that send, and pools of them.
    fn channels(&self) -> Vec<LinkStatus> {
        self.links().into_iter().filter(|link| link.submits).collect()
    }

    /// Tells a link what to do; the others do not notice.
    ///
    /// # Errors
    /// [`CoreError::UnknownChannel`], [`CoreError::ShutDown`].
    fn order_link(&self, link: &ChannelId, order: LinkOrder) -> Result<(), CoreError>;

    /// Where links are wanted, by id: those that are out of use stay so when what they are in begins again. Nothing to do
    /// for links of this process, which are configured so.
    fn keep_to(&self, _uses: &HashMap<ChannelId, LinkUse>) {}

    /// Binds one more session as the link is configured, and ends it at once: whether carrier and settings agree.
    ///
    /// # Errors
    /// [`CoreError::TestFailed`] with what the carrier said; [`CoreError::UnknownChannel`].
    fn test_link(&self, link: &ChannelId) -> BoxFuture<'_, Result<(), CoreError>>;

    /// Ends in order: what is not written comes back as `NotSent`, what is written is waited for, messages that have
    /// begun are finished, then the sessions unbind. What `grace` does not suffice for is `Uncertain`.
    fn shutdown(&self, grace: Duration) -> BoxFuture<'_, ()>;
}

/// What a person tells a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkOrder {
    /// Try again after a refusal that stopped it.
    Restart,
    /// Take nothing new, send what is queued, and then be disabled.
    Drain,
    /// Give back what is queued as not sent, finish what has begun, and unbind.
    Disable,
    /// The end of being disabled or drained.
    Enable,
}

impl LinkOrder {
    /// What brings a link in this state where it is wanted; None: it is there, or on its way.
    #[must_use]
    pub const fn towards(wanted: LinkUse, state: LinkState) -> Option<Self> {
        match (wanted, state) {
            (LinkUse::InUse, LinkState::Disabled | LinkState::Draining) => Some(Self::Enable),
            // A link that is stopped has nothing to send.
            (LinkUse::Drained, LinkState::Stopped) => Some(Self::Disable),
            (LinkUse::Drained, LinkState::Up | LinkState::Connecting) => Some(Self::Drain),
            (LinkUse::Disabled, LinkState::Up | LinkState::Connecting | LinkState::Draining | LinkState::Stopped) => {
                Some(Self::Disable)
            }
            _ => None,
        }
    }
}

/// Whose a lane is: tenants share a channel evenly, counted in segments, however many lanes each has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Tenant(pub u128);

/// Which lanes a session serves first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Single messages that somebody waits for. Served before any bulk lane.
    Interactive,
    /// Campaigns: tenants take turns, and the lanes of each.
    Bulk,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CoreError {
    #[error("there is no channel {0}")]
    UnknownChannel(ChannelId),
    #[error("the link {0} binds as a receiver and cannot send")]
    ReceiveOnly(ChannelId),
    /// The whole batch was left out; no outcome of it will come.
    #[error("the link {channel} is stopped: {reason}")]
    Stopped { channel: ChannelId, reason: String },
    #[error("a bind for trial on {link} failed: {reason}")]
    TestFailed { link: ChannelId, reason: String },
    /// The Core is in another process, and does not answer or not as expected.
    #[error("SMS Core at {url} cannot be used: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("the core is shutting down")]
    ShutDown,
}

impl CoreError {
    /// For those who are to know nothing of addresses and names in the network.
    #[must_use]
    pub fn in_general(&self) -> String {
        match self {
            Self::Stopped { channel, .. } => format!("the link {channel} is stopped"),
            Self::Unreachable { .. } => "SMS Core cannot be used at the moment".to_owned(),
            other => other.to_string(),
        }
    }
}

/// Outcomes of a lane, several parts at a time. Ends when the lane is dropped and everything in it is answered.
pub type Outcomes = mpsc::UnboundedReceiver<Vec<PartOutcome>>;

/// A queue into a channel and the outcomes that come of it.
#[derive(Debug)]
pub struct Lane {
    pub sender: LaneSender,
    pub outcomes: Outcomes,
}

/// The sending end of a lane. When the last clone is dropped, what is still queued is withdrawn.
#[derive(Debug, Clone)]
pub struct LaneSender(Arc<dyn Feed>);

impl LaneSender {
    pub fn new(feed: Arc<dyn Feed>) -> Self {
        Self(feed)
    }

    /// Queues a batch and waits for room where the lane is full. Every part of every submission gets exactly one
    /// [`PartOutcome`]. Outcomes may come before this returns.
    ///
    /// # Errors
    /// [`CoreError::Stopped`], [`CoreError::ShutDown`]: nothing of the batch was queued.
    pub async fn submit(&self, batch: Vec<Submission>) -> Result<(), CoreError> {
        self.0.submit(batch).await
    }

    /// Takes back what no session has picked up yet: it comes out as [`crate::PartResult::NotSent`].
    pub fn withdraw(&self) {
        self.0.withdraw();
    }
}

/// What an implementation of [`Core`] puts behind a [`LaneSender`].
pub trait Feed: Send + Sync + fmt::Debug {
    /// As [`LaneSender::submit`].
    fn submit(&self, batch: Vec<Submission>) -> BoxFuture<'_, Result<(), CoreError>>;

    /// As [`LaneSender::withdraw`].
    fn withdraw(&self);
}
