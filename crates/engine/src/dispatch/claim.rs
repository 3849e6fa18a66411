//! Claiming recipients, handing them to the Core, and taking in what it says.

use std::sync::Arc;

use domain::{phone::PhoneNumber, recipient::RecipientState, sender::Addressing};
use sms_core::{ChannelId, LinkState, PartOutcome, PartResult, Priority, Submission, Tenant};
use store::{
    Error,
    journal::entry::{Closing, Entry, Outcome, Run, Span},
    recipients::{self, BLOCK_LEN, ERASED, RecipientBlock},
    suppressions,
};
use tokio::{sync::mpsc, time::sleep};

use super::{
    index::Target,
    limits::{Allowance, Exhausted},
    link_id,
    runner::{Link, RETRY, Runner, Stop},
};

impl Runner {
    pub(super) fn may_claim(&self) -> bool {
        self.permitted && !self.draining && self.link.is_some() && self.plan.has_more()
    }

    pub(super) fn has_room(&self) -> bool {
        self.room() > 0
    }

    /// Recipients that may be claimed now without passing the limit.
    fn room(&self) -> u32 {
        let config = &self.context.config;
        let claimed = u32::try_from(self.book.progress().claimed).unwrap_or(u32::MAX);
        config.claim_limit.min(self.paced_limit()).saturating_sub(claimed).min(config.claim_batch)
    }

    /// Stages a claim of as many recipients as there is room for, and as hours, holds and limits let out at this moment.
    pub(super) async fn claim(&mut self) -> Result<(), Stop> {
        let now_ms = self.scope.now_ms();
        if let Some(spread) = &self.spread {
            self.plan.set_due(spread.plan.due_by(now_ms));
        }
        let room = if self.may_claim() { self.room() } else { 0 };
        let Some(rules) = self.rules.clone().filter(|_| room > 0) else { return Ok(()) };
        if !self.may_leave(&rules, now_ms) || self.has_run_out(now_ms) {
            self.withhold();
            self.look_again();
            return Ok(());
        }
        if self.tendlc.waits(now_ms) {
            self.throttled = true;
            return Ok(());
        }
        let mut allowance = self.allowance(&rules, now_ms, room);
        let claimed = self.claim_allowed(room, now_ms, &mut allowance).await;
        self.settle(&allowance);
        claimed
    }

    async fn claim_allowed(&mut self, mut room: u32, at_ms: i64, allowance: &mut Allowance) -> Result<(), Stop> {
        while room > 0 {
            let Some(span) = self.plan.take(room) else {
                return Ok(());
            };
            room -= span.len;
            let mut start = span.start;
            let end = span.start + span.len;
            while start < end {
                let border = (start / BLOCK_LEN + 1) * BLOCK_LEN;
                let part = Span { start, len: border.min(end) - start };
                if let Some(left) = self.claim_within_block(part, at_ms, allowance).await? {
                    self.plan.put_back(Span { start: left, len: end - left });
                    return Ok(());
                }
                start += part.len;
            }
        }
        Ok(())
    }

