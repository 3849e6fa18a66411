//! Sender presets: who is offered them, whose their SADDR is, and what campaigns keep of them.

use domain::{
    campaign::Status,
    channel::ChannelId,
    permission::{Role, kind},
    phone::PhoneNumber,
    sender::{InstallationSender, Offered, RevisionRef, Saddr, SenderOrigin, SenderStatus},
    slug::Slug,
};
use store::{
    Error, Gate, Scope, Session,
    audit::{Filter, Reader, list},
    campaigns,
    inbound::{self, Arrived, Writer},
    senders::{
        self,
        installation::{self, NewPreset},
    },
    suppressions,
    users::NewUser,
    workspaces::{self, NewWorkspace},
};

use crate::fixture::{self, Installation, PASSWORD, addressing};

const NUMBER: u64 = 436_601_234_567;

fn preset(name: &str, saddr: &str, offered: Offered) -> NewPreset {
    NewPreset { display_name: name.into(), addressing: addressing(saddr), reason: None, offered }
}

/// Made and approved by the only super admin.
async fn in_force(it: &Installation, name: &str, saddr: &str, offered: Offered) -> InstallationSender {
    let ruler = it.gate.rule(&it.root).unwrap();
    let made = installation::create(&ruler, preset(name, saddr, offered)).await.unwrap();
    installation::approve(&ruler, made.id, 1).await.unwrap()
}

/// Another workspace with an admin of its own.
async fn other(gate: &Gate, it: &Installation) -> (Slug, Session) {
    let new = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: false,
    };
    workspaces::create(gate, &new).await.unwrap();
    let slug = Slug::parse("other").unwrap();
    let new = NewUser { email: "admin@other.example".into(), name: "Olga".into(), super_admin: false };
    let (user, _) = store::users::create(gate, &new, Some(PASSWORD.into())).await.unwrap();
    store::members::add(gate, &slug, user, Role::Admin, false).await.unwrap();
    (slug, it.sign_in("admin@other.example").await.session)
}

async fn offers(scope: &Scope) -> Vec<String> {
    let usable = senders::usable(&scope.grant().unwrap()).await.unwrap();
    usable
        .into_iter()
        .filter(|sender| sender.origin == SenderOrigin::Installation)
        .map(|sender| sender.display_name)
        .collect()
}

fn reference(preset: &InstallationSender, scope: &Scope) -> RevisionRef {
    preset.offer_to(scope.workspace_id()).unwrap()
}

#[tokio::test]
async fn a_workspace_sees_what_it_is_offered_and_nothing_else() {
    let it = fixture::in_memory().await;
    let (slug, olga) = other(&it.gate, &it).await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let only = installation::offered_to(&ruler, "acme").await.unwrap();
    let everybody = in_force(&it, "For all", "HOUSE", Offered::Everybody).await;
    let some = in_force(&it, "For Acme", "GROUP", only).await;
    let waiting = installation::create(&ruler, preset("Waits", "LATER", Offered::Everybody)).await.unwrap();
    let (acme, theirs) = (it.enter(&it.author).await, it.gate.enter(&olga, &slug).await.unwrap());
    assert_eq!(
        (offers(&acme).await, offers(&theirs).await),
        (vec!["For Acme".to_owned(), "For all".to_owned()], vec!["For all".to_owned()])
    );
    for hidden in [some.id, waiting.id, everybody_of_nobody()] {
        let found = installation::offered_one(&theirs, hidden).await;
        assert!(matches!(found, Err(Error::NotFound)), "another's, one that waits, and none are the same");
    }
    let refused = installation::offered_to(&ruler, "acme\nnowhere").await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid { field: "workspaces", .. }) && refused.to_string().contains("nowhere"));
    // Archived it is offered to nobody, and the name is free again.
    installation::archive(&ruler, everybody.id).await.unwrap();
    assert_eq!(offers(&theirs).await, [] as [String; 0]);
    installation::create(&ruler, preset("For all", "HOUSE", Offered::Everybody)).await.unwrap();
    assert!(it.gate.rule(&it.admin).is_err(), "super admins alone");
}

fn everybody_of_nobody() -> domain::id::SenderId {
    "019d0000-0000-7000-8000-000000000001".parse().unwrap()
}

