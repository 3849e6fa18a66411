//! Changing and removing members, for good and for a while.

use domain::{
    id::UserId,
    members::{Member, Standing},
    permission::{Capacity, Role, kind},
};
use store::{Error, Session, campaigns, members, members::roles, users, users::NewUser};

use crate::fixture::{self, Installation, PASSWORD, START_MS, origin, slug};

const HOUR_MS: i64 = 3_600_000;
const AUTHOR: Standing = Standing::new(Role::Author, false);
const MODERATOR: Standing = Standing::new(Role::Moderator, false);
const ADMIN: Standing = Standing::new(Role::Admin, false);

async fn seen(it: &Installation, as_whom: &Session, user: UserId) -> Member {
    roles::find(&it.enter(as_whom).await.grant().unwrap(), user).await.unwrap()
}

async fn change(
    it: &Installation,
    as_whom: &Session,
    user: UserId,
    standing: Standing,
    until_ms: Option<i64>,
) -> Result<(), Error> {
    let scope = it.enter(as_whom).await;
    let revision = seen(it, &it.root, user).await.revision;
    roles::change(&scope.grant::<kind::ManageMembers>()?, user, revision, standing, until_ms).await
}

async fn remove(it: &Installation, as_whom: &Session, user: UserId) -> Result<(), Error> {
    let scope = it.enter(as_whom).await;
    let revision = seen(it, &it.root, user).await.revision;
    roles::remove(&scope.grant::<kind::ManageMembers>()?, user, revision).await
}

/// The actions on record, newest first.
async fn recorded(it: &Installation) -> Vec<domain::audit::AuditRecord> {
    store::audit::page(&it.enter(&it.root).await.grant().unwrap(), None, 50).await.unwrap()
}

fn refused(outcome: Result<(), Error>, word: &str) {
    match outcome {
        Err(Error::Invalid { message, .. }) => assert!(message.contains(word), "{message}"),
        other => panic!("expected a refusal that says {word:?}, not {other:?}"),
    }
}

#[tokio::test]
async fn a_role_acts_at_once_and_is_on_record() {
    let it = fixture::in_memory().await;
    let author = it.author.user().id;
    change(&it, &it.admin, author, MODERATOR, None).await.unwrap();
    let scope = it.enter(&it.author).await;
    assert_eq!(scope.capacity(), Capacity::Moderator);
    assert!(scope.grant::<kind::CreateCampaign>().is_err());
    let records = recorded(&it).await;
    let record = records.iter().find(|record| record.action == "member.role_changed").unwrap();
    let role = record.changes.iter().find(|change| change.field == "role").unwrap();
    assert_eq!((role.before.as_deref(), role.after.as_deref()), (Some("author"), Some("moderator")));
    assert!(matches!(change(&it, &it.moderator, author, ADMIN, None).await, Err(Error::Forbidden)));
}

#[tokio::test]
async fn what_was_decided_in_the_role_before_does_not_hold() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let proof = it.enter(&it.moderator).await.grant::<kind::DecideCampaign>().unwrap();
    change(&it, &it.admin, it.moderator.user().id, AUTHOR, None).await.unwrap();
    let late = campaigns::approve(&proof, campaign.id, campaign.life.version).await;
    assert!(matches!(late, Err(Error::Stale { .. })), "{late:?}");
}

#[tokio::test]
async fn a_removed_person_finds_nothing_and_may_come_back() {
    let it = fixture::in_memory().await;
    let author = it.author.user().id;
    remove(&it, &it.admin, author).await.unwrap();
    assert!(matches!(it.gate.enter(&it.author, &slug()).await, Err(Error::NotFound)));
    assert!(store::workspaces::mine(&it.gate, &it.author).await.unwrap().is_empty());
    let scope = it.enter(&it.admin).await;
    assert!(matches!(roles::find(&scope.grant().unwrap(), author).await, Err(Error::NotFound)));
    members::add(&it.gate, &slug(), author, Role::Author, false).await.unwrap();
    assert!(it.gate.enter(&it.author, &slug()).await.is_ok());
}

#[tokio::test]
async fn who_saw_an_older_membership_decides_nothing() {
    let it = fixture::in_memory().await;
    let author = it.author.user().id;
    let scope = it.enter(&it.admin).await;
    let before = seen(&it, &it.admin, author).await.revision;
    change(&it, &it.root, author, MODERATOR, None).await.unwrap();
    let late = roles::change(&scope.grant().unwrap(), author, before, ADMIN, None).await;
    assert!(matches!(&late, Err(Error::Stale { what }) if what.contains("somebody else")), "{late:?}");
    let late = roles::remove(&scope.grant().unwrap(), author, before).await;
    assert!(matches!(late, Err(Error::Stale { .. })));
    assert_eq!(it.enter(&it.author).await.capacity(), Capacity::Moderator);
}