    /// Some: from this recipient on nobody is claimed, since a limit is reached.
    async fn claim_within_block(
        &mut self,
        span: Span,
        at_ms: i64,
        allowance: &mut Allowance,
    ) -> Result<Option<u32>, Stop> {
        let number = span.start / BLOCK_LEN;
        let block = self.recipients(number).await?;
        self.load(number).await?;
        let (Some(composer), Some(addressing)) = (&self.composer, self.addressing()) else {
            return Ok(None);
        };
        let numbers: Vec<u64> = (span.start..span.start + span.len)
            .filter_map(|index| block.numbers().get((index % BLOCK_LEN) as usize).copied())
            .collect();
        let suppressed = self.suppressed(&numbers).await?;
        let Some(mut checked) = self.checked(&block, span, &suppressed, at_ms).await? else {
            self.weigh_again();
            return Ok(Some(span.start));
        };
        let (mut runs, mut unsendable, mut withheld) = (Vec::<Run>::new(), Vec::new(), Vec::new());
        let mut submissions = Vec::with_capacity(span.len as usize);
        let mut exhausted = None;
        for index in span.start..span.start + span.len {
            // Whatever the plan says: only what waits is claimed.
            if self.book.row(index).is_none_or(|row| row.state != RecipientState::Waiting) {
                continue;
            }
            let row = (index % BLOCK_LEN) as usize;
            let digits = block.numbers().get(row).copied();
            if digits.is_some_and(|digits| digits == ERASED || suppressed.binary_search(&digits).is_ok()) {
                withheld.push(Span { start: index, len: 1 });
                continue;
            }
            if checked.leaves_out(index) {
                continue;
            }
            let destination = digits.and_then(PhoneNumber::from_u64);
            let (Some(destination), Ok(encoded)) = (destination, composer.compose(&block, row)) else {
                unsendable.push(Span { start: index, len: 1 });
                continue;
            };
            if let Err(why) = allowance.take(encoded.parts.len() as u64) {
                exhausted = Some((index, why));
                break;
            }
            submissions.push(Submission {
                token: u64::from(index),
                destination,
                addressing: Arc::clone(&addressing),
                encoded,
                validity_minutes: self.campaign.parameters.validity_minutes,
                tendlc_campaign: None,
            });
        }
        if let Some(index) = self.charge(&mut submissions, allowance).await {
            exhausted = Some((index, Exhausted::Now));
        }
        for submission in &submissions {
            let (index, parts) = (submission.token as u32, submission.encoded.parts.len() as u8);
            match runs.last_mut() {
                Some(run) if run.start + run.len == index && run.parts == parts => run.len += 1,
                _ => runs.push(Run { start: index, len: 1, parts }),
            }
            checked.claims(index);
            self.numbers.insert(index, submission.destination.as_u64());
        }
        if !runs.is_empty() {
            self.next_parts = 1;
            self.stage(Entry::Claim { runs, at_ms }).await?;
        }
        if !unsendable.is_empty() {
            self.stage(Entry::Closed { spans: unsendable, kind: Closing::Unsendable, at_ms }).await?;
        }
        if !withheld.is_empty() {
            self.stage(Entry::Closed { spans: withheld, kind: Closing::Suppressed, at_ms }).await?;
        }
        self.note_checked(checked, at_ms).await?;
        self.staged.submissions.append(&mut submissions);
        match exhausted {
            Some((index, Exhausted::Today(parts))) => {
                self.next_parts = parts;
                self.throttled = true;
                self.look_again();
                Ok(Some(index))
            }
            Some((index, Exhausted::Now)) => {
                self.throttled = true;
                Ok(Some(index))
            }
            None => Ok(None),
        }
    }

