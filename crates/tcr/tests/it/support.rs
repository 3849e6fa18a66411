//! A simulated registry, a client, and things to register.

use std::{future::pending, time::Duration};

use domain::tendlc::{
    BrandDetails, BrandForm, EntityType, TenDlcCampaign, UseCase, Vertical,
    limits::{Connector, limits},
};
use tcr::{
    BrandRecord, CampaignRecord, Client, ClientConfig, Registry as _, Secret,
    simulator::{Behaviour, Control, Simulator, SimulatorConfig},
};

/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn secret() -> Secret {
    Secret::new("s3cret")
}

pub struct Registry {
    pub client: Client,
    pub control: Control,
    pub config: ClientConfig,
}

pub async fn registry() -> Registry {
    with(Behaviour::default()).await
}

pub async fn with(behaviour: Behaviour) -> Registry {
    let config = SimulatorConfig { behaviour, ..SimulatorConfig::loopback(Secret::new("key"), secret()) };
    let simulator = Simulator::bind(config).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let config = quick(base_url);
    Registry { client: Client::new(config.clone()).unwrap(), control, config }
}

/// Without the waits that the real registry needs.
pub fn quick(base_url: String) -> ClientConfig {
    ClientConfig {
        first_pause: Duration::from_millis(1),
        time_out: Duration::from_millis(400),
        patience: PATIENCE,
        reads_per_s: 100_000,
        writes_per_10_s: 1_000_000,
        ..ClientConfig::new(base_url, Secret::new("key"), secret())
    }
}

pub fn company() -> BrandForm {
    BrandForm {
        display_name: "Acme".into(),
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

pub fn person() -> BrandForm {
    BrandForm {
        entity_type: EntityType::SoleProprietor,
        company_name: String::new(),
        ein: String::new(),
        vertical: None,
        first_name: "Ann".into(),
        last_name: "Lee".into(),
        mobile_phone: "+13035550101".into(),
        ..company()
    }
}

pub fn details(form: &BrandForm) -> BrandDetails {
    form.check(&limits(Connector::Registry)).unwrap()
}

pub fn campaign(use_case: UseCase) -> TenDlcCampaign {
    let mut campaign = TenDlcCampaign::new(use_case);
    campaign.description = "Acme tells its customers when something of their account changes.".into();
    campaign.message_flow = "Customers agree on acme.example/sms when they open an account.".into();
    campaign.samples = vec!["Acme: your password was changed. Reply STOP to opt out.".into()];
    campaign.opt_in.message = "Acme: you will get messages on your account. HELP, STOP.".into();
    campaign.opt_out.message = "Acme: you will get no more messages.".into();
    campaign.help.message = "Acme: write to help@acme.example for help.".into();
    campaign.terms_accepted = true;
    campaign
}

impl Registry {
    pub async fn brand(&self, reference: &str) -> BrandRecord {
        self.client.create_brand(reference, &details(&company())).await.unwrap()
    }

    pub async fn campaign(&self, brand: &BrandRecord, reference: &str) -> CampaignRecord {
        self.client.create_campaign(reference, brand.id, &campaign(UseCase::AccountNotification)).await.unwrap()
    }
}
