//! The receipts of all links, each led to the runner of its campaign, or stored when no campaign knows it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sms_core::{ChannelId, Receipt, ReceiptBatch, ReceiptStream};
use store::journal::{Unmatched, entry};
use tokio_util::sync::CancellationToken;

use super::{
    acknowledge::Pending,
    correlator::{Arrived, Found, Overdue, Route},
    index::Target,
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

/// What nobody knows yet waits for its message, and its answer with it, each for itself: one that is never known must not
/// hold up one that only came early. The others are answered when they are durable.
async fn lead(context: &Arc<Context>, mut batch: ReceiptBatch) {
    let channel = batch.channel.clone();
    let is_unknown = |receipt: &Receipt| !context.correlator.knows(channel.as_str(), receipt.message_id.as_str());
    let unknown = batch.split_off(is_unknown);
    lead_together(context, batch).await;
    for one in unknown.into_iter().flat_map(ReceiptBatch::apart) {
        lead_together(context, one).await;
    }
}

async fn lead_together(context: &Arc<Context>, mut batch: ReceiptBatch) {
    let until = std::time::Instant::now() + context.config.parking;
    let link = batch.channel.clone();
    let receipts = std::mem::take(&mut batch.receipts);
    let messages = std::mem::take(&mut batch.inbound);
    let whole = Pending::new(batch);
    if !messages.is_empty() {
        let (context, link, pending) = (Arc::clone(context), link.clone(), whole.share());
        // As many at a time as sessions take without an answer.
        let tasks = context.runners.tasks.clone();
        tasks.spawn(async move { inbound::take(&context, &link, messages, pending).await });
    }
    let mut by_campaign: HashMap<Key, Vec<Routed>> = HashMap::new();
    for receipt in receipts {
        let arrived = Arrived { receipt, pending: Some(whole.share()) };
        if let (Route::To(key, target), Some(arrived)) = context.correlator.route(&link, arrived, until) {
            let link = link.clone();
            by_campaign.entry(key).or_default().push(Routed { target, link, arrived, by_number: false });
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
    let mut pending = Vec::new();
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
        unmatched.push(Unmatched {
            channel: link.as_str().to_owned(),
            message_id: arrived.receipt.message_id.as_str().to_owned(),
            recipient: arrived.receipt.recipient.map(|number| number.as_u64()),
            receipt: stored(&arrived.receipt),
        });
        pending.extend(arrived.pending);
    }
    if unmatched.is_empty() {
        return;
    }
    tracing::debug!(receipts = unmatched.len(), "receipts of unknown messages");
    match context.door.keep_unmatched(&unmatched).await {
        Ok(()) => pending.into_iter().for_each(Pending::done),
        // Not acknowledged: the carrier sends them again.
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