#[tokio::test]
async fn nobody_changes_themselves_or_a_super_admin_above_them() {
    let it = fixture::in_memory().await;
    let admin = it.admin.user().id;
    refused(change(&it, &it.admin, admin, AUTHOR, None).await, "themselves");
    refused(remove(&it, &it.admin, admin).await, "themselves");
    refused(remove(&it, &it.root, it.root.user().id).await, "themselves");
    refused(change(&it, &it.admin, it.root.user().id, AUTHOR, None).await, "super admin");
    refused(remove(&it, &it.admin, it.root.user().id).await, "super admin");
}

#[tokio::test]
async fn the_last_admin_stays_even_for_a_super_admin() {
    let it = fixture::in_memory().await;
    let second = another_super_admin(&it, 2).await;
    remove(&it, &second, it.root.user().id).await.unwrap();
    let admin = it.admin.user().id;
    refused(remove(&it, &it.root, admin).await, "last admin");
    refused(change(&it, &it.root, admin, MODERATOR, None).await, "last admin");
    refused(change(&it, &it.root, admin, MODERATOR, Some(START_MS + HOUR_MS)).await, "last admin");
    // An admin for a while does not count, and neither does one who has not signed in yet.
    change(&it, &it.root, it.author.user().id, ADMIN, Some(START_MS + HOUR_MS)).await.unwrap();
    let new = NewUser { email: "open@acme.example".into(), name: "Open".into(), super_admin: false };
    let (open, _) = users::create(&it.gate, &new, None).await.unwrap();
    members::add(&it.gate, &slug(), open, Role::Admin, false).await.unwrap();
    refused(remove(&it, &it.root, admin).await, "last admin");
    change(&it, &it.root, it.moderator.user().id, ADMIN, None).await.unwrap();
    remove(&it, &it.root, admin).await.unwrap();
}

#[tokio::test]
async fn a_temporary_role_ends_by_the_clock_and_then_on_record() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let both = it.author_moderator.user().id;
    change(&it, &it.admin, both, MODERATOR, Some(START_MS + HOUR_MS)).await.unwrap();
    let scope = it.enter(&it.author_moderator).await;
    assert_eq!(scope.capacity(), Capacity::Moderator);
    assert_eq!(it.system.end_temporary_roles().await.unwrap(), 0, "not yet");

    it.clock.set(START_MS + HOUR_MS);
    assert_eq!(it.enter(&it.author_moderator).await.capacity(), Capacity::AuthorModerator, "without the job");
    let proof = scope.grant::<kind::DecideCampaign>().unwrap();
    let late = campaigns::approve(&proof, campaign.id, campaign.life.version).await;
    assert!(matches!(late, Err(Error::Stale { .. })), "a proof from before the end: {late:?}");
    let listed = members::list(&it.enter(&it.admin).await.grant().unwrap()).await.unwrap();
    let shown = listed.iter().find(|member| member.user == both).unwrap();
    assert_eq!((shown.tenure.standing, shown.tenure.temporary), (Standing::new(Role::Author, true), None));

    assert_eq!(it.system.end_temporary_roles().await.unwrap(), 1);
    assert_eq!(it.system.end_temporary_roles().await.unwrap(), 0, "once");
    let records = recorded(&it).await;
    assert_eq!(records[0].action, "member.temporary_ended");
    assert!(matches!(&records[0].actor, domain::audit::Actor::System { .. }));
    assert_eq!(it.enter(&it.author_moderator).await.capacity(), Capacity::AuthorModerator);
}

#[tokio::test]
async fn a_temporary_role_can_be_made_to_stay() {
    let it = fixture::in_memory().await;
    let author = it.author.user().id;
    change(&it, &it.admin, author, MODERATOR, Some(START_MS + HOUR_MS)).await.unwrap();
    refused(change(&it, &it.admin, author, AUTHOR, Some(START_MS + HOUR_MS)).await, "already");
    refused(change(&it, &it.admin, author, ADMIN, Some(START_MS)).await, "passed");
    change(&it, &it.admin, author, MODERATOR, None).await.unwrap();
    it.clock.advance(2 * HOUR_MS);
    assert_eq!(it.system.end_temporary_roles().await.unwrap(), 0);
    assert_eq!(it.enter(&it.author).await.capacity(), Capacity::Moderator);
}

/// A super admin who is signed in, and a member as an admin.
pub async fn another_super_admin(it: &Installation, number: u32) -> Session {
    let new =
        NewUser { email: format!("root{number}@acme.example"), name: format!("Root {number}"), super_admin: true };
    let (_, link) = users::create(&it.gate, &new, None).await.unwrap();
    it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap().signed_in().unwrap().session
}
