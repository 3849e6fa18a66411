//! Links as they are configured.

use std::{collections::HashSet, time::Duration};

use domain::link::{
    AddressRange, BindMode, LongMessages, ReceiptRequest, StatusPolicy, Timers, is_vendors_tag as is_vendors,
};
use serde::Deserialize;
use smpp::{Bind, BindRange, BindRole, IdBase, Password, session::SessionConfig, tls::TlsSettings};

use crate::ChannelId;

/// All links of a Core.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreSettings {
    pub links: Vec<LinkSettings>,
}

/// One account at one carrier. Only what identifies it has no default.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    pub id: ChannelId,
    pub name: String,
    pub host: String,
    pub port: u16,
    /// Speak TLS; without it the connection is in plain text, as most carriers have it within a private network.
    pub tls: Option<TlsSettings>,
    pub system_id: String,
    /// Accepted, never printed.
    pub password: Password,
    #[serde(default)]
    pub system_type: String,
    /// Which addresses the sessions ask for.
    #[serde(default)]
    pub address_range: AddressRange,
    #[serde(default)]
    pub bind: BindMode,
    #[serde(default = "LinkSettings::default_sessions")]
    pub sessions: u32,
    /// Unanswered parts per session.
    #[serde(default = "LinkSettings::default_window")]
    pub window: u32,
    /// Over all sessions; without it the carrier's own throttling is the limit.
    pub rate_segments_per_s: Option<f64>,
    /// What may go at once after a pause; a tenth of a second's rate when left out.
    pub burst_segments: Option<u32>,
    /// Segments that a lane takes before `submit` waits.
    #[serde(default = "LinkSettings::default_lane_segments")]
    pub lane_segments: u32,
    #[serde(default)]
    pub timers: Timers,
    #[serde(default)]
    pub id_base: IdBase,
    /// What is asked for in registered_delivery.
    #[serde(default)]
    pub receipts: ReceiptRequest,
    /// Whether ACCEPTD ends a message or only announces it.
    #[serde(default)]
    pub accepted_is_final: bool,
    /// How this carrier is told that parts belong together.
    #[serde(default)]
    pub long_messages: LongMessages,
    /// The tag of the optional parameter by which this carrier is told the 10DLC campaign of a message, such as 0x1400;
    /// without it the carrier is not told.
    #[serde(default)]
    pub tendlc_tlv: Option<u16>,
    #[serde(default)]
    pub policy: StatusPolicy,
    /// No real message leaves by this link.
    #[serde(default)]
    pub is_simulator: bool,
    /// Configured, and not in use until a person enables it.
    #[serde(default)]
    pub disabled: bool,
}

/// What one of a link's sessions, with its partner if it has one, binds as.
pub(crate) const fn roles(bind: BindMode) -> &'static [BindRole] {
    match bind {
        BindMode::Transceiver => &[BindRole::Transceiver],
        BindMode::Transmitter => &[BindRole::Transmitter],
        BindMode::Receiver => &[BindRole::Receiver],
        BindMode::Pair => &[BindRole::Transmitter, BindRole::Receiver],
    }
}

pub(crate) const fn registered_delivery(receipts: ReceiptRequest) -> u8 {
    match receipts {
        ReceiptRequest::None => 0,
        ReceiptRequest::Always => 1,
        ReceiptRequest::OnFailure => 2,
    }
}

/// What is wrong with the settings, for the person who wrote them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("two links or pools have the id {0}")]
    DuplicateId(ChannelId),
    #[error("link {link}: {field} must be {rule}")]
    OutOfRange { link: ChannelId, field: &'static str, rule: &'static str },
    #[error("link {link}: {reason}")]
    Tls { link: ChannelId, setting: &'static str, reason: String },
    #[error("pool {pool}: {field} must be {rule}")]
    Pool { pool: ChannelId, field: &'static str, rule: &'static str },
    #[error("pool {pool}: there is no link {link}")]
    NoSuchLink { pool: ChannelId, link: ChannelId },
    #[error("pool {pool}: the link {link} only receives")]
    CannotSend { pool: ChannelId, link: ChannelId },
}

impl CoreSettings {
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), SettingsError> {
        let mut seen = HashSet::new();
        for link in &self.links {
            if !seen.insert(&link.id) {
                return Err(SettingsError::DuplicateId(link.id.clone()));
            }
            link.check()?;
        }
        Ok(())
    }
}

impl LinkSettings {
    /// A link to the simulator on this port of the loopback interface.
    #[must_use]
    pub fn simulator(id: ChannelId, port: u16) -> Self {
        Self {
            id,
            name: "Simulator".to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            tls: None,
            system_id: "message-center".to_owned(),
            password: Password::new("simulate"),
            system_type: String::new(),
            address_range: AddressRange::default(),
            bind: BindMode::Transceiver,
            sessions: Self::default_sessions(),
            window: 1_000,
            rate_segments_per_s: None,
            burst_segments: None,
            lane_segments: Self::default_lane_segments(),
            timers: Timers::default(),
            id_base: IdBase::Verbatim,
            receipts: ReceiptRequest::Always,
            accepted_is_final: false,
            long_messages: LongMessages::default(),
            tendlc_tlv: None,
            policy: StatusPolicy::default(),
            is_simulator: true,
            disabled: false,
        }
    }

