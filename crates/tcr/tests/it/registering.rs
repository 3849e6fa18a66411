//! What the registry takes and what it refuses.

use domain::{
    phone::PhoneNumber,
    tendlc::{
        BrandForm, BrandStatus, EntityType, IdentityStatus, PartnerId, RegistryStatus, SharingState, UseCase,
        VettingStatus, kinds::VettingProvider,
    },
};
use tcr::{
    Client, ClientConfig, Error, Registry as _, Secret,
    registry::ask_brand,
    simulator::{Behaviour, BrandOutcome, DuplicateReference, VettingOutcome},
};

use crate::support::{campaign, company, details, person, quick, registry, secret, with};

fn fields(error: Error) -> Vec<String> {
    match error {
        Error::Refused(problems) => problems.into_iter().flat_map(|problem| problem.fields).collect(),
        other => panic!("{other:?}"),
    }
}

fn number(at: u64) -> PhoneNumber {
    PhoneNumber::from_u64(13_035_550_100 + at).unwrap()
}

#[tokio::test]
async fn from_nothing_to_numbers() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    assert_eq!((brand.identity, brand.reference.as_deref()), (IdentityStatus::Unverified, Some("brand-1")));
    assert_eq!(registry.client.brand(brand.id).await.unwrap().identity, IdentityStatus::Verified);
    let qualified = registry.client.qualify(brand.id, UseCase::Mixed).await.unwrap();
    assert!(qualified.is_open() && qualified.demands.iter().all(|demand| demand.samples_min == 2));
    assert!(!registry.client.qualify(brand.id, UseCase::Charity).await.unwrap().is_open());

    let record = registry.campaign(&brand, "campaign-1").await;
    assert_eq!((record.brand, record.status), (brand.id, RegistryStatus::Active));
    let partner = PartnerId::parse("SABC123").unwrap();
    registry.client.share(record.id, &partner, false).await.unwrap();
    let shared = registry.client.sharing(record.id).await.unwrap().unwrap();
    assert_eq!((shared.partner, shared.state, shared.reason), (Some(partner), SharingState::Accepted, None));
    for at in 0..12 {
        registry.client.assign_number(record.id, number(at)).await.unwrap();
    }
    registry.client.remove_number(record.id, number(3)).await.unwrap();
    registry.client.remove_number(record.id, number(3)).await.unwrap();
    let first = registry.client.numbers(record.id, 1, 10).await.unwrap();
    let second = registry.client.numbers(record.id, 2, 10).await.unwrap();
    assert_eq!((first.records.len(), second.records.len(), second.total), (10, 1, 11));
    assert!(!first.records.contains(&number(3)));

    let mut changed = campaign(UseCase::AccountNotification);
    changed.description.push_str(" And only then.");
    registry.client.update_campaign(record.id, &changed).await.unwrap();
    changed.use_case = UseCase::Marketing;
    assert_eq!(fields(registry.client.update_campaign(record.id, &changed).await.unwrap_err()), ["usecase"]);
}

#[tokio::test]
async fn a_brand_that_is_not_verified_has_no_10dlc_campaigns() {
    let brands = BrandOutcome::Refuse { fields: vec!["ein".into()] };
    let registry = with(Behaviour { brands, ..Behaviour::default() }).await;
    let brand = registry.brand("brand-1").await;
    let refused = registry.client.create_campaign("campaign-1", brand.id, &campaign(UseCase::Marketing)).await;
    let error = refused.unwrap_err();
    assert!(error.to_string().contains("brandId: the registry has not verified the brand"), "{error}");
    assert_eq!(registry.client.feedback(brand.id).await.unwrap()[0].fields, ["ein"]);
    // Corrected and handed in again.
    registry.control.update(|behaviour| behaviour.brands = BrandOutcome::Verify);
    let corrected = details(&BrandForm { ein: "12-3456780".into(), ..company() });
    assert_eq!(registry.client.update_brand(brand.id, &corrected).await.unwrap().identity, IdentityStatus::Unverified);
    assert_eq!(registry.client.verify_again(brand.id).await.unwrap().identity, IdentityStatus::Verified);
    assert_eq!(registry.client.feedback(brand.id).await, Ok(Vec::new()));
    registry.campaign(&brand, "campaign-1").await;
}

