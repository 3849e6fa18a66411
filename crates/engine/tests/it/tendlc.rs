//! 10DLC between the store and a simulated registry: registered once whatever breaks, asked, heard, ended.

use std::{future::pending, sync::Arc, time::Duration};

use domain::{
    audit::Origin,
    clock::{Clock, ManualClock},
    phone::PhoneNumber,
    slug::Slug,
    tendlc::{
        BrandForm, BrandStatus, Carrier, CarrierStatus, EntityType, IdentityStatus, PartnerId, RegistryStatus,
        TenDlcCampaign, UseCase, Vertical, carrier::CarrierEvent, kinds::VettingProvider, life::IdentityEvent,
    },
};
use engine::tendlc::{NotTaken, Registrations, TenDlcConfig, Trouble, Webhooks};
use store::{
    Engine, Gate, Reason, Session, StoreConfig, SystemDoor,
    first_run::{self, FirstRun},
    tendlc::{
        Brand, Desk, Doing, From, RawEvent, Slice, TenDlc, brands, campaigns,
        events::{self, Lane},
        numbers,
        numbers::NumberState,
    },
    users::NewUser,
    workspaces::{self, NewWorkspace},
};
use tcr::{
    Client, ClientConfig, Secret,
    simulator::{Behaviour, BrandOutcome, CarrierOutcome, Control, Fault, Sent, Simulator, SimulatorConfig},
    webhook::WebhookError,
};

const START_MS: i64 = 1_790_000_000_000;
pub const URL: &str = "https://mc.example/api/v1/messaging/webhook";

pub fn secret() -> Secret {
    Secret::new("s3cret")
}

pub struct It {
    pub gate: Gate,
    pub system: SystemDoor,
    pub root: Session,
    pub clock: Arc<ManualClock>,
    pub control: Control,
    pub base_url: String,
    pub registrations: Registrations,
    _dir: tempfile::TempDir,
}

/// What is called after a process has died, with nothing in memory.
fn anew(system: &SystemDoor, base_url: &str) -> Registrations {
    with_partner(system, base_url, None)
}

/// The same where 10DLC campaigns are shared with a partner upstream.
pub fn with_partner(system: &SystemDoor, base_url: &str, partner: Option<PartnerId>) -> Registrations {
    with_config(system, base_url, TenDlcConfig { partner, ..TenDlcConfig::default() })
}

pub fn with_config(system: &SystemDoor, base_url: &str, config_of_engine: TenDlcConfig) -> Registrations {
    let config = ClientConfig {
        first_pause: Duration::from_millis(1),
        time_out: Duration::from_millis(300),
        patience: Duration::from_secs(10),
        attempts: 3,
        reads_per_s: 100_000,
        writes_per_10_s: 1_000_000,
        ..ClientConfig::new(base_url, Secret::new("key"), secret())
    };
    let webhooks = Webhooks { url: URL.into(), secret: secret(), subscribe: false };
    let config_of_engine = TenDlcConfig { webhooks: Some(webhooks), ..config_of_engine };
    Registrations::new(system.clone(), Some(Arc::new(Client::new(config).unwrap())), config_of_engine)
}

pub async fn start(behaviour: Behaviour) -> It {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let opened = store::open(StoreConfig::new(Engine::Memory, dir.path().join("keys")), clock.clone()).await.unwrap();
    let token = first_run::set_up_link(&opened.gate).await.unwrap().unwrap();
    let run = FirstRun {
        admin: NewUser { email: "root@acme.example".into(), name: "Root".into(), super_admin: true },
        password: "seven wooden boats".into(),
        workspace: NewWorkspace {
            slug: "acme".into(),
            display_name: "Acme".into(),
            time_zone: "UTC".into(),
            default_country: "US".into(),
            four_eyes: false,
        },
        colleagues: Vec::new(),
    };
    let done = first_run::complete(&opened.gate, &token, run, Origin::default()).await.unwrap();
    let config = SimulatorConfig { behaviour, ..SimulatorConfig::loopback(Secret::new("key"), secret()) };
    let hand: Arc<dyn Clock> = clock.clone();
    let simulator = Simulator::bind_with(config, hand).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let registrations = anew(&opened.system, &base_url);
    let root = done.signed_in.session;
    It { gate: opened.gate, system: opened.system, root, clock, control, base_url, registrations, _dir: dir }
}

