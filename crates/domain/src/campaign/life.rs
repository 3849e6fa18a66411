//! The life of a campaign: what may happen to it, and what it becomes.

use super::{Approval, Life, MovedTo, Pause, PauseReason, Status};
use crate::id::UserId;

/// Something that happens to a campaign, with the facts on which the decision rests.
///
/// Whether the person may do it at all is for [`crate::permission`] to say; who the person *is* matters here for the
/// four-eyes rule only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The parameters or the text were changed.
    Edit {
        by: UserId,
    },
    /// Recipients were uploaded or removed.
    Upload {
        by: UserId,
    },
    /// The author hands the draft to the moderators.
    Submit {
        by: UserId,
    },
    Approve {
        by: UserId,
        /// The version on the approver's screen.
        seen_version: u32,
        /// Whether the workspace's four-eyes rule is on.
        four_eyes: bool,
        at_ms: i64,
        /// False when the campaign must not start by itself although it is set to, because its time is past: it then
        /// waits for the Start button. Has no effect on a campaign that does not start automatically.
        start_now: bool,
    },
    Reject {
        by: UserId,
        seen_version: u32,
    },
    /// The Start button of an approved campaign.
    Start {
        by: UserId,
    },
    /// The plan is complete; `due` when its time has come already.
    BuildDone {
        due: bool,
    },
    /// The time of a pending campaign has come.
    Due,
    /// Held by a person ([`PauseReason::ByHand`]) or by the engine.
    PauseFor {
        reason: PauseReason,
    },
    /// Held by the engine, with words of its own, which may be others after a while.
    PauseBecause {
        reason: PauseReason,
        why: String,
    },
    /// A person lets it go on, whatever held it.
    Resume,
    /// The engine lets it go on, since the cause it was held for is gone.
    Lift {
        reason: PauseReason,
    },
    Cancel,
    /// A system error ended it.
    Fail,
    /// Its window or validity ran out before the end.
    Expire,
    /// A Trigger campaign takes no more numbers. Whether it is one is for the caller to know.
    Close {
        at_ms: i64,
    },
    /// Every recipient has its final outcome.
    Finish,
    Archive {
        at_ms: i64,
    },
    /// Both in one confirmed step, for a campaign that is called off before its time.
    CancelAndArchive {
        at_ms: i64,
    },
    Restore,
    /// Another workspace has a copy of it now; what stays here is a tombstone that says where it went.
    MoveTo {
        to: MovedTo,
    },
}

impl Event {
    /// As in "cannot be {verb}".
    #[must_use]
    pub const fn participle(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "edited",
            Self::Upload { .. } => "given other recipients",
            Self::Submit { .. } => "submitted",
            Self::Approve { .. } => "approved",
            Self::Reject { .. } => "rejected",
            Self::Start { .. } | Self::Due | Self::BuildDone { .. } => "started",
            Self::PauseFor { .. } | Self::PauseBecause { .. } => "paused",
            Self::Resume | Self::Lift { .. } => "resumed",
            Self::Cancel => "cancelled",
            Self::Fail => "marked as failed",
            Self::Expire => "marked as expired",
            Self::Close { .. } | Self::Finish => "finished",
            Self::Archive { .. } => "archived",
            Self::CancelAndArchive { .. } => "cancelled and archived",
            Self::Restore => "restored",
            Self::MoveTo { .. } => "restored into another workspace",
        }
    }
}

/// Why nothing was changed. The text says what to do next and is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "the campaign was changed since you opened it (you saw version {seen}, it is now {current}); look at it again"
    )]
    Stale { seen: u32, current: u32 },
    /// The approval is None when it was rejected, or cancelled before a decision.
    #[error("{}", already_decided(.approval.as_ref()))]
    AlreadyDecided { approval: Option<Approval> },
    #[error("you worked on this campaign, so somebody else has to approve it")]
    NotYours,
    #[error("the campaign is not approved yet; it starts once a moderator has approved it")]
    NotApproved,
    #[error("the campaign is archived; restore it first")]
    Archived,
    #[error("the campaign was restored into another workspace; what is left here is its record")]
    Moved,
    #[error("the campaign is held for another reason: {}", .reason.sentence())]
    HeldOtherwise { reason: PauseReason },
    #[error("a campaign that is {} cannot be {}", .status.label(), .event.participle())]
    Impossible { status: Status, event: Event },
}