#[tokio::test]
async fn a_change_of_the_identity_makes_the_registry_forget() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    let renamed = details(&BrandForm { display_name: "Acme!".into(), ..company() });
    assert_eq!(registry.client.update_brand(brand.id, &renamed).await.unwrap().identity, IdentityStatus::Verified);
    let other = details(&BrandForm { company_name: "Acme Inc".into(), ..company() });
    assert_eq!(registry.client.update_brand(brand.id, &other).await.unwrap().identity, IdentityStatus::Unverified);
}

/// Trap 7: the registry deletes no brand with active 10DLC campaigns.
#[tokio::test]
async fn campaigns_go_before_their_brand() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    let record = registry.campaign(&brand, "campaign-1").await;
    let error = registry.client.delete_brand(brand.id).await.unwrap_err();
    assert!(error.to_string().contains("1 active campaigns; deactivate them first"), "{error}");
    registry.client.deactivate(record.id).await.unwrap();
    registry.client.deactivate(record.id).await.unwrap();
    assert_eq!(registry.client.campaign(record.id).await.unwrap().status, RegistryStatus::Expired);
    registry.client.delete_brand(brand.id).await.unwrap();
    registry.client.delete_brand(brand.id).await.unwrap();
    assert_eq!(registry.client.brand(brand.id).await, Err(Error::NotFound));
    assert_eq!(registry.client.find_brand("brand-1").await, Ok(None));
    assert_eq!(ask_brand(&registry.client, brand.id).await, Ok(None));
}

/// Trap 6: a clash of numbers is an answer and no accident.
#[tokio::test]
async fn a_number_is_in_one_10dlc_campaign() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    let (one, other) = (registry.campaign(&brand, "one").await, registry.campaign(&brand, "other").await);
    registry.client.assign_number(one.id, number(1)).await.unwrap();
    registry.client.assign_number(one.id, number(1)).await.unwrap();
    assert_eq!(fields(registry.client.assign_number(other.id, number(1)).await.unwrap_err()), ["phoneNumber"]);
    registry.client.deactivate(one.id).await.unwrap();
    registry.client.assign_number(other.id, number(1)).await.unwrap();
    assert_eq!(fields(registry.client.assign_number(one.id, number(2)).await.unwrap_err()), ["campaignId"]);
}

#[tokio::test]
async fn a_sole_proprietor_confirms_a_code_and_has_one_campaign_with_five_numbers() {
    let registry = registry().await;
    let brand = registry.client.create_brand("person", &details(&person())).await.unwrap();
    assert_eq!((brand.identity, brand.confirmed), (IdentityStatus::SelfDeclared, false));
    let wanted = campaign(UseCase::SoleProprietor);
    let error = registry.client.create_campaign("c1", brand.id, &wanted).await.unwrap_err();
    assert!(error.to_string().contains("one-time code"), "{error}");
    registry.client.send_confirmation(brand.id, EntityType::SoleProprietor).await.unwrap();
    assert_eq!(fields(registry.client.confirm_code(brand.id, "000000").await.unwrap_err()), ["otpPin"]);
    assert!(registry.client.confirm_code(brand.id, "123456").await.unwrap().confirmed);
    let record = registry.client.create_campaign("c1", brand.id, &wanted).await.unwrap();
    let error = registry.client.create_campaign("c2", brand.id, &wanted).await.unwrap_err();
    assert!(error.to_string().contains("has one 10DLC campaign"), "{error}");
    for at in 0..5 {
        registry.client.assign_number(record.id, number(at)).await.unwrap();
    }
    assert_eq!(fields(registry.client.assign_number(record.id, number(5)).await.unwrap_err()), ["phoneNumber"]);
    assert!(registry.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]).await.is_err());
}

