//! Answering the carrier when everything that it sent together is durable.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU8, AtomicUsize, Ordering},
};

use sms_core::ReceiptBatch;

/// Stands for receipts of one batch that somebody is about to make durable. When it is dropped without [`Pending::done`],
/// because whoever had it could not, the carrier is asked to send the batch again: what of it was durable is only
/// repeated, and nothing stays unanswered.
#[derive(Debug)]
#[must_use]
pub(crate) struct Pending {
    batch: Arc<Batch>,
    end: End,
}

/// What became of a share; of all shares of a batch the last of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum End {
    Durable,
    Lost,
    Left,
}

#[derive(Debug)]
struct Batch {
    open: AtomicUsize,
    end: AtomicU8,
    batch: Mutex<Option<ReceiptBatch>>,
}

impl Pending {
    pub(crate) fn new(batch: ReceiptBatch) -> Self {
        let batch =
            Batch { open: AtomicUsize::new(1), end: AtomicU8::new(End::Durable as u8), batch: Mutex::new(Some(batch)) };
        Self { batch: Arc::new(batch), end: End::Lost }
    }

    /// Another part of the batch, answered for by somebody else.
    pub(crate) fn share(&self) -> Self {
        self.batch.open.fetch_add(1, Ordering::Relaxed);
        Self { batch: Arc::clone(&self.batch), end: End::Lost }
    }

    /// This part is durable.
    pub(crate) fn done(mut self) {
        self.end = End::Durable;
    }

    /// The process is going down: the carrier gets no answer, and sends the batch again on its next session. Asked to come
    /// again it might do so at once, and give up before there is one.
    pub(crate) fn leave(mut self) {
        self.end = End::Left;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Batch { open, end, batch } = &*self.batch;
        end.fetch_max(self.end as u8, Ordering::Relaxed);
        if open.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(batch) = batch.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            match end.load(Ordering::Relaxed) {
                end if end == End::Durable as u8 => batch.acknowledge(),
                end if end == End::Lost as u8 => batch.refuse(),
                _ => drop(batch),
            }
        }
    }
}
