//! Links as they are configured.

use std::{collections::HashSet, time::Duration};

use serde::{Deserialize, Serialize};
use smpp::{Bind, BindRole, IdBase, Password, session::SessionConfig, tls::TlsSettings};

use crate::{channel::ChannelId, policy::StatusPolicy};

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
    #[serde(default)]
    pub policy: StatusPolicy,
    /// No real message leaves by this link.
    #[serde(default)]
    pub is_simulator: bool,
    /// Configured, and not in use until a person enables it.
    #[serde(default)]
    pub disabled: bool,
}

/// How a link binds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BindMode {
    /// Each session sends and receives.
    #[default]
    Transceiver,
    /// Sends only: receipts come by another link, or not at all.
    Transmitter,
    /// Receives only.
    Receiver,
    /// As many transmitters as `sessions` says, and as many receivers.
    Pair,
}

impl BindMode {
    /// What one of the link's sessions, with its partner if it has one, binds as.
    pub(crate) const fn roles(self) -> &'static [BindRole] {
        match self {
            Self::Transceiver => &[BindRole::Transceiver],
            Self::Transmitter => &[BindRole::Transmitter],
            Self::Receiver => &[BindRole::Receiver],
            Self::Pair => &[BindRole::Transmitter, BindRole::Receiver],
        }
    }

    #[must_use]
    pub const fn submits(self) -> bool {
        !matches!(self, Self::Receiver)
    }
}

/// registered_delivery, bits 0 and 1 (SMPP 3.4 §5.2.17).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptRequest {
    None,
    #[default]
    Always,
    OnFailure,
}

impl ReceiptRequest {
    pub(crate) const fn registered_delivery(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Always => 1,
            Self::OnFailure => 2,
        }
    }
}

/// In seconds; the defaults are those of Jasmin, which carriers are used to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timers {
    pub connect_s: u64,
    pub bind_s: u64,
    pub enquire_link_s: u64,
    pub response_s: u64,
    pub unbind_s: u64,
    /// The first wait before a reconnect; each further one doubles it, with jitter.
    pub reconnect_min_s: u64,
    pub reconnect_max_s: u64,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            connect_s: 10,
            bind_s: 30,
            enquire_link_s: 30,
            response_s: 60,
            unbind_s: 5,
            reconnect_min_s: 1,
            reconnect_max_s: 10,
        }
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
    Tls { link: ChannelId, reason: String },
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
        let rate_fits = self.rate_segments_per_s.is_none_or(|rate| rate.is_finite() && (0.01..=1e6).contains(&rate));
        let timers = self.timers;
        let waits = [timers.connect_s, timers.bind_s, timers.enquire_link_s, timers.response_s, timers.reconnect_min_s];
        let rules = [
            ((1..=256).contains(&self.sessions), "sessions", "1 to 256"),
            ((1..=10_000).contains(&self.window), "window", "1 to 10,000"),
            (rate_fits, "rate_segments_per_s", "0.01 to 1,000,000"),
            (self.burst_segments.is_none_or(|burst| burst > 0), "burst_segments", "at least 1"),
            ((256..=1_000_000).contains(&self.lane_segments), "lane_segments", "256 to 1,000,000"),
            (!self.host.trim().is_empty(), "host", "given"),
            ((1..=15).contains(&self.system_id.len()), "system_id", "1 to 15 characters"),
            (self.system_type.len() <= 12, "system_type", "at most 12 characters"),
            (waits.iter().all(|wait| (1..=86_400).contains(wait)), "timers", "1 second to a day"),
            (timers.reconnect_min_s <= timers.reconnect_max_s, "reconnect_max_s", "at least reconnect_min_s"),
        ];
        match rules.into_iter().find(|(fits, ..)| !fits) {
            Some((_, field, rule)) => Err(SettingsError::OutOfRange { link: self.id.clone(), field, rule }),
            None => match &self.tls {
                Some(tls) => {
                    let failed = |error: smpp::tls::TlsError| SettingsError::Tls {
                        link: self.id.clone(),
                        reason: error.to_string(),
                    };
                    tls.connector(&self.host).map(|_| ()).map_err(failed)
                }
                None => Ok(()),
            },
        }
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