pub fn form(name: &str) -> BrandForm {
    BrandForm {
        display_name: name.into(),
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
    }
}

pub fn campaign() -> TenDlcCampaign {
    let mut campaign = TenDlcCampaign::new(UseCase::AccountNotification);
    campaign.description = "Acme tells its customers when something of their account changes.".into();
    campaign.message_flow = "Customers agree on acme.example/sms when they open an account.".into();
    campaign.samples = vec!["Acme: your password was changed. Reply STOP to opt out.".into()];
    campaign.opt_in.message = "Acme: you will get messages on your account. HELP, STOP.".into();
    campaign.opt_out.message = "Acme: you will get no more messages.".into();
    campaign.help.message = "Acme: write to help@acme.example for help.".into();
    campaign.terms_accepted = true;
    campaign
}

pub fn number(last: u64) -> PhoneNumber {
    PhoneNumber::from_u64(13_035_550_000 + last).unwrap()
}

impl It {
    /// Past Message Center.
    pub fn client(&self) -> Client {
        Client::new(ClientConfig::new(&self.base_url, Secret::new("key"), secret())).unwrap()
    }

    pub async fn desk(&self) -> Desk {
        self.gate.registrar(&self.root).await.unwrap().choose(Some("acme")).await.unwrap()
    }

    pub async fn may<A: store::tendlc::Action>(&self) -> Doing<A> {
        self.desk().await.may().unwrap()
    }

    pub async fn brand(&self) -> Brand {
        self.registrations.create_brand(&self.may().await, None, &form("Acme")).await.unwrap()
    }

    pub async fn campaign(&self, brand: &Brand) -> TenDlc {
        let (proof, form) = (self.may().await, campaign());
        Box::pin(self.registrations.create_campaign(&proof, None, brand.id, &form)).await.unwrap()
    }

    pub async fn registered(&self) -> (Brand, TenDlc) {
        let brand = Box::pin(self.brand()).await;
        let campaign = Box::pin(self.campaign(&brand)).await;
        (brand, campaign)
    }

    pub async fn now(&self, campaign: &TenDlc) -> TenDlc {
        campaigns::find(&self.desk().await, campaign.id).await.unwrap()
    }

    pub async fn take(&self, sent: &Sent) -> Result<bool, NotTaken> {
        self.registrations.take_webhook(&sent.signature, sent.body.as_bytes()).await
    }

    /// Webhooks from which nothing has followed yet.
    pub async fn waiting(&self) -> Vec<RawEvent> {
        let mut waiting = Vec::new();
        for lane in Lane::ALL {
            waiting.extend(events::waiting(&self.system, lane, None).await.unwrap());
        }
        waiting
    }

    /// Webhooks that the registry made since, and holds.
    pub fn held(&self) -> Vec<Sent> {
        self.control.sent()
    }
}

pub async fn subscribed(events_carry_time: bool) -> It {
    let it = start(Behaviour { hold_webhooks: true, events_carry_time, ..Behaviour::default() }).await;
    let config = ClientConfig::new(&it.base_url, Secret::new("key"), secret());
    let client = Client::new(config).unwrap();
    for category in ["BRAND", "CAMPAIGN", "VETTING"] {
        tcr::Registry::subscribe(&client, category, URL).await.unwrap();
    }
    it
}

fn t_mobile(campaign: &TenDlc) -> Option<CarrierStatus> {
    campaign.carriers().get(&Carrier::TMobile).copied()
}

