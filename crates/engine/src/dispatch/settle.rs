//! What a campaign does in each status: start, wait for its time or its link, and end.

use std::time::Instant;

use domain::{
    campaign::{Event, Mode, PauseReason, Status},
    recipient::RecipientState,
};
use store::{
    Error, campaigns,
    journal::entry::{Closing, Entry},
    recipients::BLOCK_LEN,
};

use super::{
    compose::Composer,
    recover::spans,
    runner::{LOOK_INTERVAL, Runner, Stop},
};

/// Blocks that are closed in one turn.
const CLOSE_BLOCKS_MAX: u32 = 24;

impl Runner {
    /// On-demand and scheduled campaigns are sent in the order of their file; only Spread has something to arrange.
    pub(super) async fn tend_building(&mut self) -> Result<(), Stop> {
        self.withhold();
        if !self.check_approval().await? {
            return Ok(());
        }
        if self.is_trigger() {
            return self.begin_empty().await;
        }
        if self.campaign.parameters.mode == Mode::Spread && self.spread.is_none() && !self.arrange().await? {
            return Ok(());
        }
        if !self.weigh().await? {
            return Ok(());
        }
        let due = self.start_at_ms().is_none_or(|start_at_ms| start_at_ms <= self.scope.now_ms());
        let missed = self.is_missed();
        if self.advance(Event::BuildDone { due: due && !missed }, None).await? {
            self.look_again();
        }
        Ok(())
    }

    pub(super) async fn tend_pending(&mut self) -> Result<(), Stop> {
        self.withhold();
        let now_ms = self.scope.now_ms();
        if self.is_overdue() {
            self.advance(Event::PauseFor { reason: PauseReason::MissedSchedule }, None).await?;
        } else if self.start_at_ms().is_none_or(|start_at_ms| start_at_ms <= now_ms)
            && self.advance(Event::Due, None).await?
        {
            self.look_again();
        }
        Ok(())
    }

    fn start_at_ms(&self) -> Option<i64> {
        let parameters = &self.campaign.parameters;
        parameters.start_at_ms.filter(|_| matches!(parameters.mode, Mode::Scheduled | Mode::Spread))
    }

    /// Whether the time of a campaign that starts by itself went by while nobody was there to start it. One that a
    /// person started after its time was decided on; one that was approved within its window is spread over the rest.
    fn is_missed(&self) -> bool {
        let life = &self.campaign.life;
        let approved_before = |at_ms: i64| life.approval.as_ref().is_some_and(|approval| approval.at_ms < at_ms);
        let decided_in_time =
            if self.is_window_over() { self.campaign.parameters.end_at_ms } else { self.start_at_ms() };
        life.start_automatically && decided_in_time.is_some_and(approved_before) && self.is_overdue()
    }

    /// Whether a start lies so far back that somebody has to be asked, or the window is over.
    fn is_overdue(&self) -> bool {
        let late_ms = self.start_at_ms().map_or(0, |start_at_ms| self.scope.now_ms() - start_at_ms);
        late_ms > self.context.config.missed_after_ms || self.is_window_over()
    }

    fn is_window_over(&self) -> bool {
        let parameters = &self.campaign.parameters;
        parameters.mode == Mode::Spread && parameters.end_at_ms.is_some_and(|end_ms| end_ms <= self.scope.now_ms())
    }

    /// The dispatcher's own look at the approval. Without one the campaign ends here, and nothing was sent by it.
    async fn check_approval(&mut self) -> Result<bool, Stop> {
        if self.campaign.life.is_cleared() {
            return Ok(true);
        }
        self.withhold();
        tracing::error!(campaign = %self.key.campaign, "no approval on record for this version: nothing is sent");
        let failure = "there is no valid approval on record for this version; sending was refused";
        self.advance(Event::Fail, Some(failure.to_owned())).await?;
        Ok(false)
    }

    pub(super) async fn tend_sending(&mut self) -> Result<(), Stop> {
        if !self.check_approval().await? {
            return Ok(());
        }
        if self.expire().await? {
            return Ok(());
        }
        let progress = *self.book.progress();
        if progress.waiting == 0 && !self.stays_open().await? {
            return if progress.claimed > 0 { self.tend_queued().await } else { self.tend_last().await };
        }
        if self.composer.is_none() {
            match Composer::new(self.campaign.parameters.template()) {
                Ok(composer) => self.composer = Some(composer),
                Err(cause) => {
                    self.advance(Event::Fail, Some(format!("the text cannot be read: {cause}"))).await?;
                    return Ok(());
                }
            }
        }
        if self.addressing().is_none() {
            self.advance(Event::Fail, Some("the campaign has no sender".to_owned())).await?;
            return Ok(());
        }
        if !self.load_plan().await? || !self.fits_its_limit().await? {
            self.withhold();
            return Ok(());
        }
        let weighed = self.weigh().await?;
        // By a channel that is left out nothing is sent, which is said below.
        if !weighed && self.has_channel() {
            self.withhold();
            return Ok(());
        }
        match self.obstacle().await {
            Ok(None) => {}
            Ok(Some(reason)) => {
                self.hold_back(reason);
                self.pause_for(reason).await?;
                return Ok(());
            }
            // Without the rules nothing is claimed that they might forbid.
            Err(_) => {
                self.withhold();
                return Ok(());
            }
        }
        if weighed && self.is_link_up() && (self.link.is_some() || self.open_link().is_some()) {
            self.down_since = None;
            self.permitted = true;
            return Ok(());
        }
        self.withhold();
        let since = *self.down_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.context.config.channel_down_after {
            self.advance(Event::PauseFor { reason: PauseReason::ChannelDown }, None).await?;
        }
        Ok(())
    }

