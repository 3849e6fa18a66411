//! What people are told: notices in the header, and mails that wait in an outbox until they are handed over.
//!
//! A notice, and the mail that goes with it, is written by the transaction of what causes it ([`consequences`]). There is
//! one notice per thing and person, so what was decided takes the notices away with which it waited. Its mail refers to
//! the notice and is written out when it is sent ([`delivery`]): who has no business with it by then gets none, and a
//! one-time link is made at that moment, so that none lies in the outbox.

pub(crate) mod consequences;
mod delivery;
mod forgotten;
mod limits;
pub(crate) mod outbox;
mod settings;
mod standing;

use std::{collections::HashMap, sync::Arc};

use domain::{
    id::{NoticeId, UserId, WorkspaceId},
    notice::About,
    permission::Capacity,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use self::limits::Limiter;
pub use self::{
    delivery::{Content, Failure, Letter},
    forgotten::{TooMany, ask_for_link},
    settings::{MailSettings, mail_settings, set_mail_settings},
    standing::{GivenUp, MailKind, Standing, not_taken_since, send_trial, standing},
};
use crate::{
    Error, Gate, Session,
    access::Inner,
    db::{Abort, Tx, key, tx::Columns},
    members::Membership,
    users::User,
};

/// Somebody's newest notices that are kept; older ones go.
const KEPT_MAX: usize = 200;
const HOUR_MS: i64 = 3_600_000;

/// What notices and mails need besides the database.
#[derive(Debug)]
pub(crate) struct Notices {
    /// A mail server is configured. Without one no mail is put into the outbox.
    pub(crate) sends_mail: bool,
    links_by_address: Limiter,
    links_by_email: Limiter,
}

impl Notices {
    pub(crate) fn new(sends_mail: bool) -> Self {
        Self { sends_mail, links_by_address: Limiter::new(10, HOUR_MS), links_by_email: Limiter::new(3, HOUR_MS) }
    }
}

/// Which notices about a thing: those with which it waits go when it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Group {
    Waits,
    Decided,
    /// It happened by itself.
    Happened,
}

impl Group {
    fn of(about: &About) -> Self {
        match about {
            About::CampaignWaits { .. } | About::RevisionWaits { .. } | About::JoinRequested { .. } => Self::Waits,
            About::CampaignDecided { .. } | About::RevisionDecided { .. } => Self::Decided,
            About::WebhookOff { .. } => Self::Happened,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Decided => "decided",
            Self::Happened => "happened",
        }
    }
}

/// What a notice is about, as a part of its key.
fn thing(about: &About) -> String {
    match about {
        About::CampaignWaits { campaign, .. } | About::CampaignDecided { campaign, .. } => {
            format!("campaign:{campaign}")
        }
        About::RevisionWaits { sender, .. } | About::RevisionDecided { sender, .. } => format!("sender:{sender}"),
        About::JoinRequested { user, .. } => format!("join:{user}"),
        About::WebhookOff { webhook, .. } => format!("webhook:{webhook}"),
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NoticeRecord {
    id: NoticeId,
    workspace: WorkspaceId,
    user: UserId,
    about: About,
    at_ms: i64,
    read_at_ms: Option<i64>,
    revision: u64,
}

impl Columns for NoticeRecord {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("user", self.user.to_string().into_value()),
            ("unread", self.read_at_ms.is_none().into_value()),
            ("at_ms", self.at_ms.into_value()),
        ]
    }
}

impl NoticeRecord {
    fn key(&self) -> RecordId {
        notice_key(self.workspace, &thing(&self.about), Group::of(&self.about), self.user)
    }
}

fn notice_key(workspace: WorkspaceId, thing: &str, group: Group, user: UserId) -> RecordId {
    key::of("notice", workspace, [key::id(thing), key::id(group.name()), key::id(user)])
}

/// A notice as its person reads it.
#[derive(Debug, Clone)]
pub struct Notice {
    pub id: NoticeId,
    pub about: About,
    pub at_ms: i64,
    pub read: bool,
    pub workspace: Workspace,
}

