//! 10DLC from outside: who sees and does what, what is kept, and the traps of the system that the product was asked for
//! after.

use std::collections::BTreeMap;

use domain::{
    api_key::Scope as KeyFor,
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    permission::Role,
    phone::PhoneNumber,
    slug::Slug,
    tendlc::{
        BrandDetails, BrandForm, BrandStatus, Carrier, CarrierStatus, EntityType, IdentityStatus, RegistryStatus,
        TenDlcCampaign, UseCase, Vertical, Visible,
        event::{BrandAnswer, CampaignAnswer},
        life::Registration,
        limits::{Connector, limits},
        staff::StaffRole,
    },
};
use store::{
    Error, Reason, Session, SystemScope,
    api_keys::{self, NewKey},
    members,
    tendlc::{
        Desk, From, Registrar, Slice, action, brands, campaigns, history, known_as,
        numbers::{self, NumberState},
        staff,
    },
    users::{self, NewUser},
    workspaces::{self, NewWorkspace},
};

use crate::fixture::{Installation, PASSWORD, in_memory, origin, slug};

pub fn details() -> BrandDetails {
    let form = BrandForm {
        display_name: "Acme".into(),
        company_name: "Acme Communications LLC".into(),
        ein: "12-3456789".into(),
        email: "compliance@acme.example".into(),
        phone: "+13035550100".into(),
        street: "1 Main Street".into(),
        city: "Denver".into(),
        state: "CO".into(),
        postal_code: "80202".into(),
        vertical: Some(Vertical::Communication),
        ..BrandForm::new(EntityType::PrivateProfit)
    };
    form.check(&limits(Connector::Registry)).unwrap()
}

fn sole_proprietor() -> BrandDetails {
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
    form.check(&limits(Connector::Registry)).unwrap()
}

pub fn form() -> TenDlcCampaign {
    TenDlcCampaign::new(UseCase::AccountNotification)
}

pub fn number(last: u64) -> PhoneNumber {
    PhoneNumber::from_u64(13_035_550_000 + last).unwrap()
}

async fn person(it: &Installation, email: &str) -> Session {
    let new = NewUser { email: email.into(), name: email.into(), super_admin: false };
    users::create(&it.gate, &new, Some(PASSWORD.into())).await.unwrap();
    it.sign_in(email).await.session
}

pub async fn found(it: &Installation, name: &str) -> (Slug, WorkspaceId) {
    let new = NewWorkspace {
        slug: name.into(),
        display_name: name.to_uppercase(),
        time_zone: "UTC".into(),
        default_country: "US".into(),
        four_eyes: true,
    };
    let workspace = workspaces::create(&it.gate, &new).await.unwrap();
    (workspace.slug, workspace.id)
}

/// Somebody of the staff, who registers for the workspace.
pub async fn staff_of(it: &Installation, workspace: WorkspaceId) -> Session {
    let somebody = person(it, "dev@provider.example").await;
    let slug = desk(it, &it.root, workspace).await.workspace().slug.clone();
    let ruler = it.gate.rule(&it.root).unwrap();
    staff::assign(&ruler, &slug, "dev@provider.example", StaffRole::Developer).await.unwrap();
    somebody
}

pub async fn registrar(it: &Installation, session: &Session) -> Registrar {
    it.gate.registrar(session).await.unwrap()
}

pub async fn desk(it: &Installation, session: &Session, workspace: WorkspaceId) -> Desk {
    registrar(it, session).await.at(workspace).await.unwrap()
}

pub async fn acme(it: &Installation) -> WorkspaceId {
    it.enter(&it.admin).await.workspace_id()
}

pub fn system(it: &Installation, workspace: WorkspaceId) -> SystemScope {
    it.system.enter(workspace, Reason::Registry)
}

/// A brand that the registry has verified.
pub async fn verified(it: &Installation, workspace: WorkspaceId, registry_id: &str, details: BrandDetails) -> BrandId {
    let proof = desk(it, &it.root, workspace).await.may::<action::Brands>().unwrap();
    let brand = brands::create(&proof, None, details).await.unwrap();
    let scope = system(it, workspace);
    brands::registered(&scope, brand.id, registry_id.parse().unwrap()).await.unwrap();
    let learned = brands::Learned {
        answer: Some(BrandAnswer { status: BrandStatus::Active, identity: IdentityStatus::Verified }),
        confirmed: true,
        vettings: Vec::new(),
        feedback: Vec::new(),
        asked_at_ms: scope.now_ms(),
    };
    brands::learn(&scope, brand.id, &learned).await.unwrap();
    brand.id
}

