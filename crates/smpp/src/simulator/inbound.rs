//! What subscribers write, on its way to whoever is bound.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

/// A message from a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The subscriber's number.
    pub from: String,
    /// The address that was written to.
    pub to: String,
    /// SMPP 3.4 §5.2.19.
    pub data_coding: u8,
    pub content: Vec<u8>,
}

impl Inbound {
    /// In IA5 where it is ASCII, else in UCS-2.
    #[must_use]
    pub fn text(from: &str, to: &str, text: &str) -> Self {
        let (data_coding, content) = if text.is_ascii() {
            (1, text.as_bytes().to_vec())
        } else {
            (8, text.encode_utf16().flat_map(u16::to_be_bytes).collect())
        };
        Self { from: from.to_owned(), to: to.to_owned(), data_coding, content }
    }
}

/// What no session has taken yet.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queue: Mutex<VecDeque<Inbound>>,
    arrived: Notify,
    /// Written, and not answered by a client.
    open: AtomicUsize,
}

impl Waiting {
    pub fn write(&self, message: Inbound) {
        self.open.fetch_add(1, Ordering::AcqRel);
        self.push(message);
    }

    pub fn answered(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }

    pub fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    /// Also what comes back from a session that ended.
    pub fn push(&self, message: Inbound) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(message);
        self.arrived.notify_one();
    }

    pub fn pop(&self) -> Option<Inbound> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }
}
