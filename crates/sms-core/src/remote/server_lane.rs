//! One lane of a client: batches in, outcomes out.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hyper::body::Incoming;
use tokio::sync::{Notify, mpsc};

use super::{
    pipe::{Frames, Pipe, PipeSender, frame, pipe},
    wire::{Batch, LaneAnswer, LaneRequest},
};
use crate::core::{CoreError, Lane, LaneSender};

/// What is queued and not answered, in parts; the lane is kept until it is none.
#[derive(Debug, Default)]
struct Open {
    parts: AtomicUsize,
    answered: Notify,
}

/// Serves a lane until its body has ended and everything in it is answered, or until the client is gone.
pub(super) fn serve(lane: Lane, body: Incoming) -> Pipe {
    let (sender, answers) = pipe();
    let Lane { sender: lane, mut outcomes } = lane;
    let open = Arc::new(Open::default());
    let (into, counted) = (sender.clone(), Arc::clone(&open));
    tokio::spawn(async move {
        while let Some(outcomes) = outcomes.recv().await {
            let parts = outcomes.len();
            // The client is gone: for it all of this is uncertain.
            let _ = say(&into, &LaneAnswer::Outcomes(outcomes)).await;
            counted.parts.fetch_sub(parts, Ordering::AcqRel);
            counted.answered.notify_one();
        }
    });
    tokio::spawn(take(lane, body, sender, open));
    answers
}

async fn take(lane: LaneSender, body: Incoming, sender: PipeSender, open: Arc<Open>) {
    let (batches, to_feed) = mpsc::unbounded_channel();
    let feeding = tokio::spawn(feed(lane.clone(), to_feed, sender.clone(), Arc::clone(&open)));
    let mut frames = Frames::new(body);
    let ended_well = loop {
        let request = tokio::select! {
            request = frames.next::<LaneRequest>() => request,
            () = sender.closed() => break false,
        };
        match request {
            Ok(Some(LaneRequest::Submit(batch))) => {
                let received = LaneAnswer::Received { batch: batch.number };
                if say(&sender, &received).await.is_err() || batches.send(batch).is_err() {
                    break false;
                }
            }
            Ok(Some(LaneRequest::Withdraw)) => lane.withdraw(),
            Ok(None) => break true,
            Err(cause) => {
                tracing::debug!(%cause, "a lane of Message Center broke");
                break false;
            }
        }
    };
    drop(batches);
    if !ended_well {
        // What no session has begun is not sent; nobody hears of it.
        feeding.abort();
        lane.withdraw();
        return;
    }
    let _ = feeding.await;
    while open.parts.load(Ordering::Acquire) > 0 {
        tokio::select! {
            () = open.answered.notified() => (),
            () = sender.closed() => {
                lane.withdraw();
                return;
            }
        }
    }
}

/// Waits for room in the lane, so that withdrawing need not.
async fn feed(lane: LaneSender, mut batches: mpsc::UnboundedReceiver<Batch>, sender: PipeSender, open: Arc<Open>) {
    while let Some(batch) = batches.recv().await {
        let number = batch.number;
        let result = match batch.unpack() {
            Some(submissions) => {
                let parts = submissions.iter().map(|submission| submission.encoded.parts.len()).sum();
                open.parts.fetch_add(parts, Ordering::AcqRel);
                let result = lane.submit(submissions).await;
                if result.is_err() {
                    open.parts.fetch_sub(parts, Ordering::AcqRel);
                }
                result
            }
            None => Err(CoreError::Unreachable {
                url: String::new(),
                reason: "a batch that does not fit together".to_owned(),
            }),
        };
        let answer = match result {
            Ok(()) => LaneAnswer::Queued { batch: number },
            Err(error) => LaneAnswer::Refused { batch: number, error },
        };
        if say(&sender, &answer).await.is_err() {
            return;
        }
    }
}

/// Writes an answer; the error says that nobody is there to read it.
async fn say(sender: &PipeSender, answer: &LaneAnswer) -> Result<(), ()> {
    match frame(answer) {
        Ok(octets) => sender.send(octets).await.map_err(|_| ()),
        Err(error) => {
            tracing::error!(%error, "an answer of the Core API cannot be written");
            Err(())
        }
    }
}