#[tokio::test]
async fn from_nothing_to_a_number_that_may_send() {
    let it = start(Behaviour::default()).await;
    let brand = it.brand().await;
    assert_eq!((brand.identity(), brand.is_unfinished()), (IdentityStatus::Verified, false));
    let vetted = it.registrations.order_vetting(&it.may().await, brand.id, VettingProvider::Aegis, "STANDARD").await;
    assert_eq!(vetted.unwrap().score(), Some(80));
    let campaign = it.campaign(&brand).await;
    assert_eq!(campaign.status(), Some(RegistryStatus::Active));
    assert!(campaign.carriers().values().all(|status| *status == CarrierStatus::Registered));
    let assigned = it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(assigned.current.unwrap().state, NumberState::Active);
    let gone = it.registrations.remove_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!((gone.current, gone.history.len()), (None, 1));
}

#[tokio::test]
async fn without_a_registry_it_is_said() {
    let it = start(Behaviour::default()).await;
    let off = Registrations::new(it.system.clone(), None, TenDlcConfig::default());
    let error = off.create_brand(&it.may().await, None, &form("Acme")).await.unwrap_err();
    assert!(matches!(error, Trouble::Off) && error.to_string().contains("[registry]"));
    assert!(brands::live(&it.system, None).await.unwrap().is_empty(), "nothing is left behind");
    assert!(matches!(off.take_webhook("", b"{}").await, Err(NotTaken::Off)));
}

#[tokio::test]
async fn it_is_known_since_when_the_registry_does_not_answer() {
    let it = start(Behaviour::default()).await;
    let brand = it.brand().await;
    assert_eq!(it.registrations.outage(), None);
    for minutes in [0, 5] {
        it.clock.advance(minutes * 60_000);
        it.control.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 3].into());
        it.registrations.sync_brand(&it.desk().await, brand.id).await.unwrap_err();
        let outage = it.registrations.outage().unwrap();
        assert_eq!(outage.since_ms, START_MS, "after {minutes} minutes");
        assert!(!outage.why.is_empty());
    }
    // A refusal is an answer, too.
    it.control.update(|behaviour| behaviour.read_faults.clear());
    let wrong = it.registrations.confirm_code(&it.may().await, brand.id, "0").await;
    assert!(matches!(wrong, Err(Trouble::Store(_))), "{wrong:?}");
    assert!(it.registrations.outage().is_some(), "the registry was not asked");
    it.registrations.sync_brand(&it.desk().await, brand.id).await.unwrap();
    assert_eq!(it.registrations.outage(), None);
}

#[tokio::test]
async fn a_broken_rule_reaches_nobody() {
    let it = start(Behaviour::default()).await;
    let bad = BrandForm { ein: "1".into(), state: String::new(), ..form("Acme") };
    let error = it.registrations.create_brand(&it.may().await, None, &bad).await.unwrap_err();
    let Trouble::Flaws(flaws) = &error else { panic!("{error}") };
    assert_eq!(flaws.iter().map(|flaw| flaw.field).collect::<Vec<_>>(), ["ein", "state"]);
    assert_eq!(it.control.requests(), 0);
}

#[tokio::test]
async fn what_the_registry_refuses_is_a_draft_with_its_reason_and_can_be_corrected() {
    let it =
        start(Behaviour { brands: BrandOutcome::Refuse { fields: vec!["ein".into()] }, ..Behaviour::default() }).await;
    let brand = it.brand().await;
    assert_eq!(brand.identity(), IdentityStatus::Unverified);
    assert_eq!(brand.feedback.len(), 1);
    let error = it.registrations.create_campaign(&it.may().await, None, brand.id, &campaign()).await.unwrap_err();
    assert!(error.to_string().contains("not verified"), "{error}");
    it.control.update(|behaviour| behaviour.brands = BrandOutcome::Verify);
    let again = it.registrations.hand_in_brand_again(&it.may().await, brand.id).await.unwrap();
    assert_eq!((again.identity(), again.feedback.len()), (IdentityStatus::Verified, 0));
}