    pub(super) async fn tend_paused(&mut self) -> Result<(), Stop> {
        self.hold_back(self.campaign.life.pause.as_ref().map_or(PauseReason::ByHand, |pause| pause.reason));
        if self.expire().await? {
            return Ok(());
        }
        let progress = *self.book.progress();
        let pause = self.campaign.life.pause.clone();
        let may_end = pause.as_ref().is_some_and(|pause| pause.resume_to == Status::Sending);
        if progress.waiting == 0 && may_end && !self.stays_open().await? && progress.claimed == 0 {
            return self.tend_last().await;
        }
        match pause {
            Some(pause) => self.lift(pause.reason).await,
            None => Ok(()),
        }
    }

    /// Nobody waits, and some are claimed and may still be queued: for minutes on a slow link, for hours on one that is down.
    /// What would keep them from being claimed takes them back; they wait again, and the next look says why. What a session
    /// has begun goes on, so it may be that nothing comes back, and the campaign ends.
    async fn tend_queued(&mut self) -> Result<(), Stop> {
        match self.obstacle().await {
            Ok(Some(reason)) => self.hold_back(reason),
            Ok(None) if !self.has_run_out(self.scope.now_ms()) && self.is_link_up() => {}
            // Without the rules nothing leaves that they might forbid.
            Ok(None) | Err(_) => self.withhold(),
        }
        Ok(())
    }

    /// Everybody has an answer: wait for receipts, and finish.
    async fn tend_last(&mut self) -> Result<(), Stop> {
        if !self.staged.entries.is_empty() {
            return Ok(());
        }
        let progress = *self.book.progress();
        if progress.submitted + progress.uncertain > 0 {
            if !self.is_wait_over() {
                return Ok(());
            }
            if progress.submitted > 0 && !self.close_some(RecipientState::Submitted, Closing::NoReceipt).await? {
                return Ok(());
            }
        }
        if self.advance(Event::Finish, None).await? {
            self.link = None;
        }
        Ok(())
    }

    /// Whether receipts have been waited for long enough.
    fn is_wait_over(&self) -> bool {
        let totals = self.book.totals();
        let last_ms = totals.last_outcome_at_ms.or(totals.first_claim_at_ms).unwrap_or(0);
        let wait_ms = self.context.config.wait_for_receipts_ms(self.campaign.parameters.validity_minutes);
        last_ms.saturating_add(wait_ms) <= self.scope.now_ms()
    }

    /// Cancelled, failed or expired: what is on the wire goes on, the rest is not sent. Receipts are waited for as long as
    /// those of a campaign that came to its end. So are those of a campaign that was Done when a receipt showed that the
    /// carrier has a message after all.
    pub(super) async fn tend_ended(&mut self) -> Result<(), Stop> {
        self.withhold();
        self.policy.weighing = None;
        if !self.has_unsettled() || self.book.progress().claimed > 0 {
            return Ok(());
        }
        if self.settled.is_none() && self.campaign.life.status != Status::Done {
            if !self.is_sealed().await? || !self.tidy_order().await? {
                return Ok(());
            }
            let nobody_waits = self.book.progress().waiting == 0;
            if !nobody_waits && !self.close_some(RecipientState::Waiting, Closing::NotSent).await? {
                return Ok(());
            }
        }
        if self.owes_receipts() && !self.close_some(RecipientState::Submitted, Closing::NoReceipt).await? {
            return Ok(());
        }
        let progress = *self.book.progress();
        match campaigns::settle(&self.scope, self.key.campaign, progress).await {
            Ok(()) => self.settled = Some(progress.submitted > 0),
            Err(Error::Moved | Error::Unavailable | Error::Unknown) => return Ok(()),
            Err(other) => return Err(other.into()),
        }
        self.link = None;
        self.look_again();
        Ok(())
    }

    /// Ended, and something of it is to be closed, or the record does not say yet how it stands.
    pub(super) fn has_unsettled(&self) -> bool {
        let awaits = self.book.progress().submitted > 0;
        self.campaign.life.status.is_final() && (self.settled != Some(awaits) || self.owes_receipts())
    }

    /// The wait is over, and some have no receipt. Those whose data were removed cannot be told any more.
    fn owes_receipts(&self) -> bool {
        let is_there = self.campaign.recipient_data_removed_at_ms.is_none();
        is_there && self.book.progress().submitted > 0 && self.is_wait_over()
    }

    /// Closes the recipients in `state`, some blocks at a time; true: that was all.
    async fn close_some(&mut self, state: RecipientState, kind: Closing) -> Result<bool, Stop> {
        let recipients = self.book.recipients();
        let blocks = recipients.div_ceil(BLOCK_LEN);
        let end = self.closing.saturating_add(CLOSE_BLOCKS_MAX).min(blocks);
        let at_ms = self.scope.now_ms();
        for block in self.closing..end {
            self.load(block).await?;
            let first = block * BLOCK_LEN;
            let indices: Vec<u32> = (first..(first + BLOCK_LEN).min(recipients))
                .filter(|&index| self.book.row(index).is_some_and(|row| row.state == state))
                .collect();
            if !indices.is_empty() {
                self.stage(Entry::Closed { spans: spans(&indices), kind, at_ms }).await?;
            }
        }
        if !self.staged.entries.is_empty() {
            self.commit().await?;
        }
        self.tend_fold(false).await?;
        self.book.evict(self.context.config.keep_blocks);
        let all = end == blocks;
        self.closing = if all { 0 } else { end };
        if !all {
            self.look_again();
        }
        Ok(all)
    }

    pub(super) fn look_again(&mut self) {
        self.looked_at = Instant::now().checked_sub(LOOK_INTERVAL).unwrap_or(self.looked_at);
    }
}
