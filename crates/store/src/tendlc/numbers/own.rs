//! The numbers of a workspace, whether they are in a 10DLC campaign or not.

use domain::phone::PhoneNumber;

use super::{Claim, ELSEWHERE, Number, check_free, claim_key, clearance, in_use, unfit};
use crate::{
    Error,
    tendlc::{
        access::{Doing, action},
        kept::Kept,
    },
};

/// Adds a number to the workspace. It is nobody else's until it is released. One that was added already stays.
pub async fn add(proof: &Doing<action::Numbers>, number: PhoneNumber) -> Result<Number, Error> {
    let inner = proof.inner();
    if !clearance::needs_campaign(number) {
        return Err(unfit(number, "only US numbers that are not toll-free belong to 10DLC campaigns"));
    }
    let record = proof.record(Number::TABLE, number);
    let before: Option<Number> = inner.db.get(record.clone()).await?;
    let claimed = match &before {
        Some(before) if before.added => return Ok(before.clone()),
        Some(before) => before.current.is_some(),
        None => false,
    };
    if !claimed {
        check_free(proof, number).await?;
    }
    let after = match &before {
        Some(before) => Number { added: true, revision: before.revision + 1, ..before.clone() },
        None => Number {
            number,
            workspace: proof.workspace_id(),
            added: true,
            current: None,
            history: Vec::new(),
            added_at_ms: inner.now_ms(),
            revision: 1,
        },
    };
    let event = proof.event("tendlc_number.added", "workspace", &proof.workspace_id());
    let event = event.change("number", None, Some(number.masked()));
    let done = inner.audited(proof.chain(), event, |tx| {
        if !claimed {
            tx.create(claim_key(number), &Claim { workspace: proof.workspace_id() });
        }
        match &before {
            Some(before) => tx.compare_and_set(record.clone(), before.revision, &after),
            None => tx.create(record.clone(), &after),
        }
        proof.rely_on(tx);
    });
    match done.await {
        Ok(()) => Ok(after),
        // The claim was made by somebody who was quicker.
        Err(Error::Stale { .. }) => Err(in_use(ELSEWHERE)),
        Err(other) => Err(other),
    }
}

/// Gives a number up: whoever wants it may add it. What was stays on record here.
pub async fn release(proof: &Doing<action::Numbers>, number: PhoneNumber) -> Result<Number, Error> {
    let inner = proof.inner();
    let record = proof.record(Number::TABLE, number);
    let before: Number =
        inner.db.get(record.clone()).await?.filter(|number: &Number| number.added).ok_or(Error::NotFound)?;
    if before.current.is_some() {
        return Err(in_use("the number is in a 10DLC campaign; take it out there before you release it"));
    }
    let after = Number { added: false, revision: before.revision + 1, ..before.clone() };
    let event = proof.event("tendlc_number.given_up", "workspace", &proof.workspace_id());
    let event = event.change("number", Some(number.masked()), None);
    let done = inner.audited(proof.chain(), event, |tx| {
        tx.compare_and_set(record.clone(), before.revision, &after);
        tx.delete(claim_key(number));
        proof.rely_on(tx);
    });
    done.await?;
    Ok(after)
}