/// A 10DLC campaign that a carrier has approved.
pub async fn approved(
    it: &Installation,
    workspace: WorkspaceId,
    brand: BrandId,
    registry_id: &str,
) -> TenDlcCampaignId {
    let proof = desk(it, &it.root, workspace).await.may::<action::Campaigns>().unwrap();
    let campaign = campaigns::create(&proof, None, brand, form()).await.unwrap();
    let scope = system(it, workspace);
    campaigns::registered(&scope, campaign.id, registry_id.parse().unwrap()).await.unwrap();
    let answer = CampaignAnswer {
        status: RegistryStatus::Active,
        sharing: None,
        carriers: BTreeMap::from([(Carrier::Att, CarrierStatus::Registered)]),
    };
    let learned =
        campaigns::Learned { answer, rejections: BTreeMap::new(), sharing_reason: None, asked_at_ms: scope.now_ms() };
    campaigns::learn(&scope, campaign.id, &learned).await.unwrap();
    campaign.id
}

#[tokio::test]
async fn who_sees_what_is_all_some_or_none() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (beta_slug, beta) = found(&it, "beta").await;
    let (_, gamma) = found(&it, "gamma").await;
    let staff_member = person(&it, "dev@provider.example").await;
    assert_eq!(*registrar(&it, &it.root).await.visible(), Visible::All);
    assert_eq!(*registrar(&it, &it.author).await.visible(), Visible::only([acme]));
    assert_eq!(*registrar(&it, &staff_member).await.visible(), Visible::None);
    let ruler = it.gate.rule(&it.root).unwrap();
    staff::assign(&ruler, &slug(), "dev@provider.example", StaffRole::Developer).await.unwrap();
    staff::assign(&ruler, &beta_slug, "dev@provider.example", StaffRole::Viewer).await.unwrap();
    let seen = registrar(&it, &staff_member).await;
    assert_eq!(*seen.visible(), Visible::only([acme, beta]));
    assert!(matches!(seen.at(gamma).await, Err(Error::NotFound)));
    // A developer of one workspace is a viewer of the other.
    assert!(seen.at(acme).await.unwrap().may::<action::Brands>().is_ok());
    assert!(matches!(seen.at(beta).await.unwrap().may::<action::Brands>(), Err(Error::Forbidden)));
    assert_eq!(staff::of_workspace(&ruler, &slug()).await.unwrap()[0].1, "dev@provider.example");
    // Taken away, it is gone from the next request on, and for what was allowed a moment ago.
    let proof = seen.at(acme).await.unwrap().may::<action::Brands>().unwrap();
    staff::unassign(&ruler, &slug(), "dev@provider.example").await.unwrap();
    assert!(matches!(brands::create(&proof, None, details()).await, Err(Error::Stale { .. })));
    assert_eq!(*registrar(&it, &staff_member).await.visible(), Visible::only([beta]));
}

#[tokio::test]
async fn trap_1_a_workspace_admin_reads_brands_and_creates_none() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    for session in [&it.author, &it.moderator, &it.admin] {
        let desk = desk(&it, session, acme).await;
        assert!(desk.may::<action::Read>().is_ok());
        assert!(matches!(desk.may::<action::Brands>(), Err(Error::Forbidden)));
    }
    let admin = desk(&it, &it.admin, acme).await;
    assert!(admin.may::<action::Campaigns>().is_ok() && admin.may::<action::Numbers>().is_ok());
    assert!(matches!(desk(&it, &it.author, acme).await.may::<action::Campaigns>(), Err(Error::Forbidden)));
}

