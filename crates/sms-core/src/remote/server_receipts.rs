//! Receipts for whoever asks last: what is not acknowledged is kept, and sent again to the next one who asks.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use hyper::body::Incoming;
use smpp::random::SplitMix64;
use tokio::sync::{Mutex as AsyncMutex, watch};

use super::{
    pipe::{Frames, Pipe, PipeSender, frame, pipe},
    wire::{Acknowledged, Received, WireInbound, WireReceipt},
};
use crate::receipts::{ReceiptBatch, ReceiptStream};

/// Clones are the same receipts.
#[derive(Debug, Clone)]
pub(super) struct Receipts(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// None: somebody else of this process takes them.
    stream: AsyncMutex<Option<ReceiptStream>>,
    kept: Mutex<Kept>,
    /// The number of the latest one who asked.
    latest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Kept {
    /// Begins at random, so that what is acknowledged to an earlier process acknowledges nothing here.
    next: u64,
    batches: BTreeMap<u64, KeptBatch>,
}

#[derive(Debug)]
struct KeptBatch {
    batch: ReceiptBatch,
    /// Places that are not answered for.
    open: Vec<bool>,
}

impl Receipts {
    pub fn of(stream: Option<ReceiptStream>) -> Self {
        let next = SplitMix64::from_entropy().next_u64() & !0xFFFF_FFFF;
        Self(Arc::new(Shared {
            stream: AsyncMutex::new(stream),
            kept: Mutex::new(Kept { next, batches: BTreeMap::new() }),
            latest: watch::Sender::new(0),
        }))
    }

    /// Sends receipts to this client until another one asks, or it is gone.
    pub fn serve(&self, acknowledgements: Incoming) -> Pipe {
        let (sender, body) = pipe();
        let mut mine = 0;
        self.0.latest.send_modify(|latest| {
            *latest += 1;
            mine = *latest;
        });
        tokio::spawn(take_acknowledgements(Arc::clone(&self.0), acknowledgements));
        tokio::spawn(send(Arc::clone(&self.0), sender, mine));
        body
    }
}

impl Shared {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, batch: ReceiptBatch) -> u64 {
        let mut kept = self.kept();
        let number = kept.next;
        kept.next = kept.next.wrapping_add(1);
        let open = vec![true; batch.receipts.len() + batch.inbound.len()];
        kept.batches.insert(number, KeptBatch { batch, open });
        number
    }

    /// A kept batch as it goes over the wire. None: it is acknowledged meanwhile.
    fn received(&self, number: u64) -> Option<Received> {
        let kept = self.kept();
        let KeptBatch { batch, .. } = kept.batches.get(&number)?;
        Some(Received {
            batch: number,
            channel: batch.channel.as_str().to_owned(),
            receipts: batch.receipts.iter().map(WireReceipt::from).collect(),
            inbound: batch.inbound.iter().map(WireInbound::from).collect(),
        })
    }

    fn acknowledge(&self, Acknowledged { batch, places, verdict }: Acknowledged) {
        let mut kept = self.kept();
        let Some(found) = kept.batches.get_mut(&batch) else { return };
        let mut answered = Vec::with_capacity(places.len());
        for place in places {
            if let Some(open) = found.open.get_mut(place as usize)
                && std::mem::take(open)
            {
                answered.push(place);
            }
        }
        found.batch.answer_places(&answered, verdict);
        if found.open.iter().all(|open| !open) {
            kept.batches.remove(&batch);
        }
    }
}

async fn take_acknowledgements(shared: Arc<Shared>, body: Incoming) {
    let mut frames = Frames::new(body);
    while let Ok(Some(acknowledged)) = frames.next().await {
        shared.acknowledge(acknowledged);
    }
}

async fn send(shared: Arc<Shared>, sender: PipeSender, mine: u64) {
    let mut latest = shared.latest.subscribe();
    let is_replaced = async { latest.wait_for(|latest| *latest != mine).await.map(|_| ()) };
    tokio::select! {
        _ = is_replaced => tracing::info!("the receipts go to another connection"),
        () = sender.closed() => (),
        () = send_all(&shared, &sender) => (),
    }
}

async fn send_all(shared: &Shared, sender: &PipeSender) {
    // Whoever sends before this one stops and gives it up.
    let mut stream = shared.stream.lock().await;
    let Some(stream) = stream.as_mut() else { return };
    let again: Vec<u64> = shared.kept().batches.keys().copied().collect();
    for number in again {
        if !pass_on(shared, sender, number).await {
            return;
        }
    }
    while let Some(batch) = stream.recv().await {
        let number = shared.keep(batch);
        if !pass_on(shared, sender, number).await {
            return;
        }
    }
}

async fn pass_on(shared: &Shared, sender: &PipeSender, number: u64) -> bool {
    let Some(received) = shared.received(number) else { return true };
    match frame(&received) {
        Ok(octets) => sender.send(octets).await.is_ok(),
        Err(error) => {
            tracing::error!(%error, "receipts cannot be written for the Core API");
            false
        }
    }
}
