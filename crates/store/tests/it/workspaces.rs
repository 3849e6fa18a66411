//! Workspaces and who rules over all of them.

use domain::{
    audit::{Actor, AuditRecord},
    campaign::Mode,
    permission::{Capacity, Role, kind},
    workspace::{NumbersVisibleTo, Workspace},
};
use store::{
    Error, Session, campaigns, members, senders, users,
    users::NewUser,
    workspaces,
    workspaces::{
        NewWorkspace, Settings, master, onboarding,
        onboarding::{FirstSender, NewClient},
        removal,
    },
};

use crate::fixture::{self, Installation, PASSWORD, origin, slug};

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
    // The last super admin stays.
    let other_root = NewUser { email: "root2@acme.example".into(), name: "Root Two".into(), super_admin: true };
    store::users::create(&it.gate, &other_root, Some(PASSWORD.into())).await.unwrap();
    store::users::block(&it.gate, "root@acme.example").await.unwrap();
    assert!(matches!(workspaces::create_as(&ruler, &other()).await, Err(Error::Stale { .. })));
    assert!(workspaces::exists(&it.gate, &"other".parse().unwrap()).await.is_err());
}

async fn audited(it: &Installation) -> Vec<AuditRecord> {
    let scope = it.enter(&it.admin).await;
    store::audit::page(&scope.grant().unwrap(), None, 20).await.unwrap()
}

async fn renamed(it: &Installation, to: &str) -> Result<Workspace, Error> {
    let scope = it.enter(&it.admin).await;
    let settings = Settings { slug: to.into(), ..Settings::of(scope.workspace()) };
    workspaces::save(&scope.grant()?, scope.workspace().revision, &settings).await
}

#[tokio::test]
async fn admins_change_settings_and_each_changed_field_is_on_record() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.admin).await;
    let seen = scope.workspace().revision;
    let settings = Settings {
        display_name: " Acme Bank ".into(),
        joining_allowed: true,
        segment_price_cents: 7,
        ..Settings::of(scope.workspace())
    };
    let after = workspaces::save(&scope.grant().unwrap(), seen, &settings).await.unwrap();
    assert_eq!((after.display_name.as_str(), after.joining_allowed), ("Acme Bank", true));
    let records = audited(&it).await;
    assert_eq!(records[0].action, "workspace.settings_changed");
    let changes: Vec<_> = records[0]
        .changes
        .iter()
        .map(|change| (change.field.as_str(), change.before.as_deref(), change.after.as_deref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("display_name", Some("Acme"), Some("Acme Bank")),
            ("joining_allowed", Some("false"), Some("true")),
            ("segment_price_cents", Some("0"), Some("7")),
        ]
    );
    // Somebody who had the page open before.
    let late = it.enter(&it.admin).await;
    let refused = workspaces::save(&late.grant().unwrap(), seen, &settings).await;
    assert!(matches!(refused, Err(Error::Stale { .. })));
    assert!(matches!(it.enter(&it.moderator).await.grant::<kind::ManageWorkspace>(), Err(Error::Forbidden)));
}

#[tokio::test]
async fn what_is_no_setting_is_refused_at_its_field() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.admin).await;
    let (proof, seen) = (scope.grant::<kind::ManageWorkspace>().unwrap(), scope.workspace().revision);
    let standing = Settings::of(scope.workspace());
    let field = async |settings: Settings| match workspaces::save(&proof, seen, &settings).await {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(Settings { display_name: " ".into(), ..standing.clone() }).await, "display_name");
    assert_eq!(field(Settings { time_zone: "Europe/Atlantis".into(), ..standing.clone() }).await, "time_zone");
    assert_eq!(field(Settings { default_country: "ZZ".into(), ..standing.clone() }).await, "default_country");
    assert_eq!(field(Settings { currency: "euros".into(), ..standing.clone() }).await, "currency");
    for slug in ["master", "installation", "Acme", "a"] {
        assert_eq!(field(Settings { slug: slug.into(), ..standing.clone() }).await, "slug", "{slug}");
    }
    workspaces::create(&it.gate, &other()).await.unwrap();
    assert_eq!(field(Settings { slug: "other".into(), ..standing }).await, "slug");
}