#[tokio::test]
async fn trap_2_nobody_assigned_sees_nothing() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    verified(&it, acme, "B000001", details()).await;
    let nobody = person(&it, "billing@provider.example").await;
    let registrar = registrar(&it, &nobody).await;
    let sight = registrar.sight(None).await.unwrap();
    let listed = brands::page(&sight, &brands::Filter::default(), Slice::page(1, 10)).await.unwrap();
    assert_eq!((listed.items.len(), listed.total), (0, 0));
    assert!(matches!(registrar.sight(Some("acme")).await, Err(Error::NotFound)));
    assert!(matches!(registrar.choose(None).await, Err(Error::Forbidden)));
    assert!(matches!(registrar.choose(Some("acme")).await, Err(Error::Forbidden)));
}

#[tokio::test]
async fn trap_3_what_is_not_yours_is_not_there() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (_, beta) = found(&it, "beta").await;
    let theirs = verified(&it, beta, "B000002", details()).await;
    let their_campaign = approved(&it, beta, theirs, "C000002").await;
    let registrar = registrar(&it, &it.admin).await;
    for id in [theirs, BrandId::NIL] {
        assert!(matches!(brands::locate(&registrar, None, id).await, Err(Error::NotFound)));
        assert!(matches!(brands::find(&desk(&it, &it.admin, acme).await, id).await, Err(Error::NotFound)));
    }
    assert!(matches!(campaigns::locate(&registrar, None, their_campaign).await, Err(Error::NotFound)));
    assert!(matches!(registrar.at(beta).await, Err(Error::NotFound)));
    assert!(matches!(registrar.sight(Some("beta")).await, Err(Error::NotFound)));
    assert!(matches!(registrar.sight(Some("no-such-one")).await, Err(Error::NotFound)));
    let sight = registrar.sight(None).await.unwrap();
    let listed = brands::page(&sight, &brands::Filter::default(), Slice::page(1, 10)).await.unwrap();
    assert_eq!((listed.items.len(), listed.total), (0, 0));
}

#[tokio::test]
async fn trap_4_with_several_workspaces_one_has_to_be_named() {
    let it = in_memory().await;
    let (beta_slug, beta) = found(&it, "beta").await;
    let scope = it.enter(&it.admin).await;
    members::add(&it.gate, &beta_slug, scope.user_id(), Role::Admin, false).await.unwrap();
    let registrar = registrar(&it, &it.admin).await;
    assert!(matches!(registrar.choose(None).await, Err(Error::Invalid { field: "X-Customer-ID", .. })));
    assert_eq!(registrar.choose(Some("beta")).await.unwrap().workspace_id(), beta);
    assert_eq!(registrar.choose(Some(&beta.to_string())).await.unwrap().workspace_id(), beta);
    // A super admin sees all, and names one all the same.
    assert!(matches!(self::registrar(&it, &it.root).await.choose(None).await, Err(Error::Invalid { .. })));
}