#[tokio::test]
async fn a_rejection_is_repaired_and_resubmitted() {
    let rejects = CarrierOutcome::Reject {
        category: domain::tendlc::kinds::RejectionCategory::SampleMessage,
        reason: "Samples do not fit".into(),
    };
    let it = start(Behaviour { carriers: [(Carrier::TMobile, rejects)].into(), ..Behaviour::default() }).await;
    let (_, registered) = it.registered().await;
    assert_eq!(t_mobile(&registered), Some(CarrierStatus::Rejected));
    assert_eq!(registered.rejections[&Carrier::TMobile].reason, "Samples do not fit");
    it.control.update(|behaviour| behaviour.carriers.clear());
    let mut better = registered.form.clone();
    better.samples = vec!["Acme: somebody signed in to your account. Reply STOP to opt out.".into()];
    it.registrations.change_campaign(&it.may().await, registered.id, None, From::Program, &better).await.unwrap();
    let again = it.registrations.resubmit_campaign(&it.may().await, registered.id).await.unwrap();
    assert_eq!(t_mobile(&again), Some(CarrierStatus::Registered));
    better.use_case = UseCase::Marketing;
    let error = it
        .registrations
        .change_campaign(&it.may().await, registered.id, None, From::Program, &better)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("cannot be changed once it is registered"), "{error}");
}

/// Nobody has agreed to anything in a draft of the wizard, and its texts may be half written.
#[tokio::test]
async fn a_draft_is_handed_in_checked_also_by_a_resubmission() {
    let it = start(Behaviour::default()).await;
    let brand = it.brand().await;
    let draft = campaigns::begin(&it.may().await, brand.id, UseCase::AccountNotification).await.unwrap();
    let half = TenDlcCampaign { terms_accepted: false, ..campaign() };
    campaigns::keep(&it.may().await, draft.id, None, brand.id, half).await.unwrap();
    let error = it.registrations.resubmit_campaign(&it.may().await, draft.id).await.unwrap_err();
    let Trouble::Flaws(flaws) = &error else { panic!("{error}") };
    assert_eq!(flaws.iter().map(|flaw| flaw.field).collect::<Vec<_>>(), ["termsAndConditions"]);
    assert_eq!(it.control.registered().1, 0);
    campaigns::keep(&it.may().await, draft.id, None, brand.id, campaign()).await.unwrap();
    let handed_in = it.registrations.resubmit_campaign(&it.may().await, draft.id).await.unwrap();
    assert!(handed_in.registration.id().is_some());
}

#[tokio::test]
async fn a_lost_answer_registers_nothing_twice() {
    let it = start(Behaviour::default()).await;
    for fault in [Fault::CutAfter, Fault::StallAfter, Fault::FailAfter, Fault::GarbageAfter, Fault::Fail] {
        let (brands_before, campaigns_before) = it.control.registered();
        it.control.update(|behaviour| behaviour.write_faults = [fault].into());
        let brand = it.brand().await;
        it.control.update(|behaviour| behaviour.write_faults = [fault].into());
        let campaign = it.campaign(&brand).await;
        assert!(brand.registration.id().is_some() && campaign.registration.id().is_some(), "{fault:?}");
        assert_eq!(it.control.registered(), (brands_before + 1, campaigns_before + 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_registry_that_is_down_is_told_later() {
    let it = start(Behaviour::default()).await;
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::Fail; 3].into());
    let brand = it.brand().await;
    assert!(brand.is_unfinished() && brand.registration.id().is_none());
    it.registrations.round().await.unwrap();
    let brand = brands::find(&it.desk().await, brand.id).await.unwrap();
    assert_eq!((brand.is_unfinished(), brand.identity()), (false, IdentityStatus::Verified));
    let campaign = it.campaign(&brand).await;
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::Fail; 3].into());
    let assigned = it.registrations.assign_number(&it.may().await, campaign.id, number(1)).await.unwrap();
    assert_eq!(assigned.current.unwrap().state, NumberState::Assigning);
    it.registrations.round().await.unwrap();
    let assigned = numbers::page(&it.desk().await, campaign.id, false, Slice::page(1, 10)).await.unwrap().items;
    assert_eq!(assigned[0].current.unwrap().state, NumberState::Active);
}

