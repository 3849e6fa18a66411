//! Handing mails over, for the job of the server that does it.
//!
//! [`SystemDoor::next_letter`] claims the mail that is due first and writes it out; the job sends it and reports what
//! became of it. A claim runs out, so a mail whose job died is sent again: at least once, always under the same
//! Message-ID.

use domain::{
    audit::{Actor, Origin},
    email::Email,
    id::{InvitationId, MailId, WorkspaceId},
    mail::{Next, after_temporary_failure},
    notice::{About, MailChoice},
    slug::Slug,
};
use surrealdb::types::{RecordId, Variables};

use super::{
    KEPT_MAX, NoticeRecord, notice_key,
    outbox::{GIVEN_UP, Mail, MailRecord, MailState, SENT, WAITING},
    settings,
};
use crate::{
    Error, SystemDoor, Token,
    access::{
        Inner,
        link::{LinkPurpose, link_key},
    },
    audit::{Chain, Event},
    db::{Abort, Tx, corrupt, key},
    members::invitations::{MailOffer, mail_offer},
    users::User,
};

/// After this long without a report the mail is sent again.
const CLAIM_MS: i64 = 5 * 60_000;
/// How long the link of somebody who forgot their password is good for.
const PASSWORD_LINK_LIFE_MS: i64 = 3_600_000;
/// How long sent mails, and those that were given up, are kept for whoever looks into it.
const ENDED_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// How long notices are kept.
const NOTICE_KEPT_MS: i64 = 90 * 24 * 3_600_000;
/// More mails than this do not wait: the oldest are given up.
const WAITING_MAX: usize = 10_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Records that one transaction removes.
const BATCH: usize = 500;

/// A mail, written out: to whom, and what it says.
#[derive(Debug)]
pub struct Letter {
    /// Of the mail, whatever the attempt: the Message-ID is made of it.
    pub id: MailId,
    pub to: Email,
    /// The person's own name; None where only the address is known.
    pub name: Option<String>,
    pub content: Content,
    record: MailRecord,
}

/// What a mail says.
#[derive(Debug)]
pub enum Content {
    Notice { about: About, slug: Slug, workspace: String },
    PasswordLink { token: Token, minutes: u32 },
    Invitation { token: Token, workspace: String, by: String, note: Option<String>, days: u32 },
    Trial,
}

/// Why a mail was not taken.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Try again later: 4xx, or no connection.
    Temporary(String),
    /// It will never be taken: 5xx.
    Permanent(String),
}

impl SystemDoor {
    /// The mail that is due first, claimed; None: nothing is due. What nobody is to get any more goes without a word.
    pub async fn next_letter(&self) -> Result<Option<Letter>, Error> {
        let inner = self.inner();
        loop {
            let Some(record) = due(inner).await? else { return Ok(None) };
            let expected = record.revision;
            let attempts = record.attempts + 1;
            let due_at_ms = inner.now_ms() + CLAIM_MS;
            let claimed = MailRecord { attempts, ..record.into_state(MailState::Waiting { due_at_ms }) };
            match put(inner, expected, &claimed).await {
                Ok(()) => {}
                // Somebody else has it.
                Err(Error::Moved) => continue,
                Err(other) => return Err(other),
            }
            match written(inner, &claimed).await? {
                Some(Written { email, name, content }) => {
                    let to = Email::parse(&email).map_err(|_| Error::Corrupt)?;
                    return Ok(Some(Letter { id: claimed.id, to, name, content, record: claimed }));
                }
                None => remove(inner, vec![claimed.key()]).await?,
            }
        }
    }

    /// The mail server has taken it.
    pub async fn letter_sent(&self, letter: &Letter) -> Result<(), Error> {
        let inner = self.inner();
        let sent = letter.record.clone().into_state(MailState::Sent { at_ms: inner.now_ms() });
        unless_moved(put(inner, letter.record.revision, &MailRecord { last_error: None, ..sent }).await)
    }

    /// The mail server has not taken it: it waits for the next attempt, or is given up, which is put on record.
    pub async fn letter_failed(&self, letter: &Letter, failure: &Failure) -> Result<(), Error> {
        let inner = self.inner();
        let record = &letter.record;
        let now_ms = inner.now_ms();
        let (next, reason) = match failure {
            Failure::Temporary(reason) => {
                (after_temporary_failure(record.created_at_ms, record.attempts, now_ms), reason)
            }
            Failure::Permanent(reason) => (Next::GiveUp, reason),
        };
        let outcome = match next {
            Next::TryAt { at_ms } => {
                let later = record.clone().into_state(MailState::Waiting { due_at_ms: at_ms });
                put(inner, record.revision, &MailRecord { last_error: Some(reason.clone()), ..later }).await
            }
            Next::GiveUp => give_up(inner, record, reason).await,
        };
        unless_moved(outcome)
    }

