//! The sending end of a lane in this process.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    link::{Link, Order},
    queue::LaneEnd,
};
use crate::{
    core::{CoreError, Feed},
    message::Submission,
};

/// Room is taken for this many segments at a time, so that a batch larger than the lane gets through.
const CHUNK_SEGMENTS: usize = 256;

#[derive(Debug)]
pub(super) struct LaneFeed {
    pub link: Arc<Link>,
    pub lane: Arc<LaneEnd>,
}

impl LaneFeed {
    async fn queue(&self, batch: Vec<Submission>) -> Result<(), CoreError> {
        match self.link.order() {
            Order::Run => (),
            Order::Stop => {
                let reason = self.link.last_error().map_or_else(String::new, |(reason, _)| reason);
                return Err(self.stopped(reason));
            }
            Order::Drain => return Err(self.stopped("it is being drained".to_owned())),
            Order::Disabled => return Err(self.stopped("it is disabled".to_owned())),
            Order::Leave(_) => return Err(CoreError::ShutDown),
        }
        let mut chunk = Vec::new();
        let mut segments = 0;
        // Without a part there is nothing to send and nothing to report.
        for submission in batch.into_iter().filter(|submission| !submission.encoded.parts.is_empty()) {
            segments += submission.encoded.parts.len();
            chunk.push(submission);
            if segments >= CHUNK_SEGMENTS {
                self.push(std::mem::take(&mut chunk), std::mem::take(&mut segments)).await;
            }
        }
        if !chunk.is_empty() {
            self.push(chunk, segments).await;
        }
        Ok(())
    }

    fn stopped(&self, reason: String) -> CoreError {
        CoreError::Stopped { channel: self.link.id.clone(), reason }
    }

    async fn push(&self, chunk: Vec<Submission>, segments: usize) {
        let permits = u32::try_from(segments).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        if let Ok(room) = self.lane.room.acquire_many(permits).await {
            room.forget();
        }
        self.link.queue.push(&self.lane, chunk);
    }
}

impl Feed for LaneFeed {
    fn submit(&self, batch: Vec<Submission>) -> BoxFuture<'_, Result<(), CoreError>> {
        Box::pin(self.queue(batch))
    }

    fn withdraw(&self) {
        self.link.queue.withdraw(&self.lane);
    }
}

impl Drop for LaneFeed {
    fn drop(&mut self) {
        self.link.queue.close_lane(&self.lane);
    }
}
