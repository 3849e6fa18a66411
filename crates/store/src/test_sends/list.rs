//! The numbers that may get test messages, kept by the workspace's admins.

use domain::{
    id::TestNumberId,
    permission::kind,
    phone::{self, Country, PhoneNumber},
    test_send::{A_DAY_MAX, NUMBERS_MAX, TestList, TestNumber},
};

use super::list_key;
use crate::{
    Error, Granted, Scope,
    audit::{Chain, Event},
};

const LABEL_CHARACTERS_MAX: usize = 60;
const ATTEMPTS_MAX: u32 = 20;

/// The list; members see it masked, which is for the caller.
pub async fn list(scope: &Scope) -> Result<TestList, Error> {
    Ok(scope.inner().db.get(list_key(scope.workspace_id())).await?.unwrap_or_default())
}

/// Adds a number as somebody typed it.
pub async fn add(scope: &Granted<kind::ManageWorkspace>, label: &str, typed: &str) -> Result<(), Error> {
    let label = label.trim();
    if !(1..=LABEL_CHARACTERS_MAX).contains(&label.chars().count()) {
        let message = format!("say whose number it is, in 1 to {LABEL_CHARACTERS_MAX} characters");
        return Err(Error::invalid("label", message));
    }
    let country = Country::parse(&scope.workspace().default_country).map_err(|_| Error::Corrupt)?;
    let number: PhoneNumber =
        phone::normalise(typed, country).map_err(|reject| Error::invalid("number", reject.to_string()))?;
    let entry = TestNumber {
        id: TestNumberId::from_uuid(scope.inner().new_uuid()?),
        label: label.to_owned(),
        number,
        added_by_name: scope.user().name.clone(),
        added_at_ms: scope.now_ms(),
    };
    let hash = scope.ctn_key().ctn_hash(number).to_string();
    change(scope, |list| {
        if list.numbers.iter().any(|other| other.number == number) {
            return Err(Error::invalid("number", "this number is on the list already"));
        }
        if list.numbers.len() >= NUMBERS_MAX {
            return Err(Error::invalid("number", format!("a test list has at most {NUMBERS_MAX} numbers; remove one")));
        }
        list.numbers.push(entry.clone());
        Ok(event(scope, "test_list.number_added").change("label", None, Some(entry.label.clone())).change(
            "ctn_hash",
            None,
            Some(hash.clone()),
        ))
    })
    .await
}

/// Takes a number off the list.
pub async fn remove(scope: &Granted<kind::ManageWorkspace>, id: TestNumberId) -> Result<(), Error> {
    change(scope, |list| {
        let place = list.numbers.iter().position(|number| number.id == id).ok_or(Error::NotFound)?;
        let gone = list.numbers.remove(place);
        let hash = scope.ctn_key().ctn_hash(gone.number).to_string();
        Ok(event(scope, "test_list.number_removed").change("label", Some(gone.label), None).change(
            "ctn_hash",
            Some(hash),
            None,
        ))
    })
    .await
}

/// How many test messages there may be a day.
pub async fn set_cap(scope: &Granted<kind::ManageWorkspace>, a_day_max: u32) -> Result<(), Error> {
    if a_day_max > A_DAY_MAX {
        return Err(Error::invalid("a_day_max", format!("choose a number from 0 (none) to {A_DAY_MAX}")));
    }
    change(scope, |list| {
        let before = std::mem::replace(&mut list.a_day_max, a_day_max);
        Ok(event(scope, "test_list.cap_changed").change("a_day_max", Some(before), Some(a_day_max)))
    })
    .await
}

fn event(scope: &Scope, action: &'static str) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("workspace", &scope.workspace_id())
}

async fn change(scope: &Scope, compute: impl Fn(&mut TestList) -> Result<Event, Error>) -> Result<(), Error> {
    for _ in 0..ATTEMPTS_MAX {
        let before = list(scope).await?;
        let mut after = before.clone();
        let event = compute(&mut after)?;
        after.revision = before.revision + 1;
        let outcome = scope
            .inner()
            .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
                put_list(tx, scope, before.revision, &after);
                scope.rely_on(tx);
            })
            .await;
        match moved(outcome, before.revision) {
            Err(Error::Moved) => {}
            other => return other,
        }
    }
    Err(Error::Moved)
}

/// The next list in a transaction, in the place of the one that was read.
pub(super) fn put_list(tx: &mut crate::db::Tx, scope: &Scope, before: u64, after: &TestList) {
    let id = list_key(scope.workspace_id());
    if before == 0 { tx.create(id, after) } else { tx.compare_and_set(id, before, after) }
}

/// Two who make the first list at once: one of them finds it made.
pub(super) fn moved(outcome: Result<(), Error>, before: u64) -> Result<(), Error> {
    match outcome {
        Err(Error::Stale { .. }) if before == 0 => Err(Error::Moved),
        other => other,
    }
}
