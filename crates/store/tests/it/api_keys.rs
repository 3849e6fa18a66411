//! Keys of programs: made, presented, revoked.

use domain::{
    api_key::{
        self, ACTIVE_MAX, ApiKey, DAY_MS, Realm,
        kind::{AuditRead, CampaignsRead, UsageRead},
    },
    audit::Origin,
    permission::{Role, kind},
};
use store::{
    Error, Session,
    api_keys::{self, ApiSecret, NewKey},
    campaigns, users,
    users::NewUser,
};

use crate::fixture::{self, Installation, PASSWORD, origin, slug};

fn new(scopes: &[api_key::Scope]) -> NewKey {
    NewKey { name: "Billing".into(), scopes: scopes.to_vec(), life_days: 365 }
}

async fn make(it: &Installation, maker: &Session, scopes: &[api_key::Scope]) -> (ApiKey, ApiSecret) {
    let scope = it.enter(maker).await;
    api_keys::make(&scope.grant().unwrap(), &new(scopes)).await.unwrap()
}

/// Whether the key works at all.
async fn works(it: &Installation, secret: &ApiSecret) -> bool {
    match it.gate.enter_key(secret, origin()).await {
        Ok(_) => true,
        Err(Error::SignedOut) => false,
        Err(other) => panic!("{other}"),
    }
}

/// Another admin, who can leave.
async fn second_admin(it: &Installation) -> (Session, String) {
    let email = "second@acme.example".to_owned();
    let person = NewUser { email: email.clone(), name: "Second".into(), super_admin: false };
    let (user, link) = users::create(&it.gate, &person, None).await.unwrap();
    store::members::add(&it.gate, &slug(), user, Role::Admin, false).await.unwrap();
    (it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap().signed_in().unwrap().session, email)
}

/// What is on record about keys, newest first, once there is as much: a refusal does not wait for its record.
async fn actions(it: &Installation, wanted: usize) -> Vec<String> {
    let scope = it.enter(&it.admin).await;
    for _ in 0..1_000 {
        let records = store::audit::page(&scope.grant().unwrap(), None, 200).await.unwrap();
        let about_keys = records.into_iter().filter(|record| record.resource_kind == "api_key");
        let actions: Vec<_> = about_keys.map(|record| record.action).collect();
        if actions.len() >= wanted {
            return actions;
        }
        tokio::task::yield_now().await;
    }
    panic!("there are not {wanted} records about keys");
}

#[tokio::test]
async fn a_key_opens_what_it_was_made_for_and_nothing_else() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let (key, secret) = make(&it, &it.admin, &[api_key::Scope::CampaignsRead]).await;
    assert_eq!(key.realm, Realm::Workspace(campaign.workspace));
    assert!(secret.reveal().starts_with(&key.start) && secret.is_well_formed());
    let scope = it.gate.enter_key(&secret, origin()).await.unwrap();
    assert_eq!(scope.workspace_total().await.unwrap(), 1);
    let proof = scope.grant::<CampaignsRead>().unwrap();
    assert_eq!(campaigns::list(&proof, &campaigns::Filter::default(), 10).await.unwrap().campaigns.len(), 1);
    assert!(matches!(scope.grant::<AuditRead>(), Err(Error::Forbidden)), "it was not made for it");
    assert!(matches!(scope.grant::<UsageRead>(), Err(Error::Forbidden)));
    // Its owner is an admin; the proof is one of looking only.
    assert!(matches!(proof.grant::<kind::ManageMembers>(), Err(Error::Forbidden)));
    assert!(matches!(proof.grant_on::<kind::EditCampaign>(campaign.id).await, Err(Error::Forbidden)));
}

#[tokio::test]
async fn a_key_never_does_more_than_its_owner_may_now() {
    let it = fixture::in_memory().await;
    let (second, email) = second_admin(&it).await;
    let (_, secret) = make(&it, &second, api_key::Scope::ALL).await;
    assert!(works(&it, &secret).await);
    users::block(&it.gate, &email).await.unwrap();
    assert!(!works(&it, &secret).await, "blocking the owner acts on the next request");
    users::restore(&it.gate, &email).await.unwrap();
    assert!(works(&it, &secret).await);
}

#[tokio::test]
async fn revoking_acts_on_the_next_request_and_is_recorded_without_the_secret() {
    let it = fixture::in_memory().await;
    let (key, secret) = make(&it, &it.admin, &[api_key::Scope::UsageRead]).await;
    let scope = it.enter(&it.admin).await;
    api_keys::revoke(&scope.grant().unwrap(), key.id).await.unwrap();
    api_keys::revoke(&scope.grant().unwrap(), key.id).await.unwrap();
    assert!(!works(&it, &secret).await);
    assert_eq!(actions(&it, 3).await, ["api_key.denied", "api_key.revoked", "api_key.made"]);
    let records = format!("{:?}", store::audit::page(&scope.grant().unwrap(), None, 200).await.unwrap());
    assert!(!records.contains(secret.reveal()));
    let listed = api_keys::list(&scope.grant().unwrap()).await.unwrap();
    assert_eq!(listed[0].key.revoked.as_ref().map(|revoked| revoked.by), Some(it.admin.user().id));
}