fn already_decided(approval: Option<&Approval>) -> &'static str {
    match approval {
        Some(_) => "this campaign has already been approved",
        None => "this campaign has already been rejected or cancelled",
    }
}

impl Life {
    /// A draft of `author`, at version 1.
    #[must_use]
    pub fn draft(author: UserId, start_automatically: bool) -> Self {
        Self {
            status: Status::Draft,
            version: 1,
            contributors: vec![author],
            approval: None,
            start_automatically,
            pause: None,
            closed_at_ms: None,
            archived_at_ms: None,
            moved_to: None,
        }
    }

    #[must_use]
    pub fn is_contributor(&self, user: UserId) -> bool {
        self.contributors.contains(&user)
    }

    /// Whether the approval on record covers the present version and was given by somebody who may give it. The
    /// dispatcher asks again before the first message.
    #[must_use]
    pub fn is_cleared(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| {
            approval.version == self.version && (approval.self_approval || !self.is_contributor(approval.by))
        })
    }

    const fn is_archived(&self) -> bool {
        self.archived_at_ms.is_some()
    }
}

/// What `life` becomes by `event`, or why it stays as it is.
pub fn transition(life: &Life, event: &Event) -> Result<Life, Refusal> {
    use Status::{Building, Cancelled, Draft, Expired, Failed, New, Paused, Pending, Sending};

    let impossible = || Refusal::Impossible { status: life.status, event: event.clone() };
    if life.moved_to.is_some() {
        return Err(Refusal::Moved);
    }
    if life.is_archived() && !matches!(event, Event::Restore | Event::MoveTo { .. }) {
        return Err(Refusal::Archived);
    }
    let mut next = life.clone();
    match (event, life.status) {
        (Event::Edit { by } | Event::Upload { by }, Draft | New) => contribute(&mut next, *by),
        (Event::Submit { by }, Draft) => {
            contribute(&mut next, *by);
            next.status = New;
        }
        (Event::Approve { by, seen_version, four_eyes, at_ms, start_now }, New) => {
            decide(life, *seen_version)?;
            let contributed = life.is_contributor(*by);
            if contributed && *four_eyes {
                return Err(Refusal::NotYours);
            }
            next.approval =
                Some(Approval { by: *by, at_ms: *at_ms, version: life.version, self_approval: contributed });
            if life.start_automatically && *start_now {
                proceed(&mut next, Building)?;
            }
        }
        (Event::Reject { seen_version, .. }, New) => {
            decide(life, *seen_version)?;
            next.status = Cancelled;
        }
        (Event::Approve { .. } | Event::Reject { .. }, status) if status != Draft => {
            return Err(Refusal::AlreadyDecided { approval: life.approval.clone() });
        }
        (Event::Start { .. }, New) => proceed(&mut next, Building)?,
        (Event::BuildDone { due }, Building) => proceed(&mut next, if *due { Sending } else { Pending })?,
        (Event::Due, Pending) => proceed(&mut next, Sending)?,
        (Event::PauseFor { reason }, Pending | Sending | Paused) => hold(&mut next, *reason).ok_or_else(impossible)?,
        (Event::PauseBecause { reason, why }, Pending | Sending | Paused) => {
            hold_because(&mut next, *reason, why).ok_or_else(impossible)?;
        }
        (Event::Resume, Paused) => release(&mut next)?,
        (Event::Lift { reason }, Paused) => {
            let held_for = life.pause.as_ref().map_or(PauseReason::ByHand, |pause| pause.reason);
            if held_for != *reason || !reason.lifts_by_itself() {
                return Err(Refusal::HeldOtherwise { reason: held_for });
            }
            release(&mut next)?;
        }
        (Event::Cancel, New | Building | Pending | Sending | Paused) => end(&mut next, Cancelled),
        (Event::Fail, status) if status.is_active() => end(&mut next, Failed),
        (Event::Expire, status) if status.is_active() => end(&mut next, Expired),
        (Event::Close { at_ms }, Pending | Sending | Paused) if life.closed_at_ms.is_none() => {
            next.closed_at_ms = Some(*at_ms);
        }
        (Event::Finish, Sending) => end(&mut next, Status::Done),
        // Paused after the last claim: the remaining receipts still came in.
        (Event::Finish, Paused) if life.pause.as_ref().is_some_and(|pause| pause.resume_to == Sending) => {
            end(&mut next, Status::Done);
        }
        (Event::Archive { at_ms }, status) if status == New || status.is_final() => {
            if status == New {
                next.approval = None;
            }
            next.archived_at_ms = Some(*at_ms);
        }
        (Event::CancelAndArchive { at_ms }, Pending | Paused) => {
            end(&mut next, Cancelled);
            next.archived_at_ms = Some(*at_ms);
        }
        (Event::Restore, _) if life.is_archived() => next.archived_at_ms = None,
        (Event::MoveTo { to }, _) if life.is_archived() => next.moved_to = Some(to.clone()),
        _ => return Err(impossible()),
    }
    Ok(next)
}