#[tokio::test]
async fn another_super_admin_approves_where_there_is_one() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let made = installation::create(&ruler, preset("House", "HOUSE", Offered::Everybody)).await.unwrap();
    let new = NewUser { email: "second@acme.example".into(), name: "Second".into(), super_admin: true };
    store::users::create(&it.gate, &new, Some(PASSWORD.into())).await.unwrap();
    let refused = installation::approve(&ruler, made.id, 1).await.unwrap_err();
    assert!(refused.to_string().contains("four-eyes"), "{refused}");
    let second = it.gate.rule(&it.sign_in("second@acme.example").await.session).unwrap();
    let approved = installation::approve(&second, made.id, 1).await.unwrap();
    assert_eq!((approved.status(), approved.in_force().unwrap().number), (SenderStatus::Approved, 1));
    // A change is a revision, and what is in force stays until it is approved.
    let revised = installation::submit_revision(&second, made.id, addressing("HOUSE2"), None).await.unwrap();
    assert_eq!(revised.in_force().unwrap().addressing.saddr.to_string(), "HOUSE");
    let rejected = installation::reject(&ruler, made.id, 2, "not this one").await.unwrap();
    assert_eq!(rejected.in_force().unwrap().number, 1);
    let again = installation::approve(&ruler, made.id, 2).await.unwrap_err();
    assert!(again.to_string().contains("already rejected by Root"), "{again}");
}

#[tokio::test]
async fn one_who_is_alone_approves_on_record() {
    let it = fixture::in_memory().await;
    in_force(&it, "House", "HOUSE", Offered::Everybody).await;
    let reader = Reader::installation(it.gate.rule(&it.root).unwrap());
    let log = list(&reader, &Filter::default(), None, 100).await.unwrap().records;
    let approved = log.iter().find(|record| record.action == "sender_preset.revision_approved").unwrap();
    assert!(approved.note.as_deref().unwrap().contains("self-approval"), "{approved:?}");
}

#[tokio::test]
async fn its_saddr_is_the_installations_unless_the_shared_use_is_allowed() {
    let it = fixture::in_memory().await;
    in_force(&it, "House", "HOUSE", Offered::Everybody).await;
    let root = it.enter(&it.root).await;
    let own = senders::create(&root.grant().unwrap(), "Spoof").await.unwrap();
    senders::submit_revision(&root.grant().unwrap(), own.id, addressing("house"), None).await.unwrap();
    let judge = it.enter(&it.moderator).await;
    let refused = senders::approve(&judge.grant().unwrap(), own.id, 1).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "saddr", .. }), "{refused}");
    senders::allow_shared(&root.grant().unwrap(), own.id, 1).await.unwrap();
    senders::approve(&judge.grant().unwrap(), own.id, 1).await.unwrap();

    // The other way round, and no tenant is named.
    it.approved_sender().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let late = installation::create(&ruler, preset("Late", "acme", Offered::Everybody)).await.unwrap();
    assert!(installation::pending_is_barred(&ruler, &late).await.unwrap());
    let refused = installation::approve(&ruler, late.id, 1).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "saddr", .. }), "{refused}");
    assert!(!refused.to_string().to_lowercase().contains("acme"), "{refused}");
    installation::allow_shared(&ruler, late.id, 1).await.unwrap();
    installation::approve(&ruler, late.id, 1).await.unwrap();
}

/// Of a preset and a sender name with one SADDR that are approved at the same moment one is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_claims_at_once_one_wins() {
    let it = fixture::in_memory().await;
    let (ruler, judge) = (it.gate.rule(&it.root).unwrap(), it.enter(&it.moderator).await);
    let admin = it.enter(&it.admin).await;
    for round in 0..12 {
        let saddr = format!("RACE{round}");
        let made = installation::create(&ruler, preset(&saddr, &saddr, Offered::Everybody)).await.unwrap();
        let own = senders::create(&admin.grant().unwrap(), &saddr).await.unwrap();
        senders::submit_revision(&admin.grant().unwrap(), own.id, addressing(&saddr), None).await.unwrap();
        let proof = judge.grant().unwrap();
        let (theirs, ours) =
            tokio::join!(installation::approve(&ruler, made.id, 1), senders::approve(&proof, own.id, 1));
        assert!(theirs.is_ok() != ours.is_ok(), "{theirs:?} {ours:?}");
    }
}