    const fn default_sessions() -> u32 {
        1
    }

    const fn default_window() -> u32 {
        100
    }

    const fn default_lane_segments() -> u32 {
        20_000
    }

    fn check(&self) -> Result<(), SettingsError> {
        self.flaws().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that is wrong with it, field by field.
    #[must_use]
    pub fn flaws(&self) -> Vec<SettingsError> {
        let rate_fits = self.rate_segments_per_s.is_none_or(|rate| rate.is_finite() && (0.01..=1e6).contains(&rate));
        let timers = self.timers;
        let waits = |wait: u64| (1..=86_400).contains(&wait);
        let range = &self.address_range.range;
        let visible = |text: &str| text.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        let rules = [
            ((1..=80).contains(&self.name.trim().chars().count()), "name", "1 to 80 characters"),
            ((1..=256).contains(&self.sessions), "sessions", "1 to 256"),
            ((1..=10_000).contains(&self.window), "window", "1 to 10,000"),
            (rate_fits, "rate_segments_per_s", "0.01 to 1,000,000"),
            (self.burst_segments.is_none_or(|burst| burst > 0), "burst_segments", "at least 1"),
            ((256..=1_000_000).contains(&self.lane_segments), "lane_segments", "256 to 1,000,000"),
            (!self.host.trim().is_empty() && !self.host.contains([' ', '/']), "host", "a name or an address"),
            (self.port > 0, "port", "1 to 65,535"),
            ((1..=15).contains(&self.system_id.len()), "system_id", "1 to 15 characters"),
            // SMPP 3.4 §5.2.2 has 8 and carriers have more.
            (self.password.expose().len() <= 64, "password", "at most 64 characters"),
            (self.system_type.len() <= 12, "system_type", "at most 12 characters"),
            (self.tendlc_tlv.is_none_or(is_vendors), "tendlc_tlv", "a tag of the carrier's own, 0x1400 to 0x3FFF"),
            (range.len() <= 40 && visible(range), "address_range", "at most 40 characters of ASCII"),
            (waits(timers.connect_s), "connect_s", "1 second to a day"),
            (waits(timers.bind_s), "bind_s", "1 second to a day"),
            (waits(timers.enquire_link_s), "enquire_link_s", "1 second to a day"),
            (waits(timers.response_s), "response_s", "1 second to a day"),
            (timers.unbind_s <= 86_400, "unbind_s", "a day at most"),
            (waits(timers.reconnect_min_s), "reconnect_min_s", "1 second to a day"),
            (timers.reconnect_max_s <= 86_400, "reconnect_max_s", "a day at most"),
            (timers.reconnect_min_s <= timers.reconnect_max_s, "reconnect_max_s", "at least reconnect_min_s"),
        ];
        let broken = rules.into_iter().filter(|(fits, ..)| !fits);
        let mut flaws: Vec<_> =
            broken.map(|(_, field, rule)| SettingsError::OutOfRange { link: self.id.clone(), field, rule }).collect();
        if let Some(Err(error)) = self.tls.as_ref().map(|tls| tls.connector(&self.host)) {
            flaws.push(SettingsError::Tls {
                link: self.id.clone(),
                setting: error.setting(),
                reason: error.to_string(),
            });
        }
        flaws
    }

    /// Whether the sessions have to be bound anew to go from the one to the other.
    pub(crate) fn needs_new_sessions(&self, other: &Self) -> bool {
        let same = Self {
            name: other.name.clone(),
            rate_segments_per_s: other.rate_segments_per_s,
            burst_segments: other.burst_segments,
            lane_segments: other.lane_segments,
            is_simulator: other.is_simulator,
            disabled: other.disabled,
            ..self.clone()
        };
        same != *other
    }

    pub(crate) fn bind(&self, role: BindRole) -> Bind {
        Bind {
            role,
            system_id: self.system_id.clone(),
            password: self.password.clone(),
            system_type: self.system_type.clone(),
            address_range: BindRange {
                ton: self.address_range.ton,
                npi: self.address_range.npi,
                range: self.address_range.range.clone(),
            },
        }
    }

    pub(crate) fn session(&self) -> SessionConfig {
        SessionConfig {
            enquire_link_interval: Duration::from_secs(self.timers.enquire_link_s),
            response_timeout: Duration::from_secs(self.timers.response_s),
            bind_timeout: Duration::from_secs(self.timers.bind_s),
            unbind_timeout: Duration::from_secs(self.timers.unbind_s),
            ..SessionConfig::with_window(self.window as usize)
        }
    }
}
