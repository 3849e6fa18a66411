//! How the outbox is, for super admins.

use domain::{id::UserId, permission::kind::ManageMembers};
use surrealdb::types::Variables;

use super::{
    delivery::of_state,
    outbox::{GIVEN_UP, Mail, MailRecord, MailState, SENT, WAITING},
};
use crate::{
    Error, Granted, Ruler,
    audit::{Chain, Event},
    db::corrupt,
};

/// Newest mails that were given up, as many as are shown.
const GIVEN_UP_SHOWN: usize = 20;

/// The outbox as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub waiting: u32,
    /// Since when the oldest of them waits.
    pub waiting_since_ms: Option<i64>,
    /// Why the last attempt at a mail that waits failed, without addresses.
    pub last_error: Option<String>,
    /// Handed over within the last week.
    pub sent: u32,
    pub last_sent_at_ms: Option<i64>,
    /// Newest first.
    pub given_up: Vec<GivenUp>,
}

/// A mail that was not taken, and is not tried any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    pub at_ms: i64,
    pub what: MailKind,
    pub attempts: u32,
    pub reason: String,
}

/// What a mail was about, without whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    Notice,
    PasswordLink,
    Invitation,
    Trial,
}

impl MailKind {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Notice => "Notice",
            Self::PasswordLink => "Link for a forgotten password",
            Self::Invitation => "Invitation",
            Self::Trial => "Test mail",
        }
    }

    const fn of(mail: &Mail) -> Self {
        match mail {
            Mail::Notice { .. } => Self::Notice,
            Mail::PasswordLink { .. } => Self::PasswordLink,
            Mail::Invitation { .. } => Self::Invitation,
            Mail::Trial { .. } => Self::Trial,
        }
    }
}

pub async fn standing(ruler: &Ruler) -> Result<Standing, Error> {
    let inner = ruler.inner();
    let mut waiting = of_state(inner, WAITING).await?;
    // The next attempt of the one that failed last is the furthest away.
    waiting.sort_by_key(|record| match record.state {
        MailState::Waiting { due_at_ms } => due_at_ms,
        MailState::Sent { at_ms } | MailState::GivenUp { at_ms } => at_ms,
    });
    let sql = format!("SELECT VALUE at_ms FROM mail WHERE state = '{SENT}'");
    let sent: Vec<i64> = inner.db.read(&sql, Variables::new()).await?.take(0).map_err(corrupt)?;
    let mut given_up: Vec<GivenUp> = of_state(inner, GIVEN_UP).await?.into_iter().filter_map(given_up_as).collect();
    given_up.sort_by_key(|given_up| std::cmp::Reverse(given_up.at_ms));
    given_up.truncate(GIVEN_UP_SHOWN);
    Ok(Standing {
        waiting: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
        waiting_since_ms: waiting.iter().map(|record| record.created_at_ms).min(),
        last_error: waiting.iter().rev().find_map(|record| record.last_error.clone()),
        sent: u32::try_from(sent.len()).unwrap_or(u32::MAX),
        last_sent_at_ms: sent.into_iter().max(),
        given_up,
    })
}

/// Since when the oldest mail waits that the mail server has not taken at the first attempt; for whoever invites people
/// to their workspace. It says nothing of whose mail that is.
pub async fn not_taken_since(proof: &Granted<ManageMembers>) -> Result<Option<i64>, Error> {
    let waiting = of_state(proof.inner(), WAITING).await?;
    let failed = waiting.into_iter().filter(|record| record.last_error.is_some());
    Ok(failed.map(|record| record.created_at_ms).min())
}

fn given_up_as(record: MailRecord) -> Option<GivenUp> {
    let MailState::GivenUp { at_ms } = record.state else { return None };
    let reason = record.last_error.unwrap_or_default();
    Some(GivenUp { at_ms, what: MailKind::of(&record.mail), attempts: record.attempts, reason })
}

/// A mail to oneself, to see whether mails arrive.
pub async fn send_trial(ruler: &Ruler) -> Result<(), Error> {
    let inner = ruler.inner();
    if !inner.notices.sends_mail {
        return Err(Error::invalid("mail", "no mail server is configured"));
    }
    let user: UserId = ruler.user_id();
    let mail = MailRecord::new(inner, None, Mail::Trial { user })?;
    let event = Event::new(ruler.actor(), ruler.origin(), "mail.tried").on("user", &user);
    inner
        .audited(Chain::Installation, event, |tx| {
            ruler.rely_on(tx);
            tx.create(mail.key(), &mail);
        })
        .await
}
