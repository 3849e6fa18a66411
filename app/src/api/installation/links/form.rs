//! A link as it is typed.

use domain::link::{AddressRange, LinkConfig, LinkTls, RetryRule, StatusPolicy, Timers};
use serde::{Deserialize, Serialize};

use crate::state::query::name_of;
#[cfg(feature = "ssr")]
use crate::{error::FieldError, state::query::named};

/// Every field of the form, as text. What is secret is never filled in for anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkForm {
    pub name: String,
    pub host: String,
    pub port: String,
    pub system_id: String,
    pub password: Typed,
    pub system_type: String,
    pub bind: String,
    pub sessions: String,
    pub window: String,
    pub rate_segments_per_s: String,
    pub burst_segments: String,
    pub lane_segments: String,
    pub tls: String,
    pub tls_server_name: String,
    pub tls_ca: String,
    pub tls_certificate: String,
    pub tls_crl: String,
    pub tls_key: Typed,
    pub address_ton: String,
    pub address_npi: String,
    pub address_range: String,
    pub connect_s: String,
    pub bind_s: String,
    pub enquire_link_s: String,
    pub response_s: String,
    pub unbind_s: String,
    pub reconnect_min_s: String,
    pub reconnect_max_s: String,
    pub id_base: String,
    pub receipts: String,
    pub accepted_is_final: String,
    /// A tag, as carriers write it: `0x1400`.
    pub long_messages: String,
    pub tendlc_tlv: String,
    /// Codes, with anything between them.
    pub throttled: String,
    /// One a line: code, retries, seconds.
    pub temporary: String,
    pub rebind: String,
    pub stop: String,
    pub is_simulator: String,
}

/// A secret that somebody typed. Never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Typed(pub String);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(…)")
    }
}

fn codes(codes: &[u32]) -> String {
    codes.iter().map(|code| format!("{code:#04x}")).collect::<Vec<_>>().join(" ")
}

fn flag(set: bool) -> String {
    if set { "true".to_owned() } else { String::new() }
}

impl LinkForm {
    /// What a new link starts with.
    #[must_use]
    pub fn fresh() -> Self {
        let config = LinkConfig {
            name: String::new(),
            host: String::new(),
            port: 2775,
            tls: None,
            system_id: String::new(),
            system_type: String::new(),
            address_range: AddressRange::default(),
            bind: Default::default(),
            sessions: 1,
            window: 100,
            rate_segments_per_s: None,
            burst_segments: None,
            lane_segments: 20_000,
            timers: Timers::default(),
            id_base: Default::default(),
            receipts: Default::default(),
            accepted_is_final: false,
            long_messages: Default::default(),
            tendlc_tlv: None,
            policy: StatusPolicy::default(),
            is_simulator: false,
        };
        Self::of(&config)
    }

    #[must_use]
    pub fn of(config: &LinkConfig) -> Self {
        let rule = |RetryRule { command_status, retries, delay_s }: &RetryRule| {
            format!("{command_status:#04x} {retries} {delay_s}")
        };
        let tls = config.tls.clone();
        let of_tls =
            |read: fn(&LinkTls) -> &Option<String>| tls.as_ref().and_then(|tls| read(tls).clone()).unwrap_or_default();
        let timers = config.timers;
        Self {
            name: config.name.clone(),
            host: config.host.clone(),
            port: config.port.to_string(),
            system_id: config.system_id.clone(),
            password: Typed::default(),
            system_type: config.system_type.clone(),
            bind: name_of(config.bind),
            sessions: config.sessions.to_string(),
            window: config.window.to_string(),
            rate_segments_per_s: config.rate_segments_per_s.map(|rate| rate.to_string()).unwrap_or_default(),
            burst_segments: config.burst_segments.map(|burst| burst.to_string()).unwrap_or_default(),
            lane_segments: config.lane_segments.to_string(),
            tls: flag(tls.is_some()),
            tls_server_name: of_tls(|tls| &tls.server_name),
            tls_ca: of_tls(|tls| &tls.ca),
            tls_certificate: of_tls(|tls| &tls.certificate),
            tls_crl: of_tls(|tls| &tls.crl),
            tls_key: Typed::default(),
            address_ton: config.address_range.ton.to_string(),
            address_npi: config.address_range.npi.to_string(),
            address_range: config.address_range.range.clone(),
            connect_s: timers.connect_s.to_string(),
            bind_s: timers.bind_s.to_string(),
            enquire_link_s: timers.enquire_link_s.to_string(),
            response_s: timers.response_s.to_string(),
            unbind_s: timers.unbind_s.to_string(),
            reconnect_min_s: timers.reconnect_min_s.to_string(),
            reconnect_max_s: timers.reconnect_max_s.to_string(),
            id_base: name_of(config.id_base),
            receipts: name_of(config.receipts),
            accepted_is_final: flag(config.accepted_is_final),
            long_messages: name_of(config.long_messages),
            tendlc_tlv: config.tendlc_tlv.map(|tag| format!("{tag:#06x}")).unwrap_or_default(),
            throttled: codes(&config.policy.throttled),
            temporary: config.policy.temporary.iter().map(rule).collect::<Vec<_>>().join("\n"),
            rebind: codes(&config.policy.rebind),
            stop: codes(&config.policy.stop),
            is_simulator: flag(config.is_simulator),
        }
    }
}

