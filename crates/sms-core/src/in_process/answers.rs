//! What becomes of a message when one of its parts is answered.

use std::{cmp::Reverse, sync::Arc};

use smpp::session::Answer;
use tokio::time::Instant;

use super::{
    link::count,
    queue::{Job, LaneEnd},
    worker::{Later, Worker},
};
use crate::{
    message::{PartOutcome, PartResult},
    metrics::refusal,
    policy::{Verdict, judge},
};

/// Outcomes on their way to the lanes, collected per lane.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<(Arc<LaneEnd>, Vec<PartOutcome>)>);

impl Reports {
    /// The current part got `result`; the parts after it, if any, are given up.
    pub fn give_up(&mut self, job: &Job, result: PartResult) {
        job.give_up(result, self.of(&job.lane));
    }

    fn part(&mut self, job: &Job, result: PartResult) {
        let outcome = PartOutcome { token: job.submission.token, part: job.next_part, result };
        self.of(&job.lane).push(outcome);
    }

    pub fn send(&mut self) {
        for (lane, outcomes) in self.0.drain(..) {
            lane.report(outcomes);
        }
    }

    fn of(&mut self, lane: &Arc<LaneEnd>) -> &mut Vec<PartOutcome> {
        // A handful of lanes at most: a search is quicker than a map.
        let at = match self.0.iter().rposition(|(known, _)| Arc::ptr_eq(known, lane)) {
            Some(at) => at,
            None => {
                self.0.push((Arc::clone(lane), Vec::new()));
                self.0.len() - 1
            }
        };
        &mut self.0[at].1
    }
}

impl Worker {
    /// Reports the part, and brings the message further on its way.
    pub(super) fn take_answer(&mut self, token: u64, answer: Answer, now: Instant) {
        let Some(mut job) = self.slots.take(token) else { return };
        let current = u64::from(job.epoch == self.heard.epoch);
        if let (Some(sent_at), Answer::Accepted { .. } | Answer::Refused { .. }) = (job.sent_at, &answer) {
            self.link.times.response.record(now.saturating_duration_since(sent_at));
        }
        match answer {
            Answer::Accepted { message_id } => {
                self.heard.accepted += current;
                let message_id = self.settings.id_base.from_response(message_id);
                let link = self.link.id.clone();
                self.reports.part(&job, PartResult::Accepted { link, message_id });
                if usize::from(job.next_part) + 1 < job.parts() {
                    job.next_part += 1;
                    job.retried = 0;
                    self.again.push_back(job);
                }
            }
            Answer::Refused { command_status } => self.take_refusal(job, command_status, now),
            Answer::Unknown => {
                count(&self.link.tallies.uncertain);
                let link = self.link.id.clone();
                self.reports.give_up(&job, PartResult::Uncertain { link });
            }
            // The session is over; the next one takes it first.
            Answer::NotWritten => self.again.push_back(job),
        }
    }

    fn take_refusal(&mut self, mut job: Job, command_status: u32, now: Instant) {
        let verdict = judge(&self.settings.policy, command_status, job.retried);
        self.refused += u64::from(verdict != Verdict::SlowDown);
        match verdict {
            Verdict::SlowDown => {
                count(&self.link.tallies.throttled);
                self.heard.throttled += u64::from(job.epoch == self.heard.epoch);
                self.again.push_back(job);
            }
            Verdict::RetryAfter(delay) => {
                count(&self.link.tallies.retried);
                job.retried += 1;
                self.later.push(Reverse(Later { at: now + delay, job }));
            }
            Verdict::Rebind => {
                self.unbound = Some(command_status);
                self.again.push_back(job);
            }
            Verdict::Fail => {
                count(&self.link.tallies.refused);
                count(&self.link.tallies.refused_by_class[refusal(command_status)]);
                self.reports.give_up(&job, PartResult::Refused { command_status });
            }
        }
    }
}
