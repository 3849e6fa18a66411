//! A 10DLC campaign and the partner upstream: shared once, whatever breaks; accepted or declined; and nothing leaves before.

use domain::{
    sender::{Addressing, Npi, Saddr, Ton},
    tendlc::{PartnerId, SharingState, clearance::NotCleared},
};
use engine::tendlc::{Registrations, Trouble};
use store::{
    Error, Reason,
    tendlc::{Clearance, TenDlc, action, attention::CampaignMatter, clearance, history},
};
use tcr::{
    Registry as _,
    simulator::{Behaviour, Fault, SharingOutcome},
};

use crate::tendlc::{It, campaign, form, number, start, subscribed, with_partner};

fn partner() -> PartnerId {
    PartnerId::parse("SABC123").unwrap()
}

fn sharing_with(it: &It) -> Registrations {
    with_partner(&it.system, &it.base_url, Some(partner()))
}

async fn shared(it: &It) -> TenDlc {
    let (brand, registrations) = (Box::pin(it.brand()).await, sharing_with(it));
    let (proof, form) = (it.may().await, campaign());
    Box::pin(registrations.create_campaign(&proof, None, brand.id, &form)).await.unwrap()
}

/// What is in the way of messages from the number, if anything.
async fn in_the_way(it: &It) -> Option<NotCleared> {
    let addressing = Addressing {
        saddr: Saddr::parse("13035550001").unwrap(),
        source_ton: Ton::International,
        source_npi: Npi::Isdn,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    };
    let scope = it.system.enter(it.desk().await.workspace_id(), Reason::Dispatch);
    match clearance::for_sending(&scope, &addressing).await.unwrap() {
        Clearance::Blocked(blocked) => Some(blocked.why),
        Clearance::Cleared(_) | Clearance::NotNeeded => None,
    }
}

fn times(it: &It, campaign: &TenDlc) -> u32 {
    it.control.times_shared(campaign.registration.id().unwrap())
}

#[tokio::test]
async fn what_the_registry_has_is_shared_with_the_partner_by_itself() {
    let it = start(Behaviour::default()).await;
    let campaign = shared(&it).await;
    assert_eq!((campaign.sharing(), campaign.is_unfinished()), (Some(SharingState::Accepted), false));
    assert_eq!(campaign.upstream.as_ref().unwrap().partner, partner());
    let records = history(&it.may::<action::Read>().await, &campaign.id).await.unwrap();
    assert!(records.iter().any(|record| record.action == "tendlc_campaign.shared"));
    assert_eq!(times(&it, &campaign), 1);
    sharing_with(&it).ask_all().await.unwrap();
    assert_eq!(times(&it, &campaign), 1, "once");
}

#[tokio::test]
async fn without_a_partner_nothing_is_shared_and_nothing_waits_for_it() {
    let it = start(Behaviour::default()).await;
    let (_, campaign) = it.registered().await;
    it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!((campaign.upstream, campaign.state.unwrap().sharing), (None, None));
    assert_eq!(in_the_way(&it).await, None);
    let asked = it.registrations.share_campaign(&it.may().await, campaign.id).await;
    assert!(matches!(asked, Err(Trouble::Store(Error::Stale { .. }))));
}

#[tokio::test]
async fn one_that_was_registered_before_there_was_a_partner_is_shared_in_a_round() {
    let it = start(Behaviour::default()).await;
    let (_, campaign) = it.registered().await;
    sharing_with(&it).ask_all().await.unwrap();
    assert_eq!(it.now(&campaign).await.sharing(), Some(SharingState::Accepted));
}

#[tokio::test]
async fn a_10dlc_campaign_of_a_mock_brand_is_shared_with_nobody() {
    let it = start(Behaviour::default()).await;
    let mock = domain::tendlc::BrandForm { mock: true, ..form("Acme") };
    let registrations = sharing_with(&it);
    let brand = registrations.create_brand(&it.may().await, None, &mock).await.unwrap();
    let made = registrations.create_campaign(&it.may().await, None, brand.id, &campaign()).await.unwrap();
    assert_eq!((made.upstream, made.refusal), (None, None));
}

