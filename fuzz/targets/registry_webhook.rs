//! Webhooks of the 10DLC registry: the whole input is a body. Unsigned it is nothing; signed it is read or refused, and
//! without a time it changes nothing by itself.
#![no_main]

use std::collections::BTreeMap;

use domain::tendlc::{
    BrandStatus, Carrier, CarrierStatus, IdentityStatus, RegistryStatus,
    event::{BrandState, CampaignState, Event, Known, News, Outcome},
};
use libfuzzer_sys::{Corpus, fuzz_target};
use tcr::{
    Secret, json, signature,
    webhook::{self, WebhookError},
};

const URL: &str = "https://mc.example/hooks/registry";

fuzz_target!(|input: &[u8]| -> Corpus {
    let secret = Secret::new("secret");
    let Ok(value) = json::parse(input) else {
        assert!(matches!(webhook::receive(&secret, URL, "", input), Err(WebhookError::Json(_))));
        return Corpus::Keep;
    };
    assert!(matches!(webhook::receive(&secret, URL, "AAAA", input), Err(WebhookError::Signature(_))));
    let signature = signature::sign(&secret, URL, &value);
    match webhook::receive(&secret, URL, &signature, input) {
        Ok(received) => {
            assert_eq!(received.canonical, value.canonical());
            // What is kept says the same when it is processed again, and carries the same signature.
            let kept = webhook::receive(&secret, URL, &signature, received.canonical.as_bytes());
            assert_eq!(kept.as_ref(), Ok(&received));
            changes_nothing_unasked(&received.event);
        }
        Err(error) => assert!(matches!(error, WebhookError::Incomplete { .. })),
    }
    Corpus::Keep
});

fn changes_nothing_unasked(event: &Event) {
    let carriers = Carrier::ALL.into_iter().zip(CarrierStatus::ALL.iter().cycle());
    let campaign = CampaignState {
        status: Known::new(RegistryStatus::Active, 10),
        sharing: None,
        carriers: carriers.map(|(carrier, status)| (carrier, Known::new(*status, 10))).collect::<BTreeMap<_, _>>(),
    };
    let brand =
        BrandState { status: Known::new(BrandStatus::Active, 10), identity: Known::new(IdentityStatus::Verified, 10) };
    match event.news {
        News::Campaign { what, .. } => {
            assert!(!matches!(campaign.apply(None, what), Outcome::Becomes(_)));
        }
        News::Brand { what, .. } => assert!(!matches!(brand.apply(None, what), Outcome::Becomes(_))),
        News::Other { ref event_type } => assert!(!event_type.is_empty()),
    }
}