    /// Removes what is old: ended mails, notices beyond what is kept, one-time links that have run out.
    pub async fn tidy_notices(&self) -> Result<(), Error> {
        let inner = self.inner();
        let now_ms = inner.now_ms();
        let older = async |sql: &str, limit_ms: i64| -> Result<Vec<RecordId>, Error> {
            let mut vars = Variables::new();
            vars.insert("limit", limit_ms);
            inner.db.read(sql, vars).await?.take(0).map_err(corrupt)
        };
        let ended = format!("SELECT VALUE id FROM mail WHERE state IN ['{SENT}', '{GIVEN_UP}'] AND at_ms < $limit");
        remove(inner, older(&ended, now_ms - ENDED_KEPT_MS).await?).await?;
        remove(inner, older("SELECT VALUE id FROM notice WHERE at_ms < $limit", now_ms - NOTICE_KEPT_MS).await?)
            .await?;
        let links = "SELECT VALUE id FROM one_time_link WHERE doc.expires_at_ms < $limit";
        remove(inner, older(links, now_ms).await?).await?;
        remove(inner, beyond_kept(inner).await?).await?;
        let mut waiting = of_state(inner, WAITING).await?;
        waiting.sort_by_key(|record| record.created_at_ms);
        for record in waiting.iter().take(waiting.len().saturating_sub(WAITING_MAX)) {
            unless_moved(give_up(inner, record, "too many mails were waiting").await)?;
        }
        Ok(())
    }
}

/// Whoever moved it on in the meantime was right to.
fn unless_moved(outcome: Result<(), Error>) -> Result<(), Error> {
    match outcome {
        Err(Error::Moved) => Ok(()),
        other => other,
    }
}

async fn due(inner: &Inner) -> Result<Option<MailRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("now", inner.now_ms());
    let sql = format!(
        "SELECT VALUE doc FROM (SELECT doc, at_ms FROM mail WHERE state = '{WAITING}' AND at_ms <= $now ORDER BY at_ms LIMIT 1)"
    );
    Ok(inner.db.docs(&sql, vars).await?.into_iter().next())
}

pub(super) async fn of_state(inner: &Inner, state: &str) -> Result<Vec<MailRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("state", state.to_owned());
    inner.db.docs("SELECT VALUE doc FROM mail WHERE state = $state", vars).await
}

async fn put(inner: &Inner, expected: u64, record: &MailRecord) -> Result<(), Error> {
    let build = || {
        let mut tx = Tx::new();
        tx.compare_and_set(record.key(), expected, record);
        tx
    };
    Ok(inner.db.transact(build).await?)
}

async fn give_up(inner: &Inner, record: &MailRecord, reason: &str) -> Result<(), Error> {
    let ended = record.clone().into_state(MailState::GivenUp { at_ms: inner.now_ms() });
    let ended = MailRecord { last_error: Some(reason.to_owned()), ..ended };
    let event = Event::new(Actor::System { reason: "mail".into() }, Origin::default(), "mail.given_up")
        .on("mail", &record.id)
        .change("attempts", None, Some(record.attempts))
        .note(reason.to_owned());
    inner.audited(record.chain(), event, |tx| tx.compare_and_set(ended.key(), record.revision, &ended)).await
}

async fn remove(inner: &Inner, ids: Vec<RecordId>) -> Result<(), Error> {
    for batch in ids.chunks(BATCH) {
        let build = || {
            let mut tx = Tx::new();
            for id in batch {
                tx.delete(id.clone());
            }
            tx
        };
        inner.db.transact(build).await.map_err(|abort: Abort| Error::from(abort))?;
    }
    Ok(())
}