/// A draft collects its contributors; what was submitted becomes a new version, for which no approval holds.
fn contribute(next: &mut Life, by: UserId) {
    if !next.is_contributor(by) {
        next.contributors.push(by);
    }
    if next.status == Status::New {
        next.version += 1;
        next.approval = None;
    }
}

/// A decision counts for the version that the person saw, and once.
fn decide(life: &Life, seen: u32) -> Result<(), Refusal> {
    if seen != life.version {
        return Err(Refusal::Stale { seen, current: life.version });
    }
    match &life.approval {
        Some(approval) => Err(Refusal::AlreadyDecided { approval: Some(approval.clone()) }),
        None => Ok(()),
    }
}

/// Every step towards sending passes here, and none without an approval.
fn proceed(next: &mut Life, status: Status) -> Result<(), Refusal> {
    if !next.is_cleared() {
        return Err(Refusal::NotApproved);
    }
    next.status = status;
    next.pause = None;
    Ok(())
}

/// None: it is held already, for a reason that counts as much.
fn hold(next: &mut Life, reason: PauseReason) -> Option<()> {
    let back_to = match &next.pause {
        None => next.status,
        Some(held) if held.reason.lifts_by_itself() && held.reason != reason => held.resume_to,
        Some(_) => return None,
    };
    // Who resumes a missed schedule decides to send now; going back to Pending would only miss it again.
    let resume_to = if reason == PauseReason::MissedSchedule { Status::Sending } else { back_to };
    next.status = Status::Paused;
    next.pause = Some(Pause { reason, resume_to, why: None });
    Some(())
}

/// None: it is held already, for a reason that counts as much, or for this one in these words.
fn hold_because(next: &mut Life, reason: PauseReason, why: &str) -> Option<()> {
    let said = next.pause.as_ref().filter(|held| held.reason == reason).map(|held| held.why.as_deref() == Some(why));
    match said {
        Some(true) => return None,
        Some(false) => {}
        None => hold(next, reason)?,
    }
    next.pause.as_mut()?.why = Some(why.to_owned());
    Some(())
}

fn release(next: &mut Life) -> Result<(), Refusal> {
    // A paused campaign without a pause on record cannot be made here; Pending is the careful answer to one.
    let status = next.pause.as_ref().map_or(Status::Pending, |pause| pause.resume_to);
    proceed(next, status)
}

fn end(next: &mut Life, status: Status) {
    next.status = status;
    next.pause = None;
}
