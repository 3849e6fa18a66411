//! Taking numbers for Trigger campaigns: each is checked, put into the campaign's inbox, and only then answered for.
//!
//! *Invariants*: what was answered with an index is durable and becomes the recipient with this index. The speed at which
//! the campaign's runner hears of it is a matter of a hint; that it does is not.

mod check;
mod desk;

use std::sync::Arc;

use domain::{
    campaign::{Campaign, Mode, Status},
    permission::kind::ControlCampaign,
};
use store::{On, idempotency::Kept, inbox::Entered, suppressions};

pub use self::check::{Arrival, NUMBERS_MAX, REFERENCE_CHARACTERS_MAX, RefusedNumber};
pub(crate) use self::desk::Desk;
use self::{check::Checks, desk::Keep};
use crate::{metrics, run::Handle};

/// Of each number, in their order: the index of the recipient that it is, or why it is none.
pub type Answers = Vec<Result<u32, RefusedNumber>>;
/// What a request that may be repeated is answered.
pub type KeepAnswer = Box<dyn Fn(&Answers) -> Kept + Send + Sync>;

/// Why a campaign takes no numbers now. The text says what to do and is safe to show.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    #[error("this is no Trigger campaign (its mode is {}); only those take numbers", .0.label())]
    OtherMode(Mode),
    #[error("the campaign is {}; it takes numbers once it is approved, started and Sending", .0.label())]
    NotStarted(Status),
    #[error("the campaign takes no more numbers: it was finished, or its end has come")]
    Closed,
    #[error("the campaign takes no more numbers: it is {}", .0.label())]
    Ended(Status),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Handle {
    /// Takes numbers for a campaign, in their order. Each is refused by itself, or durable when this returns: the answer is
    /// the index of the recipient that it is. They wait while the campaign is paused or outside of its hours. When at least
    /// one is taken, what `keep` makes of the answers is kept for a repeated request, in the same transaction.
    pub async fn trigger(
        &self,
        proof: &On<ControlCampaign>,
        arrivals: Vec<Arrival>,
        keep: Option<KeepAnswer>,
    ) -> Result<Answers, TriggerError> {
        let campaign = proof.campaign();
        takes_numbers(campaign, proof.now_ms())?;
        let checks = Checks::of(proof, campaign)?;
        let checked: Vec<_> = arrivals.into_iter().map(|arrival| checks.row(arrival)).collect();
        let numbers: Vec<u64> = checked.iter().filter_map(|row| row.as_ref().ok()).map(|row| row.number).collect();
        // Asked again at the claim: somebody may come onto the list while the number waits.
        let suppressed = suppressions::among_brought(proof, &numbers).await?;
        let mut answers = Vec::with_capacity(checked.len());
        let mut rows = Vec::with_capacity(checked.len());
        for row in checked {
            answers.push(match row {
                Ok(row) if suppressed.binary_search(&row.number).is_ok() => Err(RefusedNumber::Suppressed),
                row => row.map(|row| rows.push(row)),
            });
        }
        let refused = answers.len() - rows.len();
        if rows.is_empty() {
            metrics::numbers(0, refused);
            return Ok(indexed(&answers, 0));
        }
        let taken = rows.len();
        let answers = Arc::new(answers);
        let keep = keep.map(|keep| -> Keep {
            let answers = Arc::clone(&answers);
            Box::new(move |first| keep(&indexed(&answers, first)))
        });
        match self.context.desk.put_in(&self.context, proof, checks.fields(), rows, keep).await? {
            Entered::From(first) => {
                metrics::numbers(taken, refused);
                Ok(indexed(&answers, first))
            }
            Entered::Sealed => Err(TriggerError::Closed),
        }
    }
}

/// The answers with the indices of those that are taken, which begin at `first`.
fn indexed(answers: &[Result<(), RefusedNumber>], first: u32) -> Answers {
    let mut next = first;
    let mut index = || {
        next = next.saturating_add(1);
        next - 1
    };
    answers.iter().map(|answer| answer.clone().map(|()| index())).collect()
}

/// By the record as it was read; that nothing gets into a campaign that ended in the meantime is for its inbox to see.
fn takes_numbers(campaign: &Campaign, now_ms: i64) -> Result<(), TriggerError> {
    let life = &campaign.life;
    if campaign.parameters.mode != Mode::Trigger {
        return Err(TriggerError::OtherMode(campaign.parameters.mode));
    }
    if life.status.is_final() {
        return Err(TriggerError::Ended(life.status));
    }
    if !matches!(life.status, Status::Sending | Status::Paused) || !life.is_cleared() {
        return Err(TriggerError::NotStarted(life.status));
    }
    if life.closed_at_ms.is_some() || campaign.parameters.end_at_ms.is_some_and(|end_at_ms| end_at_ms <= now_ms) {
        return Err(TriggerError::Closed);
    }
    Ok(())
}