#[tokio::test]
async fn a_listed_company_confirms_by_mail() {
    let registry = registry().await;
    let form = BrandForm {
        entity_type: EntityType::PublicProfit,
        stock_symbol: "ACME".into(),
        stock_exchange: "NASDAQ".into(),
        business_contact_email: "board@acme.example".into(),
        ..company()
    };
    let brand = registry.client.create_brand("listed", &details(&form)).await.unwrap();
    let wanted = campaign(UseCase::Marketing);
    let error = registry.client.create_campaign("c1", brand.id, &wanted).await.unwrap_err();
    assert!(error.to_string().contains("has not confirmed the brand by mail"), "{error}");
    registry.client.send_confirmation(brand.id, EntityType::PublicProfit).await.unwrap();
    assert!(registry.client.brand(brand.id).await.unwrap().confirmed);
}

#[tokio::test]
async fn vettings_bring_scores() {
    let registry = with(Behaviour { vettings: VettingOutcome::Wait, ..Behaviour::default() }).await;
    let brand = registry.brand("brand-1").await;
    let order = || registry.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]);
    let first = order().await.unwrap();
    // Ordered again while it is under way, it is the same one: nobody pays twice.
    assert_eq!((order().await.unwrap().id, first.status), (first.id.clone(), VettingStatus::Pending));
    registry.control.update(|behaviour| behaviour.vettings = VettingOutcome::Score(91));
    registry.client.order_vetting(brand.id, VettingProvider::Wmc, "STANDARD", &[]).await.unwrap();
    let vettings = registry.client.vettings(brand.id).await.unwrap();
    let scores: Vec<_> = vettings.iter().map(|vetting| (vetting.status, vetting.score)).collect();
    assert_eq!(scores, [(VettingStatus::Pending, None), (VettingStatus::Active, Some(91))]);
    assert_eq!(registry.client.brand(brand.id).await.unwrap().identity, IdentityStatus::VettedVerified);
}

#[tokio::test]
async fn a_reference_is_used_once() {
    for duplicate_reference in [DuplicateReference::SameRecord, DuplicateReference::Refuse] {
        let registry = with(Behaviour { duplicate_reference, ..Behaviour::default() }).await;
        let (first, again) = (registry.brand("brand-1").await, registry.brand("brand-1").await);
        assert_eq!((first.id, registry.control.registered().0), (again.id, 1));
        let (one, two) = (registry.campaign(&first, "c").await, registry.campaign(&first, "c").await);
        assert_eq!((one.id, registry.control.registered().1), (two.id, 1));
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field() {
    let registry = registry().await;
    let mut wrong = details(&company());
    wrong.address.postal_code = "8020".into();
    wrong.display_name = String::new();
    let error = registry.client.create_brand("brand-1", &wrong).await.unwrap_err();
    assert!(error.to_string().contains("postalCode: a US postal code has 5 digits"), "{error}");
    assert_eq!(fields(error), ["displayName", "postalCode"]);
    assert_eq!(registry.control.registered(), (0, 0));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let registry = registry().await;
    for at in 0..23 {
        registry.brand(&format!("brand-{at}")).await;
    }
    let mut seen = Vec::new();
    for page in 1..=3 {
        let page = registry.client.brands(page, 10).await.unwrap();
        assert_eq!(page.total, 23);
        seen.extend(page.records.into_iter().map(|brand| brand.id));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 23);
    // A reference is found whatever the page, and a part of one finds nothing.
    assert!(registry.client.find_brand("brand-22").await.unwrap().is_some());
    assert_eq!(registry.client.find_brand("brand-").await, Ok(None));
    assert_eq!(registry.client.brand(seen[0]).await.unwrap().status, BrandStatus::Active);
}

#[tokio::test]
async fn a_wrong_key_is_said_and_shown_nowhere() {
    let registry = registry().await;
    let config = ClientConfig { secret: Secret::new("wr0ng"), ..registry.config.clone() };
    let client = Client::new(config).unwrap();
    assert_eq!(client.brands(1, 10).await, Err(Error::Unauthorised));
    let shown = format!("{client:?} {:?} {:?}", registry.control, registry.config);
    for hidden in ["wr0ng", secret().expose(), "Basic "] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn the_key_goes_over_no_open_line() {
    for bad in ["http://registry.example/v2", "ftp://127.0.0.1", "registry.example"] {
        assert!(Client::new(quick(bad.into())).is_err(), "{bad}");
    }
}