/// The notices that are more than somebody's newest.
async fn beyond_kept(inner: &Inner) -> Result<Vec<RecordId>, Error> {
    let crowded = format!(
        "SELECT VALUE user FROM (SELECT user, count() AS count FROM notice GROUP BY user) WHERE count > {KEPT_MAX}"
    );
    let mut answer = inner.db.read(&crowded, Variables::new()).await?;
    let people: Vec<String> = answer.take(0).map_err(corrupt)?;
    let mut beyond = Vec::new();
    for person in people {
        let mut vars = Variables::new();
        vars.insert("user", person);
        let mut found: Vec<NoticeRecord> =
            inner.db.docs("SELECT VALUE doc FROM notice WHERE user = $user", vars).await?;
        found.sort_by_key(|record| std::cmp::Reverse((record.at_ms, record.id)));
        beyond.extend(found.iter().skip(KEPT_MAX).map(NoticeRecord::key));
    }
    Ok(beyond)
}

/// Who gets a mail, and what it says.
struct Written {
    email: String,
    name: Option<String>,
    content: Content,
}

impl Written {
    fn to(user: User, content: Content) -> Self {
        Self { email: user.email, name: Some(user.name), content }
    }
}

/// None: nobody is to get it any more.
async fn written(inner: &Inner, record: &MailRecord) -> Result<Option<Written>, Error> {
    match (&record.mail, record.workspace) {
        (Mail::Notice { user, thing, group, at_ms }, Some(workspace)) => {
            let id = notice_key(workspace, thing, *group, *user);
            let notice: Option<NoticeRecord> = inner.db.get(id).await?;
            // Read or decided already, or told anew in a later mail.
            match notice.filter(|notice| notice.read_at_ms.is_none() && notice.at_ms == *at_ms) {
                Some(notice) => notice_letter(inner, workspace, notice).await,
                None => Ok(None),
            }
        }
        (Mail::Invitation { id }, Some(workspace)) => invitation_letter(inner, workspace, *id).await,
        (Mail::Notice { .. } | Mail::Invitation { .. }, None) => Err(Error::Corrupt),
        (Mail::PasswordLink { email }, _) => password_letter(inner, email).await,
        (Mail::Trial { user }, _) => {
            let user = inner.user(*user).await?.filter(|user| user.blocked_at_ms.is_none());
            Ok(user.map(|user| Written::to(user, Content::Trial)))
        }
    }
}

async fn notice_letter(inner: &Inner, workspace: WorkspaceId, notice: NoticeRecord) -> Result<Option<Written>, Error> {
    let Some(user) = inner.user(notice.user).await?.filter(User::is_active) else { return Ok(None) };
    let choice: MailChoice = settings::of_user(inner, user.id).await?.choice;
    if !choice.wants(notice.about.kind()) {
        return Ok(None);
    }
    let Some((place, capacity)) = inner.place_of(&user, workspace).await? else { return Ok(None) };
    if !notice.about.concerns(capacity) {
        return Ok(None);
    }
    let content = Content::Notice { about: notice.about, slug: place.slug, workspace: place.display_name };
    Ok(Some(Written::to(user, content)))
}

/// A link of its own, beside the one that the admin was shown.
async fn invitation_letter(inner: &Inner, workspace: WorkspaceId, id: InvitationId) -> Result<Option<Written>, Error> {
    let Some(MailOffer { workspace_name, invitation, token }) = mail_offer(inner, workspace, id).await? else {
        return Ok(None);
    };
    let left_ms = (invitation.expires_at_ms - inner.now_ms()).max(0);
    let content = Content::Invitation {
        token,
        workspace: workspace_name,
        by: invitation.invited_by_name,
        note: invitation.note,
        days: u32::try_from((left_ms + DAY_MS - 1) / DAY_MS).unwrap_or(u32::MAX),
    };
    Ok(Some(Written { email: invitation.email, name: None, content }))
}

/// The link is made now and stored as a hash; the mail alone holds it.
async fn password_letter(inner: &Inner, email: &str) -> Result<Option<Written>, Error> {
    let user = inner.user_by_email(email).await?.filter(|user| user.blocked_at_ms.is_none());
    let Some(user) = user else { return Ok(None) };
    let (token, link) = inner.new_link(LinkPurpose::SetPassword { user: user.id }, PASSWORD_LINK_LIFE_MS)?;
    let event = Event::new(Actor::System { reason: "mail".into() }, Origin::default(), "user.link_made")
        .on("user", &user.id)
        .note("forgotten password".to_owned());
    inner
        .audited(Chain::Installation, event, |tx| {
            tx.rely_on(key::global("user", user.id), user.revision);
            tx.create(link_key(&token), &link);
        })
        .await?;
    let minutes = u32::try_from(PASSWORD_LINK_LIFE_MS / 60_000).unwrap_or(u32::MAX);
    Ok(Some(Written::to(user, Content::PasswordLink { token, minutes })))
}