#[tokio::test]
async fn a_former_address_leads_members_to_the_workspace_and_is_nobody_elses() {
    let it = fixture::in_memory().await;
    workspaces::create(&it.gate, &other()).await.unwrap();
    let stranger = newcomer(&it).await;
    renamed(&it, "bank").await.unwrap();
    let scope = it.enter(&it.author).await;
    assert_eq!(scope.workspace().slug.as_str(), "bank", "entered by the former address");
    for address in ["acme", "bank"] {
        let entered = it.gate.enter(&stranger, &address.parse().unwrap()).await;
        assert!(matches!(entered, Err(Error::NotFound)), "{address}");
    }
    // Nobody takes it over.
    let again = NewWorkspace { slug: "acme".into(), ..other() };
    let taken = workspaces::create(&it.gate, &again).await;
    assert!(matches!(taken, Err(Error::Invalid { field: "slug", .. })));
    // It can be had again, and the later one stays too.
    assert_eq!(renamed(&it, "acme").await.unwrap().slug.as_str(), "acme");
    assert!(it.gate.enter(&it.author, &"bank".parse().unwrap()).await.is_ok());
}

#[tokio::test]
async fn addresses_are_not_hoarded() {
    let it = fixture::in_memory().await;
    for number in 1..20 {
        renamed(&it, &format!("acme-{number}")).await.unwrap();
    }
    assert!(matches!(renamed(&it, "acme-20").await, Err(Error::Invalid { field: "slug", .. })));
    assert!(renamed(&it, "acme-3").await.is_ok(), "an earlier one");
}

/// A signed-in member of the other workspace only.
async fn newcomer(it: &Installation) -> Session {
    let new = NewUser { email: "eve@other.example".into(), name: "Eve".into(), super_admin: false };
    let (id, link) = users::create(&it.gate, &new, None).await.unwrap();
    members::add(&it.gate, &"other".parse().unwrap(), id, Role::Admin, false).await.unwrap();
    it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap().signed_in().unwrap().session
}

#[tokio::test]
async fn only_a_super_admin_switches_four_eyes_and_self_approvals_are_recorded_as_such() {
    let it = fixture::in_memory().await;
    let sender = it.approved_sender().await;
    let scope = it.enter(&it.admin).await;
    assert!(matches!(scope.grant::<kind::ManageInstallation>(), Err(Error::Forbidden)));
    let submit = async |saddr: &str| {
        let scope = it.enter(&it.moderator).await;
        let addressing = fixture::addressing(saddr);
        let after = senders::submit_revision(&scope.grant().unwrap(), sender.sender, addressing, None).await.unwrap();
        after.revisions.len() as u32
    };
    let number = submit("BANK").await;
    let scope = it.enter(&it.moderator).await;
    assert!(senders::approve(&scope.grant().unwrap(), sender.sender, number).await.is_err());

    let root = it.enter(&it.root).await;
    let seen = root.workspace().revision;
    assert!(!workspaces::set_four_eyes(&root.grant().unwrap(), seen, false).await.unwrap().four_eyes);
    let record = &audited(&it).await[0];
    assert_eq!(record.action, "workspace.four_eyes_changed");
    assert!(matches!(record.actor, Actor::User { capacity: Some(Capacity::SuperAdmin), .. }));
    let late = it.enter(&it.root).await;
    assert!(workspaces::set_four_eyes(&late.grant().unwrap(), seen, true).await.is_err(), "seen before the switch");

    let scope = it.enter(&it.moderator).await;
    senders::approve(&scope.grant().unwrap(), sender.sender, number).await.unwrap();
    let record = &audited(&it).await[0];
    assert!(record.note.as_deref().is_some_and(|note| note.contains("self-approval")), "{record:?}");
}

#[tokio::test]
async fn full_numbers_are_for_whom_the_workspace_says() {
    let it = fixture::in_memory().await;
    let reveals = async |session: &Session| it.enter(session).await.grant::<kind::RevealNumbers>().is_ok();
    assert_eq!((reveals(&it.author).await, reveals(&it.moderator).await), (false, false));
    let scope = it.enter(&it.admin).await;
    let settings =
        Settings { numbers_visible_to: NumbersVisibleTo::AdminsAndModerators, ..Settings::of(scope.workspace()) };
    workspaces::save(&scope.grant().unwrap(), scope.workspace().revision, &settings).await.unwrap();
    assert_eq!((reveals(&it.author).await, reveals(&it.moderator).await), (false, true));
    assert!(reveals(&it.author_moderator).await && reveals(&it.admin).await);
}

