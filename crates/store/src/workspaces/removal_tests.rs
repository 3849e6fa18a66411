//! After a workspace was deleted the whole database is looked through for it.

use std::collections::BTreeMap;

use domain::{
    api_key,
    members::Standing,
    permission::Role,
    phone::PhoneReject,
    reject::RejectReason,
    tendlc::{
        BrandForm, BrandStatus, EntityType, IdentityStatus, TenDlcCampaign, UseCase,
        event::{BrandAnswer, BrandNews, Event, News},
        limits::{Connector, limits},
        staff::StaffRole,
    },
    webhook::EventKind,
};
use surrealdb::types::{ToSql, Value, Variables};

use super::{begin, finish, sweep, tables, unfinished};
use crate::{
    Reason,
    access::{Inner, with},
    api_keys::{self, NewKey},
    fixture::{self, Installation, slug},
    idempotency,
    journal::{
        Acquired, Journal, Owner,
        entry::{Entry, Outcome, Run},
    },
    members::{
        invitations::{self, NewInvitation},
        joining,
    },
    recipients::{self, Batch, EncodedBlock, RecipientBlock, Reject, RejectChunk, StateBlock},
    tendlc,
    users::{self, NewUser},
    webhooks::{self, NewEndpoint},
    workspaces::{self, NewWorkspace},
};

const RECIPIENTS: u32 = 4_100;

/// Something of the workspace in every table that has any.
async fn live_a_little(it: &Installation) -> String {
    let campaign = it.submitted().await.id;
    let scope = it.enter(&it.admin).await;
    let open = workspaces::Settings { joining_allowed: true, ..workspaces::Settings::of(scope.workspace()) };
    workspaces::save(&scope.grant().unwrap(), scope.workspace().revision, &open).await.unwrap();
    let scope = it.enter(&it.admin).await;
    let eve = NewUser { email: "eve@eve.example".into(), name: "Eve".into(), super_admin: false };
    let (_, link) = users::create(&it.gate, &eve, None).await.unwrap();
    let eve = it.gate.set_password(&link.unwrap(), fixture::PASSWORD, fixture::origin()).await.unwrap();
    let eve = eve.signed_in().unwrap().session;
    joining::ask(&it.gate, &eve, "acme", "please").await.unwrap();
    let invited = NewInvitation {
        email: "soon@acme.example".into(),
        standing: Standing::new(Role::Author, false),
        member_until_ms: None,
        note: String::new(),
    };
    invitations::invite(&scope.grant().unwrap(), &invited).await.unwrap();
    let key = NewKey { name: "Shop".into(), scopes: vec![api_key::Scope::CampaignsRead], life_days: 30 };
    let (_, secret) = api_keys::make(&scope.grant().unwrap(), &key).await.unwrap();
    let caller = it.gate.enter_key(&secret, fixture::origin()).await.unwrap();
    let endpoint = NewEndpoint { url: "https://hooks.acme.example".into(), events: EventKind::CHOICES.to_vec() };
    let (endpoint, _) = webhooks::create(&scope.grant().unwrap(), None, &endpoint).await.unwrap();
    webhooks::send_test(&scope.grant().unwrap(), endpoint.id).await.unwrap();
    let answers = (1..=2).map(|number| {
        let request = idempotency::Request::new(&caller, &format!("order {number}"), &[]).unwrap();
        request.with(idempotency::Answer { status: 202, body: "{}".into() }, scope.now_ms())
    });
    let answers: Vec<_> = answers.collect();
    it.system.inner().db.transact(|| with(|tx| idempotency::keep(tx, answers.clone()))).await.unwrap();
    let ingest = it.system.enter(scope.workspace_id(), Reason::Ingest);
    let checkpoint = recipients::open_ingest(&ingest, campaign, None, "file", (0, 1), &[]).await.unwrap();
    let block = |number: u32, len: u32| {
        let mut block = RecipientBlock::new(Vec::new().into());
        for index in 0..len {
            block.push(436_600_000_000 + u64::from(number * 4_096 + index), 1, [] as [&str; 0]).unwrap();
        }
        EncodedBlock::new(number, &block, &StateBlock::waiting(block.len()))
    };
    let reject = Reject::new(3, RejectReason::Number(PhoneReject::Character), b"none");
    let batch = Batch {
        blocks: vec![block(0, 4_096), block(1, RECIPIENTS - 4_096)],
        rejects: vec![(0, Batch::pack(&RejectChunk { rejects: vec![reject] }))],
        checkpoint: None,
    };
    recipients::commit_ingest(&ingest, campaign, checkpoint.revision, &batch).await.unwrap();

    let dispatch = it.system.enter(scope.workspace_id(), Reason::Dispatch);
    let owner = Owner::new(1_000, true).unwrap();
    let acquired = Journal::acquire(&dispatch, campaign, RECIPIENTS, &owner).await.unwrap().unwrap();
    let Acquired { mut journal, mut folder, mut book } = acquired;
    let outcome = |index: u32| Entry::Outcome {
        index,
        part: 0,
        at_ms: 20,
        outcome: Outcome::Accepted { message_id: format!("{index:x}").into() },
    };
    for entries in [vec![Entry::Claim { runs: vec![Run { start: 0, len: 10, parts: 1 }], at_ms: 10 }], vec![outcome(1)]]
    {
        journal.apply(&mut book, &entries).await.unwrap();
        journal.append(&entries, *book.progress()).await.unwrap();
    }
    folder.fold(&book.snapshot(), journal.position()).await.unwrap();
    let late = vec![outcome(2)];
    journal.apply(&mut book, &late).await.unwrap();
    journal.append(&late, *book.progress()).await.unwrap();
    journal.release().await.unwrap();
    register(it).await;
    scope.workspace_id().to_string()
}

