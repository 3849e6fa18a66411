//! One's own account: name, password, sessions; and what the installation asks of all accounts.

use domain::{
    audit::Origin,
    installation::{DiagnosticsFor, SecondFactorRule, Settings},
    permission::kind,
};
use store::{
    Error, Ruler, SignInRefusal, Token,
    audit::{self, Filter, Reader},
    identity::{account, sessions, settings},
};

use crate::fixture::{self, Installation, PASSWORD, origin};

const NEW: &str = "nine paper kites";

fn ruler(it: &Installation) -> Ruler {
    it.gate.rule(&it.root).unwrap()
}

async fn works(it: &Installation, token: &Token) -> bool {
    it.gate.session(token, origin()).await.is_ok()
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_open_links() {
    let it = fixture::in_memory().await;
    let here = it.sign_in("author@acme.example").await;
    let elsewhere = it.sign_in("author@acme.example").await;
    let of_another = it.sign_in("admin@acme.example").await;
    let link = store::users::reset_link(&it.gate, "author@acme.example").await.unwrap();

    let refused = account::change_password(&it.gate, &here.session, "not mine at all", NEW).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "current_password", .. }), "{refused}");
    let refused = account::change_password(&it.gate, &here.session, PASSWORD, "short").await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "password", .. }), "{refused}");
    account::change_password(&it.gate, &here.session, PASSWORD, NEW).await.unwrap();

    assert!(works(&it, &here.token).await);
    assert!(!works(&it, &elsewhere.token).await);
    assert!(works(&it, &of_another.token).await);
    assert!(matches!(it.gate.link_purpose(&link).await, Err(Error::NotFound)));
    let old = it.gate.sign_in("author@acme.example", PASSWORD, origin()).await.unwrap();
    assert!(matches!(old, Err(SignInRefusal::Wrong)));
    it.gate.sign_in("author@acme.example", NEW, origin()).await.unwrap().unwrap();
}

#[tokio::test]
async fn guessing_the_password_of_an_open_session_locks_the_account() {
    let it = fixture::in_memory().await;
    let stolen = it.sign_in("author@acme.example").await.session;
    for _ in 0..2 {
        let refused = account::change_password(&it.gate, &stolen, "a wrong guess", NEW).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
    }
    let refused = account::change_password(&it.gate, &stolen, "a wrong guess", NEW).await.unwrap_err();
    assert!(matches!(refused, Error::TooMany { seconds: 60 }), "{refused}");
    let refused = account::change_password(&it.gate, &stolen, PASSWORD, NEW).await.unwrap_err();
    assert!(matches!(refused, Error::TooMany { seconds: 60 }), "{refused}");
}

#[tokio::test]
async fn own_sessions_are_listed_and_ended_one_or_all_others() {
    let it = fixture::in_memory().await;
    let here = it.sign_in("author@acme.example").await;
    it.clock.advance(120_000);
    let phone = Origin { address: "203.0.113.9".into(), user_agent: "phone".into(), ..origin() };
    let phone = it.gate.sign_in("author@acme.example", PASSWORD, phone).await.unwrap().unwrap().signed_in().unwrap();
    let own = sessions::list(&it.gate, &here.session).await.unwrap();
    assert_eq!(own.len(), 3, "that of the first run too");
    assert!(own[0].is_this && own[0].id == here.session.id());
    assert_eq!((own[1].address.as_str(), own[1].user_agent.as_str()), ("203.0.113.9", "phone"));

    let others = it.sign_in("admin@acme.example").await;
    let foreign = sessions::end(&it.gate, &here.session, others.session.id()).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "another's session looks like none");
    assert!(works(&it, &others.token).await);

    sessions::end(&it.gate, &here.session, phone.session.id()).await.unwrap();
    assert!(!works(&it, &phone.token).await);
    assert_eq!(sessions::end_others(&it.gate, &here.session).await.unwrap(), 1);
    assert_eq!(sessions::list(&it.gate, &here.session).await.unwrap().len(), 1);
    assert!(works(&it, &here.token).await && works(&it, &others.token).await);
}

