//! Who belongs to a workspace as what, for how long, and who may change that.

use serde::{Deserialize, Serialize};

use crate::{
    id::{InvitationId, UserId},
    permission::{Capacity, Role},
};

/// How long an invitation can be accepted.
pub const INVITATION_LIFE_MS: i64 = 7 * DAY_MS;
/// How long a request to join waits for an answer.
pub const REQUEST_LIFE_MS: i64 = 30 * DAY_MS;
/// How long somebody waits after a rejection before they can ask again.
pub const ASK_AGAIN_MS: i64 = DAY_MS;
/// The longest that something temporary takes.
pub const TEMPORARY_MAX_MS: i64 = 366 * DAY_MS;
/// Invitations of a workspace that are open at the same time.
pub const INVITATIONS_MAX: usize = 200;
/// Workspaces that somebody has asked at the same time.
pub const REQUESTS_MAX: usize = 10;
const NOTE_CHARACTERS_MAX: usize = 500;
const DAY_MS: i64 = 24 * 3_600_000;

/// What somebody is in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Parts", into = "Parts")]
pub struct Standing {
    role: Role,
    moderator_flag: bool,
}

/// A standing as it is stored.
#[derive(Serialize, Deserialize)]
struct Parts {
    role: Role,
    #[serde(default)]
    moderator_flag: bool,
}

impl Standing {
    /// The flag means something for authors only.
    #[must_use]
    pub const fn new(role: Role, moderator_flag: bool) -> Self {
        Self { role, moderator_flag: moderator_flag && matches!(role, Role::Author) }
    }

    #[must_use]
    pub const fn role(self) -> Role {
        self.role
    }

    #[must_use]
    pub const fn moderator_flag(self) -> bool {
        self.moderator_flag
    }

    #[must_use]
    pub const fn capacity(self) -> Capacity {
        Capacity::of(self.role, self.moderator_flag)
    }
}

impl From<Parts> for Standing {
    fn from(Parts { role, moderator_flag }: Parts) -> Self {
        Self::new(role, moderator_flag)
    }
}

impl From<Standing> for Parts {
    fn from(Standing { role, moderator_flag }: Standing) -> Self {
        Self { role, moderator_flag }
    }
}

/// The end of a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Temporary {
    pub ends_at_ms: i64,
    /// What comes back; None: the membership ends.
    pub then: Option<Standing>,
}

/// A standing, for good or for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenure {
    pub standing: Standing,
    pub temporary: Option<Temporary>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEnd {
    #[error("the end has passed; choose a later time")]
    Past,
    #[error("something temporary takes a year at most; without an end it stays until somebody changes it")]
    Far,
    #[error("that is the role without an end already; leave the end empty, or choose another role until then")]
    Same,
}

impl Tenure {
    #[must_use]
    pub const fn lasting(standing: Standing) -> Self {
        Self { standing, temporary: None }
    }

    /// A membership that ends by itself.
    pub fn until(standing: Standing, ends_at_ms: i64, now_ms: i64) -> Result<Self, InvalidEnd> {
        check_end(ends_at_ms, now_ms)?;
        Ok(Self { standing, temporary: Some(Temporary { ends_at_ms, then: None }) })
    }

    /// What it is at this moment, with its end if that is still to come; None: it is over.
    #[must_use]
    pub fn at(self, now_ms: i64) -> Option<Self> {
        match self.temporary {
            Some(temporary) if temporary.ends_at_ms <= now_ms => temporary.then.map(Self::lasting),
            _ => Some(self),
        }
    }

    /// What stays when whatever is temporary has ended.
    #[must_use]
    pub const fn in_the_end(self) -> Option<Standing> {
        match self.temporary {
            Some(temporary) => temporary.then,
            None => Some(self.standing),
        }
    }

    /// Another standing until a moment, after which comes what would come without it.
    pub fn with_temporary(self, standing: Standing, ends_at_ms: i64, now_ms: i64) -> Result<Self, InvalidEnd> {
        check_end(ends_at_ms, now_ms)?;
        let then = self.in_the_end();
        if then == Some(standing) {
            return Err(InvalidEnd::Same);
        }
        Ok(Self { standing, temporary: Some(Temporary { ends_at_ms, then }) })
    }

    /// An admin today and tomorrow: of those a workspace keeps one.
    #[must_use]
    pub const fn is_lasting_admin(self) -> bool {
        matches!(self.standing.role, Role::Admin) && self.temporary.is_none()
    }
}

/// Whether something can end at that moment.
pub const fn check_end(ends_at_ms: i64, now_ms: i64) -> Result<(), InvalidEnd> {
    if ends_at_ms <= now_ms {
        return Err(InvalidEnd::Past);
    }
    if ends_at_ms > now_ms.saturating_add(TEMPORARY_MAX_MS) {
        return Err(InvalidEnd::Far);
    }
    Ok(())
}

