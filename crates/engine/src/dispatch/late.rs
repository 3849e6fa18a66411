//! What is followed for a while and then given up: receipts of messages that nobody knows, parts that are uncertain, and
//! receipts of campaigns that ended before they came.

use std::sync::Arc;

use store::{Error, Reason, campaigns, journal::Unmatched};

use super::runner::{Context, Key};
use crate::metrics;

/// Forgets what is older than it is followed, and knows of the rest that it is stored.
pub(crate) async fn give_up_old(context: &Context) -> Result<(), Error> {
    let oldest_ms = oldest_ms(context);
    context.correlator.forget_uncertain_before(oldest_ms);
    forget_stored(context, oldest_ms).await
}

/// Carriers may send any number of receipts of somebody else's messages: of too many the oldest are forgotten.
pub(crate) async fn keep_few(context: &Context) -> Result<(), Error> {
    match context.correlator.thin_out(context.config.unmatched_max) {
        None => Ok(()),
        Some(before_ms) => forget_stored(context, before_ms).await,
    }
}

fn oldest_ms(context: &Context) -> i64 {
    context.clock.now_ms() - context.config.late_receipts_ms
}

/// Forgets what came before then. Page by page, and again when what is left is too much.
async fn forget_stored(context: &Context, mut before_ms: i64) -> Result<(), Error> {
    let oldest_ms = oldest_ms(context);
    let (mut after, mut again, mut too_many) = (None, false, 0);
    context.correlator.forget_stored_before(before_ms);
    loop {
        let page = context.door.unmatched_after(after.as_ref()).await?;
        let Some(last) = page.last() else {
            if !std::mem::take(&mut again) {
                break;
            }
            after = None;
            continue;
        };
        after = Some(last.key());
        let (kept, old): (Vec<_>, Vec<_>) =
            page.into_iter().partition(|unmatched| unmatched.receipt.at_ms >= before_ms);
        let keys: Vec<_> = old.iter().map(Unmatched::key).collect();
        context.door.forget_unmatched(&keys).await?;
        too_many += old.iter().filter(|unmatched| unmatched.receipt.at_ms >= oldest_ms).count();
        for unmatched in kept {
            let (channel, id) = (&unmatched.channel, &unmatched.message_id);
            context.correlator.remember_stored(channel, id, unmatched.receipt.at_ms);
        }
        if let Some(later_ms) = context.correlator.thin_out(context.config.unmatched_max) {
            // Of the pages before this one some are too old by now.
            (before_ms, again) = (later_ms, true);
        }
        if context.runners.closing.is_cancelled() {
            break;
        }
    }
    if too_many > 0 {
        metrics::unmatched_dropped(too_many);
        tracing::warn!(receipts = too_many, "receipts of unknown messages are forgotten: there are too many");
    }
    Ok(())
}

/// Has somebody close what campaigns that have ended wait for in vain, also if that was while no process was there.
pub(crate) async fn close_overdue(context: &Arc<Context>) -> Result<(), Error> {
    let now_ms = context.clock.now_ms();
    for (workspace, id) in context.door.ended_awaiting_receipts().await? {
        let campaign = match campaigns::load(&context.door.enter(workspace, Reason::Receipts), id).await {
            Ok(campaign) => campaign,
            // Deleted meanwhile.
            Err(Error::NotFound) => continue,
            Err(Error::Corrupt) => {
                tracing::error!(campaign = %id, "its record cannot be read: what it waits for stays open");
                continue;
            }
            Err(other) => return Err(other),
        };
        let wait_ms = context.config.wait_for_receipts_ms(campaign.parameters.validity_minutes);
        if campaign.ended_at_ms.is_some_and(|ended_at_ms| ended_at_ms.saturating_add(wait_ms) <= now_ms) {
            context.runners.ensure(context, Key { workspace, campaign: id });
        }
    }
    Ok(())
}
