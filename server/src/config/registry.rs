//! The 10DLC registry.

use std::{fs, path::PathBuf, sync::Arc};

use domain::tendlc::{
    PartnerId,
    limits::{Connector, NumbersAt},
    throughput::Tiers,
};
use engine::tendlc::{TenDlcConfig, Webhooks};
use serde::{Deserialize, Serialize};
use tcr::{Client, ClientConfig, Registry, Secret};

use super::ConfigError;

/// Where the registry's webhooks come, under `public_url`.
const WEBHOOK: &str = "/api/v1/messaging/webhook";

/// `[registry]` in the file. Without it brands and 10DLC campaigns are refused, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig {
    /// With the version, such as `https://csp-api.campaignregistry.com/v2`.
    pub url: String,
    /// The first line of this file is the account's API key and secret, with a colon in between.
    pub key_file: PathBuf,
    /// The first line of this file is the secret with which webhooks are signed, if it is not the account's.
    #[serde(default)]
    pub webhook_secret_file: Option<PathBuf>,
    /// Through whom registrations go: decides how long fields may be.
    #[serde(default = "registry_itself")]
    pub connector: Connector,
    /// The partner upstream with whom each 10DLC campaign is shared, by its id at the registry; nobody when it is left out.
    #[serde(default)]
    pub partner: Option<PartnerId>,
    /// Who knows which numbers are in a 10DLC campaign. When it is left out: the registry if it is on this machine, which
    /// then is a simulated one, else the partner.
    #[serde(default)]
    pub numbers: Option<NumbersAt>,
    /// How much may be sent, by score and carrier; the usual tiers when they are left out.
    #[serde(default)]
    pub tiers: Option<Tiers>,
}

const fn registry_itself() -> Connector {
    Connector::Registry
}

fn first_line(file: &PathBuf) -> Result<String, ConfigError> {
    let text = fs::read_to_string(file).map_err(|source| ConfigError::RegistryFile { file: file.clone(), source })?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

impl RegistryConfig {
    /// The client, and what the engine has to know; webhooks come to `public_url`.
    pub fn open(&self, public_url: &str) -> Result<(Arc<dyn Registry>, TenDlcConfig), ConfigError> {
        let line = first_line(&self.key_file)?;
        let (key, secret) = line
            .split_once(':')
            .filter(|(key, secret)| !key.is_empty() && !secret.is_empty())
            .ok_or_else(|| wrong("key_file has to begin with the API key and the secret, with a colon in between"))?;
        let secret = Secret::new(secret);
        let webhook_secret = match &self.webhook_secret_file {
            None => secret.clone(),
            Some(file) => match first_line(file)? {
                line if line.is_empty() => return Err(wrong("webhook_secret_file has to begin with the secret")),
                line => Secret::new(line),
            },
        };
        let client = Client::new(ClientConfig::new(&self.url, Secret::new(key), secret));
        let client = client.map_err(|refusal| ConfigError::Registry(refusal.to_string()))?;
        // The registry cannot reach this machine's own addresses, but a registry on this machine can.
        let reachable = public_url.starts_with("https://") || self.url.starts_with("http://");
        let webhooks = Webhooks { url: format!("{public_url}{WEBHOOK}"), secret: webhook_secret, subscribe: reachable };
        let tiers = self.tiers.clone().unwrap_or_default();
        let (connector, partner) = (self.connector, self.partner.clone());
        let config =
            TenDlcConfig { connector, tiers, partner, webhooks: Some(webhooks), numbers: self.who_knows_numbers() };
        Ok((Arc::new(client), config))
    }

    fn who_knows_numbers(&self) -> NumbersAt {
        let is_simulated = self.url.starts_with("http://");
        self.numbers.unwrap_or(if is_simulated { NumbersAt::Registry } else { NumbersAt::Partner })
    }

    pub(super) fn check(&self, public_url: &str) -> Result<(), ConfigError> {
        if let Some(tiers) = &self.tiers {
            tiers.check().map_err(|refusal| ConfigError::Registry(refusal.to_string()))?;
        }
        self.open(public_url).map(drop)
    }

    /// The section as a file would say it; the key stays in its file.
    pub(super) fn to_toml(&self) -> String {
        let connector = match self.connector {
            Connector::Registry => "registry",
            Connector::Twilio => "twilio",
            Connector::Other => "other",
        };
        let numbers = match self.who_knows_numbers() {
            NumbersAt::Registry => "registry",
            NumbersAt::Partner => "partner",
        };
        let mut lines = vec![
            "[registry]".to_owned(),
            format!("url = {:?}", self.url),
            format!("key_file = {:?}", self.key_file),
            format!("connector = \"{connector}\""),
            format!("numbers = \"{numbers}\""),
        ];
        lines.extend(self.partner.as_ref().map(|partner| format!("partner = \"{partner}\"")));
        lines.extend(self.webhook_secret_file.as_ref().map(|file| format!("webhook_secret_file = {file:?}")));
        lines.extend(self.tiers.as_ref().map(|tiers| format!("# tiers: {}", tiers.0.len())));
        lines.join("\n")
    }
}

fn wrong(what: &str) -> ConfigError {
    ConfigError::Registry(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_read_from_its_file_and_shown_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("registry.key");
        let config = RegistryConfig {
            url: "http://127.0.0.1:9/v2".into(),
            key_file: file.clone(),
            webhook_secret_file: None,
            connector: Connector::Registry,
            partner: Some(PartnerId::parse("SABC123").unwrap()),
            numbers: None,
            tiers: None,
        };
        assert!(matches!(config.check("http://127.0.0.1:3000"), Err(ConfigError::RegistryFile { .. })));
        fs::write(&file, "no colon\n").unwrap();
        let error = config.check("http://127.0.0.1:3000").unwrap_err().to_string();
        assert!(error.contains("with a colon in between"), "{error}");
        fs::write(&file, "k3y:s3cret\n").unwrap();
        config.check("http://127.0.0.1:3000").unwrap();
        let (registry, settings) = config.open("https://sms.example").unwrap();
        assert_eq!(settings.webhooks.as_ref().unwrap().url, "https://sms.example/api/v1/messaging/webhook");
        assert_eq!(settings.partner, config.partner);
        assert!(config.to_toml().contains("partner = \"SABC123\""));
        assert_eq!(settings.numbers, NumbersAt::Registry, "a simulated one");
        // The registry's own API keeps no numbers, so that each would be refused.
        let real = RegistryConfig { url: "https://csp-api.campaignregistry.com/v2".into(), ..config.clone() };
        assert_eq!(real.open("https://sms.example").unwrap().1.numbers, NumbersAt::Partner);
        assert!(real.to_toml().contains("numbers = \"partner\""));
        let told = RegistryConfig { numbers: Some(NumbersAt::Registry), ..real };
        assert_eq!(told.open("https://sms.example").unwrap().1.numbers, NumbersAt::Registry);
        let shown = format!("{} {registry:?} {settings:?}", config.to_toml());
        assert!(!shown.contains("s3cret") && !shown.contains("k3y"), "{shown}");
        let plain = RegistryConfig { url: "http://registry.example/v2".into(), ..config };
        assert!(plain.check("https://sms.example").unwrap_err().to_string().contains("https://"));
    }
}
