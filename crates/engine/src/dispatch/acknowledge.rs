//! Answering the carrier when everything that it sent together is durable.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use sms_core::ReceiptBatch;

/// Stands for receipts of one batch that somebody is about to make durable. Dropping it without [`Pending::done`]
/// leaves the batch unanswered, and the carrier sends it again.
#[derive(Debug)]
#[must_use]
pub(crate) struct Pending(Arc<Batch>);

#[derive(Debug)]
struct Batch {
    open: AtomicUsize,
    batch: Mutex<Option<ReceiptBatch>>,
}

impl Pending {
    pub(crate) fn new(batch: ReceiptBatch) -> Self {
        Self(Arc::new(Batch { open: AtomicUsize::new(1), batch: Mutex::new(Some(batch)) }))
    }

    /// Another part of the batch, answered for by somebody else.
    pub(crate) fn share(&self) -> Self {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }

    /// This part is durable.
    pub(crate) fn done(self) {
        if self.0.open.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(batch) = self.0.batch.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            batch.acknowledge();
        }
    }
}