/// Collects what cannot be read.
#[cfg(feature = "ssr")]
#[derive(Default)]
struct Reader(Vec<FieldError>);

#[cfg(feature = "ssr")]
impl Reader {
    fn refuse(&mut self, field: &str, message: &str) {
        self.0.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    }

    fn number<T: std::str::FromStr + Default>(&mut self, field: &str, text: &str) -> T {
        text.trim().parse().unwrap_or_else(|_| {
            self.refuse(field, "This has to be a whole number that is not too large.");
            T::default()
        })
    }

    fn optional<T: std::str::FromStr>(&mut self, field: &str, text: &str) -> Option<T> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.refuse(field, "This has to be a number, or nothing.");
        }
        number
    }

    fn one_of<T: for<'a> Deserialize<'a> + Default>(&mut self, field: &str, name: &str) -> T {
        named(name).unwrap_or_else(|| {
            self.refuse(field, "Choose one of what is offered.");
            T::default()
        })
    }

    fn tag(&mut self, field: &str, text: &str) -> Option<u16> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let tag = code(text).and_then(|tag| u16::try_from(tag).ok());
        if tag.is_none() {
            self.refuse(field, "This has to be a tag such as 0x1400, or nothing.");
        }
        tag
    }

    fn codes(&mut self, field: &str, text: &str) -> Vec<u32> {
        let words = text.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|word| !word.is_empty());
        let read: Option<Vec<u32>> = words.map(code).collect();
        read.unwrap_or_else(|| {
            self.refuse(field, "These have to be codes such as 0x58, with spaces between them.");
            Vec::new()
        })
    }

    fn rules(&mut self, field: &str, text: &str) -> Vec<RetryRule> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let rule = |line: &str| {
            let mut words = line.split_whitespace();
            let rule = RetryRule {
                command_status: code(words.next()?)?,
                retries: words.next()?.parse().ok()?,
                delay_s: words.next()?.parse().ok().filter(|&delay_s| delay_s <= 86_400)?,
            };
            words.next().is_none().then_some(rule)
        };
        let read: Option<Vec<RetryRule>> = lines.map(rule).collect();
        read.unwrap_or_else(|| {
            self.refuse(field, "A line has a code, how often it is tried again (at most 255) and after how many seconds (at most a day), such as 0x08 2 30.");
            Vec::new()
        })
    }
}

