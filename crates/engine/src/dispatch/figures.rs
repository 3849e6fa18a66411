//! What a runner shows of its campaign: live figures for pages, totals for the audit log.

use std::time::{Duration, Instant};

use super::{arrange::Arranging, runner::Runner, weigh::Weighing};

pub(super) const FIGURES_INTERVAL: Duration = Duration::from_millis(250);

impl Runner {
    /// The figures in words, for the audit log.
    pub(super) fn totals_note(&self) -> String {
        let p = self.book.progress();
        let time = |ms: Option<i64>| ms.map_or_else(|| "-".to_owned(), |ms| ms.to_string());
        let totals = self.book.totals();
        format!(
            "waiting {}, claimed {}, submitted {}, delivered {}, failed {}, uncertain {}, no receipt {}, not sent {}; \
             first claim {} ms, last outcome {} ms",
            p.waiting,
            p.claimed,
            p.submitted,
            p.delivered,
            p.failed,
            p.uncertain,
            p.no_receipt,
            p.not_sent,
            time(totals.first_claim_at_ms),
            time(totals.last_outcome_at_ms)
        )
    }

    /// Answered by the SMSC.
    pub(super) fn sent(&self) -> u64 {
        let p = self.book.progress();
        p.submitted + p.delivered + p.failed + p.no_receipt
    }

    /// Shows the figures to those who look, a few times a second.
    pub(super) fn publish(&mut self) {
        let elapsed = self.published_at.elapsed();
        if elapsed < FIGURES_INTERVAL {
            return;
        }
        let sent = self.sent();
        let now = sent.saturating_sub(self.published_sent) as f64 / elapsed.as_secs_f64();
        // Half of the difference at a time, so that the figure on the page does not jump.
        self.rate = if now == 0.0 && self.rate < 1.0 { 0.0 } else { self.rate + (now - self.rate) * 0.5 };
        self.published_sent = sent;
        self.published_at = Instant::now();
        let weighed = self.policy.weighing.as_ref().map(Weighing::percent);
        let built = self.arranging.as_ref().map(Arranging::percent).or(weighed);
        self.context.figures.publish(self.key, self.campaign.life.status, *self.book.progress(), self.rate, built);
    }
}