/// A brand, a 10DLC campaign and a number that were at the registry, and are over there.
async fn register(it: &Installation) {
    let ruler = it.gate.rule(&it.root).unwrap();
    tendlc::staff::assign(&ruler, &slug(), "eve@eve.example", StaffRole::Admin).await.unwrap();
    let desk = it.gate.registrar(&it.root).await.unwrap().choose(Some("acme")).await.unwrap();
    let form = BrandForm {
        display_name: "Ann".into(),
        first_name: "Ann".into(),
        last_name: "Lee".into(),
        mobile_phone: "+13035550101".into(),
        email: "ann@ann.example".into(),
        phone: "+13035550100".into(),
        street: "1 Main Street".into(),
        city: "Denver".into(),
        state: "CO".into(),
        postal_code: "80202".into(),
        ..BrandForm::new(EntityType::SoleProprietor)
    };
    let details = form.check(&limits(Connector::Registry)).unwrap();
    let system = it.system.enter(desk.workspace_id(), Reason::Registry);
    let brand = tendlc::brands::create(&desk.may().unwrap(), None, details).await.unwrap().id;
    tendlc::brands::registered(&system, brand, "B000001".parse().unwrap()).await.unwrap();
    let learned = |answer| tendlc::brands::Learned {
        answer,
        confirmed: true,
        vettings: Vec::new(),
        feedback: Vec::new(),
        asked_at_ms: system.now_ms(),
    };
    let verified = BrandAnswer { status: BrandStatus::Active, identity: IdentityStatus::Verified };
    tendlc::brands::learn(&system, brand, &learned(Some(verified))).await.unwrap();
    let form = TenDlcCampaign::new(UseCase::SoleProprietor);
    let campaign = tendlc::campaigns::create(&desk.may().unwrap(), None, brand, form).await.unwrap().id;
    tendlc::campaigns::registered(&system, campaign, "C000001".parse().unwrap()).await.unwrap();
    let number = "+13035550102".parse().unwrap();
    tendlc::numbers::assign(&desk.may().unwrap(), campaign, number).await.unwrap();
    let news = News::Brand { brand: "B000001".parse().unwrap(), what: BrandNews::Changed };
    let event = Event { id: None, at_ms: None, news, description: None };
    tendlc::events::receive(&it.system, event, "{}".into()).await.unwrap();
    let event = tendlc::events::waiting(&it.system, tendlc::events::Lane::Others, None).await.unwrap().remove(0);
    tendlc::events::followed(&it.system, &event, Some(desk.workspace_id()), "nothing new").await.unwrap();
    tendlc::campaigns::expired(&system, campaign).await.unwrap();
    tendlc::brands::learn(&system, brand, &learned(None)).await.unwrap();
}

/// Every record that names one of the words: table, and the record as text.
async fn found(inner: &Inner, words: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut all = tables(inner).await.unwrap();
    all.push(super::TOMBSTONES.to_owned());
    for table in all {
        let mut answer = inner.db.read(&format!("SELECT * FROM {table}"), Variables::new()).await.unwrap();
        let rows: Vec<Value> = answer.take(0).unwrap();
        let texts = rows.iter().map(ToSql::to_sql).filter(|text| words.iter().any(|word| text.contains(word)));
        found.extend(texts.map(|text| (table.clone(), text)));
    }
    found
}

