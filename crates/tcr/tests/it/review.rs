//! What carriers and the registry do afterwards.

use domain::tendlc::{
    Carrier, CarrierStatus, PartnerId, RegistryStatus, carrier::CarrierEvent, kinds::RejectionCategory,
};
use tcr::{
    Registry as _,
    simulator::{Behaviour, CarrierOutcome},
};

use crate::support::{company, details, registry, with};

#[tokio::test]
async fn each_carrier_decides_for_itself() {
    let reason = "No opt-out in the samples".to_owned();
    let reject = CarrierOutcome::Reject { category: RejectionCategory::SampleMessage, reason: reason.clone() };
    let carriers = [(Carrier::TMobile, CarrierOutcome::Review), (Carrier::Verizon, reject)].into();
    let registry = with(Behaviour { carriers, ..Behaviour::default() }).await;
    let brand = registry.brand("brand-1").await;
    let record = registry.campaign(&brand, "campaign-1").await;
    let carriers = registry.client.carriers(record.id).await.unwrap();
    assert_eq!(carriers.len(), Carrier::ALL.len());
    assert_eq!(carriers[&Carrier::Att].status, CarrierStatus::Registered);
    assert_eq!(carriers[&Carrier::TMobile].status, CarrierStatus::Review);
    let rejection = carriers[&Carrier::Verizon].rejection.clone().unwrap();
    assert_eq!((rejection.category, rejection.reason), (RejectionCategory::SampleMessage, reason));
    // Repaired and handed in again: only who rejected it looks again.
    registry.control.update(|behaviour| behaviour.carriers.clear());
    registry.client.resubmit(record.id).await.unwrap();
    let carriers = registry.client.carriers(record.id).await.unwrap();
    assert_eq!(carriers[&Carrier::Verizon].status, CarrierStatus::Registered);
    assert_eq!(carriers[&Carrier::TMobile].status, CarrierStatus::Review);
    // Once more, as after a crash: nobody rejects it any more, so there is nothing to say.
    registry.client.resubmit(record.id).await.unwrap();
    assert_eq!(registry.client.carriers(record.id).await.unwrap(), carriers);
}

#[tokio::test]
async fn a_suspension_is_seen_and_lifted_and_an_end_is_an_end() {
    let registry = registry().await;
    let brand = registry.brand("brand-1").await;
    let record = registry.campaign(&brand, "campaign-1").await;
    registry.control.carrier(record.id, Carrier::Att, CarrierEvent::Suspend, "Complaints").unwrap();
    let att = registry.client.carriers(record.id).await.unwrap()[&Carrier::Att].clone();
    assert_eq!((att.status, att.rejection.unwrap().reason.as_str()), (CarrierStatus::Suspended, "Complaints"));
    assert!(registry.control.carrier(record.id, Carrier::Att, CarrierEvent::Approve, "").is_err());
    registry.control.carrier(record.id, Carrier::Att, CarrierEvent::Unsuspend, "").unwrap();
    assert_eq!(registry.client.carriers(record.id).await.unwrap()[&Carrier::Att].status, CarrierStatus::Registered);
    registry.control.expire(record.id).unwrap();
    assert_eq!(registry.client.campaign(record.id).await.unwrap().status, RegistryStatus::Expired);
    assert!(registry.control.carrier(record.id, Carrier::Att, CarrierEvent::Suspend, "").is_err());
}

#[tokio::test]
async fn a_mock_brand_never_reaches_carriers() {
    let registry = registry().await;
    let mock = details(&domain::tendlc::BrandForm { mock: true, ..company() });
    let brand = registry.client.create_brand("mock", &mock).await.unwrap();
    let record = registry.campaign(&brand, "campaign-1").await;
    assert!(brand.mock && record.mock);
    assert!(registry.client.carriers(record.id).await.unwrap().is_empty());
    assert!(registry.client.share(record.id, &PartnerId::parse("SABC123").unwrap(), false).await.is_err());
}
