//! Numbers that a partner upstream keeps: the registry's own API knows nothing of them, and staff say what is done there.

use domain::tendlc::limits::NumbersAt;
use engine::tendlc::{TenDlcConfig, Trouble};
use store::{
    Error,
    tendlc::{TenDlc, numbers::NumberState},
};
use tcr::simulator::Behaviour;

use crate::tendlc::{It, number, start, with_config};

/// An installation with the registry itself.
async fn at_partner() -> (It, TenDlc) {
    let mut it = start(Behaviour::default()).await;
    let config = TenDlcConfig { numbers: NumbersAt::Partner, ..TenDlcConfig::default() };
    let registrations = with_config(&it.system, &it.base_url, config);
    it.registrations = registrations;
    let (_, campaign) = it.registered().await;
    (it, campaign)
}

#[tokio::test]
async fn a_number_is_active_once_staff_says_that_the_partner_has_it() {
    let (it, campaign) = at_partner().await;
    let asked = it.control.requests();
    let assigned = it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(assigned.current.unwrap().state, NumberState::Assigning);
    // The rounds tell nobody either.
    it.registrations.round().await.unwrap();
    assert_eq!(it.control.requests(), asked);
    let confirmed = it.registrations.confirm_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    let current = confirmed.current.unwrap();
    assert_eq!((current.state, current.campaign), (NumberState::Active, campaign.id));
    // Said twice, it is the same.
    let again = it.registrations.confirm_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(again, confirmed);

    let removed = it.registrations.remove_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(removed.current.unwrap().state, NumberState::Removing);
    let free = it.registrations.confirm_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!((free.current, free.history.len()), (None, 1));
    let error = it.registrations.confirm_number(&it.may().await, campaign.id, number(1)).await.unwrap_err();
    assert!(matches!(error, Trouble::Store(Error::NotFound)), "{error}");
    assert_eq!(it.control.requests(), asked);
    let again = it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert!(again.is_unfinished(), "it is free to be assigned");
}

#[tokio::test]
async fn where_the_registry_keeps_numbers_nobody_speaks_for_it() {
    let it = start(Behaviour::default()).await;
    let (_, campaign) = it.registered().await;
    it.control.update(|behaviour| behaviour.write_faults = vec![tcr::simulator::Fault::Fail; 6].into());
    let assigned = it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert!(assigned.is_unfinished());
    let still = it.registrations.confirm_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert!(still.is_unfinished());
    it.control.update(|behaviour| behaviour.write_faults.clear());
    let told = it.registrations.confirm_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(told.current.unwrap().state, NumberState::Active);
}