async fn counts(inner: &Inner) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for table in tables(inner).await.unwrap() {
        let mut answer = inner.db.read(&format!("SELECT VALUE id FROM {table}"), Variables::new()).await.unwrap();
        let ids: Vec<Value> = answer.take(0).unwrap();
        counts.insert(table, ids.len());
    }
    counts
}

async fn archive_and_delete(it: &Installation) -> domain::id::WorkspaceId {
    let scope = it.enter(&it.admin).await;
    workspaces::archive(&scope.grant().unwrap(), scope.workspace().revision, "acme").await.unwrap();
    begin(&it.gate.rule(&it.root).unwrap(), &slug(), "acme").await.unwrap()
}

#[tokio::test]
async fn of_a_deleted_workspace_nothing_is_left_but_what_the_installation_recorded() {
    let it = fixture::in_memory().await;
    let id = live_a_little(&it).await;
    let inner = it.system.inner();
    let before = found(inner, &[&id]).await;
    let mut populated: Vec<_> = before.iter().map(|(table, _)| table.as_str()).collect();
    populated.dedup();
    let told = before.iter().find(|(table, text)| table == "webhook_delivery" && text.contains("recipients.states"));
    assert!(told.is_some(), "a fold tells of recipients");
    for table in [
        "api_key",
        "api_key_guard",
        "api_key_secret",
        "api_key_use",
        "audit",
        "audit_head",
        "audit_index",
        "campaign",
        "hourly",
        "idempotency",
        "ingest",
        "invitation",
        "join_request",
        "journal",
        "lease",
        "membership",
        "progress",
        "recipient_counts",
        "recipient_filters",
        "recipient_states",
        "recipients",
        "rejects",
        "saddr_claim",
        "sender",
        "tendlc_brand",
        "tendlc_campaign",
        "tendlc_event",
        "tendlc_number",
        "tendlc_number_claim",
        "tendlc_registry_id",
        "tendlc_staff",
        "upload",
        "webhook",
        "webhook_delivery",
        "workspace",
        "workspace_slug",
    ] {
        assert!(populated.contains(&table), "the test has nothing in {table}");
    }
    finish(&it.system, archive_and_delete(&it).await).await.unwrap();
    for (table, text) in found(inner, &[&id, "acme'", "\"acme\""]).await {
        assert!(table.starts_with("audit") && text.contains("'installation'"), "{table}: {text}");
    }
}

#[tokio::test]
async fn the_workspaces_of_others_keep_everything() {
    let it = fixture::in_memory().await;
    live_a_little(&it).await;
    let inner = it.system.inner();
    let before = counts(inner).await;
    let other = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    let other = workspaces::create(&it.gate, &other).await.unwrap();
    for table in tables(inner).await.unwrap() {
        assert_eq!(
            sweep(inner, &table, domain::id::WorkspaceId::from_uuid(inner.new_uuid().unwrap())).await.unwrap(),
            0
        );
    }
    let scope = it.enter(&it.root).await;
    assert_ne!(scope.workspace_id(), other.id);
    workspaces::archive(&it.gate.enter(&it.root, &other.slug).await.unwrap().grant().unwrap(), other.revision, "other")
        .await
        .unwrap();
    let gone = begin(&it.gate.rule(&it.root).unwrap(), &other.slug, "other").await.unwrap();
    finish(&it.system, gone).await.unwrap();
    let mut after = counts(inner).await;
    // Created, deleted, removed: on the installation's chain.
    *after.get_mut("audit").unwrap() -= 3;
    // Each found by everything, who, what, kind and workspace.
    *after.get_mut("audit_index").unwrap() -= 3 * 5;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_removal_that_was_cut_off_goes_on() {
    let it = fixture::in_memory().await;
    let id = live_a_little(&it).await;
    let inner = it.system.inner();
    let workspace = archive_and_delete(&it).await;
    // As far as a process came before it was killed.
    sweep(inner, "recipients", workspace).await.unwrap();
    sweep(inner, "membership", workspace).await.unwrap();
    assert_eq!(unfinished(&it.system).await.unwrap(), [workspace]);
    finish(&it.system, workspace).await.unwrap();
    assert!(unfinished(&it.system).await.unwrap().is_empty());
    assert!(found(inner, &[&id]).await.iter().all(|(table, _)| table.starts_with("audit")));
}