#[tokio::test]
async fn a_campaign_keeps_the_revision_that_it_is_sent_with() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let house = in_force(&it, "House", "HOUSE", Offered::Everybody).await;
    let scope = it.enter(&it.author).await;
    let campaign = it.submitted_with(reference(&house, &scope)).await;
    installation::submit_revision(&ruler, house.id, addressing("HOUSE2"), None).await.unwrap();
    let after = installation::approve(&ruler, house.id, 2).await.unwrap();
    let judge = it.enter(&it.moderator).await;
    let approved = campaigns::approve(&judge.grant().unwrap(), campaign.id, campaign.life.version).await.unwrap();
    let sender = approved.parameters.sender.unwrap();
    assert_eq!((sender.origin, sender.revision, sender.sender), (SenderOrigin::Installation, 1, house.id));
    assert_eq!(sender.addressing.saddr.to_string(), "HOUSE");
    assert_eq!(reference(&after, &scope).revision, 2, "new ones have the new one");
    // Archived, what is approved goes on.
    installation::archive(&ruler, house.id).await.unwrap();
    assert_eq!(campaigns::find(&scope, campaign.id).await.unwrap().life.status, Status::Building);
}

#[tokio::test]
async fn what_is_offered_no_more_is_neither_submitted_nor_approved() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let house = in_force(&it, "House", "HOUSE", Offered::Everybody).await;
    let scope = it.enter(&it.author).await;
    let waiting = it.submitted_with(reference(&house, &scope)).await;
    let draft = it.complete_draft_with(reference(&house, &scope)).await;
    let nobody = Offered::Only(Default::default());
    installation::offer(&ruler, house.id, house.revision, nobody.clone()).await.unwrap();
    let stale = installation::offer(&ruler, house.id, house.revision, nobody).await.unwrap_err();
    assert!(matches!(stale, Error::Stale { .. }), "somebody else was quicker");
    let proof = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    assert!(matches!(campaigns::submit(&proof).await, Err(Error::Invalid { field: "sender", .. })));
    let judge = it.enter(&it.moderator).await;
    let refused = campaigns::approve(&judge.grant().unwrap(), waiting.id, waiting.life.version).await.unwrap_err();
    assert!(matches!(refused, Error::Stale { .. }), "{refused}");
    // Edited as new it has no sender, for it cannot have this one.
    assert_eq!(senders::in_force(&scope, house.id).await.unwrap(), None);
}

/// What is written to it, and a STOP, is for those who have sent with it, and says nothing to others.
#[tokio::test]
async fn subscribers_reach_the_workspaces_that_have_sent_with_it() {
    let it = fixture::in_memory().await;
    let (slug, olga) = other(&it.gate, &it).await;
    let house = in_force(&it, "House", "HOUSE", Offered::Everybody).await;
    let arrived = Arrived {
        id: inbound::new_id(&it.system).unwrap(),
        at_ms: fixture::START_MS,
        link: ChannelId::parse("carrier-a").unwrap(),
        saddr: Saddr::parse("house").unwrap(),
        from: Writer::Number(NUMBER),
        text: Some("STOP".into()),
        wish: None,
    };
    assert_eq!(inbound::keep(&it.system, &arrived).await.unwrap(), [], "nobody has sent with it");
    let scope = it.enter(&it.author).await;
    it.submitted_with(reference(&house, &scope)).await;
    assert_eq!(inbound::keep(&it.system, &arrived).await.unwrap(), [scope.workspace_id()]);
    let number = PhoneNumber::from_u64(NUMBER).unwrap();
    assert_eq!(suppressions::by_stop(&it.system, &arrived.saddr, number).await.unwrap(), 1);
    let admin = it.enter(&it.admin).await;
    assert!(suppressions::find(&admin.grant().unwrap(), number).await.unwrap().is_some());
    let theirs = it.gate.enter(&olga, &slug).await.unwrap();
    assert!(suppressions::find(&theirs.grant().unwrap(), number).await.unwrap().is_none());
    let (workspace, from) = senders::written_to(&it.system, &arrived.saddr).await.unwrap().unwrap();
    assert_eq!((workspace, from), (scope.workspace_id(), addressing("HOUSE")));
}