/// Whatever was being done is dropped at some moment, with everything in memory.
#[tokio::test]
async fn a_death_between_the_registrys_answer_and_our_write_registers_nothing_twice() {
    let it = start(Behaviour { latency_ms: 1, ..Behaviour::default() }).await;
    let mut expected = 0;
    for step in 0..30_u64 {
        let registrations = anew(&it.system, &it.base_url);
        let proof = it.may().await;
        let name = format!("Acme {step}");
        let cut = Duration::from_micros(step * 450);
        let made = tokio::time::timeout(cut, async move {
            registrations.create_brand(&proof, None, &form(&name)).await.unwrap();
        });
        let _ = made.await;
        // The next life.
        anew(&it.system, &it.base_url).round().await.unwrap();
        let known = brands::live(&it.system, None).await.unwrap();
        for (workspace, id) in &known {
            let brand = brands::load(&it.system.enter(*workspace, Reason::Registry), *id).await.unwrap();
            assert!(brand.registration.id().is_some(), "step {step}");
        }
        assert!(known.len() >= expected && known.len() <= expected + 1);
        expected = known.len();
        assert_eq!(it.control.registered().0, expected, "step {step}: as many there as here");
    }
    assert!(expected > 0, "some came that far");
}

#[tokio::test]
async fn two_who_tell_the_same_at_once_register_it_once() {
    let it = start(Behaviour { latency_ms: 20, ..Behaviour::default() }).await;
    let (made, round) = tokio::join!(it.brand(), async {
        tokio::time::sleep(Duration::from_millis(15)).await;
        it.registrations.round().await
    });
    round.unwrap();
    assert!(made.registration.id().is_some());
    assert_eq!(it.control.registered().0, 1);
}

#[tokio::test]
async fn a_suspension_is_heard_and_old_words_open_nothing() {
    for events_carry_time in [false, true] {
        let it = subscribed(events_carry_time).await;
        let (_, registered) = it.registered().await;
        let id = registered.registration.id().unwrap();
        it.clock.advance(1_000);
        it.control.carrier(id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();
        let held = it.held();
        // Forged: another word, another id, no signature.
        let suspension = held.last().unwrap();
        for forged in [
            Sent { body: suspension.body.replace("SUSPENDED", "UNSUSPENDED"), ..suspension.clone() },
            Sent { body: suspension.body.replace("10035", "10017"), ..suspension.clone() },
            Sent { signature: String::new(), ..suspension.clone() },
        ] {
            assert!(matches!(it.take(&forged).await, Err(NotTaken::Webhook(WebhookError::Signature(_)))));
        }
        it.registrations.round().await.unwrap();
        assert_eq!(t_mobile(&it.now(&registered).await), Some(CarrierStatus::Registered), "forged ones change nothing");
        // Out of order and twice: the suspension first, then all approvals of before.
        it.take(suspension).await.unwrap();
        it.registrations.round().await.unwrap();
        let suspended = it.now(&registered).await;
        assert_eq!(t_mobile(&suspended), Some(CarrierStatus::Suspended));
        assert_eq!(suspended.rejections[&Carrier::TMobile].reason, "Complaints");
        for sent in held.iter().chain(&held) {
            it.take(sent).await.unwrap();
            it.registrations.round().await.unwrap();
            assert_eq!(t_mobile(&it.now(&registered).await), Some(CarrierStatus::Suspended));
        }
        assert!(it.waiting().await.is_empty());
        // Lifted, it is heard again; the suspension, replayed by somebody who kept it, changes nothing.
        it.clock.advance(1_000);
        it.control.carrier(id, Carrier::TMobile, CarrierEvent::Unsuspend, "").unwrap();
        it.take(it.held().last().unwrap()).await.unwrap();
        it.registrations.round().await.unwrap();
        assert_eq!(t_mobile(&it.now(&registered).await), Some(CarrierStatus::Registered));
        it.take(suspension).await.unwrap();
        it.registrations.round().await.unwrap();
        assert_eq!(t_mobile(&it.now(&registered).await), Some(CarrierStatus::Registered));
    }
}

#[tokio::test]
async fn a_suspension_holds_while_the_registry_does_not_answer() {
    let it = subscribed(false).await;
    let (_, registered) = it.registered().await;
    let id = registered.registration.id().unwrap();
    it.control.carrier(id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();
    let suspension = it.held().last().unwrap().clone();
    it.control.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 3].into());
    it.take(&suspension).await.unwrap();
    it.registrations.round().await.unwrap();
    assert_eq!(t_mobile(&it.now(&registered).await), Some(CarrierStatus::Suspended));
    assert_eq!(it.waiting().await.len(), 1, "it is asked again");
    it.registrations.round().await.unwrap();
    assert!(it.waiting().await.is_empty());
}

