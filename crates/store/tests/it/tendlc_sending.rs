//! What 10DLC asks of messages from US numbers: at the submission, at the approval, and of what they may send in all.

use std::{collections::BTreeMap, collections::HashMap, sync::Arc};

use domain::{
    campaign::{Campaign, Status},
    id::{TenDlcCampaignId, WorkspaceId},
    permission::kind,
    sender::{Addressing, Npi, Offered, RevisionRef, Ton},
    tendlc::{
        Carrier, CarrierStatus, RegistryStatus,
        event::CampaignAnswer,
        throughput::{Basis, For, Tier, Tiers},
    },
};
use store::{
    Error, SystemScope, campaigns as sms,
    senders::{
        self,
        installation::{self, NewPreset},
    },
    tendlc::{Clearance, Cleared, action, campaigns, clearance, numbers, usage},
    test_sends::{self, TestOrder},
};

use crate::{
    fixture::{Installation, addressing, in_memory},
    tendlc::{acme, approved, desk, details, found, number, system, verified},
};

const SADDR: &str = "13035550001";

/// A brand, its 10DLC campaign, and the number of [`SADDR`] in it.
async fn ready(it: &Installation) -> (WorkspaceId, TenDlcCampaignId) {
    let workspace = acme(it).await;
    let brand = verified(it, workspace, "B000001", details()).await;
    let campaign = approved(it, workspace, brand, "C000001").await;
    assign(it, workspace, campaign).await;
    (workspace, campaign)
}

async fn assign(it: &Installation, workspace: WorkspaceId, campaign: TenDlcCampaignId) {
    let proof = desk(it, &it.root, workspace).await.may::<action::Numbers>().unwrap();
    numbers::assign(&proof, campaign, number(1)).await.unwrap();
    numbers::active(&system(it, workspace), number(1), campaign).await.unwrap();
}

/// What the carriers say from now on.
async fn said(it: &Installation, workspace: WorkspaceId, campaign: TenDlcCampaignId, att: CarrierStatus) {
    it.clock.advance(1_000);
    let scope = system(it, workspace);
    let answer = CampaignAnswer {
        status: RegistryStatus::Active,
        sharing: None,
        carriers: BTreeMap::from([(Carrier::Att, att), (Carrier::Verizon, CarrierStatus::Registered)]),
    };
    let learned =
        campaigns::Learned { answer, rejections: BTreeMap::new(), sharing_reason: None, asked_at_ms: scope.now_ms() };
    campaigns::learn(&scope, campaign, &learned).await.unwrap();
}

async fn submit(it: &Installation, draft: &Campaign) -> Result<Campaign, Error> {
    let scope = it.enter(&it.author).await;
    sms::submit(&scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap()).await
}

async fn approve(it: &Installation, campaign: &Campaign) -> Result<Campaign, Error> {
    let scope = it.enter(&it.moderator).await;
    sms::approve(&scope.grant().unwrap(), campaign.id, campaign.life.version).await
}

fn refused(answer: Result<Campaign, Error>, words: &str) {
    match answer.unwrap_err() {
        Error::Invalid { field: "sender", message: said } | Error::Stale { what: said } => {
            assert!(said.starts_with("10DLC: ") && said.contains(words), "{said}");
        }
        other => panic!("{other:?}"),
    }
}

async fn draft(it: &Installation) -> Campaign {
    let sender: RevisionRef = it.approved_sender_as("Acme US", SADDR).await;
    it.complete_draft_with(sender).await
}

#[tokio::test]
async fn a_submission_from_a_us_number_says_what_is_missing() {
    let it = in_memory().await;
    let draft = draft(&it).await;
    refused(submit(&it, &draft).await, "belongs to no 10DLC campaign of this workspace");
    let (workspace, campaign) = ready(&it).await;
    said(&it, workspace, campaign, CarrierStatus::Suspended).await;
    refused(submit(&it, &draft).await, "AT&T suspended the 10DLC campaign");
    refused(submit(&it, &draft).await, "C000001");
    said(&it, workspace, campaign, CarrierStatus::Registered).await;
    let proof = desk(&it, &it.root, workspace).await.may::<action::Numbers>().unwrap();
    numbers::remove(&proof, campaign, number(1)).await.unwrap();
    refused(submit(&it, &draft).await, "just being assigned");
    numbers::stays(&system(&it, workspace), number(1), campaign, "in use").await.unwrap();
    let submitted = submit(&it, &draft).await.unwrap();
    assert_eq!(approve(&it, &submitted).await.unwrap().life.status, Status::Building);
}

#[tokio::test]
async fn a_sender_that_is_no_us_number_needs_nothing() {
    let it = in_memory().await;
    for saddr in ["ACME", "72345", "436601234567", "18005550100"] {
        let sender = it.approved_sender_as(saddr, saddr).await;
        let draft = it.complete_draft_with(sender).await;
        assert_eq!(submit(&it, &draft).await.unwrap().life.status, Status::New, "{saddr}");
    }
}

