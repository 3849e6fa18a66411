//! Workspaces and who rules over all of them.

use store::{Error, workspaces, workspaces::NewWorkspace};

use crate::fixture;

fn other() -> NewWorkspace {
    NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    }
}

#[tokio::test]
async fn super_admins_rule_and_make_workspaces_and_nobody_else_does() {
    let it = fixture::in_memory().await;
    for session in [&it.author, &it.author_moderator, &it.moderator, &it.admin] {
        assert!(matches!(it.gate.rule(session), Err(Error::NotFound)), "{:?}", session.user().name);
    }
    let ruler = it.gate.rule(&it.root).unwrap();
    let made = workspaces::create_as(&ruler, &other()).await.unwrap();
    assert!(!made.joining_allowed, "nobody asks to be let in before an admin allows it");
    assert!(it.gate.enter(&it.root, &made.slug).await.is_ok());
    assert!(matches!(it.gate.enter(&it.admin, &made.slug).await, Err(Error::NotFound)));
    let again = workspaces::create_as(&ruler, &other()).await;
    assert!(matches!(again, Err(Error::Invalid { field: "slug", .. })));
}

#[tokio::test]
async fn who_was_blocked_meanwhile_makes_no_workspace() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    store::users::block(&it.gate, "root@acme.example").await.unwrap();
    assert!(matches!(workspaces::create_as(&ruler, &other()).await, Err(Error::Stale { .. })));
    assert!(workspaces::exists(&it.gate, &"other".parse().unwrap()).await.is_err());
}
