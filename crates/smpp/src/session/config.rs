//! What a session is given and what it gives.

use std::{io, time::Duration};

use bytes::Bytes;

use crate::{receipt::Receipt, status, wire::FrameError};

/// The bounds of one session.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// How many submits may be unanswered.
    pub window: usize,
    /// Silence after which the SMSC is asked whether it is there.
    pub enquire_link_interval: Duration,
    /// For each submit and each enquire_link.
    pub response_timeout: Duration,
    /// For the bind.
    pub bind_timeout: Duration,
    /// For the unbind_resp, for what the SMSC still answers after an unbind of its own, and for writing out what is left.
    pub unbind_timeout: Duration,
    /// A PDU that claims more ends the session.
    pub max_command_length: u32,
    /// The first sequence_number, 1 unless a test is about wrapping.
    pub first_sequence: u32,
}

impl SessionConfig {
    /// The timers that carriers are used to (those of Jasmin).
    #[must_use]
    pub fn with_window(window: usize) -> Self {
        Self {
            window,
            enquire_link_interval: Duration::from_secs(30),
            response_timeout: Duration::from_secs(60),
            bind_timeout: Duration::from_secs(30),
            unbind_timeout: Duration::from_secs(5),
            max_command_length: crate::wire::MAX_COMMAND_LENGTH,
            first_sequence: 1,
        }
    }
}

/// [`super::Session::submit`] was called without room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the window is full")]
pub struct WindowFull;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The one answer to the submit with this token.
    Answer { token: u64, answer: Answer },
    /// To be acknowledged.
    Deliver(Deliver),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Accepted {
        /// As the carrier wrote it.
        message_id: Box<str>,
    },
    /// By submit_sm_resp or generic_nack.
    Refused { command_status: u32 },
    /// Written, but not answered in time or before the session broke: the SMSC may have it.
    Unknown,
    /// Certainly not with the SMSC.
    NotWritten,
}

/// A deliver_sm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliver {
    /// For [`super::Session::acknowledge`].
    pub sequence: u32,
    pub incoming: Incoming,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    Receipt {
        receipt: Receipt,
        /// The number that the message went to, where the receipt's source address is one.
        recipient: Option<u64>,
    },
    /// From a subscriber; the content is without its user data header.
    Message { from: Bytes, to: Bytes, data_coding: u8, content: Bytes },
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum End {
    #[error("unbound on request")]
    Unbound,
    #[error("the carrier unbound the session")]
    UnboundByPeer,
    #[error("the carrier closed the connection")]
    Closed,
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
    #[error("the carrier did not answer enquire_link")]
    Silent,
    #[error("what the carrier sent cannot be read: {0}")]
    Unframed(FrameError),
}

/// Why no session came to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    #[error("no connection: {0}")]
    Unreachable(String),
    #[error("the carrier refused the bind with {}", status::describe(*.0))]
    Refused(u32),
    #[error("the carrier did not answer the bind in time")]
    TimedOut,
    #[error("the carrier closed the connection instead of answering the bind")]
    Closed,
    #[error("the carrier's answer to the bind cannot be read: {0}")]
    Unframed(FrameError),
}