#[tokio::test]
async fn trap_5_a_brand_of_another_workspace_is_none_for_a_campaign() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (_, beta) = found(&it, "beta").await;
    let theirs = verified(&it, beta, "B000002", details()).await;
    // Even a super admin, who sees both: it is the store's rule.
    let proof = desk(&it, &it.root, acme).await.may::<action::Campaigns>().unwrap();
    assert!(matches!(campaigns::create(&proof, None, theirs, form()).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn trap_6_a_clash_of_numbers_is_said_and_names_no_tenant() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (_, beta) = found(&it, "beta").await;
    let ours = verified(&it, acme, "B000001", details()).await;
    let (first, second) = (approved(&it, acme, ours, "C000001").await, approved(&it, acme, ours, "C000003").await);
    let theirs = verified(&it, beta, "B000002", details()).await;
    let their_campaign = approved(&it, beta, theirs, "C000002").await;
    let proof = desk(&it, &it.admin, acme).await.may::<action::Numbers>().unwrap();
    let their_proof = desk(&it, &it.root, beta).await.may::<action::Numbers>().unwrap();
    numbers::assign(&proof, first, number(1)).await.unwrap();
    let again = numbers::assign(&proof, first, number(1)).await.unwrap();
    assert_eq!(again.current.unwrap().state, NumberState::Assigning);
    let error = numbers::assign(&proof, second, number(1)).await.unwrap_err().to_string();
    assert!(error.contains("another 10DLC campaign of this workspace"), "{error}");
    let error = numbers::assign(&their_proof, their_campaign, number(1)).await.unwrap_err();
    assert!(matches!(&error, Error::Stale { what } if what.contains("elsewhere") && !what.contains("acme")), "{error}");
    // Two at once: one gets it.
    let (one, other) = tokio::join!(
        numbers::assign(&proof, first, number(2)),
        numbers::assign(&their_proof, their_campaign, number(2))
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    // Out of it, it is free; what was is kept. An answer about another 10DLC campaign comes too late, and changes nothing.
    let before = numbers::load(&system(&it, acme), number(1)).await.unwrap();
    let elsewhere = numbers::active(&system(&it, acme), number(1), their_campaign).await.unwrap();
    assert_eq!(elsewhere, before);
    assert_eq!(numbers::released(&system(&it, acme), number(1), their_campaign, None).await.unwrap(), before);
    numbers::active(&system(&it, acme), number(1), first).await.unwrap();
    numbers::remove(&proof, first, number(1)).await.unwrap();
    assert!(numbers::assign(&their_proof, their_campaign, number(1)).await.is_err(), "not before the registry knows");
    numbers::released(&system(&it, acme), number(1), first, None).await.unwrap();
    numbers::assign(&their_proof, their_campaign, number(1)).await.unwrap();
    let past = numbers::page(&proof, first, true, Slice::page(1, 10)).await.unwrap().items;
    let past = past.iter().find(|kept| kept.number == number(1)).unwrap();
    assert_eq!((past.current, past.history.len()), (None, 1));
    for unfit in ["+18005550100", "+436701234567"] {
        let unfit = numbers::assign(&proof, first, unfit.parse().unwrap()).await.unwrap_err();
        assert!(matches!(unfit, Error::Invalid { field: "phone_numbers", .. }), "{unfit}");
    }
}

#[tokio::test]
async fn trap_7_nothing_is_removed_while_the_registry_has_it() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let campaign = approved(&it, acme, brand, "C000001").await;
    let proof = desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap();
    let error = brands::delete(&proof, brand).await.unwrap_err().to_string();
    assert!(error.contains("1 10DLC campaign; deactivate it first"), "{error}");
    let scope = it.enter(&it.admin).await;
    workspaces::archive(&scope.grant().unwrap(), scope.workspace().revision, "acme").await.unwrap();
    let ruler = it.gate.rule(&it.root).unwrap();
    workspaces::removal::check(&ruler, &slug(), "acme").await.unwrap();
    let error = workspaces::removal::begin(&ruler, &slug(), "acme").await.unwrap_err().to_string();
    assert!(error.contains("ended there first"), "{error}");
    campaigns::expired(&system(&it, acme), campaign).await.unwrap();
    assert!(workspaces::removal::begin(&ruler, &slug(), "acme").await.is_err(), "the brand is still there");
    let learned = brands::Learned {
        answer: None,
        confirmed: true,
        vettings: Vec::new(),
        feedback: Vec::new(),
        asked_at_ms: scope.now_ms(),
    };
    brands::learn(&system(&it, acme), brand, &learned).await.unwrap();
    workspaces::removal::begin(&ruler, &slug(), "acme").await.unwrap();
    workspaces::removal::finish(&it.system, acme).await.unwrap();
    assert!(known_as(&it.system, "B000001").await.unwrap().is_none());
}

#[tokio::test]
async fn an_archived_workspace_changes_no_more() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let scope = it.enter(&it.admin).await;
    workspaces::archive(&scope.grant().unwrap(), scope.workspace().revision, "acme").await.unwrap();
    let desk = desk(&it, &it.root, acme).await;
    assert!(desk.may::<action::Read>().is_ok());
    assert!(matches!(desk.may::<action::Brands>(), Err(Error::Archived)));
    assert!(matches!(desk.may::<action::Campaigns>(), Err(Error::Archived)));
}