async fn archive(it: &Installation, confirmation: &str) -> Result<Workspace, Error> {
    let scope = it.enter(&it.admin).await;
    workspaces::archive(&scope.grant()?, scope.workspace().revision, confirmation).await
}

#[tokio::test]
async fn an_archived_workspace_is_read_by_who_rules_it_and_changed_by_nobody() {
    let it = fixture::in_memory().await;
    let draft = it.complete_draft().await;
    assert!(matches!(archive(&it, "acm").await, Err(Error::Invalid { field: "confirmation", .. })));
    assert!(archive(&it, "acme").await.unwrap().archived_at_ms.is_some());
    for session in [&it.author, &it.author_moderator, &it.moderator] {
        assert!(matches!(it.gate.enter(session, &slug()).await, Err(Error::NotFound)));
    }
    for session in [&it.admin, &it.root] {
        let scope = it.enter(session).await;
        assert!(campaigns::find(&scope, draft.id).await.is_ok());
        assert!(scope.grant::<kind::ViewAudit>().is_ok());
        assert!(matches!(scope.grant::<kind::CreateCampaign>(), Err(Error::Archived)));
        assert!(matches!(scope.grant::<kind::ManageWorkspace>(), Err(Error::Archived)));
        assert!(matches!(scope.grant_on::<kind::EditCampaign>(draft.id).await, Err(Error::Archived)));
        assert!(campaigns::offered(&scope, &draft).is_empty());
    }
    let mine = workspaces::mine(&it.gate, &it.admin).await.unwrap();
    assert!(mine.is_empty(), "it is not in the switcher");

    let ruler = it.gate.rule(&it.root).unwrap();
    workspaces::restore(&ruler, &slug()).await.unwrap();
    assert!(it.enter(&it.author).await.grant::<kind::CreateCampaign>().is_ok());
    let actions: Vec<_> = audited(&it).await.into_iter().take(2).map(|record| record.action).collect();
    assert_eq!(actions, ["workspace.restored", "workspace.archived"]);
}

#[tokio::test]
async fn a_workspace_whose_campaigns_are_under_way_is_not_archived() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let scope = it.enter(&it.moderator).await;
    campaigns::approve(&scope.grant().unwrap(), campaign.id, campaign.life.version).await.unwrap();
    match archive(&it, "acme").await {
        Err(Error::Stale { what }) => assert!(what.contains("“Maintenance”"), "{what}"),
        other => panic!("{other:?}"),
    }
    let scope = it.enter(&it.author).await;
    campaigns::cancel(&scope.grant_on(campaign.id).await.unwrap()).await.unwrap();
    assert!(archive(&it, "acme").await.is_ok());
}

/// An approval starts a campaign; it and the archiving of its workspace rely on the same record.
#[tokio::test]
async fn of_an_archiving_and_a_start_at_the_same_time_one_gets_through() {
    for _ in 0..5 {
        let it = fixture::in_memory().await;
        let campaign = it.submitted().await;
        let moderator = it.enter(&it.moderator).await;
        let proof = moderator.grant().unwrap();
        let (approved, archived) =
            tokio::join!(campaigns::approve(&proof, campaign.id, campaign.life.version), archive(&it, "acme"));
        assert!(approved.is_ok() != archived.is_ok(), "{approved:?} {archived:?}");
    }
}

#[tokio::test]
async fn only_what_is_archived_is_deleted_and_then_it_is_gone() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    assert!(matches!(removal::begin(&ruler, &slug(), "acme").await, Err(Error::Stale { .. })));
    archive(&it, "acme").await.unwrap();
    let mistyped = removal::begin(&ruler, &slug(), "other").await;
    assert!(matches!(mistyped, Err(Error::Invalid { field: "confirmation", .. })));
    let id = removal::begin(&ruler, &slug(), "acme").await.unwrap();
    assert!(matches!(it.gate.enter(&it.root, &slug()).await, Err(Error::NotFound)), "at once");
    assert!(matches!(workspaces::restore(&ruler, &slug()).await, Err(Error::NotFound)));
    assert_eq!(removal::unfinished(&it.system).await.unwrap(), [id]);
    removal::finish(&it.system, id).await.unwrap();
    removal::finish(&it.system, id).await.unwrap();
    assert!(removal::unfinished(&it.system).await.unwrap().is_empty());
    // Its address and its sender's are free for others.
    assert!(workspaces::create(&it.gate, &NewWorkspace { slug: "acme".into(), ..other() }).await.is_ok());
}

