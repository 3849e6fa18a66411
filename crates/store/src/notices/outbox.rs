//! Mails that wait to be handed to the mail server. A record says what a mail is about, never what it says: that is
//! written out at the moment of sending.

use domain::id::{InvitationId, MailId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Array, RecordId, SurrealValue, Value};

use super::{Group, NoticeRecord, thing};
use crate::{
    Error,
    access::Inner,
    audit::Chain,
    db::{key, tx::Columns},
};

/// What a mail is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
pub(crate) enum Mail {
    /// A notice; `at_ms` is that of the notice, so that of several mails about one thing the last is sent.
    Notice { user: UserId, thing: String, group: Group, at_ms: i64 },
    /// Somebody forgot the password of the account with this address, if there is one.
    PasswordLink { email: String },
    /// The link of an invitation.
    Invitation { id: InvitationId },
    /// A super admin looks whether mails arrive.
    Trial { user: UserId },
}

/// Where a mail is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum MailState {
    Waiting { due_at_ms: i64 },
    Sent { at_ms: i64 },
    GivenUp { at_ms: i64 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MailRecord {
    pub(super) id: MailId,
    /// None: of the installation.
    pub(super) workspace: Option<WorkspaceId>,
    pub(super) mail: Mail,
    pub(super) state: MailState,
    pub(super) created_at_ms: i64,
    pub(super) attempts: u32,
    /// Why the last attempt failed, without addresses.
    pub(super) last_error: Option<String>,
    pub(super) revision: u64,
}

pub(super) const WAITING: &str = "waiting";
pub(super) const SENT: &str = "sent";
pub(super) const GIVEN_UP: &str = "given_up";

impl Columns for MailRecord {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let (state, at_ms) = match self.state {
            MailState::Waiting { due_at_ms } => (WAITING, due_at_ms),
            MailState::Sent { at_ms } => (SENT, at_ms),
            MailState::GivenUp { at_ms } => (GIVEN_UP, at_ms),
        };
        vec![("state", state.to_owned().into_value()), ("at_ms", at_ms.into_value())]
    }
}

impl MailRecord {
    /// A mail that is due as soon as it is in the database.
    pub(super) fn new(inner: &Inner, workspace: Option<WorkspaceId>, mail: Mail) -> Result<Self, Error> {
        let now_ms = inner.now_ms();
        Ok(Self {
            id: MailId::from_uuid(inner.new_uuid()?),
            workspace,
            mail,
            state: MailState::Waiting { due_at_ms: now_ms },
            created_at_ms: now_ms,
            attempts: 0,
            last_error: None,
            revision: 1,
        })
    }

    pub(super) fn about(inner: &Inner, notice: &NoticeRecord) -> Result<Self, Error> {
        let mail = Mail::Notice {
            user: notice.user,
            thing: thing(&notice.about),
            group: Group::of(&notice.about),
            at_ms: notice.at_ms,
        };
        Self::new(inner, Some(notice.workspace), mail)
    }

    /// Of an invitation that is being made; None where no mails are sent.
    pub(crate) fn invitation(inner: &Inner, workspace: WorkspaceId, id: InvitationId) -> Result<Option<Self>, Error> {
        let mail = || Self::new(inner, Some(workspace), Mail::Invitation { id });
        inner.notices.sends_mail.then(mail).transpose()
    }

    pub(crate) fn key(&self) -> RecordId {
        match self.workspace {
            Some(workspace) => key::of("mail", workspace, [key::id(self.id)]),
            None => RecordId::new("mail", Array::from(vec![key::id("installation"), key::id(self.id)])),
        }
    }

    /// On which chain it stands that this mail was given up.
    pub(super) fn chain(&self) -> Chain {
        self.workspace.map_or(Chain::Installation, Chain::Workspace)
    }

    /// The same, moved on.
    pub(super) fn into_state(self, state: MailState) -> Self {
        Self { state, revision: self.revision + 1, ..self }
    }
}