#[tokio::test]
async fn a_reference_is_on_record_first_and_an_id_of_the_registry_once() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let proof = desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap();
    let brand = brands::create(&proof, None, details()).await.unwrap();
    assert!(brand.is_live() && brand.is_unfinished());
    assert_eq!(brands::unfinished(&it.system, None).await.unwrap().len(), 1);
    let scope = system(&it, acme);
    let registered = brands::registered(&scope, brand.id, "B000001".parse().unwrap()).await.unwrap();
    assert!(!registered.is_unfinished());
    // Said twice, it is the same.
    assert_eq!(brands::registered(&scope, brand.id, "B000001".parse().unwrap()).await.unwrap(), registered);
    let other = brands::create(&proof, None, details()).await.unwrap();
    assert!(brands::registered(&scope, other.id, "B000001".parse().unwrap()).await.is_err());
    // Refused, it is a draft with the reason, is not live, and goes without the registry.
    let refused = brands::refused(&scope, other.id, "no such company").await.unwrap();
    assert_eq!((refused.is_live(), refused.refusal.as_deref()), (false, Some("no such company")));
    assert!(brands::delete(&proof, other.id).await.unwrap().is_none());
    assert!(matches!(brands::find(&proof, other.id).await, Err(Error::NotFound)));
}

/// Staff of two workspaces give the id of one's brand to another's: the registry would answer with the first.
#[tokio::test]
async fn the_same_id_in_two_workspaces_is_two_references() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (_, beta) = found(&it, "beta").await;
    let mut references = Vec::new();
    let id = uuid::Uuid::from_u128(7);
    for workspace in [acme, beta] {
        let proof = desk(&it, &it.root, workspace).await.may::<action::Brands>().unwrap();
        let brand = brands::create(&proof, Some(id), details()).await.unwrap();
        let Registration::Sent { reference } = brand.registration else { panic!("it is on its way") };
        assert!(reference.len() <= limits(Connector::Registry).reference_max, "{reference}");
        references.push(reference);
    }
    assert_ne!(references[0], references[1]);
}

#[tokio::test]
async fn a_brand_that_is_not_verified_has_no_campaigns_and_a_sole_proprietor_one() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let proof = desk(&it, &it.root, acme).await.may::<action::Brands>().unwrap();
    let brand = brands::create(&proof, None, details()).await.unwrap();
    let admin = desk(&it, &it.admin, acme).await.may::<action::Campaigns>().unwrap();
    let error = campaigns::create(&admin, None, brand.id, form()).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { field: "brand_id", message } if message.contains("not registered")));
    brands::registered(&system(&it, acme), brand.id, "B000001".parse().unwrap()).await.unwrap();
    let error = campaigns::create(&admin, None, brand.id, form()).await.unwrap_err().to_string();
    assert!(error.contains("not verified"), "{error}");
    let sole = verified(&it, acme, "B000002", sole_proprietor()).await;
    let use_case = TenDlcCampaign::new(UseCase::SoleProprietor);
    let (one, other) = tokio::join!(
        campaigns::create(&admin, None, sole, use_case.clone()),
        campaigns::create(&admin, None, sole, use_case)
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "of two at once one gets through");
    let campaign = one.or(other).unwrap();
    campaigns::registered(&system(&it, acme), campaign.id, "C000001".parse().unwrap()).await.unwrap();
    let numbering = desk(&it, &it.admin, acme).await.may::<action::Numbers>().unwrap();
    for last in 1..=5 {
        numbers::assign(&numbering, campaign.id, number(last)).await.unwrap();
    }
    let error = numbers::assign(&numbering, campaign.id, number(6)).await.unwrap_err().to_string();
    assert!(error.contains("5 numbers at most"), "{error}");
}