/// 475 is Connecticut, and with TON 1 the digits are a number of Norway.
fn ambiguous(source_ton: Ton) -> Addressing {
    Addressing { source_ton, source_npi: Npi::Isdn, ..addressing("4755550001") }
}

#[tokio::test]
async fn no_workspace_says_of_a_us_number_that_it_is_abroad() {
    let it = in_memory().await;
    let (admin, moderator) = (it.enter(&it.admin).await, it.enter(&it.moderator).await);
    let sender = senders::create(&admin.grant().unwrap(), "Acme").await.unwrap();
    let revise = async |ton| {
        senders::submit_revision(&admin.grant().unwrap(), sender.id, ambiguous(ton), None).await.unwrap();
    };
    revise(Ton::International).await;
    match senders::approve(&moderator.grant().unwrap(), sender.id, 1).await.unwrap_err() {
        Error::Invalid { field: "saddr", message } => {
            assert!(message.contains("Norway") && message.contains("only a super admin"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    senders::reject(&moderator.grant().unwrap(), sender.id, 1, "it is ours in Connecticut").await.unwrap();
    revise(Ton::National).await;
    senders::approve(&moderator.grant().unwrap(), sender.id, 2).await.unwrap();
    let reference = senders::in_force(&admin, sender.id).await.unwrap().unwrap();

    // Neither does a campaign's override by an admin.
    let draft = it.complete_draft_with(reference).await;
    let proof = admin.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let mut parameters = draft.parameters.clone();
    parameters.overrides = Some(ambiguous(Ton::International));
    sms::save(&proof, parameters, true).await.unwrap();
    refused(submit(&it, &draft).await, "belongs to no 10DLC campaign of this workspace");
    refused(submit(&it, &draft).await, "If the sender is a number of Norway");
}

#[tokio::test]
async fn a_number_abroad_sends_once_a_super_admin_approved_it_as_one() {
    let it = in_memory().await;
    let (admin, root) = (it.enter(&it.admin).await, it.enter(&it.root).await);
    let sender = senders::create(&admin.grant().unwrap(), "Bergen").await.unwrap();
    let abroad = ambiguous(Ton::International);
    senders::submit_revision(&admin.grant().unwrap(), sender.id, abroad.clone(), None).await.unwrap();
    senders::approve(&root.grant().unwrap(), sender.id, 1).await.unwrap();
    assert!(matches!(clearance::of_sender(&admin, &abroad).await.unwrap(), Clearance::NotNeeded));
    // As a US number it stays one.
    let us = clearance::of_sender(&admin, &ambiguous(Ton::National)).await.unwrap();
    assert!(matches!(us, Clearance::Blocked(_)), "{us:?}");
}

#[tokio::test]
async fn a_preset_with_a_us_number_needs_a_10dlc_campaign_of_whoever_sends_with_it() {
    let it = in_memory().await;
    let ruler = it.gate.rule(&it.root).unwrap();
    let new = NewPreset {
        display_name: "House".into(),
        addressing: addressing(SADDR),
        reason: None,
        offered: Offered::Everybody,
    };
    let made = installation::create(&ruler, new).await.unwrap();
    let preset = installation::approve(&ruler, made.id, 1).await.unwrap();
    let draft = it.complete_draft_with(preset.offer_to(acme(&it).await).unwrap()).await;
    refused(submit(&it, &draft).await, "belongs to no 10DLC campaign of this workspace");
    let (workspace, campaign) = ready(&it).await;
    let submitted = submit(&it, &draft).await.unwrap();
    said(&it, workspace, campaign, CarrierStatus::Suspended).await;
    refused(approve(&it, &submitted).await, "AT&T suspended");
    said(&it, workspace, campaign, CarrierStatus::Registered).await;
    assert_eq!(approve(&it, &submitted).await.unwrap().life.status, Status::Building);
}

#[tokio::test]
async fn an_approval_looks_again_and_the_click_is_told() {
    let it = in_memory().await;
    let draft = draft(&it).await;
    let (workspace, campaign) = ready(&it).await;
    let submitted = submit(&it, &draft).await.unwrap();
    said(&it, workspace, campaign, CarrierStatus::Suspended).await;
    refused(approve(&it, &submitted).await, "AT&T suspended");
    let still = sms::find(&it.enter(&it.author).await, submitted.id).await.unwrap();
    assert_eq!((still.life.status, still.life.approval), (Status::New, None));
    campaigns::expired(&system(&it, workspace), campaign).await.unwrap();
    refused(approve(&it, &submitted).await, "has expired");
}

/// Of a suspension and an approval at the same moment none is missed: what is approved was cleared when that was committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_relies_on_what_it_read() {
    let it = in_memory().await;
    let sender = it.approved_sender_as("Acme US", SADDR).await;
    let (workspace, campaign) = ready(&it).await;
    for _ in 0..10 {
        let draft = it.complete_draft_with(sender.clone()).await;
        let submitted = submit(&it, &draft).await.unwrap();
        let (approved, ()) =
            tokio::join!(approve(&it, &submitted), said(&it, workspace, campaign, CarrierStatus::Suspended));
        match approved {
            Ok(approved) => assert_eq!(approved.life.status, Status::Building),
            Err(error) => refused(Err(error), "AT&T suspended"),
        }
        said(&it, workspace, campaign, CarrierStatus::Registered).await;
    }
}

#[tokio::test]
async fn trap_5_a_number_that_moved_to_another_workspace_sends_nothing_here() {
    let it = in_memory().await;
    let (workspace, campaign) = ready(&it).await;
    let submitted = {
        let proof = desk(&it, &it.root, workspace).await.may::<action::Numbers>().unwrap();
        numbers::remove(&proof, campaign, number(1)).await.unwrap();
        numbers::released(&system(&it, workspace), number(1), campaign, None).await.unwrap();
        let (_, beta) = found(&it, "beta").await;
        let theirs = verified(&it, beta, "B000002", details()).await;
        let their_campaign = approved(&it, beta, theirs, "C000002").await;
        assign(&it, beta, their_campaign).await;
        draft(&it).await
    };
    refused(submit(&it, &submitted).await, "belongs to no 10DLC campaign of this workspace");
    let scope = it.enter(&it.author).await;
    let addressing = submitted.parameters.addressing().unwrap().clone();
    match clearance::of_sender(&scope, &addressing).await.unwrap() {
        Clearance::Blocked(blocked) => assert_eq!(blocked.campaign, None, "nothing of the other tenant is said"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_test_message_from_a_us_number_needs_it_too() {
    let it = in_memory().await;
    let draft = draft(&it).await;
    let admin = it.enter(&it.admin).await;
    test_sends::add(&admin.grant().unwrap(), "Ann", "+43 660 1234567").await.unwrap();
    let number = test_sends::list(&admin).await.unwrap().numbers[0].id;
    let claim = async || {
        let scope = it.enter(&it.author).await;
        let proof = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
        test_sends::claim(&proof, &TestOrder { number, fields: HashMap::new(), pools: HashMap::new() }).await
    };
    let refusal = claim().await.unwrap_err().to_string();
    assert!(refusal.starts_with("10DLC: "), "{refusal}");
    ready(&it).await;
    claim().await.unwrap();
}

/// So much a minute and 10DLC campaign, and so much a day and brand.
fn tiers(per_minute: u32, per_day: u32) -> Tiers {
    let tier = |basis, segments_per_minute, segments_per_day| Tier {
        carrier: None,
        basis,
        applies: For::Unscored,
        segments_per_minute,
        segments_per_day,
    };
    Tiers(vec![tier(Basis::Campaign, Some(per_minute), None), tier(Basis::Brand, None, Some(per_day))])
}

async fn cleared(it: &Installation, scope: &SystemScope) -> Cleared {
    let sender = it.approved_sender_as("Acme US", SADDR).await;
    match clearance::for_sending(scope, &sender.addressing).await.unwrap() {
        Clearance::Cleared(cleared) => *cleared,
        other => panic!("{other:?}"),
    }
}

/// Engines that charge at the same time, and die before they send, use up an allowance and never more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_charge_at_once_are_given_the_cap_and_no_more() {
    let it = in_memory().await;
    let (workspace, _) = ready(&it).await;
    let scope = system(&it, workspace);
    let cleared = Arc::new(cleared(&it, &scope).await);
    let tiers = Arc::new(tiers(600_000, 500));
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (scope, cleared, tiers) = (scope.clone(), Arc::clone(&cleared), Arc::clone(&tiers));
            tokio::spawn(async move {
                let mut segments = 0;
                for _ in 0..15 {
                    segments += usage::charge(&scope, &cleared, &tiers, &[3, 2]).await.unwrap().segments;
                }
                segments
            })
        })
        .collect();
    let mut charged = 0;
    for task in tasks {
        charged += task.await.unwrap();
    }
    assert_eq!(charged, 500);
    let campaign = campaigns::load(&scope, cleared.campaign.id).await.unwrap();
    let today = usage::today(&desk(&it, &it.root, workspace).await, &campaign).await.unwrap();
    assert_eq!((today.brand_segments, today.campaign_segments), (500, 500));
    // Certainly not sent: given back to its day, once.
    let day = usage::used(&scope, &cleared).await.unwrap().brand.day();
    usage::give_back(&scope, &cleared, &[(day, 4)]).await.unwrap();
    assert_eq!(usage::charge(&scope, &cleared, &tiers, &[5]).await.unwrap().messages, 0);
    assert_eq!(usage::charge(&scope, &cleared, &tiers, &[4]).await.unwrap().messages, 1);
    // After midnight Pacific time there is a new cap, and nothing of the former day comes back to it.
    it.clock.set(today.ends_at_ms);
    usage::give_back(&scope, &cleared, &[(day, 4)]).await.unwrap();
    assert_eq!(usage::charge(&scope, &cleared, &tiers, &[250, 250, 1]).await.unwrap().segments, 500);
}