#[tokio::test]
async fn settings_hold_from_the_next_request_on() {
    let it = fixture::in_memory().await;
    let token = it.sign_in("author@acme.example").await.token;
    let before = settings::read(&ruler(&it)).await.unwrap();
    assert_eq!((before.revision, before.settings.session_hours), (0, 8));
    let strict = Settings {
        password_min_length: 20,
        refused_words: Settings::words_of("Acme Corporation of Vienna"),
        session_hours: 1,
        session_idle_minutes: 10,
        ..Settings::default()
    };
    settings::save(&ruler(&it), 0, strict.clone()).await.unwrap();
    let stale = settings::save(&ruler(&it), 0, Settings::default()).await.unwrap_err();
    assert!(matches!(&stale, Error::Stale { what } if what.contains("in the meantime")), "{stale}");
    assert_eq!(settings::read(&ruler(&it)).await.unwrap().settings, strict);

    let session = it.gate.session(&token, origin()).await.unwrap();
    for weak in ["nine paper kites", "Acme Corporation of Vienna!"] {
        let refused = account::change_password(&it.gate, &session, PASSWORD, weak).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "password", .. }), "{weak}: {refused}");
    }
    it.clock.advance(10 * 60_000);
    assert!(!works(&it, &token).await, "ten minutes without a request");
    let invalid = Settings { session_hours: 0, ..Settings::default() };
    let refused = settings::save(&ruler(&it), 1, invalid).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "session_hours", .. }), "{refused}");
}

#[tokio::test]
async fn where_a_second_factor_is_asked_for_nothing_opens_before_it_is_set_up() {
    let it = fixture::in_memory().await;
    let (author, admin) = (it.sign_in("author@acme.example").await, it.sign_in("admin@acme.example").await);
    let ask_of = async |revision, second_factor| {
        settings::save(&ruler(&it), revision, Settings { second_factor, ..Settings::default() }).await.unwrap();
    };
    let missing =
        async |token: &Token| matches!(it.gate.session(token, origin()).await, Err(Error::SecondFactorMissing));
    ask_of(0, SecondFactorRule::Admins).await;
    assert!(missing(&admin.token).await && !missing(&author.token).await);
    ask_of(1, SecondFactorRule::Everybody).await;
    assert!(missing(&admin.token).await && missing(&author.token).await);
    assert!(it.gate.identify(&author.token, origin()).await.unwrap().needs_second_factor());
    it.gate.sign_out(&author.token, origin()).await.unwrap();
    assert!(matches!(it.gate.session(&author.token, origin()).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn diagnostics_are_kept_to_super_admins_from_the_next_request_on_and_it_is_on_record() {
    let it = fixture::in_memory().await;
    let token = it.sign_in("admin@acme.example").await.token;
    let admin = async || {
        let session = it.gate.session(&token, origin()).await.unwrap();
        it.gate.enter(&session, &fixture::slug()).await.unwrap()
    };
    admin().await.grant::<kind::ViewDiagnostics>().unwrap();
    let kept = Settings { diagnostics_for: DiagnosticsFor::SuperAdmins, ..Settings::default() };
    settings::save(&ruler(&it), 0, kept).await.unwrap();

    let refused = admin().await.grant::<kind::ViewDiagnostics>();
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    admin().await.grant::<kind::ViewMonitoring>().unwrap();
    let root = it.sign_in("root@acme.example").await.session;
    it.enter(&root).await.grant::<kind::ViewDiagnostics>().unwrap();
    let changed = Filter { action: Some("settings.changed".into()), ..Filter::default() };
    let log = audit::list(&Reader::installation(ruler(&it)), &changed, None, 10).await.unwrap().records;
    let [record] = &log[..] else { panic!("{log:?}") };
    let [change] = &record.changes[..] else { panic!("{record:?}") };
    assert_eq!((change.field.as_str(), change.after.as_deref()), ("diagnostics_for", Some("super_admins")));
}

#[tokio::test]
async fn a_new_name_is_on_record() {
    let it = fixture::in_memory().await;
    let session = it.sign_in("author@acme.example").await;
    assert!(account::rename(&it.gate, &session.session, "  ").await.is_err());
    account::rename(&it.gate, &session.session, " Ann Author ").await.unwrap();
    let again = it.gate.session(&session.token, origin()).await.unwrap();
    assert_eq!(again.user().name, "Ann Author");
}