#[tokio::test]
async fn what_is_typed_in_the_wizard_is_kept_and_counts_for_nothing() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let sole = verified(&it, acme, "B000001", sole_proprietor()).await;
    let proof = desk(&it, &it.admin, acme).await.may::<action::Campaigns>().unwrap();
    let use_case = UseCase::SoleProprietor;
    let (one, other) = (campaigns::begin(&proof, sole, use_case).await, campaigns::begin(&proof, sole, use_case).await);
    let (one, other) = (one.unwrap().id, other.unwrap().id);
    let typed = TenDlcCampaign { description: "Ann tells".into(), ..TenDlcCampaign::new(use_case) };
    let kept = campaigns::keep(&proof, one, None, sole, typed.clone()).await.unwrap();
    assert_eq!((kept.is_live(), kept.is_unfinished(), kept.typed()), (false, false, &typed));
    assert!(campaigns::unfinished(&it.system, None).await.unwrap().is_empty());
    // Of two drafts that are handed in at once, one gets through.
    let form = TenDlcCampaign::new(use_case);
    let (first, second) = tokio::join!(
        campaigns::change(&proof, one, None, From::Form, form.clone()),
        campaigns::change(&proof, other, None, From::Form, form)
    );
    assert_eq!(u8::from(first.is_ok()) + u8::from(second.is_ok()), 1);
    let campaign = first.or(second).unwrap();
    campaigns::registered(&system(&it, acme), campaign.id, "C000001".parse().unwrap()).await.unwrap();
    // What is changed of a registered one stands beside what the registry has.
    let edited = TenDlcCampaign { description: "Ann tells more".into(), ..campaign.form.clone() };
    let kept = campaigns::keep(&proof, campaign.id, None, sole, edited.clone()).await.unwrap();
    assert_eq!((&kept.form, kept.typed(), kept.todo.len()), (&campaign.form, &edited, 0));
    let fixed = TenDlcCampaign { terms_accepted: true, ..edited.clone() };
    let error = campaigns::keep(&proof, campaign.id, None, sole, fixed).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { field: "termsAndConditions", .. }), "{error}");
    assert_eq!(campaigns::discard(&proof, campaign.id).await.unwrap().typed(), &campaign.form);
    campaigns::keep(&proof, campaign.id, None, sole, edited.clone()).await.unwrap();
    let changed = campaigns::change(&proof, campaign.id, None, From::Form, edited.clone()).await.unwrap();
    assert_eq!((changed.form, changed.edit, changed.todo), (edited, None, vec![campaigns::Todo::Change]));
    let reader = desk(&it, &it.admin, acme).await.may::<action::Read>().unwrap();
    let history = history(&reader, &campaign.id).await.unwrap();
    assert_eq!(history.first().unwrap().action, "tendlc_campaign.changed");
    assert_eq!(history.last().unwrap().action, "tendlc_campaign.begun");
}

#[tokio::test]
async fn a_number_that_was_added_is_nobody_elses_until_it_is_released() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (_, beta) = found(&it, "beta").await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let campaign = approved(&it, acme, brand, "C000001").await;
    let proof = desk(&it, &it.admin, acme).await.may::<action::Numbers>().unwrap();
    let theirs = desk(&it, &it.root, beta).await.may::<action::Numbers>().unwrap();
    let added = numbers::add(&proof, number(1)).await.unwrap();
    assert_eq!(numbers::add(&proof, number(1)).await.unwrap(), added);
    let error = numbers::add(&theirs, number(1)).await.unwrap_err();
    assert!(matches!(&error, Error::Stale { what } if what.contains("elsewhere") && !what.contains("acme")), "{error}");
    let (one, other) = tokio::join!(numbers::add(&proof, number(2)), numbers::add(&theirs, number(2)));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "of two at once one gets it");
    // In and out of a 10DLC campaign it stays.
    numbers::assign(&proof, campaign, number(1)).await.unwrap();
    assert!(numbers::release(&proof, number(1)).await.is_err(), "not while it is in one");
    numbers::released(&system(&it, acme), number(1), campaign, None).await.unwrap();
    assert!(numbers::add(&theirs, number(1)).await.is_err());
    numbers::release(&proof, number(1)).await.unwrap();
    assert!(matches!(numbers::release(&proof, number(1)).await, Err(Error::NotFound)));
    numbers::add(&theirs, number(1)).await.unwrap();
    // What was is still known; and it can be had again only from them.
    let past = numbers::page(&proof, campaign, true, Slice::page(1, 10)).await.unwrap().items;
    assert_eq!((past[0].added, past[0].history.len()), (false, 1));
    assert!(numbers::add(&proof, number(1)).await.is_err());
    // One that came with its 10DLC campaign can be added while it is there.
    numbers::assign(&proof, campaign, number(3)).await.unwrap();
    assert!(numbers::add(&proof, number(3)).await.unwrap().added);
    numbers::released(&system(&it, acme), number(3), campaign, None).await.unwrap();
    assert!(numbers::add(&theirs, number(3)).await.is_err());
    for unfit in ["+18005550100", "+436701234567"] {
        let unfit = numbers::add(&proof, unfit.parse().unwrap()).await.unwrap_err();
        assert!(matches!(unfit, Error::Invalid { field: "phone_numbers", .. }), "{unfit}");
    }
}

