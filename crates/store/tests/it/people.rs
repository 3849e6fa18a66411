//! The people of the installation, in the hands of the super admins.

use store::{
    Entrance, Error, Ruler, Session,
    identity::{
        second_factor::{self, code_of},
        users::{self, UserChange, UserQuery, UserState},
    },
    users::NewUser,
};

use crate::fixture::{self, Installation, PASSWORD, origin};

fn ruler(it: &Installation) -> Ruler {
    it.gate.rule(&it.root).unwrap()
}

/// Another super admin, with a password.
async fn second_root(it: &Installation) -> Session {
    let new = NewUser { email: "root2@acme.example".into(), name: "Root Two".into(), super_admin: true };
    let (_, link) = users::create(&ruler(it), &new).await.unwrap();
    it.gate.set_password(&link, PASSWORD, origin()).await.unwrap().signed_in().unwrap().session
}

#[tokio::test]
async fn people_are_found_by_name_address_and_state() {
    let it = fixture::in_memory().await;
    let new = NewUser { email: "Late@acme.example".into(), name: "Zoe Late".into(), super_admin: false };
    users::create(&ruler(&it), &new).await.unwrap();
    let twice = users::create(&ruler(&it), &new).await.unwrap_err();
    assert!(matches!(twice, Error::Invalid { field: "email", .. }), "{twice}");
    let blocked = it.author.user().id;
    users::change(&ruler(&it), blocked, UserChange::Block).await.unwrap();

    let names = async |search: &str, state| {
        let query = UserQuery { search: search.into(), state, page: 0, page_size: 50 };
        let page = users::list(&ruler(&it), &query).await.unwrap();
        assert_eq!(page.total as usize, page.rows.len());
        page.rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names("", None).await, ["admin", "author", "both", "moderator", "Root", "Zoe Late"]);
    assert_eq!(names("LATE@", None).await, ["Zoe Late"]);
    assert_eq!(names("", Some(UserState::WithoutPassword)).await, ["Zoe Late"]);
    assert_eq!(names("", Some(UserState::Blocked)).await, ["author"]);
    let query = UserQuery { page: 1, page_size: 4, ..UserQuery::default() };
    let second = users::list(&ruler(&it), &query).await.unwrap();
    assert_eq!((second.total, second.rows.len()), (6, 2));
    let row = users::find(&ruler(&it), it.admin.user().id).await.unwrap();
    assert_eq!((row.memberships, row.sessions, row.last_sign_in_at_ms), (1, 1, Some(fixture::START_MS)));
}

#[tokio::test]
async fn who_is_demoted_or_blocked_feels_it_at_the_next_request() {
    let it = fixture::in_memory().await;
    let other = second_root(&it).await;
    let signed_in = it.sign_in("root2@acme.example").await;
    users::change(&ruler(&it), other.user().id, UserChange::Demote).await.unwrap();
    let session = it.gate.session(&signed_in.token, origin()).await.unwrap();
    assert!(matches!(it.gate.rule(&session), Err(Error::NotFound)));
    users::change(&ruler(&it), other.user().id, UserChange::Block).await.unwrap();
    assert!(matches!(it.gate.session(&signed_in.token, origin()).await, Err(Error::SignedOut)));
    users::change(&ruler(&it), other.user().id, UserChange::Restore).await.unwrap();
    it.sign_in("root2@acme.example").await;
}

#[tokio::test]
async fn a_decision_of_somebody_who_was_demoted_meanwhile_does_not_count() {
    let it = fixture::in_memory().await;
    let other = second_root(&it).await;
    let decided_before = it.gate.rule(&other).unwrap();
    users::change(&ruler(&it), other.user().id, UserChange::Demote).await.unwrap();
    let refused = users::change(&decided_before, it.author.user().id, UserChange::Block).await.unwrap_err();
    assert!(matches!(refused, Error::Stale { .. }), "{refused}");
    let author = users::find(&ruler(&it), it.author.user().id).await.unwrap();
    assert_eq!(author.state, UserState::Active);
}

