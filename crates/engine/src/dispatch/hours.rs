//! What keeps a campaign from being sent at the moment although nobody paused it: a hold of everything, the daily hours,
//! a day's limit. The campaign shows it as the reason of its pause, and goes on by itself.

use std::sync::Arc;

use domain::campaign::{Event, Mode, PauseReason};
use store::Error;

use super::runner::{Runner, Stop};
use crate::run::Rules;

impl Runner {
    /// The first thing that stands in the way now.
    pub(super) async fn obstacle(&mut self) -> Result<Option<PauseReason>, Error> {
        let rules = self.tenant.rules(&self.scope).await?;
        self.rules = Some(Arc::clone(&rules));
        let now_ms = self.scope.now_ms();
        Ok(if !self.may_leave(&rules, now_ms) {
            Some(if rules.held { PauseReason::EverythingHeld } else { PauseReason::OutsideDailyWindow })
        } else if let Some(reason) = self.tendlc_obstacle(&rules, now_ms).await? {
            Some(reason)
        } else if self.has_reached_a_limit(&rules, now_ms) {
            Some(PauseReason::DailyLimit)
        } else {
            None
        })
    }

    /// Whether messages of this campaign may leave at a moment. Asked when the record is looked at, and again by every
    /// claim.
    pub(super) fn may_leave(&self, rules: &Rules, at_ms: i64) -> bool {
        let parameters = &self.campaign.parameters;
        let at_any_hour = parameters.mode == Mode::Trigger && parameters.ignore_daily_window;
        !rules.held && (at_any_hour || rules.is_open(at_ms))
    }

    /// No more claims. What no session has picked up comes back, unless it is within the limit that is reached: it would
    /// only make room for itself.
    pub(super) fn hold_back(&mut self, reason: PauseReason) {
        if matches!(reason, PauseReason::DailyLimit | PauseReason::TenDlcDailyCap) {
            self.permitted = false;
        } else {
            self.withhold();
        }
    }

    /// Whether the window or the validity has run out. Asked by every claim, too: who waits at the end is not sent to.
    pub(super) fn has_run_out(&self, at_ms: i64) -> bool {
        self.campaign.runs_out_at_ms().is_some_and(|end_ms| end_ms <= at_ms)
    }

    /// The window or the validity is over, and somebody waits: they are not sent to.
    pub(super) async fn expire(&mut self) -> Result<bool, Stop> {
        if !self.has_run_out(self.scope.now_ms()) || self.book.progress().waiting == 0 {
            return Ok(false);
        }
        self.withhold();
        self.advance(Event::Expire, None).await
    }

    /// A message that takes more segments than a whole day may have would wait for ever: the campaign ends with the words.
    pub(super) async fn fits_its_limit(&mut self) -> Result<bool, Stop> {
        if !self.fits_its_brand().await? {
            return Ok(false);
        }
        let Some(limit) = self.campaign.parameters.daily_limit.filter(|&limit| u64::from(limit) < self.next_parts)
        else {
            return Ok(true);
        };
        let parts = self.next_parts;
        let failure = format!(
            "a message takes {parts} segments, and the daily limit is {limit}; copy the campaign with a higher limit"
        );
        self.advance(Event::Fail, Some(failure)).await?;
        Ok(false)
    }

    /// Of a campaign that the engine paused: lets it go on when nothing stands in the way any more, or shows what does.
    pub(super) async fn lift(&mut self, reason: PauseReason) -> Result<(), Stop> {
        if !reason.lifts_by_itself() {
            return Ok(());
        }
        let in_the_way = match self.obstacle().await {
            Ok(None) if reason == PauseReason::ChannelDown && !self.is_link_up() => return Ok(()),
            Ok(in_the_way) => in_the_way,
            // Without the rules nothing goes on that they might forbid.
            Err(_) => return Ok(()),
        };
        match in_the_way {
            Some(now) if now == reason => self.explain_anew(reason).await?,
            Some(reason) => {
                self.pause_for(reason).await?;
            }
            None => {
                if self.advance(Event::Lift { reason }, None).await? {
                    self.down_since = None;
                    self.look_again();
                }
            }
        }
        Ok(())
    }
}