#[tokio::test]
async fn everything_is_on_the_chain_with_before_and_after() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let staff_member = person(&it, "dev@provider.example").await;
    let ruler = it.gate.rule(&it.root).unwrap();
    staff::assign(&ruler, &slug(), "dev@provider.example", StaffRole::Developer).await.unwrap();
    let proof = desk(&it, &staff_member, acme).await.may::<action::Brands>().unwrap();
    let brand = brands::create(&proof, None, details()).await.unwrap();
    let scope = system(&it, acme);
    brands::registered(&scope, brand.id, "B000001".parse().unwrap()).await.unwrap();
    let mut other = details();
    other.display_name = "Acme Mobile".into();
    brands::change(&proof, brand.id, None, From::Form, other).await.unwrap();
    let admin = it.enter(&it.admin).await;
    let page = store::audit::page(&admin.grant().unwrap(), None, 50).await.unwrap();
    let of = |action: &str| page.iter().find(|record| record.action == action).unwrap_or_else(|| panic!("{action}"));
    let created = of("tendlc_brand.created");
    assert_eq!(created.note.as_deref(), Some("as staff: Developer"));
    let text = format!("{:?}", created.changes);
    assert!(text.contains("•••6789") && !text.contains("123456789") && !text.contains("13035550100"), "{text}");
    let changed = of("tendlc_brand.changed");
    let name = changed.changes.iter().find(|change| change.field == "display_name").unwrap();
    assert_eq!((name.before.as_deref(), name.after.as_deref()), (Some("Acme"), Some("Acme Mobile")));
    assert_eq!(of("tendlc_staff.assigned").changes.last().unwrap().after.as_deref(), Some("Developer"));
}

#[tokio::test]
async fn a_key_of_a_person_is_good_where_they_are_and_for_what_it_was_made() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let (beta_slug, beta) = found(&it, "beta").await;
    person(&it, "dev@provider.example").await;
    for slug in [&slug(), &beta_slug] {
        staff::assign_by_command(&it.gate, slug, "dev@provider.example", StaffRole::Admin).await.unwrap();
    }
    let new = |scopes: &[KeyFor]| NewKey { name: "sync".into(), scopes: scopes.to_vec(), life_days: 30 };
    let refused = api_keys::make_for_registry(&it.gate, "dev@provider.example", &new(&[KeyFor::AuditRead])).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "scopes", .. })));
    let secret =
        api_keys::make_for_registry(&it.gate, "dev@provider.example", &new(&[KeyFor::TenDlcRead])).await.unwrap();
    let registrar = it.gate.enter_registry_key(&secret, origin()).await.unwrap();
    assert_eq!(*registrar.visible(), Visible::only([acme, beta]));
    assert!(matches!(registrar.at(acme).await.unwrap().may::<action::Brands>(), Err(Error::Forbidden)));
    assert!(matches!(it.gate.enter_key(&secret, origin()).await, Err(Error::Forbidden)), "it opens no workspace");
    let key = api_keys::registry_keys(&it.gate, "dev@provider.example").await.unwrap()[0].key.id;
    api_keys::revoke_of_registry(&it.gate, "dev@provider.example", key).await.unwrap();
    assert!(matches!(it.gate.enter_registry_key(&secret, origin()).await, Err(Error::SignedOut)));
    // A key of a workspace sees this workspace, whatever else its owner sees.
    let scope = it.enter(&it.root).await;
    let (_, secret) = api_keys::make(&scope.grant().unwrap(), &new(&[KeyFor::TenDlcWrite])).await.unwrap();
    let registrar = it.gate.enter_registry_key(&secret, origin()).await.unwrap();
    assert_eq!(*registrar.visible(), Visible::only([acme]));
    assert!(matches!(registrar.at(beta).await, Err(Error::NotFound)));
    assert!(registrar.at(acme).await.unwrap().may::<action::Brands>().is_ok());
    assert!(matches!(registrar.sight(None).await, Err(Error::Forbidden)), "made for writing only");
}
