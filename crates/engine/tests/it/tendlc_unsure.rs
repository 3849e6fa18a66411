//! What the registry was told without an answer: nobody knows whether it has it, and what follows goes by that.

use std::time::Duration;

use domain::tendlc::{
    BrandForm, Carrier, CarrierStatus, TenDlcCampaign,
    kinds::{RejectionCategory, VettingProvider},
};
use store::tendlc::{Brand, From, brands};
use tcr::simulator::{Behaviour, CarrierOutcome, Fault, VettingOutcome};

use crate::tendlc::{It, campaign, form, start};

/// As often as the client tries.
const NO_ANSWER: [Fault; 3] = [Fault::FailAfter; 3];

async fn kept(it: &It, brand: &Brand) -> Brand {
    brands::find(&it.desk().await, brand.id).await.unwrap()
}

async fn change(it: &It, brand: &Brand, form: &BrandForm) -> Brand {
    it.registrations.change_brand(&it.may().await, brand.id, None, From::Form, form).await.unwrap()
}

/// A change was taken, its answer lost, and the next one is refused.
#[tokio::test]
async fn a_refused_change_of_a_brand_goes_back_to_what_the_registry_has() {
    let it = start(Behaviour::default()).await;
    let brand = it.brand().await;
    let first = BrandForm { website: "https://one.example".into(), ..form("Acme One") };
    it.control.update(|behaviour| behaviour.write_faults = NO_ANSWER.into());
    let unsure = change(&it, &brand, &first).await;
    assert!(unsure.is_unfinished());
    it.control.update(|behaviour| behaviour.refuses_texts = vec!["Acme Two".into()]);
    let refused = change(&it, &brand, &form("Acme Two")).await;
    assert!(refused.refusal.is_some());
    assert_eq!(refused.typed().display_name, "Acme Two", "kept to be corrected");
    assert_eq!(refused.details.display_name, "Acme One", "as the registry has it, and not as it was before");
    assert_eq!((refused.at_registry, refused.telling), (None, None));
}

#[tokio::test]
async fn a_refused_change_of_a_10dlc_campaign_goes_back_to_what_the_registry_has() {
    let it = start(Behaviour::default()).await;
    let (_, registered) = it.registered().await;
    let described = |text: &str| TenDlcCampaign { description: text.into(), ..campaign() };
    let one = described("Acme tells its customers when something of their account is another, the first.");
    let two = described("Acme tells its customers when something of their account is another, the second.");
    let change = async |form: &TenDlcCampaign| {
        let proof = it.may().await;
        Box::pin(it.registrations.change_campaign(&proof, registered.id, None, From::Program, form)).await.unwrap()
    };
    it.control.update(|behaviour| behaviour.write_faults = NO_ANSWER.into());
    assert!(change(&one).await.is_unfinished());
    it.control.update(|behaviour| behaviour.refuses_texts = vec!["the second".into()]);
    let refused = change(&two).await;
    assert_eq!((&refused.form.description, &refused.typed().description), (&one.description, &two.description));
}

/// The client gives up waiting, and the registry takes the order afterwards.
#[tokio::test]
async fn a_vetting_on_which_the_registry_still_works_is_ordered_once() {
    let it = start(Behaviour { vettings: VettingOutcome::Wait, ..Behaviour::default() }).await;
    let brand = it.brand().await;
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::Late { after_ms: 900 }].into());
    let order = it.registrations.order_vetting(&it.may().await, brand.id, VettingProvider::Aegis, "STANDARD").await;
    assert!(order.unwrap().is_unfinished(), "it is looked for");
    // Rounds in between order nothing.
    let ordered = async {
        loop {
            it.registrations.round().await.unwrap();
            let now = kept(&it, &brand).await;
            if !now.is_unfinished() {
                return now;
            }
        }
    };
    let now = tokio::time::timeout(Duration::from_secs(20), ordered).await.unwrap();
    assert_eq!((now.vettings.len(), now.refusal), (1, None));
}

#[tokio::test]
async fn a_vetting_that_never_shows_is_given_up_and_said() {
    let it = start(Behaviour { vettings: VettingOutcome::Wait, ..Behaviour::default() }).await;
    let brand = it.brand().await;
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::Late { after_ms: 3_600_000 }].into());
    let order = it.registrations.order_vetting(&it.may().await, brand.id, VettingProvider::Aegis, "STANDARD").await;
    assert!(order.unwrap().is_unfinished());
    it.clock.advance(59 * 60_000);
    it.registrations.round().await.unwrap();
    assert!(kept(&it, &brand).await.is_unfinished());
    it.clock.advance(2 * 60_000);
    it.registrations.round().await.unwrap();
    let now = kept(&it, &brand).await;
    assert!(!now.is_unfinished() && now.refusal.unwrap().contains("before you order it again"));
    assert!(now.vettings.is_empty());
}

/// An error of the registry's own is an end: it can be told again.
#[tokio::test]
async fn a_vetting_that_did_not_get_there_is_ordered_in_the_next_round() {
    let it = start(Behaviour::default()).await;
    let brand = it.brand().await;
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::Fail].into());
    let order = it.registrations.order_vetting(&it.may().await, brand.id, VettingProvider::Aegis, "STANDARD").await;
    assert!(order.unwrap().is_unfinished());
    it.registrations.round().await.unwrap();
    let now = kept(&it, &brand).await;
    assert_eq!((now.is_unfinished(), now.score()), (false, Some(80)));
}

/// The carriers looked again and rejected it again, before the lost answer to the resubmission was looked for.
#[tokio::test]
async fn what_is_rejected_anew_is_not_resubmitted_by_itself() {
    let reason = "no opt-in".to_owned();
    let reject = CarrierOutcome::Reject { category: RejectionCategory::SampleMessage, reason };
    let it = start(Behaviour { carriers: [(Carrier::TMobile, reject)].into(), ..Behaviour::default() }).await;
    let (_, registered) = it.registered().await;
    let id = registered.registration.id().unwrap();
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::FailAfter].into());
    let resubmitted = it.registrations.resubmit_campaign(&it.may().await, registered.id).await.unwrap();
    it.registrations.round().await.unwrap();
    let now = it.now(&resubmitted).await;
    assert_eq!(now.carriers().get(&Carrier::TMobile), Some(&CarrierStatus::Rejected));
    assert!(!now.is_unfinished() && now.refusal.unwrap().contains("resubmit it once more"));
    assert_eq!(it.control.times_resubmitted(id), 1, "a person decides whether it goes there again");
}
