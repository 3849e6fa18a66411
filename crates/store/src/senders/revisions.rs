//! What becomes of revisions, whether the sender name is a workspace's or the installation's: one is submitted, and decided
//! once; none is edited.

use domain::{
    sender::{Addressing, Revision, RevisionStatus, Saddr, Ton},
    tendlc::clearance::{Reading, reading},
};

use crate::{Error, users::User};

/// A revision that waits for its decision.
pub(super) fn submitted(
    number: u32,
    addressing: Addressing,
    reason: Option<String>,
    by: &User,
    at_ms: i64,
) -> Revision {
    Revision {
        number,
        addressing,
        status: RevisionStatus::PendingApproval,
        reason,
        submitted_by: by.id,
        submitted_by_name: by.name.clone(),
        submitted_at_ms: at_ms,
        decided_by: None,
        decided_by_name: None,
        decided_at_ms: None,
        note: None,
        is_abroad: false,
    }
}

/// Why only a super admin may approve a revision: a workspace that may say of ten digits that they are a number of another
/// country exempts a US number from its registration.
#[must_use]
pub fn super_admin_needed(revision: &Revision) -> Option<String> {
    match reading(&revision.addressing) {
        Reading::Either { abroad, .. } => Some(format!(
            "with TON 1 these ten digits are a number of {}, and they are a US number, too: only a super admin can approve \
             them so. For the US number submit a revision with TON 2",
            abroad.name()
        )),
        Reading::Other | Reading::Us(_) => None,
    }
}

/// Whether a super admin approved this address as a number of another country in one of these revisions.
pub(super) fn is_abroad(revisions: &[Revision], saddr: &Saddr) -> bool {
    revisions.iter().any(|revision| {
        revision.is_abroad
            && revision.status == RevisionStatus::Approved
            && revision.addressing.source_ton == Ton::International
            && revision.addressing.saddr == *saddr
    })
}

/// Adds a revision and returns its number. One can wait at a time, so that what is decided on is what is meant.
pub(super) fn submit(
    revisions: &mut Vec<Revision>,
    addressing: Addressing,
    reason: Option<String>,
    by: &User,
    at_ms: i64,
) -> Result<u32, Error> {
    if revisions.iter().any(|revision| revision.status == RevisionStatus::PendingApproval) {
        return Err(Error::invalid("saddr", "a revision is waiting for a decision already"));
    }
    let number = revisions.len() as u32 + 1;
    revisions.push(submitted(number, addressing, reason, by, at_ms));
    Ok(number)
}

/// Decides a revision that waits, and tells whether it is approved by who submitted it. `on`: when another decision was
/// taken, in words.
pub(super) fn decide(
    revisions: &mut [Revision],
    number: u32,
    status: RevisionStatus,
    note: Option<&str>,
    (by, by_super_admin): (&User, bool),
    at_ms: i64,
    on: impl FnOnce(i64) -> String,
) -> Result<bool, Error> {
    let revision = revisions.iter_mut().find(|revision| revision.number == number).ok_or(Error::NotFound)?;
    if revision.status != RevisionStatus::PendingApproval {
        let what = if revision.status == RevisionStatus::Approved { "approved" } else { "rejected" };
        let by = revision.decided_by_name.as_deref().unwrap_or("somebody");
        let at = on(revision.decided_at_ms.unwrap_or_default());
        return Err(Error::Stale { what: format!("already {what} by {by} at {at}") });
    }
    let needed = super_admin_needed(revision).filter(|_| status == RevisionStatus::Approved);
    match needed {
        Some(why) if !by_super_admin => return Err(Error::invalid("saddr", why)),
        Some(_) => revision.is_abroad = true,
        None => {}
    }
    revision.status = status;
    revision.decided_by = Some(by.id);
    revision.decided_by_name = Some(by.name.clone());
    revision.decided_at_ms = Some(at_ms);
    revision.note = note.map(str::to_owned);
    Ok(status == RevisionStatus::Approved && revision.submitted_by == by.id)
}
