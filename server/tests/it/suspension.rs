//! From the registry's webhook to the wire: a carrier suspends a 10DLC campaign while messages are sent by it.

use std::{
    fmt::Write as _,
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use domain::{
    campaign::{Campaign, PauseReason},
    clock::Clock,
    id::CampaignId,
    sender::{Addressing, Npi, Saddr, Ton},
    tendlc::{
        Carrier, RegistryCampaignId,
        carrier::CarrierEvent,
        throughput::{Basis, For, Tier, Tiers},
    },
};
use engine::{Engine, EngineConfig};
use smpp::simulator::{Control, Simulator, SimulatorConfig};
use sms_core::{ChannelId, CoreSettings, InProcessCore, LinkSettings};
use store::{Reason, campaigns, tendlc::action};
use tcr::simulator::Fault;
use tokio_util::sync::CancellationToken;

use crate::{
    answer::Answer,
    messaging::hook,
    registered::{Decided, assign, campaign, may, number},
    server::{CHANNEL, PATIENCE, Server},
    subject,
    tenant::Tenant,
};

/// More than leave before the test is over.
const RECIPIENTS: u64 = 5_000;
const TICK_MS: i64 = 20;

/// An engine on the server's own database, and the carrier that it sends to.
async fn sending(server: &Server) -> (Engine, Control) {
    let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
    let (port, carrier) = (simulator.address().port(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let clock: Arc<dyn Clock> = server.clock.clone();
    let links = vec![LinkSettings::simulator(ChannelId::parse(CHANNEL).unwrap(), port)];
    let core = Arc::new(InProcessCore::start(CoreSettings { links }, &clock).unwrap());
    let tier = |basis, segments_per_minute, segments_per_day| Tier {
        carrier: None,
        basis,
        applies: For::Unscored,
        segments_per_minute,
        segments_per_day,
    };
    let tiers = Tiers(vec![tier(Basis::Campaign, Some(6_000), None), tier(Basis::Brand, None, Some(100_000))]);
    let config = EngineConfig { tiers, look_interval: Duration::from_millis(100), ..EngineConfig::standard() };
    (Engine::start(config, server.system.clone(), core, clock).unwrap(), carrier)
}

async fn until(server: &Server, tenant: &Tenant, id: CampaignId, expected: impl Fn(&Campaign) -> bool) -> Campaign {
    let begun = Instant::now();
    loop {
        let now = campaigns::load(&server.system.enter(tenant.id, Reason::Dispatch), id).await.unwrap();
        if expected(&now) {
            return now;
        }
        assert!(begun.elapsed() < PATIENCE, "still {:?} {:?}", now.life, now.progress);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An approval that changes nothing is told once somebody listens.
async fn until_subscribed(server: &Server, id: RegistryCampaignId) {
    let begun = Instant::now();
    while server.registry.sent().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "the server does not subscribe");
        server.registry.carrier(id, Carrier::Att, CarrierEvent::Approve, "").unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn why(campaign: &Campaign) -> &str {
    campaign.life.pause.as_ref().and_then(|pause| pause.why.as_deref()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_that_comes_by_webhook_stops_what_is_being_sent_within_seconds() {
    let server = Server::start().await;
    let mut acme = Tenant::found(&server.gate, "acme", "walrus").await;
    let tendlc = campaign(&server, &acme, Decided::Approved).await;
    let us = number();
    assign(&server, &acme, tendlc.id, us).await;
    let addressing = Addressing {
        saddr: Saddr::parse(us.to_string().trim_start_matches('+')).unwrap(),
        source_ton: Ton::International,
        source_npi: Npi::Isdn,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    };
    acme.send_from(&server.gate, addressing).await;
    // As the server does when it starts: it subscribes, and follows up what comes.
    let stop = CancellationToken::new();
    let following = tokio::spawn(server.registrations.clone().run(stop.clone()));
    let id = tendlc.registration.id().unwrap();
    until_subscribed(&server, id).await;
    let (engine, carrier) = sending(&server).await;
    let mut file = String::new();
    for recipient in 0..RECIPIENTS {
        writeln!(file, "+{}", 436_701_000_000 + recipient).unwrap();
    }
    let sms = subject::approved(&server, &acme, &acme.author, &file).await;
    engine.handle().nudge();
    let hand = Arc::clone(&server.clock);
    let ticking = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(TICK_MS.unsigned_abs())).await;
            hand.advance(TICK_MS);
        }
    });
    until(&server, &acme, sms.id, |sms| sms.progress.sent() > 50).await;

    // From here on it answers no question: what is heard is heard by the webhook.
    server.registry.carrier(id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();
    server.registry.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 1_000].into());
    let suspension = server.registry.sent().pop().unwrap();
    assert!(suspension.body.contains("OPERATION_SUSPENDED"));
    let forged =
        Answer::to(&server.router, hook(&tcr::simulator::Sent { signature: String::new(), ..suspension.clone() }));
    assert_eq!(forged.await.status, StatusCode::UNAUTHORIZED);
    let heard_at_ms = server.clock.now_ms();
    assert_eq!(Answer::to(&server.router, hook(&suspension)).await.status, StatusCode::OK);
    let is_paused = |sms: &Campaign| sms.life.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::TenDlc);
    let paused = until(&server, &acme, sms.id, is_paused).await;
    let took_ms = server.clock.now_ms() - heard_at_ms;
    assert!(took_ms < 5_000, "{took_ms} ms");
    assert!(why(&paused).starts_with("10DLC: T-Mobile suspended the 10DLC campaign"), "{}", why(&paused));

    // A minute later nothing more was submitted. That the dispatcher has looked since is told by its words.
    let stopped = until(&server, &acme, sms.id, |sms| sms.progress.in_flight() == 0).await;
    let submitted = carrier.counts().accepted;
    server.clock.advance(60_000);
    let proof = may::<action::Numbers>(&server, &acme).await;
    store::tendlc::numbers::remove(&proof, tendlc.id, us).await.unwrap();
    let later = until(&server, &acme, sms.id, |sms| !why(sms).contains("suspended")).await;
    assert_eq!((carrier.counts().accepted, later.progress.sent()), (submitted, stopped.progress.sent()));
    assert!(later.progress.waiting > 0);
    ticking.abort();
    stop.cancel();
    following.await.unwrap();
    engine.shutdown(Duration::from_secs(20)).await;
}