/// The answer is lost, whatever the partner says meanwhile.
#[tokio::test]
async fn an_answer_that_is_lost_shares_nothing_twice() {
    let declined = SharingOutcome::Decline { reason: "no opt-in".into() };
    for sharing in [SharingOutcome::Accept, SharingOutcome::Wait, declined] {
        for fault in [Fault::CutAfter, Fault::FailAfter, Fault::StallAfter, Fault::GarbageAfter] {
            let it = start(Behaviour { sharing: sharing.clone(), ..Behaviour::default() }).await;
            let (_, campaign) = it.registered().await;
            it.control.update(|behaviour| behaviour.write_faults = [fault].into());
            // The rounds of another life go on with it.
            let _ = sharing_with(&it).ask_all().await;
            sharing_with(&it).round().await.unwrap();
            assert_eq!(times(&it, &campaign), 1, "{sharing:?} {fault:?}");
            assert!(it.now(&campaign).await.sharing().is_some(), "{sharing:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn nothing_leaves_before_the_partner_has_accepted_it() {
    let it = start(Behaviour { sharing: SharingOutcome::Wait, ..Behaviour::default() }).await;
    let campaign = shared(&it).await;
    it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(in_the_way(&it).await, Some(NotCleared::NotShared));
    assert!(campaign.matters(0).contains(&CampaignMatter::Sharing));
    it.control.sharing(campaign.registration.id().unwrap(), None).unwrap();
    sharing_with(&it).ask_all().await.unwrap();
    assert_eq!(in_the_way(&it).await, None);
}

#[tokio::test]
async fn what_the_partner_declined_is_shared_again_when_somebody_asks_for_it() {
    let declined = SharingOutcome::Decline { reason: "the samples show no opt-out".into() };
    let it = start(Behaviour { sharing: declined, ..Behaviour::default() }).await;
    let campaign = shared(&it).await;
    it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(campaign.sharing(), Some(SharingState::Declined));
    assert_eq!(campaign.upstream.as_ref().unwrap().reason.as_deref(), Some("the samples show no opt-out"));
    assert_eq!(in_the_way(&it).await, Some(NotCleared::Declined));
    assert!(matches!(&campaign.matters(0)[0], CampaignMatter::Declined(Some(_))), "the worst first");
    // Nobody shares it again by itself.
    sharing_with(&it).ask_all().await.unwrap();
    assert_eq!(times(&it, &campaign), 1);
    it.control.update(|behaviour| behaviour.sharing = SharingOutcome::Accept);
    let again = sharing_with(&it).share_campaign(&it.may().await, campaign.id).await.unwrap();
    assert_eq!((again.sharing(), again.upstream.unwrap().reason), (Some(SharingState::Accepted), None));
    assert_eq!((times(&it, &campaign), in_the_way(&it).await), (2, None));
    let error = sharing_with(&it).share_campaign(&it.may().await, campaign.id).await.unwrap_err();
    assert!(error.to_string().contains("accepted this 10DLC campaign already"), "{error}");
}

#[tokio::test]
async fn a_webhook_brings_the_partners_answer_with_its_reason() {
    for events_carry_time in [false, true] {
        let it = subscribed(events_carry_time).await;
        it.control.update(|behaviour| behaviour.sharing = SharingOutcome::Wait);
        let campaign = shared(&it).await;
        assert_eq!(campaign.sharing(), Some(SharingState::Pending));
        it.clock.advance(1_000);
        it.control.sharing(campaign.registration.id().unwrap(), Some("no opt-in")).unwrap();
        it.take(it.held().last().unwrap()).await.unwrap();
        it.registrations.round().await.unwrap();
        let now = it.now(&campaign).await;
        assert_eq!(now.sharing(), Some(SharingState::Declined), "{events_carry_time}");
        assert_eq!(now.upstream.unwrap().reason.as_deref(), Some("no opt-in"));
        let records = history(&it.may::<action::Read>().await, &campaign.id).await.unwrap();
        let said =
            |field: &str| records[0].changes.iter().any(|change| change.field == field && change.after.is_some());
        assert!(said("sharing") && said("partner's reason"), "{records:?}");
    }
}

/// Until it is asked, what makes fewer messages leave is believed.
#[tokio::test]
async fn a_refusal_is_believed_while_the_registry_does_not_answer() {
    let it = subscribed(false).await;
    it.control.update(|behaviour| behaviour.sharing = SharingOutcome::Wait);
    let campaign = shared(&it).await;
    it.control.sharing(campaign.registration.id().unwrap(), Some("no opt-in")).unwrap();
    it.control.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 40].into());
    it.take(it.held().last().unwrap()).await.unwrap();
    let _ = it.registrations.round().await;
    assert_eq!(it.now(&campaign).await.sharing(), Some(SharingState::Declined));
}

/// Somebody has shared it with another partner, past Message Center.
#[tokio::test]
async fn what_the_registry_refuses_to_share_says_why() {
    let it = start(Behaviour::default()).await;
    let (_, campaign) = it.registered().await;
    let other = PartnerId::parse("SOTHER1").unwrap();
    it.client().share(campaign.registration.id().unwrap(), &other, false).await.unwrap();
    sharing_with(&it).ask_all().await.unwrap();
    let now = it.now(&campaign).await;
    assert!(matches!(&now.matters(0)[0], CampaignMatter::NotShared(why) if why.contains("shared already")));
    it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(in_the_way(&it).await, Some(NotCleared::NotShared), "the other one's word is not our partner's");
    assert_eq!((now.refusal, now.todo.len()), (None, 0), "the 10DLC campaign itself is as it was");
}
