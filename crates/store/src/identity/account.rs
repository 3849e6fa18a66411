//! What somebody changes about their own account.

use crate::{
    Error, Gate, Session,
    audit::{Chain, Event},
    db::key,
    users::{User, check_name},
};

/// Another name, by which colleagues and the audit log know the person from now on.
pub async fn rename(gate: &Gate, session: &Session, name: &str) -> Result<(), Error> {
    let name = check_name(name)?;
    let before = session.user();
    if before.name == name {
        return Ok(());
    }
    let after = User { name, revision: before.revision + 1, ..before.clone() };
    let event = Event::new(session.actor(None), session.origin().clone(), "user.renamed")
        .on("user", &before.id)
        .change("name", Some(before.name.clone()), Some(after.name.clone()));
    gate.inner
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(key::global("user", before.id), before.revision, &after);
        })
        .await
}

/// Another password, with the present one. All other sessions end, and so do open links that would set one.
pub async fn change_password(gate: &Gate, session: &Session, current: &str, new: &str) -> Result<(), Error> {
    let inner = &*gate.inner;
    let before = session.user();
    inner.check_password(new, &before.email).await?;
    let attempt = inner.prove_password(before, current, session.origin()).await?;
    let password_hash = Some(inner.hasher.hash(new.to_owned()).await?);
    let after = User { password_hash, revision: before.revision + 1, ..before.clone() };
    let own = super::sessions::find(gate, session, "doc.id != $id", session.id()).await?;
    let links = inner.links_of(before.id).await?;
    let event = Event::new(session.actor(None), session.origin().clone(), "user.password_changed")
        .on("user", &before.id)
        .note(format!("{} other sessions ended", own.len()));
    inner
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(key::global("user", before.id), before.revision, &after);
            attempt.succeeded(tx);
            for record in own.iter().chain(&links) {
                tx.delete(record.clone());
            }
        })
        .await
}
