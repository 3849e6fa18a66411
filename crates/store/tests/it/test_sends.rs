//! Test messages: to whom, from whom, how many, and once.

use std::collections::HashMap;

use domain::{
    campaign::Campaign,
    channel::ChannelId,
    id::TestNumberId,
    permission::kind,
    phone::PhoneNumber,
    policy::PresetConfig,
    test_send::{TestPart, TestState},
};
use store::{
    Error, Reason, audit, campaigns, holds, policies, senders,
    suppressions::{self, AddedAs, blacklist},
    test_sends,
    test_sends::TestOrder,
};

use crate::fixture::{self, Installation};

async fn listed(it: &Installation) -> TestNumberId {
    let admin = it.enter(&it.admin).await;
    test_sends::add(&admin.grant().unwrap(), "Ann", "+43 660 1234567").await.unwrap();
    test_sends::list(&admin).await.unwrap().numbers[0].id
}

async fn claim(
    it: &Installation,
    campaign: &Campaign,
    number: TestNumberId,
) -> Result<domain::test_send::TestSend, Error> {
    let scope = it.enter(&it.author).await;
    let proof = scope.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    test_sends::claim(&proof, &TestOrder { number, fields: HashMap::new(), pools: HashMap::new() }).await
}

fn field_of(refusal: &Error) -> Option<&'static str> {
    match refusal {
        Error::Invalid { field, .. } => Some(field),
        _ => None,
    }
}

#[tokio::test]
async fn a_test_is_claimed_on_record_and_changes_nothing_about_the_campaign() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let number = listed(&it).await;
    let test = claim(&it, &campaign, number).await.unwrap();
    assert_eq!((test.state(), test.parts.clone()), (TestState::OnItsWay, vec![TestPart::Claimed]));
    let scope = it.enter(&it.author).await;
    assert_eq!(campaigns::find(&scope, campaign.id).await.unwrap(), campaign, "it is no part of its life");
    let admin = it.enter(&it.admin).await;
    let record = audit::page(&admin.grant().unwrap(), None, 1).await.unwrap().remove(0);
    assert_eq!(record.action, "campaign.test_sent");
    let said = format!("{record:?}");
    assert!(!said.contains("6601234567") && !said.contains(&test.text), "neither number nor text: {said}");
}

#[tokio::test]
async fn not_while_everything_is_paused() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let number = listed(&it).await;
    let admin = it.enter(&it.admin).await;
    holds::hold(&admin.grant().unwrap(), "A wrong text goes out").await.unwrap();
    let refusal = claim(&it, &campaign, number).await.unwrap_err();
    assert!(matches!(&refusal, Error::Stale { what } if what.contains("paused")), "{refusal}");
    holds::release(&admin.grant().unwrap()).await.unwrap();
    claim(&it, &campaign, number).await.unwrap();
}

#[tokio::test]
async fn only_to_a_number_of_the_list() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let number = listed(&it).await;
    let admin = it.enter(&it.admin).await;
    test_sends::remove(&admin.grant().unwrap(), number).await.unwrap();
    let refusal = claim(&it, &campaign, number).await.unwrap_err();
    assert_eq!(field_of(&refusal), Some("number"), "{refusal}");
    assert!(it.enter(&it.author).await.grant::<kind::ManageWorkspace>().is_err(), "authors keep no list");
}

#[tokio::test]
async fn not_to_a_number_that_gets_no_messages() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let number = listed(&it).await;
    let admin = it.enter(&it.admin).await;
    let suppressed = test_sends::list(&admin).await.unwrap().numbers[0].number;
    suppressions::add(&admin.grant().unwrap(), &[suppressed], AddedAs::Person).await.unwrap();
    let refusal = claim(&it, &campaign, number).await.unwrap_err();
    assert_eq!(field_of(&refusal), Some("number"), "{refusal}");
}

#[tokio::test]
async fn only_from_a_sender_that_is_approved_at_this_moment() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let number = listed(&it).await;
    let admin = it.enter(&it.admin).await;
    let sender = campaign.parameters.sender.clone().unwrap();
    senders::archive(&admin.grant().unwrap(), sender.sender).await.unwrap();
    let refusal = claim(&it, &campaign, number).await.unwrap_err();
    assert_eq!(field_of(&refusal), Some("sender"), "{refusal}");
}

#[tokio::test]
async fn not_of_what_is_decided() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let number = listed(&it).await;
    let judge = it.enter(&it.moderator).await;
    campaigns::reject(&judge.grant().unwrap(), campaign.id, campaign.life.version, "no").await.unwrap();
    let refusal = claim(&it, &campaign, number).await.unwrap_err();
    assert!(matches!(refusal, Error::Stale { .. }), "{refusal}");
}

#[tokio::test]
async fn nobody_on_the_blacklist_gets_one_by_a_link_that_uses_it_or_a_pool_of_it() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let number = listed(&it).await;
    let ruler = it.gate.rule(&it.root).unwrap();
    blacklist::add(&ruler, &[PhoneNumber::from_u64(436_601_234_567).unwrap()]).await.unwrap();
    let rules = PresetConfig { name: "Strict".into(), blacklist: true, ..PresetConfig::default() };
    let preset = policies::add(&ruler, rules).await.unwrap();
    let link = ChannelId::parse("carrier-b").unwrap();
    policies::choose(&ruler, &link, Some(preset.id)).await.unwrap();
    let scope = it.enter(&it.author).await;
    let proof = scope.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    let channel = ChannelId::parse(&campaign.parameters.channel).unwrap();
    let pools = HashMap::from([(channel, vec![link])]);
    let order = TestOrder { number, fields: HashMap::new(), pools };
    assert_eq!(field_of(&test_sends::claim(&proof, &order).await.unwrap_err()), Some("number"));
    // That link is none of its channel's.
    let order = TestOrder { pools: HashMap::new(), ..order };
    assert!(test_sends::claim(&proof, &order).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cap_of_the_day_holds_for_many_at_once() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let number = listed(&it).await;
    let admin = it.enter(&it.admin).await;
    test_sends::set_cap(&admin.grant().unwrap(), 3).await.unwrap();
    let scope = it.enter(&it.author).await;
    let mut claims = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let proof = scope.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
        claims.spawn(async move {
            test_sends::claim(&proof, &TestOrder { number, fields: HashMap::new(), pools: HashMap::new() })
                .await
                .is_ok()
        });
    }
    assert_eq!(claims.join_all().await.into_iter().filter(|claimed| *claimed).count(), 3);
    assert_eq!(test_sends::of_campaign(&scope, campaign.id, 50).await.unwrap().len(), 3);
    it.clock.advance(24 * 3_600_000);
    assert!(claim(&it, &campaign, number).await.is_ok(), "another day");
}

#[tokio::test]
async fn what_was_settled_is_no_longer_open() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let number = listed(&it).await;
    let test = claim(&it, &campaign, number).await.unwrap();
    assert_eq!(test_sends::open(&it.system).await.unwrap().len(), 1);
    let system = it.system.enter(test.workspace, Reason::Dispatch);
    let delivered = |test: &mut domain::test_send::TestSend| {
        test.parts = vec![TestPart::Delivered { message_id: "1".into() }];
    };
    let settled = test_sends::change(&system, test.campaign, test.id, delivered).await.unwrap();
    assert!(settled.settled_at_ms.is_some());
    assert!(test_sends::open(&it.system).await.unwrap().is_empty());
}