#[tokio::test]
async fn nobody_blocks_or_demotes_themselves() {
    let it = fixture::in_memory().await;
    second_root(&it).await;
    for change in [UserChange::Block, UserChange::Demote] {
        let refused = users::change(&ruler(&it), it.root.user().id, change).await.unwrap_err();
        assert!(matches!(&refused, Error::Stale { what } if what.contains("themselves")), "{refused}");
    }
}

#[tokio::test]
async fn the_last_super_admin_who_can_sign_in_stays() {
    let it = fixture::in_memory().await;
    let refused = store::users::block(&it.gate, "root@acme.example").await.unwrap_err();
    assert!(matches!(&refused, Error::Stale { what } if what.contains("last super admin")), "{refused}");
    // One without a password does not count: they cannot sign in.
    let new = NewUser { email: "root2@acme.example".into(), name: "Root Two".into(), super_admin: true };
    let (two, _) = users::create(&ruler(&it), &new).await.unwrap();
    assert!(store::users::block(&it.gate, "root@acme.example").await.is_err());
    // And may go, for that very reason.
    users::change(&ruler(&it), two.id, UserChange::Demote).await.unwrap();
}

async fn race(it: Installation) {
    let other = second_root(&it).await;
    let (one, two) = (ruler(&it), it.gate.rule(&other).unwrap());
    let (first, second) = tokio::join!(
        users::change(&one, other.user().id, UserChange::Block),
        users::change(&two, it.root.user().id, UserChange::Demote),
    );
    assert_eq!(i32::from(first.is_ok()) + i32::from(second.is_ok()), 1, "{first:?} {second:?}");
    let rulers = [it.root.user().id, other.user().id];
    let mut left = 0;
    for email in ["root@acme.example", "root2@acme.example"] {
        if let Ok(entrance) = it.gate.sign_in(email, PASSWORD, origin()).await.unwrap() {
            let session = entrance.signed_in().unwrap().session;
            left += usize::from(rulers.contains(&session.user().id) && session.user().super_admin);
        }
    }
    assert_eq!(left, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_take_the_last_two_away_one_is_too_late() {
    race(fixture::in_memory().await).await;
    race(fixture::on_disk().await).await;
}

#[tokio::test]
async fn a_new_link_ends_the_earlier_ones_and_the_password_works_until_it_is_used() {
    let it = fixture::in_memory().await;
    let author = it.author.user().id;
    let (_, first) = users::reset_password(&ruler(&it), author).await.unwrap();
    let (_, second) = users::reset_password(&ruler(&it), author).await.unwrap();
    assert!(matches!(it.gate.link_purpose(&first).await, Err(Error::NotFound)));
    let before = it.sign_in("author@acme.example").await.token;
    it.gate.set_password(&second, "nine paper kites", origin()).await.unwrap();
    assert!(matches!(it.gate.session(&before, origin()).await, Err(Error::SignedOut)));
    users::change(&ruler(&it), author, UserChange::Block).await.unwrap();
    assert!(matches!(users::reset_password(&ruler(&it), author).await, Err(Error::Stale { .. })));
}

#[tokio::test]
async fn sessions_and_second_factor_of_others_end_by_a_super_admin() {
    let it = fixture::in_memory().await;
    let author = it.author.user().id;
    let token = it.sign_in("author@acme.example").await.token;
    let who = it.gate.identify(&token, origin()).await.unwrap();
    second_factor::begin(&it.gate, &who).await.unwrap();
    let secret = second_factor::overview(&it.gate, &who).await.unwrap().offer.unwrap().secret;
    second_factor::confirm(&it.gate, &who, &code_of(&secret, it.gate.now_ms())).await.unwrap();
    let asked = it.gate.sign_in("author@acme.example", PASSWORD, origin()).await.unwrap().unwrap();
    assert!(matches!(asked, Entrance::CodeNeeded(_)));

    let (_, ended) = users::end_sessions(&ruler(&it), author).await.unwrap();
    assert_eq!(ended, 2);
    assert!(matches!(it.gate.session(&token, origin()).await, Err(Error::SignedOut)));
    second_factor::reset(&ruler(&it), author).await.unwrap();
    assert!(matches!(second_factor::reset(&ruler(&it), author).await, Err(Error::Stale { .. })));
    it.sign_in("author@acme.example").await;
}