#[tokio::test]
async fn what_webhooks_missed_is_found_by_asking() {
    let it = start(Behaviour::default()).await;
    let (brand, registered) = it.registered().await;
    it.registrations.assign_number(&it.may().await, registered.id, number(1)).await.unwrap();
    it.clock.advance(1_000);
    let id = registered.registration.id().unwrap();
    it.control.carrier(id, Carrier::Att, CarrierEvent::Suspend, "Complaints").unwrap();
    it.control.identity(brand.registration.id().unwrap(), IdentityEvent::NotConfirmed).unwrap();
    it.registrations.ask_all().await.unwrap();
    assert_eq!(it.now(&registered).await.carriers()[&Carrier::Att], CarrierStatus::Suspended);
    let brand = brands::find(&it.desk().await, brand.id).await.unwrap();
    assert_eq!(brand.identity(), IdentityStatus::Unverified);
    // Not renewed: final, and the number is free.
    it.clock.advance(1_000);
    it.control.expire(id).unwrap();
    it.registrations.ask_all().await.unwrap();
    let over = it.now(&registered).await;
    assert_eq!((over.status(), over.is_live()), (Some(RegistryStatus::Expired), false));
    let past = numbers::page(&it.desk().await, registered.id, true, Slice::page(1, 10)).await.unwrap().items;
    assert_eq!((past[0].current, past[0].history[0].reason.as_deref()), (None, Some("the 10DLC campaign has ended")));
}

/// What is answered with 500 may be wrong with that one record for ever.
#[tokio::test]
async fn a_record_at_which_the_registry_stumbles_keeps_no_other_from_being_asked_about() {
    let it = start(Behaviour::default()).await;
    let (_, registered) = it.registered().await;
    it.clock.advance(1_000);
    let id = registered.registration.id().unwrap();
    it.control.carrier(id, Carrier::Att, CarrierEvent::Suspend, "Complaints").unwrap();
    // The brand is asked about first, three times.
    it.control.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 3].into());
    it.registrations.ask_all().await.unwrap();
    assert_eq!(it.now(&registered).await.carriers()[&Carrier::Att], CarrierStatus::Suspended);
}

#[tokio::test]
async fn a_change_that_came_while_another_was_told_is_told_too() {
    let it = start(Behaviour::default()).await;
    let (_, registered) = it.registered().await;
    let described = |description: &str| TenDlcCampaign { description: description.into(), ..campaign() };
    it.control.update(|behaviour| behaviour.write_faults = vec![Fault::Fail; 3].into());
    let first = described("Acme tells its customers when something of their account changes, at once.");
    let sent =
        it.registrations.change_campaign(&it.may().await, registered.id, None, From::Program, &first).await.unwrap();
    assert!(sent.is_unfinished());
    let second = described("Acme tells its customers when something of their account changes, at night.");
    campaigns::change(&it.may().await, registered.id, None, From::Program, second).await.unwrap();
    // The answer to the first one comes.
    let scope = it.system.enter(registered.workspace, Reason::Registry);
    assert!(campaigns::told(&scope, &sent, campaigns::Todo::Change, None).await.unwrap().is_unfinished());
    it.registrations.round().await.unwrap();
    assert!(!it.now(&registered).await.is_unfinished());
}