fn client(email: &str) -> NewClient {
    NewClient {
        workspace: other(),
        admin_email: Some(email.into()),
        sender: Some(FirstSender {
            display_name: "Client".into(),
            addressing: fixture::addressing("CLIENT"),
            reason: None,
        }),
    }
}

#[tokio::test]
async fn a_client_is_there_in_one_go() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let done = onboarding::onboard(&ruler, &client("kim@client.example")).await.unwrap();
    let (_, link) = done.admin.unwrap();
    let (kim, to) = it.gate.accept_invitation(&link, "Kim", PASSWORD, origin()).await.unwrap();
    assert_eq!(to, done.workspace.slug);
    let scope = it.gate.enter(&kim.session, &to).await.unwrap();
    assert!(scope.grant::<kind::ManageMembers>().is_ok());
    let waiting = senders::queue(&scope.grant().unwrap()).await.unwrap();
    assert_eq!(waiting[0].pending().unwrap().addressing.saddr.to_string(), "CLIENT");
    senders::approve(&scope.grant().unwrap(), waiting[0].id, 1).await.unwrap();
    let records = store::audit::page(&scope.grant().unwrap(), None, 10).await.unwrap();
    let actions: Vec<_> = records.iter().rev().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["member.invited", "sender.revision_submitted", "member.joined", "sender.revision_approved"]);
}

#[tokio::test]
async fn of_a_client_that_is_refused_nothing_is_made() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let field = async |client: &NewClient| match onboarding::onboard(&ruler, client).await {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let good = client("kim@client.example");
    let taken = NewWorkspace { slug: "acme".into(), ..other() };
    assert_eq!(field(&NewClient { workspace: taken, ..good.clone() }).await, "slug");
    assert_eq!(field(&client("kim")).await, "admin_email");
    let nameless = FirstSender { display_name: " ".into(), ..good.sender.clone().unwrap() };
    assert_eq!(field(&NewClient { sender: Some(nameless), ..good.clone() }).await, "sender_name");
    assert!(workspaces::exists(&it.gate, &"other".parse().unwrap()).await.is_err());
    assert!(onboarding::onboard(&ruler, &good).await.is_ok());
}

#[tokio::test]
async fn a_clients_admin_may_have_an_account_and_there_may_be_none() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let done = onboarding::onboard(&ruler, &client("author@acme.example")).await.unwrap();
    let (_, link) = done.admin.unwrap();
    let to = it.gate.accept_invitation_as(&it.author, &link).await.unwrap();
    assert_eq!(it.gate.enter(&it.author, &to).await.unwrap().capacity(), Capacity::Admin);
    assert_eq!(it.enter(&it.author).await.capacity(), Capacity::Author, "and what they were where they were");

    let bare = NewWorkspace { slug: "bare".into(), ..other() };
    let without = NewClient { workspace: bare, admin_email: None, sender: None };
    assert!(onboarding::onboard(&ruler, &without).await.unwrap().admin.is_none());
}

#[tokio::test]
async fn super_admins_see_all_workspaces_with_what_goes_on_in_them() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    workspaces::create(&it.gate, &other()).await.unwrap();
    assert!(matches!(it.gate.master(&it.admin), Err(Error::NotFound)));
    let all = it.gate.master(&it.root).unwrap();
    let list = async |state, search: &str| {
        let filter = master::Filter { state, search: search.into(), skip: 0 };
        master::list(&all, &filter, 10).await.unwrap()
    };
    let active = list(master::State::Active, "").await;
    let seen: Vec<_> = active
        .rows
        .iter()
        .map(|row| (row.workspace.slug.as_str(), row.members, row.waiting, row.active_at_ms.is_some()))
        .collect();
    assert_eq!((active.total, seen), (2, vec![("acme", 5, 1, true), ("other", 0, 0, false)]));
    assert_eq!(list(master::State::Waiting, "").await.rows.len(), 1);
    assert_eq!(list(master::State::Active, "OTH").await.rows[0].workspace.slug.as_str(), "other");
    assert_eq!(list(master::State::Archived, "").await.total, 0);

    let campaigns = async |only: Option<&str>| {
        let only = only.map(|slug| slug.parse().unwrap());
        master::campaigns(&all, only.as_ref(), &campaigns::Filter::default(), 10).await.unwrap().campaigns
    };
    assert_eq!(campaigns(None).await[0].campaign.id, campaign.id);
    assert_eq!(campaigns(Some("acme")).await.len(), 1);
    assert!(campaigns(Some("other")).await.is_empty());
}

