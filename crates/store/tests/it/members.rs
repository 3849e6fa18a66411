//! One-time links for colleagues who have not signed in yet, and the statuses that a list is narrowed to.

use domain::{
    campaign::Status,
    id::UserId,
    permission::{Role, kind},
    slug::Slug,
};
use store::{Error, LinkPurpose, Session, Token, campaigns, members, users, users::NewUser, workspaces::NewWorkspace};

use crate::fixture::{self, Installation, PASSWORD, origin, slug};

async fn newcomer(it: &Installation, super_admin: bool) -> (UserId, Token) {
    let new = NewUser { email: "new@acme.example".into(), name: "New".into(), super_admin };
    let (id, link) = users::create(&it.gate, &new, None).await.unwrap();
    (id, link.expect("without a password there is a link"))
}

async fn other_workspace(it: &Installation) -> Slug {
    let other = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &other).await.unwrap();
    Slug::parse("other").unwrap()
}

async fn renew(it: &Installation, as_whom: &Session, user: UserId) -> Result<Token, Error> {
    let scope = it.enter(as_whom).await;
    members::renew_link(&scope.grant::<kind::ManageMembers>()?, user).await.map(|(_, token)| token)
}

#[tokio::test]
async fn a_new_link_takes_the_place_of_earlier_ones_and_is_recorded() {
    let it = fixture::in_memory().await;
    let (user, first) = newcomer(&it, false).await;
    members::add(&it.gate, &slug(), user, Role::Moderator, false).await.unwrap();
    let second = renew(&it, &it.admin, user).await.unwrap();
    assert!(matches!(it.gate.link_purpose(&first).await, Err(Error::NotFound)));
    assert_eq!(it.gate.link_purpose(&second).await.unwrap(), LinkPurpose::SetPassword { user });
    it.gate.set_password(&second, PASSWORD, origin()).await.unwrap();

    let scope = it.enter(&it.admin).await;
    let records = store::audit::page(&scope.grant().unwrap(), None, 10).await.unwrap();
    let made: Vec<_> = records.iter().filter(|record| record.action == "member.link_made").collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].resource_id, user.to_string());
    let text = format!("{records:?}");
    assert!(!text.contains(second.reveal()), "a record holds no token");
}

#[tokio::test]
async fn who_signs_in_already_or_belongs_elsewhere_gets_no_new_link() {
    let it = fixture::in_memory().await;
    let active = it.author.user().id;
    assert!(matches!(renew(&it, &it.admin, active).await, Err(Error::Invalid { field: "user", .. })));
    assert!(matches!(renew(&it, &it.moderator, active).await, Err(Error::Forbidden)));

    let other = other_workspace(&it).await;
    let (user, link) = newcomer(&it, false).await;
    members::add(&it.gate, &other, user, Role::Admin, false).await.unwrap();
    assert!(matches!(renew(&it, &it.admin, user).await, Err(Error::NotFound)), "a member of another workspace only");
    members::add(&it.gate, &slug(), user, Role::Author, false).await.unwrap();
    assert!(
        matches!(renew(&it, &it.admin, user).await, Err(Error::Invalid { .. })),
        "an admin of one, a member of two"
    );
    assert!(it.gate.link_purpose(&link).await.is_ok(), "what is refused changes nothing");
    assert!(renew(&it, &it.root, user).await.is_ok(), "a super admin rules both");
}

#[tokio::test]
async fn nobody_becomes_a_super_admin_by_a_link_of_a_workspace() {
    let it = fixture::in_memory().await;
    let (user, _) = newcomer(&it, true).await;
    members::add(&it.gate, &slug(), user, Role::Author, false).await.unwrap();
    assert!(matches!(renew(&it, &it.admin, user).await, Err(Error::Invalid { .. })));
    assert!(matches!(renew(&it, &it.root, user).await, Err(Error::Invalid { .. })));
}

#[tokio::test]
async fn a_list_is_narrowed_to_any_of_several_statuses() {
    let it = fixture::in_memory().await;
    it.submitted().await;
    let scope = it.enter(&it.author).await;
    let found = async |statuses: &[Status]| {
        let filter = campaigns::Filter { statuses: statuses.to_vec(), ..campaigns::Filter::default() };
        campaigns::list(&scope.grant().unwrap(), &filter, 10).await.unwrap().campaigns.len()
    };
    assert_eq!(found(&[]).await, 1);
    assert_eq!(found(&[Status::New, Status::Sending]).await, 1);
    assert_eq!(found(&[Status::Failed, Status::Expired]).await, 0);
}
