//! Links and pools in the product: on record before and after, and their secrets nowhere to be read.

use std::collections::HashMap;

use domain::{
    channel::ChannelId,
    link::{
        AddressRange, BindMode, IdBase, LinkConfig, LinkTls, LinkUse, PoolConfig, PoolShare, ReceiptRequest,
        StatusPolicy, Timers,
    },
};
use store::{
    Error, Ruler,
    audit::{Filter, Reader, list},
    links::{self, LinkSecret, NewLink, Replaced},
};

use crate::fixture::{Installation, in_memory};

const PASSWORD: &str = "open-sesame";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nnobody\n";

fn id(text: &str) -> ChannelId {
    ChannelId::parse(text).unwrap()
}

fn config() -> LinkConfig {
    LinkConfig {
        name: "Carrier".into(),
        host: "smsc.example".into(),
        port: 2775,
        tls: Some(LinkTls { certificate: Some("-----BEGIN CERTIFICATE-----\n".into()), ..LinkTls::default() }),
        system_id: "acme".into(),
        system_type: String::new(),
        address_range: AddressRange::default(),
        bind: BindMode::Transceiver,
        sessions: 2,
        window: 10,
        rate_segments_per_s: Some(100.0),
        burst_segments: None,
        lane_segments: 20_000,
        timers: Timers::default(),
        id_base: IdBase::Verbatim,
        receipts: ReceiptRequest::Always,
        accepted_is_final: false,
        long_messages: Default::default(),
        tendlc_tlv: None,
        policy: StatusPolicy::default(),
        is_simulator: false,
    }
}

fn new(name: &str) -> NewLink {
    let (password, key) = (LinkSecret::new(PASSWORD), Some(LinkSecret::new(KEY)));
    NewLink { id: id(name), config: config(), password, key, wanted: LinkUse::Disabled }
}

fn ruler(it: &Installation) -> Ruler {
    it.gate.rule(&it.root).unwrap()
}

fn said(error: &Error) -> String {
    error.to_string()
}

#[tokio::test]
async fn secrets_reach_the_gateway_and_nobody_else() {
    let it = in_memory().await;
    let ruler = ruler(&it);
    let link = links::add(&ruler, &new("carrier-a")).await.unwrap();
    assert!(link.key_set_at_ms.is_some());
    let configured = links::configured(&it.system).await.unwrap();
    assert_eq!(configured.links[0].password.expose(), PASSWORD);
    assert_eq!(configured.links[0].key.as_ref().unwrap().expose(), KEY);
    assert_eq!(configured.uses, HashMap::from([(id("carrier-a"), LinkUse::Disabled)]));

    // Another password; the key stays. Then the certificate goes, and the key with it.
    it.clock.advance(60_000);
    let replaced = Replaced { password: Some(LinkSecret::new("another-secret")), key: None };
    let slower = LinkConfig { rate_segments_per_s: Some(5.0), ..config() };
    let changed = links::change(&ruler, &link.id, 1, slower.clone(), &replaced).await.unwrap();
    assert_eq!(
        (changed.password_set_at_ms - link.password_set_at_ms, changed.key_set_at_ms),
        (60_000, link.key_set_at_ms)
    );
    let plain = LinkConfig { tls: None, ..slower };
    let plain = links::change(&ruler, &link.id, 2, plain, &Replaced::default()).await.unwrap();
    assert_eq!((plain.key_set_at_ms, plain.password_set_at_ms), (None, changed.password_set_at_ms));
    let configured = links::configured(&it.system).await.unwrap();
    assert_eq!(configured.links[0].password.expose(), "another-secret");
    assert!(configured.links[0].key.is_none());

    // Who saw an older one changes nothing.
    let late = links::change(&ruler, &link.id, 1, config(), &Replaced::default()).await.unwrap_err();
    assert!(said(&late).contains("Root"), "{late}");

    let log = list(&Reader::installation(ruler), &Filter::default(), None, 500).await.unwrap().records;
    let text = serde_json::to_string(&log).unwrap();
    for secret in [PASSWORD, "another-secret", "nobody"] {
        assert!(!text.contains(secret), "a secret is in the audit log");
    }
    let rate = log
        .iter()
        .filter(|record| record.action == "link.changed")
        .flat_map(|record| &record.changes)
        .find(|change| change.field == "rate_segments_per_s" && change.before.as_deref() == Some("100"));
    assert_eq!(rate.unwrap().after.as_deref(), Some("5"), "with before and after");
}

#[tokio::test]
async fn a_link_that_is_needed_stays_and_its_id_is_not_given_away() {
    let it = in_memory().await;
    let ruler = ruler(&it);
    let link = links::add(&ruler, &new("carrier-a")).await.unwrap();
    assert!(said(&links::add(&ruler, &new("carrier-a")).await.unwrap_err()).contains("already"));
    links::put_to(&ruler, &link.id, LinkUse::InUse).await.unwrap();
    assert!(said(&links::remove(&ruler, &link.id, 1, true).await.unwrap_err()).contains("disable it first"));
    links::put_to(&ruler, &link.id, LinkUse::Disabled).await.unwrap();

    let members = vec![PoolShare { link: link.id.clone(), weight: 1 }];
    let both = PoolConfig { name: "Both".into(), members, failover: true, rate_segments_per_s: None };
    links::add_pool(&ruler, &id("simulator"), both.clone()).await.unwrap();
    assert!(said(&links::remove(&ruler, &link.id, 1, true).await.unwrap_err()).contains("“Both”"));
    // It has the name of the channel that campaigns are on.
    it.submitted().await;
    assert!(said(&links::remove_pool(&ruler, &id("simulator"), 1).await.unwrap_err()).contains("1 campaign"));

    let other = PoolConfig { members: vec![PoolShare { link: id("elsewhere"), weight: 2 }], ..both };
    links::change_pool(&ruler, &id("simulator"), 1, other).await.unwrap();
    links::remove(&ruler, &link.id, 1, true).await.unwrap();
    assert!(links::list(&ruler).await.unwrap().is_empty());
    let again = links::add(&ruler, &new("carrier-a")).await.unwrap_err();
    assert!(matches!(again, Error::Invalid { field: "id", .. }), "{again}");
}