#[tokio::test]
async fn trap_7_a_workspace_ends_at_the_registry_first_campaigns_then_brands() {
    let it = start(Behaviour::default()).await;
    let (brand, registered) = it.registered().await;
    let slug = Slug::parse("acme").unwrap();
    let scope = it.gate.enter(&it.root, &slug).await.unwrap();
    workspaces::archive(&scope.grant().unwrap(), scope.workspace().revision, "acme").await.unwrap();
    let ruler = it.gate.rule(&it.root).unwrap();
    let workspace = workspaces::removal::check(&ruler, &slug, "acme").await.unwrap();
    // The registry has another 10DLC campaign of the brand, of which nothing is known here: it refuses the brand's end.
    let client = Client::new(ClientConfig::new(&it.base_url, Secret::new("key"), secret())).unwrap();
    let brand_id = brand.registration.id().unwrap();
    let stray = tcr::Registry::create_campaign(&client, "stray", brand_id, &campaign()).await.unwrap();
    let error = it.registrations.retire(&ruler, workspace).await.unwrap_err();
    assert!(matches!(&error, Trouble::Registry(_)) && error.to_string().contains("active"), "{error}");
    let error = workspaces::removal::begin(&ruler, &slug, "acme").await.unwrap_err().to_string();
    assert!(error.contains("ended there first"), "nothing is removed: {error}");
    assert_eq!(it.now(&registered).await.status(), Some(RegistryStatus::Expired));
    tcr::Registry::deactivate(&client, stray.id).await.unwrap();
    it.registrations.retire(&ruler, workspace).await.unwrap();
    let brand = brands::find(&it.desk().await, brand.id).await.unwrap();
    assert_eq!(brand.status(), BrandStatus::Deleted);
    workspaces::removal::begin(&ruler, &slug, "acme").await.unwrap();
}

#[tokio::test]
async fn what_was_on_its_way_when_the_workspace_ends_is_looked_up_first() {
    let it = start(Behaviour::default()).await;
    it.control.update(|behaviour| behaviour.write_faults = [Fault::CutAfter].into());
    it.control.update(|behaviour| {
        behaviour.read_faults = vec![Fault::Pass; 1].into_iter().chain(vec![Fault::Fail; 12]).collect();
    });
    let brand = it.brand().await;
    assert!(brand.registration.id().is_none() && it.control.registered().0 == 1, "it is there, and nobody knows");
    it.control.update(|behaviour| behaviour.read_faults.clear());
    let slug = Slug::parse("acme").unwrap();
    let scope = it.gate.enter(&it.root, &slug).await.unwrap();
    workspaces::archive(&scope.grant().unwrap(), scope.workspace().revision, "acme").await.unwrap();
    let ruler = it.gate.rule(&it.root).unwrap();
    let workspace = workspaces::removal::check(&ruler, &slug, "acme").await.unwrap();
    it.registrations.retire(&ruler, workspace).await.unwrap();
    let brand = brands::find(&it.desk().await, brand.id).await.unwrap();
    assert_eq!(brand.status(), BrandStatus::Deleted);
}

#[tokio::test]
async fn a_vetting_of_a_brand_that_is_gone_is_refused_and_holds_nothing_up() {
    let it = start(Behaviour::default()).await;
    let brand = it.brand().await;
    it.control.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 3].into());
    let ordered = it.registrations.order_vetting(&it.may().await, brand.id, VettingProvider::Aegis, "STANDARD").await;
    assert!(ordered.unwrap().is_unfinished(), "the registry did not answer");
    let client = Client::new(ClientConfig::new(&it.base_url, Secret::new("key"), secret())).unwrap();
    tcr::Registry::delete_brand(&client, brand.registration.id().unwrap()).await.unwrap();
    it.registrations.round().await.unwrap();
    it.registrations.ask_all().await.unwrap();
    let now = brands::find(&it.desk().await, brand.id).await.unwrap();
    assert_eq!((now.status(), now.is_unfinished()), (BrandStatus::Deleted, false));
}
