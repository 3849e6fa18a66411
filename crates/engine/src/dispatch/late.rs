//! What is followed for a while and then given up: receipts of messages that nobody knows, and parts that are uncertain.

use store::Error;

use super::runner::Context;

/// Forgets what is older than it is followed, and knows of the rest that it is stored. Page by page: carriers may send any
/// number of receipts of somebody else's messages.
pub(crate) async fn give_up_old(context: &Context) -> Result<(), Error> {
    let oldest_ms = context.clock.now_ms() - context.config.late_receipts_ms;
    context.correlator.forget_before(oldest_ms);
    let mut after = None;
    loop {
        let page = context.door.unmatched_after(after.as_ref()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key());
        let (kept, old): (Vec<_>, Vec<_>) =
            page.into_iter().partition(|unmatched| unmatched.receipt.at_ms >= oldest_ms);
        let keys: Vec<_> = old.iter().map(store::journal::Unmatched::key).collect();
        context.door.forget_unmatched(&keys).await?;
        for unmatched in kept {
            let (channel, id) = (&unmatched.channel, &unmatched.message_id);
            context.correlator.remember_stored(channel, id, unmatched.receipt.at_ms);
        }
        if context.runners.closing.is_cancelled() {
            return Ok(());
        }
    }
}
