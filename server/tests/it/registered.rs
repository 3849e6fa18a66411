//! Things at the 10DLC registry for the tests: brands, 10DLC campaigns and numbers of a tenant.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::{
    id::TenDlcCampaignId,
    phone::PhoneNumber,
    tendlc::{BrandForm, Carrier, EntityType, TenDlcCampaign, UseCase, Vertical, kinds::RejectionCategory},
};
use serde_json::json;
use store::tendlc::{Brand, Doing, TenDlc, action};
use tcr::simulator::{CarrierOutcome, SharingOutcome};

use crate::{
    server::{Server, WEBHOOK, registry_secret},
    subject::count,
    tenant::{Person, Tenant},
};

/// A US number that no other has.
pub fn number() -> PhoneNumber {
    static NEXT: AtomicU64 = AtomicU64::new(13_035_550_000);
    PhoneNumber::from_u64(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap()
}

pub async fn may<A: store::tendlc::Action>(server: &Server, tenant: &Tenant) -> Doing<A> {
    let root = Person::sign_up(&server.gate, &format!("staff {}", count()), "installation", true).await;
    let registrar = server.gate.registrar(&root.session).await.unwrap();
    registrar.at(tenant.id).await.unwrap().may().unwrap()
}

pub fn form(name: &str) -> BrandForm {
    BrandForm {
        display_name: name.into(),
        company_name: format!("{name} LLC"),
        ein: "12-3456789".into(),
        email: "compliance@brand.example".into(),
        phone: "+13035550199".into(),
        street: "1 Main Street".into(),
        city: "Denver".into(),
        state: "CO".into(),
        postal_code: "80202".into(),
        vertical: Some(Vertical::Communication),
        ..BrandForm::new(EntityType::PrivateProfit)
    }
}

fn campaign_form(name: &str) -> TenDlcCampaign {
    let mut campaign = TenDlcCampaign::new(UseCase::AccountNotification);
    campaign.description = "We tell customers when something of their account changes.".into();
    campaign.message_flow = "Customers agree on our web page when they open an account.".into();
    campaign.samples = vec![format!("{name}: your password was changed. Reply STOP to opt out.")];
    campaign.opt_in.message = format!("{name}: you will get messages on your account.");
    campaign.opt_out.message = format!("{name}: you will get no more messages.");
    campaign.help.message = format!("{name}: write to help@help.example for help.");
    campaign.terms_accepted = true;
    campaign
}

/// A verified brand with the tenant's word for a name.
pub async fn brand(server: &Server, tenant: &Tenant) -> Brand {
    let proof = may::<action::Brands>(server, tenant).await;
    server.registrations.create_brand(&proof, None, &form(tenant.word)).await.unwrap()
}

/// A brand whose owner has not given the one-time code yet.
pub async fn sole_proprietor(server: &Server, tenant: &Tenant) -> Brand {
    let proof = may::<action::Brands>(server, tenant).await;
    let form = BrandForm {
        entity_type: EntityType::SoleProprietor,
        company_name: String::new(),
        ein: String::new(),
        vertical: None,
        first_name: "Ann".into(),
        last_name: "Lee".into(),
        mobile_phone: "+13035550198".into(),
        ..form(tenant.word)
    };
    server.registrations.create_brand(&proof, None, &form).await.unwrap()
}

/// A webhook about a brand of the tenant's, followed up; its id.
pub async fn event(server: &Server, tenant: &Tenant) -> String {
    let brand = brand(server, tenant).await;
    let body = json!({
        "eventType": "BRAND_ADD", "eventId": format!("event {}", count()), "brandId": brand.registration.id().unwrap(),
    });
    let body = body.to_string();
    let value = tcr::json::parse(body.as_bytes()).unwrap();
    let signature = tcr::signature::sign(&registry_secret(), WEBHOOK, &value);
    assert!(server.registrations.take_webhook(&signature, body.as_bytes()).await.unwrap());
    server.registrations.round().await.unwrap();
    let root = Person::sign_up(&server.gate, &format!("staff {}", count()), "installation", true).await;
    let sight = server.gate.registrar(&root.session).await.unwrap().sight(Some(tenant.slug.as_str())).await.unwrap();
    store::tendlc::events::list(&sight, 1, 0).await.unwrap().0[0].id.clone()
}

/// What becomes of a 10DLC campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    Approved,
    /// By T-Mobile.
    Rejected,
    /// By the partner upstream.
    Declined,
}

/// A 10DLC campaign of such a brand.
pub async fn campaign(server: &Server, tenant: &Tenant, decided: Decided) -> TenDlc {
    let brand = brand(server, tenant).await;
    let reason = "Samples do not fit".to_owned();
    server.registry.update(|behaviour| match decided {
        Decided::Approved => {}
        Decided::Rejected => {
            let rejects = CarrierOutcome::Reject { category: RejectionCategory::SampleMessage, reason };
            behaviour.carriers = [(Carrier::TMobile, rejects)].into();
        }
        Decided::Declined => behaviour.sharing = SharingOutcome::Decline { reason },
    });
    let proof = may::<action::Campaigns>(server, tenant).await;
    let form = campaign_form(tenant.word);
    let campaign = server.registrations.create_campaign(&proof, None, brand.id, &form).await.unwrap();
    server.registry.update(|behaviour| {
        behaviour.carriers.clear();
        behaviour.sharing = SharingOutcome::Accept;
    });
    campaign
}

/// One that is complete and was not handed in.
pub async fn draft(server: &Server, tenant: &Tenant) -> TenDlc {
    let brand = brand(server, tenant).await;
    let proof = may::<action::Campaigns>(server, tenant).await;
    let begun = store::tendlc::campaigns::begin(&proof, brand.id, UseCase::AccountNotification).await.unwrap();
    let form = TenDlcCampaign { terms_accepted: false, ..campaign_form(tenant.word) };
    store::tendlc::campaigns::keep(&proof, begun.id, None, brand.id, form).await.unwrap()
}

/// A number of the workspace that is in no 10DLC campaign.
pub async fn added(server: &Server, tenant: &Tenant) -> PhoneNumber {
    let proof = may::<action::Numbers>(server, tenant).await;
    store::tendlc::numbers::add(&proof, number()).await.unwrap().number
}

pub async fn assign(server: &Server, tenant: &Tenant, campaign: TenDlcCampaignId, number: PhoneNumber) {
    let proof = may::<action::Numbers>(server, tenant).await;
    server.registrations.assign_number(&proof, campaign, number).await.unwrap();
}
