//! The receipts of all links, each led to the runner of its campaign, or stored when no campaign knows it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sms_core::{ChannelId, Receipt, ReceiptBatch, ReceiptStream};
use store::journal::{Unmatched, entry};
use tokio_util::sync::CancellationToken;

use super::{
    acknowledge::Pending,
    correlator::{Arrived, Found, Overdue, Route},
    index::Target,
    late::keep_few,
    runner::{Command, Context, Key},
};
use crate::inbound;

/// A receipt for one part of one recipient of the runner's campaign.
#[derive(Debug)]
pub(crate) struct Routed {
    pub(crate) target: Target,
    /// By which it came.
    pub(crate) link: ChannelId,
    pub(crate) arrived: Arrived,
    /// Found by its number, not by its message id.
    pub(crate) by_number: bool,
}

const TICK: Duration = Duration::from_millis(250);

/// Until the stream ends or `stop`.
pub(crate) async fn route(context: Arc<Context>, mut receipts: ReceiptStream, stop: CancellationToken) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = tick.tick() => overdue(&context).await,
            batch = receipts.recv() => match batch {
                Some(batch) => lead(&context, batch).await,
                None => return,
            },
        }
    }
}

/// Each campaign's receipts are answered apart, so that one that nobody can take holds up no other. What nobody knows yet
/// waits for its message, and its answer with it, each for itself: one that is never known must not hold up one that only
/// came early.
async fn lead(context: &Arc<Context>, mut batch: ReceiptBatch) {
    let link = batch.channel.clone();
    let mut lots = batch.split_by(|receipt| context.correlator.whose(&link, receipt.message_id.as_str()));
    let unknown = lots.remove(&None);
    if !batch.inbound.is_empty() {
        let messages = std::mem::take(&mut batch.inbound);
        let (context, pending) = (Arc::clone(context), Pending::new(batch));
        // As many at a time as sessions take without an answer.
        let tasks = context.runners.tasks.clone();
        tasks.spawn(async move { inbound::take(&context, &link, messages, pending).await });
    }
    for lot in lots.into_values() {
        lead_together(context, lot).await;
    }
    for one in unknown.into_iter().flat_map(ReceiptBatch::apart) {
        lead_together(context, one).await;
    }
}

/// The others are answered when they are durable.
async fn lead_together(context: &Arc<Context>, mut batch: ReceiptBatch) {
    let until = std::time::Instant::now() + context.config.parking;
    let link = batch.channel.clone();
    let receipts = std::mem::take(&mut batch.receipts);
    let whole = Pending::new(batch);
    let mut by_campaign: HashMap<Key, Vec<Routed>> = HashMap::new();
    for receipt in receipts {
        let arrived = Arrived { receipt, pending: Some(whole.share()) };
        match context.correlator.route(&link, arrived, until) {
            Route::To(key, target, arrived) => {
                let link = link.clone();
                by_campaign.entry(key).or_default().push(Routed { target, link, arrived, by_number: false });
            }
            Route::Gone(arrived) => arrived.pending.into_iter().for_each(Pending::done),
            Route::Parked => {}
        }
    }
    for (key, routed) in by_campaign {
        context.deliver(key, Command::Receipts(routed)).await;
    }
    whole.done();
}

/// Stores what nobody knows, and lets an uncertain part be settled by a receipt for its number.
async fn overdue(context: &Arc<Context>) {
    let mut unmatched = Vec::new();
    let channels = context.core.channels();
    // What is uncertain since a crash is known by the campaign's channel, which may be a pool of this link.
    let pools = |link: &ChannelId| -> Vec<ChannelId> {
        channels.iter().filter(|pool| pool.members.contains(link)).map(|pool| pool.id.clone()).collect()
    };
    for Overdue { link, arrived, to } in context.correlator.overdue(std::time::Instant::now(), pools) {
        if let Some(Found { key, target, by_number }) = to {
            let routed = Routed { target, link, arrived, by_number };
            context.deliver(key, Command::Receipts(vec![routed])).await;
            continue;
        }
        unmatched.push((link, arrived));
    }
    keep_unmatched(context, unmatched).await;
    if let Err(cause) = keep_few(context).await {
        tracing::error!(%cause, "more receipts of unknown messages are stored than are to be kept");
    }
}

/// Stores receipts without their message, and answers the carrier; when they cannot be stored, it sends them again.
pub(super) async fn keep_unmatched(context: &Context, receipts: Vec<(ChannelId, Arrived)>) {
    if receipts.is_empty() {
        return;
    }
    let of = |(link, arrived): &(ChannelId, Arrived)| Unmatched {
        channel: link.as_str().to_owned(),
        message_id: arrived.receipt.message_id.as_str().to_owned(),
        recipient: arrived.receipt.recipient.map(|number| number.as_u64()),
        receipt: stored(&arrived.receipt),
    };
    let unmatched: Vec<_> = receipts.iter().map(of).collect();
    tracing::debug!(receipts = unmatched.len(), "receipts of unknown messages");
    match context.door.keep_unmatched(&unmatched).await {
        Ok(()) => receipts.into_iter().filter_map(|(_, arrived)| arrived.pending).for_each(Pending::done),
        Err(cause) => tracing::error!(%cause, receipts = unmatched.len(), "unmatched receipts cannot be stored"),
    }
}

/// A receipt as the journal keeps it.
pub(crate) fn stored(receipt: &Receipt) -> entry::Receipt {
    use sms_core::ReceiptState as From;
    let state = match receipt.state {
        From::Enroute => entry::ReceiptState::Enroute,
        From::Delivered => entry::ReceiptState::Delivered,
        From::Expired => entry::ReceiptState::Expired,
        From::Deleted => entry::ReceiptState::Deleted,
        From::Undeliverable => entry::ReceiptState::Undeliverable,
        From::Accepted => entry::ReceiptState::Accepted,
        From::Unknown => entry::ReceiptState::Unknown,
        From::Rejected => entry::ReceiptState::Rejected,
    };
    entry::Receipt { state, is_final: receipt.is_final, error: receipt.error, at_ms: receipt.received_at_ms }
}
