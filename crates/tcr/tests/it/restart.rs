//! A simulated registry with a data folder is the same one after a restart.

use std::{future::pending, path::Path};

use domain::tendlc::{
    Carrier, CarrierStatus, IdentityStatus, UseCase, VettingStatus, carrier::CarrierEvent, kinds::VettingProvider,
};
use tcr::{
    Client, Registry as _, Secret,
    simulator::{Simulator, SimulatorConfig, StartError},
};

use crate::support::{Registry, campaign, company, details, quick, secret};

fn config(folder: &Path) -> SimulatorConfig {
    SimulatorConfig { data_dir: Some(folder.to_owned()), ..SimulatorConfig::loopback(Secret::new("key"), secret()) }
}

/// One life of it, which ends with the runtime of the test; what it leaves is on disk with each answer.
async fn life(folder: &Path) -> Registry {
    let simulator = Simulator::bind(config(folder)).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let config = quick(base_url);
    Registry { client: Client::new(config.clone()).unwrap(), control, config }
}

#[tokio::test]
async fn what_is_registered_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("registry");
    let before = life(&folder).await;
    before.client.subscribe("CAMPAIGN", "http://127.0.0.1:9/hooks/registry").await.unwrap();
    let brand = before.brand("brand-1").await;
    before.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]).await.unwrap();
    let record = before.campaign(&brand, "campaign-1").await;
    let number = "+13035550142".parse().unwrap();
    before.client.assign_number(record.id, number).await.unwrap();
    before.control.carrier(record.id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();

    let after = life(&folder).await;
    assert_eq!(after.client.brand(brand.id).await.unwrap().identity, IdentityStatus::VettedVerified);
    let vettings = after.client.vettings(brand.id).await.unwrap();
    assert_eq!((vettings.len(), vettings[0].status), (1, VettingStatus::Active));
    let carriers = after.client.carriers(record.id).await.unwrap();
    assert_eq!(carriers[&Carrier::Att].status, CarrierStatus::Registered);
    assert_eq!(carriers[&Carrier::TMobile].status, CarrierStatus::Suspended);
    assert_eq!(carriers[&Carrier::TMobile].rejection.as_ref().unwrap().reason, "Complaints");
    assert_eq!(after.client.numbers(record.id, 1, 10).await.unwrap().records, [number]);
    // The same reference is the same record, and something new gets an id that nothing has.
    assert_eq!(after.brand("brand-1").await.id, brand.id);
    assert_eq!(after.campaign(&brand, "campaign-1").await.id, record.id);
    assert_eq!(after.control.registered(), (1, 1));
    let another = after.client.create_campaign("campaign-2", brand.id, &campaign(UseCase::Mixed)).await;
    assert!(another.is_err(), "its form is checked as before");
    assert_ne!(after.client.create_brand("brand-2", &details(&company())).await.unwrap().id, brand.id);
    // Whoever subscribed hears what happens from now on.
    after.control.carrier(record.id, Carrier::TMobile, CarrierEvent::Unsuspend, "").unwrap();
    assert!(after.control.sent().iter().any(|sent| sent.body.contains("UNSUSPENDED")));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_said_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    life(dir.path()).await.brand("brand-1").await;
    let file = dir.path().join("registry.json");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let error = Simulator::bind(config(dir.path())).await.unwrap_err();
    assert!(matches!(&error, StartError::Kept { data_dir, .. } if data_dir == dir.path()));
    assert!(error.to_string().contains("move that folder away"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap().len(), whole.len() / 2);
}