#[tokio::test]
async fn campaigns_of_several_workspaces_come_newest_first_over_pages() {
    let it = fixture::in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let other = workspaces::create_as(&ruler, &other()).await.unwrap().slug;
    let mut made = Vec::new();
    for number in 0..7 {
        it.clock.advance(1_000);
        let slug = if number % 3 == 0 { &other } else { &slug() };
        let scope = it.gate.enter(&it.root, slug).await.unwrap();
        made.push(campaigns::create(&scope.grant().unwrap(), Mode::OnDemand).await.unwrap().id);
    }
    made.reverse();
    let all = it.gate.master(&it.root).unwrap();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let filter = campaigns::Filter { before, ..campaigns::Filter::default() };
        let page = master::campaigns(&all, None, &filter, 3).await.unwrap();
        seen.extend(page.campaigns.iter().map(|placed| placed.campaign.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn the_archive_is_for_those_who_are_more_than_moderators() {
    let it = fixture::in_memory().await;
    let draft = it.submitted().await;
    let scope = it.enter(&it.author).await;
    campaigns::archive(&scope.grant_on(draft.id).await.unwrap()).await.unwrap();
    let archive = async |session: &Session| {
        let filter = campaigns::Filter::default();
        master::archived_campaigns(&it.gate, session, &filter, 10).await.map(|page| page.campaigns.len())
    };
    for session in [&it.author, &it.author_moderator, &it.admin, &it.root] {
        assert_eq!(archive(session).await.unwrap(), 1, "{}", session.user().name);
    }
    assert!(matches!(archive(&it.moderator).await, Err(Error::NotFound)));
    workspaces::create(&it.gate, &other()).await.unwrap();
    let eve = newcomer(&it).await;
    assert_eq!(archive(&eve).await.unwrap(), 0, "a member of another workspace only");
}

#[tokio::test]
async fn a_saddr_that_was_shared_stays_with_those_who_are_left() {
    let it = fixture::in_memory().await;
    it.approved_sender().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let claims = async |slug: &str, allowed: bool| {
        let new = NewClient {
            workspace: NewWorkspace { slug: slug.into(), four_eyes: false, ..other() },
            admin_email: None,
            sender: Some(FirstSender {
                display_name: "Acme".into(),
                addressing: fixture::addressing("acme"),
                reason: None,
            }),
        };
        let slug = onboarding::onboard(&ruler, &new).await.unwrap().workspace.slug;
        let root = it.gate.enter(&it.root, &slug).await.unwrap();
        let sender = senders::list(&root.grant().unwrap()).await.unwrap().remove(0);
        if allowed {
            senders::allow_shared(&root.grant().unwrap(), sender.id, 1).await.unwrap();
        }
        senders::approve(&root.grant().unwrap(), sender.id, 1).await.is_ok()
    };
    assert!(!claims("first", false).await, "it is the workspace's that had it first");
    assert!(claims("second", true).await);
    archive(&it, "acme").await.unwrap();
    let gone = removal::begin(&ruler, &slug(), "acme").await.unwrap();
    removal::finish(&it.system, gone).await.unwrap();
    assert!(!claims("third", false).await, "it is the second one's now");

    let second = it.gate.enter(&it.root, &"second".parse().unwrap()).await.unwrap();
    let revision = second.workspace().revision;
    workspaces::archive(&second.grant().unwrap(), revision, "second").await.unwrap();
    let gone = removal::begin(&ruler, &"second".parse().unwrap(), "second").await.unwrap();
    removal::finish(&it.system, gone).await.unwrap();
    assert!(claims("fourth", false).await, "nobody has it any more");
}
