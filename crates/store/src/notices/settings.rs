//! Which mails somebody wants.

use domain::{
    id::UserId,
    notice::{MailChoice, NoticeKind},
};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Gate, Session,
    access::Inner,
    audit::{Chain, Event},
    db::{key, tx::Columns},
};

/// A person's choice, with the number by which a change is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    pub choice: MailChoice,
    /// 0: they have not chosen yet.
    pub revision: u64,
}

impl Columns for MailSettings {}

pub(super) async fn of_user(inner: &Inner, user: UserId) -> Result<MailSettings, Error> {
    Ok(inner.db.get(key::global("notice_mail_choice", user)).await?.unwrap_or_default())
}

/// The person's own choice.
pub async fn mail_settings(gate: &Gate, session: &Session) -> Result<MailSettings, Error> {
    of_user(&gate.inner, session.user().id).await
}

/// Changes it, if it is still the one that the person saw.
pub async fn set_mail_settings(gate: &Gate, session: &Session, seen: u64, choice: MailChoice) -> Result<(), Error> {
    let inner = &*gate.inner;
    let user = session.user();
    let before = of_user(inner, user.id).await?;
    if before.revision != seen {
        return Err(Error::Moved);
    }
    if before.revision > 0 && before.choice == choice {
        return Ok(());
    }
    let after = MailSettings { choice, revision: seen + 1 };
    let mut event = Event::new(session.actor(None), session.origin().clone(), "user.mails_chosen").on("user", &user.id);
    for kind in NoticeKind::ALL {
        event = event.change(kind.name(), Some(before.choice.wants(kind)), Some(choice.wants(kind)));
    }
    let id = key::global("notice_mail_choice", user.id);
    let saved = inner
        .audited(Chain::Installation, event, |tx| {
            tx.rely_on(key::global("user", user.id), user.revision);
            if seen == 0 {
                tx.create(id.clone(), &after);
            } else {
                tx.compare_and_set(id.clone(), seen, &after);
            }
        })
        .await;
    match saved {
        // Two first choices at once.
        Err(Error::Stale { .. }) if seen == 0 => Err(Error::Moved),
        other => other,
    }
}