#[cfg(feature = "ssr")]
fn code(word: &str) -> Option<u32> {
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

/// A text of several lines as it is kept; nothing where there is none.
#[cfg(feature = "ssr")]
fn lines(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    (!text.is_empty()).then(|| format!("{text}\n"))
}

#[cfg(feature = "ssr")]
impl LinkForm {
    /// The settings and the secrets that were typed. Whether they can be used the gateway says.
    pub(super) fn read(self) -> Result<(LinkConfig, engine::links::Secrets), Vec<FieldError>> {
        use store::links::LinkSecret;

        let mut reader = Reader::default();
        let tls = (!self.tls.is_empty()).then(|| LinkTls {
            ca: lines(&self.tls_ca),
            server_name: Some(self.tls_server_name.trim().to_owned()).filter(|name| !name.is_empty()),
            certificate: lines(&self.tls_certificate),
            crl: lines(&self.tls_crl),
        });
        if tls.is_none()
            && [&self.tls_ca, &self.tls_certificate, &self.tls_crl, &self.tls_key.0]
                .iter()
                .any(|text| !text.trim().is_empty())
        {
            reader.refuse("tls", "There are certificates, and TLS is off: switch it on, or take them out.");
        }
        let config = LinkConfig {
            name: self.name.trim().to_owned(),
            host: self.host.trim().to_owned(),
            port: reader.number("port", &self.port),
            tls,
            system_id: self.system_id.trim().to_owned(),
            system_type: self.system_type.trim().to_owned(),
            address_range: AddressRange {
                ton: reader.number("address_ton", &self.address_ton),
                npi: reader.number("address_npi", &self.address_npi),
                range: self.address_range.trim().to_owned(),
            },
            bind: reader.one_of("bind", &self.bind),
            sessions: reader.number("sessions", &self.sessions),
            window: reader.number("window", &self.window),
            rate_segments_per_s: reader.optional("rate_segments_per_s", &self.rate_segments_per_s),
            burst_segments: reader.optional("burst_segments", &self.burst_segments),
            lane_segments: reader.number("lane_segments", &self.lane_segments),
            timers: Timers {
                connect_s: reader.number("connect_s", &self.connect_s),
                bind_s: reader.number("bind_s", &self.bind_s),
                enquire_link_s: reader.number("enquire_link_s", &self.enquire_link_s),
                response_s: reader.number("response_s", &self.response_s),
                unbind_s: reader.number("unbind_s", &self.unbind_s),
                reconnect_min_s: reader.number("reconnect_min_s", &self.reconnect_min_s),
                reconnect_max_s: reader.number("reconnect_max_s", &self.reconnect_max_s),
            },
            id_base: reader.one_of("id_base", &self.id_base),
            receipts: reader.one_of("receipts", &self.receipts),
            accepted_is_final: !self.accepted_is_final.is_empty(),
            long_messages: reader.one_of("long_messages", &self.long_messages),
            tendlc_tlv: reader.tag("tendlc_tlv", &self.tendlc_tlv),
            policy: StatusPolicy {
                throttled: reader.codes("throttled", &self.throttled),
                temporary: reader.rules("temporary", &self.temporary),
                rebind: reader.codes("rebind", &self.rebind),
                stop: reader.codes("stop", &self.stop),
            },
            is_simulator: !self.is_simulator.is_empty(),
        };
        let password = Some(self.password.0).filter(|password| !password.is_empty()).map(LinkSecret::new);
        let key = lines(&self.tls_key.0).map(LinkSecret::new);
        if reader.0.is_empty() { Ok((config, engine::links::Secrets { password, key })) } else { Err(reader.0) }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn filled() -> LinkForm {
        LinkForm {
            name: "Carrier".into(),
            host: " smsc.example ".into(),
            system_id: "acme".into(),
            ..LinkForm::fresh()
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_it_was() {
        let form = LinkForm {
            tls: "true".into(),
            tls_ca: "-----BEGIN\r\nx\r\n".into(),
            tls_crl: "-----BEGIN\r\ny".into(),
            rate_segments_per_s: "12.5".into(),
            password: Typed("secret".into()),
            ..filled()
        };
        let (config, secrets) = form.read().unwrap();
        assert_eq!(config.policy, StatusPolicy::default());
        assert_eq!((config.host.as_str(), config.rate_segments_per_s), ("smsc.example", Some(12.5)));
        assert_eq!(config.tls.as_ref().unwrap().ca.as_deref(), Some("-----BEGIN\nx\n"));
        assert_eq!(config.tls.as_ref().unwrap().crl.as_deref(), Some("-----BEGIN\ny\n"));
        assert_eq!(secrets.password.unwrap().expose(), "secret");
        let shown = LinkForm::of(&config);
        assert_eq!(shown.password, Typed::default(), "secrets are not shown");
        assert_eq!(shown.read().unwrap().0, config);
    }

    #[test]
    fn everything_that_cannot_be_read_is_said_at_once() {
        let form = LinkForm {
            port: "99999".into(),
            bind: "sideways".into(),
            throttled: "0x58 often".into(),
            temporary: "0x08 2".into(),
            burst_segments: "-1".into(),
            tls_key: Typed("-----BEGIN".into()),
            ..filled()
        };
        let fields: Vec<_> = form.read().unwrap_err().into_iter().map(|refused| refused.field).collect();
        assert_eq!(fields, ["tls", "port", "bind", "burst_segments", "throttled", "temporary"]);
    }

    #[test]
    fn a_secret_is_never_printed() {
        let form = LinkForm { password: Typed("sesame".into()), tls_key: Typed("sesame".into()), ..filled() };
        assert!(!format!("{form:?}").contains("sesame"));
    }
}