    /// Which of these numbers have come onto the suppression list since their file was read. Without an answer nothing is
    /// claimed.
    async fn suppressed(&self, numbers: &[u64]) -> Result<Vec<u64>, Stop> {
        loop {
            match suppressions::among(&self.scope, numbers).await {
                Ok(suppressed) => return Ok(suppressed),
                Err(Error::Unavailable) => sleep(RETRY).await,
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// What the approved revision says, unless an admin overrode it before the approval.
    pub(super) fn addressing(&self) -> Option<Arc<Addressing>> {
        self.campaign.parameters.addressing().cloned().map(Arc::new)
    }

    /// Numbers and merge fields of a block; the latest one is kept.
    pub(super) async fn recipients(&mut self, number: u32) -> Result<Arc<RecipientBlock>, Stop> {
        // What grows is not kept here: it would be copied with each number that comes.
        if let Some(block) = self.book.numbers(number) {
            return Ok(Arc::clone(block));
        }
        if let Some((known, block)) = &self.block
            && *known == number
        {
            return Ok(Arc::clone(block));
        }
        loop {
            match recipients::load_block(&self.scope, self.key.campaign, number).await {
                Ok(Some(block)) => {
                    let block = Arc::new(block);
                    self.block = Some((number, Arc::clone(&block)));
                    return Ok(block);
                }
                Ok(None) => return Err(Error::Corrupt.into()),
                Err(Error::Unavailable) => sleep(RETRY).await,
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Opens the way out. None: there is no such channel, or the Core is going down.
    pub(super) fn open_link(&mut self) -> Option<()> {
        let channel = ChannelId::parse(&self.campaign.parameters.channel).ok()?;
        let priority = if self.is_trigger() { Priority::Interactive } else { Priority::Bulk };
        let tenant = Tenant(self.key.workspace.as_uuid().as_u128());
        let lane = self.context.core.open_lane_of(tenant, &channel, priority).ok()?;
        let (feed, mut batches) = mpsc::unbounded_channel::<Vec<Submission>>();
        let (returned, refused) = mpsc::unbounded_channel();
        let sender = lane.sender.clone();
        // Waits for room in the lane, so that the runner need not: its claim limit bounds what is in here.
        tokio::spawn(async move {
            while let Some(batch) = batches.recv().await {
                let indices: Vec<u32> = batch.iter().map(|submission| submission.token as u32).collect();
                match sender.submit(batch).await {
                    Ok(()) => {}
                    Err(cause) => {
                        // Nothing of the batch was queued.
                        tracing::warn!(%cause, messages = indices.len(), "the channel takes no messages");
                        if returned.send(indices).is_err() {
                            return;
                        }
                    }
                }
            }
        });
        self.link = Some(Link { feed, sender: lane.sender, outcomes: lane.outcomes, refused });
        Some(())
    }

    pub(super) fn is_link_up(&self) -> bool {
        self.link_state() == Some(LinkState::Up)
    }

    /// Whether its channel is set up at the moment.
    pub(super) fn has_channel(&self) -> bool {
        self.link_state().is_some()
    }

    fn link_state(&self) -> Option<LinkState> {
        let channel = &self.campaign.parameters.channel;
        self.context.core.channels().into_iter().find(|link| link.id.as_str() == channel).map(|link| link.state)
    }

    /// The claims are durable: out with them.
    pub(super) fn hand_over(&mut self, submissions: Vec<Submission>) {
        if let Some(link) = &self.link {
            // The feeding task ends only with the link itself.
            let _ = link.feed.send(submissions);
            if !self.permitted || self.draining {
                link.sender.withdraw();
            }
        }
    }

    /// No more claims, and what no session has picked up comes back.
    pub(super) fn withhold(&mut self) {
        self.permitted = false;
        if let Some(link) = &self.link {
            link.sender.withdraw();
        }
    }

    /// The Core took nothing of a batch.
    pub(super) async fn returned(&mut self, indices: &[u32]) -> Result<(), Stop> {
        let at_ms = self.scope.now_ms();
        let spans = indices.iter().map(|&index| Span { start: index, len: 1 }).collect();
        self.stage(Entry::Closed { spans, kind: Closing::Returned, at_ms }).await?;
        for &index in indices {
            self.answered(index);
        }
        Ok(())
    }

    /// Notes whether a recipient still waits for outcomes, waits to be claimed again, or neither.
    fn answered(&mut self, index: u32) {
        match self.book.row(index).map(|row| row.state) {
            Some(RecipientState::Claimed) => return,
            Some(RecipientState::Waiting) => {
                self.plan.give_back(index);
                self.tendlc.answered(index, true);
            }
            _ => self.tendlc.answered(index, false),
        }
        self.numbers.remove(&index);
    }

    pub(super) async fn outcome(&mut self, answer: PartOutcome) -> Result<(), Stop> {
        let (index, part) = (answer.token as u32, answer.part);
        let target = Target { slot: self.slot, index, part };
        let mut accepted = None;
        let outcome = match answer.result {
            PartResult::Accepted { link, message_id } => {
                let channel = &self.campaign.parameters.channel;
                let kept = if message_id.is_empty() {
                    Box::default()
                } else {
                    link_id::kept(channel, link.as_str(), message_id.as_str()).into()
                };
                accepted = Some((link, message_id));
                Outcome::Accepted { message_id: kept }
            }
            PartResult::Refused { command_status } => Outcome::Refused { command_status },
            PartResult::Uncertain { link } => {
                if let Some(&number) = self.numbers.get(&index) {
                    self.context.correlator.uncertain(link.as_str(), number, target, self.scope.now_ms());
                }
                Outcome::Uncertain
            }
            PartResult::NotSent => Outcome::NotSent,
        };
        self.stage(Entry::Outcome { index, part, at_ms: self.scope.now_ms(), outcome }).await?;
        self.answered(index);
        if let Some((link, id)) = accepted.filter(|(_, id)| !id.is_empty()) {
            let early = self.context.correlator.accepted(link.as_str(), id.as_str(), target);
            self.early(&link, id.as_str(), target, early).await?;
        }
        Ok(())
    }
}
