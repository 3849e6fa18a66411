//! Pause everything: who may, what it says, and that it is on record.

use store::{Error, holds, workspaces::NewWorkspace};

use crate::fixture::{self, Installation};

async fn actions(it: &Installation) -> Vec<String> {
    let scope = it.enter(&it.admin).await;
    let records = store::audit::page(&scope.grant().unwrap(), None, 10).await.unwrap();
    records.into_iter().map(|record| record.action).filter(|action| action.starts_with("workspace.")).collect()
}

#[tokio::test]
async fn admins_hold_a_workspace_and_let_it_go_on() {
    let it = fixture::in_memory().await;
    let author = it.enter(&it.author).await;
    assert!(matches!(author.grant::<domain::permission::kind::ManageWorkspace>(), Err(Error::Forbidden)));
    assert_eq!(holds::of(&author).await.unwrap(), holds::Holds::default());

    let admin = it.enter(&it.admin).await;
    let refused = holds::hold(&admin.grant().unwrap(), "  ").await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "reason", .. }), "{refused}");
    let held = holds::hold(&admin.grant().unwrap(), " A wrong text goes out ").await.unwrap();
    let seen = holds::of(&author).await.unwrap();
    assert_eq!(seen.workspace, Some(held.clone()));
    assert_eq!((held.by_name.as_str(), held.reason.as_str()), ("admin", "A wrong text goes out"));
    assert!(seen.any() && seen.installation.is_none());
    let again = holds::hold(&admin.grant().unwrap(), "Me too").await.unwrap_err();
    assert_eq!(again.to_string(), "this workspace is held already, by admin");

    // Another workspace is not concerned.
    let other = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    let other = store::workspaces::create_as(&it.gate.rule(&it.root).unwrap(), &other).await.unwrap();
    let elsewhere = it.gate.enter(&it.root, &other.slug).await.unwrap();
    assert!(!holds::of(&elsewhere).await.unwrap().any());

    holds::release(&admin.grant().unwrap()).await.unwrap();
    assert!(!holds::of(&author).await.unwrap().any());
    assert!(matches!(holds::release(&admin.grant().unwrap()).await, Err(Error::Stale { .. })));
    // And again: the record of the first one is no hindrance.
    holds::hold(&admin.grant().unwrap(), "Once more").await.unwrap();
    assert_eq!(actions(&it).await, ["workspace.held", "workspace.released", "workspace.held"]);
}

#[tokio::test]
async fn super_admins_hold_all_workspaces() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    holds::hold_installation(&ruler, "The carrier is broken").await.unwrap();
    let author = it.enter(&it.author).await;
    let seen = holds::of(&author).await.unwrap();
    assert_eq!(seen.installation.map(|hold| hold.reason).as_deref(), Some("The carrier is broken"));
    assert_eq!(seen.workspace, None);
    let system = it.system.enter(author.workspace_id(), store::Reason::Dispatch);
    assert!(holds::load(&system).await.unwrap().any());
    holds::release_installation(&ruler).await.unwrap();
    assert!(!holds::load(&system).await.unwrap().any());
    assert_eq!(holds::of_installation(&ruler).await.unwrap(), None);
}

#[tokio::test]
async fn of_two_who_hold_at_once_one_is_told() {
    let it = fixture::in_memory().await;
    let (one, two) = (it.enter(&it.admin).await, it.enter(&it.root).await);
    let (one, two) = (one.grant().unwrap(), two.grant().unwrap());
    let (first, second) = tokio::join!(holds::hold(&one, "First"), holds::hold(&two, "Second"));
    assert_eq!([first.is_ok(), second.is_ok()].into_iter().filter(|&done| done).count(), 1, "{first:?} {second:?}");
}