/// The person's notices from all their workspaces, newest first.
pub async fn list(gate: &Gate, session: &Session) -> Result<Vec<Notice>, Error> {
    let inner = &*gate.inner;
    let found = of_person(inner, session.user().id, "").await?;
    let mut places = Places::new(inner, session.user());
    let mut notices = Vec::with_capacity(found.len());
    for record in found {
        let Some((workspace, capacity)) = places.of(record.workspace).await? else { continue };
        if record.about.concerns(capacity) {
            notices.push(Notice {
                id: record.id,
                about: record.about,
                at_ms: record.at_ms,
                read: record.read_at_ms.is_some(),
                workspace,
            });
        }
    }
    Ok(notices)
}

/// How many notices the person has not read.
pub async fn unread(gate: &Gate, session: &Session) -> Result<u32, Error> {
    let inner = &*gate.inner;
    let mut places = Places::new(inner, session.user());
    let mut count = 0;
    let user = session.user().id;
    let read = async { Ok(Arc::new(of_person(inner, user, "AND unread = true").await?)) };
    for record in inner.db.known(&["notice"], format!("unread of {user}"), read).await?.iter() {
        let place = places.of(record.workspace).await?;
        count += u32::from(place.is_some_and(|(_, capacity)| record.about.concerns(capacity)));
    }
    Ok(count)
}

/// The person has read it. That is no act of theirs upon anything, so the audit log does not tell it. One that went away
/// meanwhile is no error, and another person's stays as it is.
pub async fn mark_read(gate: &Gate, session: &Session, id: NoticeId) -> Result<(), Error> {
    let inner = &*gate.inner;
    let found = of_person(inner, session.user().id, "AND unread = true").await?;
    match found.into_iter().find(|record| record.id == id) {
        Some(record) => mark(inner, record).await,
        None => Ok(()),
    }
}

/// The person has read all that there is.
pub async fn mark_all_read(gate: &Gate, session: &Session) -> Result<(), Error> {
    let inner = &*gate.inner;
    for record in of_person(inner, session.user().id, "AND unread = true").await? {
        mark(inner, record).await?;
    }
    Ok(())
}

async fn mark(inner: &Inner, record: NoticeRecord) -> Result<(), Error> {
    let read = NoticeRecord { read_at_ms: Some(inner.now_ms()), revision: record.revision + 1, ..record.clone() };
    let marked = inner
        .db
        .transact(|| {
            let mut tx = Tx::new();
            tx.compare_and_set(record.key(), record.revision, &read);
            tx
        })
        .await;
    match marked {
        // It went away, or came anew, while it was being read.
        Ok(()) | Err(Abort::Stale) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Newest first, as many as are kept.
async fn of_person(inner: &Inner, user: UserId, and: &str) -> Result<Vec<NoticeRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("user", user.to_string());
    let sql = format!("SELECT VALUE doc FROM notice WHERE user = $user {and}");
    let mut found: Vec<NoticeRecord> = inner.db.docs(&sql, vars).await?;
    found.sort_by_key(|record| std::cmp::Reverse((record.at_ms, record.id)));
    found.truncate(KEPT_MAX);
    Ok(found)
}

/// The workspaces of one person's notices, each looked up once.
struct Places<'a> {
    inner: &'a Inner,
    user: &'a User,
    known: HashMap<WorkspaceId, Option<(Workspace, Capacity)>>,
}

impl<'a> Places<'a> {
    fn new(inner: &'a Inner, user: &'a User) -> Self {
        Self { inner, user, known: HashMap::new() }
    }

    async fn of(&mut self, workspace: WorkspaceId) -> Result<Option<(Workspace, Capacity)>, Error> {
        if let Some(known) = self.known.get(&workspace) {
            return Ok(known.clone());
        }
        let place = self.inner.place_of(self.user, workspace).await?;
        self.known.insert(workspace, place.clone());
        Ok(place)
    }
}

impl Inner {
    /// What somebody is in a workspace; None: nothing, or it is archived.
    async fn place_of(&self, user: &User, workspace: WorkspaceId) -> Result<Option<(Workspace, Capacity)>, Error> {
        let Some(found): Option<Workspace> = self.db.get_known(key::global("workspace", workspace)).await? else {
            return Ok(None);
        };
        let membership = self.membership(workspace, user.id).await?.filter(|_| found.archived_at_ms.is_none());
        let Some(membership) = membership else { return Ok(None) };
        Ok(Some((found, capacity_of(user, &membership))))
    }
}

fn capacity_of(user: &User, membership: &Membership) -> Capacity {
    if user.super_admin { Capacity::SuperAdmin } else { membership.capacity() }
}