/// Why a membership is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    #[error("nobody changes their own role or removes themselves; ask another admin")]
    Oneself,
    #[error("only a super admin changes a super admin")]
    SuperAdmin,
    #[error("this is the last admin who can sign in; make somebody else an admin first, without an end")]
    LastAdmin,
}

/// Whether one person changes the membership of another at all.
pub fn may_change(by: UserId, by_super_admin: bool, of: UserId, of_super_admin: bool) -> Result<(), ChangeRefusal> {
    if by == of {
        return Err(ChangeRefusal::Oneself);
    }
    if of_super_admin && !by_super_admin {
        return Err(ChangeRefusal::SuperAdmin);
    }
    Ok(())
}

/// A change of somebody's membership, about to be made.
#[derive(Debug, Clone, Copy)]
pub struct MemberChange {
    pub by: UserId,
    pub by_super_admin: bool,
    pub of: UserId,
    pub of_super_admin: bool,
    /// Can sign in: has a password and is not blocked.
    pub of_active: bool,
    pub before: Tenure,
    /// None: removed.
    pub after: Option<Tenure>,
    /// Lasting admins who can sign in, besides this person.
    pub other_admins: usize,
}

impl MemberChange {
    pub fn check(&self) -> Result<(), ChangeRefusal> {
        may_change(self.by, self.by_super_admin, self.of, self.of_super_admin)?;
        let stays_admin = self.after.is_some_and(Tenure::is_lasting_admin);
        if self.of_active && self.before.is_lasting_admin() && !stays_admin && self.other_admins == 0 {
            return Err(ChangeRefusal::LastAdmin);
        }
        Ok(())
    }
}

/// A member as the members page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub tenure: Tenure,
    /// Has set a password; a colleague whose one-time link is still open has not.
    pub active: bool,
    pub blocked: bool,
    pub super_admin: bool,
    /// What a change of the membership is compared with.
    pub revision: u64,
}

/// Somebody who was asked to join a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    /// In lower case.
    pub email: String,
    pub standing: Standing,
    /// The membership ends then; None: it stays.
    pub member_until_ms: Option<i64>,
    /// What the invited person reads.
    pub note: Option<String>,
    pub invited_by_name: String,
    pub invited_at_ms: i64,
    pub expires_at_ms: i64,
}

impl Invitation {
    /// Whether it can be accepted: in time, and for a membership that is not over before it begins.
    #[must_use]
    pub fn is_open(&self, now_ms: i64) -> bool {
        now_ms < self.expires_at_ms && self.member_until_ms.is_none_or(|end_ms| now_ms < end_ms)
    }

    /// The membership that accepting begins.
    #[must_use]
    pub fn tenure(&self) -> Tenure {
        let temporary = self.member_until_ms.map(|ends_at_ms| Temporary { ends_at_ms, then: None });
        Tenure { standing: self.standing, temporary }
    }
}

/// What became of a request to join, as the person who asked sees it. Nobody has an answer until an admin gives one, so
/// that asking tells nothing of which workspaces there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JoinState {
    Waiting,
    Rejected { at_ms: i64 },
}

/// What somebody asked for, by the address that they typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinAsk {
    pub slug: String,
    pub asked_at_ms: i64,
    pub state: JoinState,
}

/// Why somebody cannot ask (again).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskRefusal {
    #[error("you have asked already; the admins of the workspace decide")]
    Waits,
    #[error("your request was rejected; you can ask again a day after that")]
    Rejected,
}

impl JoinAsk {
    /// It is over without an answer.
    #[must_use]
    pub const fn is_over(&self, now_ms: i64) -> bool {
        self.asked_at_ms.saturating_add(REQUEST_LIFE_MS) <= now_ms
    }

    pub fn check_again(&self, now_ms: i64) -> Result<(), AskRefusal> {
        match self.state {
            _ if self.is_over(now_ms) => Ok(()),
            JoinState::Waiting => Err(AskRefusal::Waits),
            JoinState::Rejected { at_ms } if now_ms < at_ms.saturating_add(ASK_AGAIN_MS) => Err(AskRefusal::Rejected),
            JoinState::Rejected { .. } => Ok(()),
        }
    }
}

/// Somebody who wants to join, as admins see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub note: Option<String>,
    pub asked_at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a note has at most {NOTE_CHARACTERS_MAX} characters")]
pub struct LongNote;

/// A note without blanks around it; None when nothing is left.
pub fn check_note(note: &str) -> Result<Option<String>, LongNote> {
    let note = note.trim();
    if note.chars().count() > NOTE_CHARACTERS_MAX {
        return Err(LongNote);
    }
    Ok((!note.is_empty()).then(|| note.to_owned()))
}

#[cfg(test)]
mod tests;
