//! A Trigger campaign: it begins empty, numbers that came to its inbox become its recipients, and it stays open until
//! somebody or its end closes it.

use std::time::Instant;

use domain::campaign::{Event, Mode, Status};
use store::{Error, inbox, journal::entry::Entry, recipients};

use super::runner::{LOOK_INTERVAL, Runner, Stop};

/// Numbers taken in with one journal record.
const TAKE_MAX: usize = 2_000;

/// What a runner knows of its campaign's inbox.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Something has come, or may have.
    expected: bool,
    looked_at: Option<Instant>,
    /// It is closed for good, and everything in it was taken.
    sealed: bool,
}

impl Arrivals {
    pub(super) const fn expect(&mut self) {
        self.expected = true;
    }

    /// Somebody said so, or nobody has looked for a while: another replica, or a process that is gone, may have put
    /// something in.
    fn are_due(&self) -> bool {
        !self.sealed && (self.expected || self.looked_at.is_none_or(|at| at.elapsed() >= LOOK_INTERVAL))
    }
}

impl Runner {
    pub(super) fn is_trigger(&self) -> bool {
        self.campaign.parameters.mode == Mode::Trigger
    }

    /// Building: what was uploaded before it became a Trigger campaign is none of its recipients.
    pub(super) async fn begin_empty(&mut self) -> Result<(), Stop> {
        let end_at_ms = self.campaign.parameters.end_at_ms;
        if end_at_ms.is_some_and(|end_at_ms| end_at_ms <= self.scope.now_ms()) {
            self.advance(Event::Expire, None).await?;
            return Ok(());
        }
        match recipients::delete_all(&self.scope, self.key.campaign).await {
            Ok(()) => {}
            Err(Error::Unavailable | Error::Unknown) => return Ok(()),
            Err(other) => return Err(other.into()),
        }
        if self.advance(Event::BuildDone { due: true }, None).await? {
            self.look_again();
        }
        Ok(())
    }

    /// Stages what has come to the inbox as recipients: they are durable and claimed with one record. Paused, they wait; of a campaign that has ended they are not sent.
    pub(super) async fn take_in(&mut self) -> Result<(), Stop> {
        let status = self.campaign.life.status;
        let takes = matches!(status, Status::Sending | Status::Paused) || self.has_unsettled();
        if !self.is_trigger() || !takes || self.draining || !self.arrivals.are_due() {
            return Ok(());
        }
        self.arrivals.expected = false;
        self.arrivals.looked_at = Some(Instant::now());
        let found = match inbox::next(&self.scope, self.key.campaign, self.book.recipients(), TAKE_MAX).await {
            Ok(found) => found,
            // It is still there at the next look.
            Err(Error::Unavailable) => return Ok(()),
            Err(other) => return Err(other.into()),
        };
        let mut count = 0;
        for added in found {
            count += added.rows.len();
            self.plan.grow(added.end());
            self.stage(Entry::Added(added)).await?;
        }
        self.arrivals.expected |= count >= TAKE_MAX;
        Ok(())
    }

    /// Whether numbers may still come, though nobody waits now. At its end the campaign is closed here.
    pub(super) async fn stays_open(&mut self) -> Result<bool, Stop> {
        if !self.is_trigger() {
            return Ok(false);
        }
        let end_at_ms = self.campaign.parameters.end_at_ms;
        let is_over = end_at_ms.is_some_and(|end_at_ms| end_at_ms <= self.scope.now_ms());
        if self.campaign.life.closed_at_ms.is_none() && is_over {
            self.advance(Event::Close { at_ms: self.scope.now_ms() }, None).await?;
        }
        if self.campaign.life.closed_at_ms.is_none() {
            return Ok(true);
        }
        Ok(!self.is_sealed().await?)
    }

    /// Whether nothing can come any more, and everything that came is a recipient. Other campaigns have no inbox.
    pub(super) async fn is_sealed(&mut self) -> Result<bool, Stop> {
        if !self.is_trigger() || self.arrivals.sealed {
            return Ok(true);
        }
        match inbox::seal(&self.scope, self.key.campaign, self.book.recipients()).await {
            // What is staged would be lost with this process, and its places are given.
            Ok(sealed) => self.arrivals.sealed = sealed && !self.staged.takes_in(),
            Err(Error::Unavailable | Error::Unknown) => {}
            Err(other) => return Err(other.into()),
        }
        if !self.arrivals.sealed {
            self.arrivals.expect();
            self.look_again();
        }
        Ok(self.arrivals.sealed)
    }
}