#[tokio::test]
async fn what_is_no_key_and_what_has_ended_are_the_same() {
    let it = fixture::in_memory().await;
    let (_, secret) = make(&it, &it.admin, &[api_key::Scope::UsageRead]).await;
    let mut mistyped = secret.reveal().to_owned();
    mistyped.pop();
    for text in ["", "mc_", "Bearer", &mistyped, &format!("{}0", secret.reveal()), &secret.reveal().to_uppercase()] {
        assert!(!works(&it, &ApiSecret::presented(text)).await, "{text}");
    }
    it.clock.advance(365 * DAY_MS - 1);
    assert!(works(&it, &secret).await);
    it.clock.advance(1);
    assert!(!works(&it, &secret).await, "it has expired");
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let it = fixture::in_memory().await;
    let (_, secret) = make(&it, &it.admin, &[api_key::Scope::UsageRead]).await;
    let scope = it.enter(&it.admin).await;
    let last_use = async || api_keys::list(&scope.grant().unwrap()).await.unwrap()[0].last_use.clone();
    assert_eq!(last_use().await, None);
    let from = |address: &str| Origin { address: address.into(), ..origin() };
    it.gate.enter_key(&secret, from("192.0.2.1")).await.unwrap();
    it.clock.advance(59_999);
    it.gate.enter_key(&secret, from("192.0.2.2")).await.unwrap();
    assert_eq!(last_use().await, Some((fixture::START_MS, "192.0.2.1".into())));
    it.clock.advance(1);
    it.gate.enter_key(&secret, from("192.0.2.3")).await.unwrap();
    assert_eq!(last_use().await, Some((fixture::START_MS + 60_000, "192.0.2.3".into())));
}

#[tokio::test]
async fn what_a_key_needs_is_said() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.admin).await;
    let refused = async |new: NewKey| match api_keys::make(&scope.grant().unwrap(), &new).await {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let good = new(&[api_key::Scope::UsageRead]);
    assert_eq!(refused(NewKey { scopes: Vec::new(), ..good.clone() }).await, "scopes");
    assert_eq!(refused(NewKey { name: "  ".into(), ..good.clone() }).await, "name");
    assert_eq!(refused(NewKey { life_days: 0, ..good.clone() }).await, "life_days");
    assert_eq!(refused(NewKey { life_days: 731, ..good.clone() }).await, "life_days");
    let moderator = it.enter(&it.moderator).await;
    assert!(matches!(moderator.grant::<kind::ManageApiKeys>(), Err(Error::Forbidden)));
}

/// Sixty at once, by two admins: as many as there may be, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_more_than_fifty_active_keys() {
    let it = fixture::in_memory().await;
    let (second, _) = second_admin(&it).await;
    let scope = it.enter(&it.admin).await;
    for _ in 0..ACTIVE_MAX - 3 {
        api_keys::make(&scope.grant().unwrap(), &new(api_key::Scope::ALL)).await.unwrap();
    }
    let other = it.enter(&second).await;
    let makers = (0..8).map(|number| if number % 2 == 0 { scope.clone() } else { other.clone() }).map(|scope| {
        tokio::spawn(async move { api_keys::make(&scope.grant().unwrap(), &new(api_key::Scope::ALL)).await.is_ok() })
    });
    let mut made = 0;
    for maker in makers.collect::<Vec<_>>() {
        made += usize::from(maker.await.unwrap());
    }
    assert_eq!(made, 3);
    let keys = api_keys::list(&scope.grant().unwrap()).await.unwrap();
    assert_eq!(keys.len(), ACTIVE_MAX);
    api_keys::revoke(&scope.grant().unwrap(), keys[0].key.id).await.unwrap();
    api_keys::make(&scope.grant().unwrap(), &new(api_key::Scope::ALL)).await.unwrap();
}

#[tokio::test]
async fn a_key_of_the_installation_reads_figures_and_opens_no_workspace() {
    let it = fixture::in_memory().await;
    it.submitted().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let (key, secret) = api_keys::make_for_installation(&ruler, &new(&[])).await.unwrap();
    assert!(secret.reveal().starts_with("mci_") && key.scopes.is_empty());
    let scope = it.gate.enter_installation_key(&secret, origin()).await.unwrap();
    let workspaces = scope.workspaces(None, 10).await.unwrap();
    assert_eq!(workspaces.len(), 1);
    assert_eq!(scope.workspace_total(&workspaces[0]).await.unwrap(), 1);
    assert!(scope.workspaces(Some(workspaces[0].id), 10).await.unwrap().is_empty());
    scope.usage(&workspaces[0], scope.month_now().unwrap()).await.unwrap();
    assert!(matches!(it.gate.enter_key(&secret, origin()).await, Err(Error::Forbidden)));
    let (_, of_workspace) = make(&it, &it.admin, api_key::Scope::ALL).await;
    assert!(matches!(it.gate.enter_installation_key(&of_workspace, origin()).await, Err(Error::Forbidden)));

    assert_eq!(api_keys::installation_keys(&ruler).await.unwrap().len(), 1);
    api_keys::revoke_of_installation(&ruler, key.id).await.unwrap();
    assert!(matches!(it.gate.enter_installation_key(&secret, origin()).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn a_key_of_another_workspace_is_none_to_an_admin() {
    let it = fixture::in_memory().await;
    let (key, secret) = make(&it, &it.admin, api_key::Scope::ALL).await;
    let other = store::workspaces::NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &other).await.unwrap();
    let elsewhere = it.gate.enter(&it.root, &"other".parse().unwrap()).await.unwrap();
    assert!(matches!(api_keys::revoke(&elsewhere.grant().unwrap(), key.id).await, Err(Error::NotFound)));
    assert!(api_keys::list(&elsewhere.grant().unwrap()).await.unwrap().is_empty());
    assert!(works(&it, &secret).await);
}
