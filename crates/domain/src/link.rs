//! Links and pools as they are configured: the words that configuration files, the product's forms and the gateway share.

use serde::{Deserialize, Serialize};

use crate::channel::ChannelId;

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
    pub const ALL: [Self; 4] = [Self::Transceiver, Self::Pair, Self::Transmitter, Self::Receiver];

    #[must_use]
    pub const fn submits(self) -> bool {
        !matches!(self, Self::Receiver)
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Transceiver => "Transceiver: each session sends and receives",
            Self::Pair => "Pair: transmitters, and as many receivers",
            Self::Transmitter => "Transmitter: sends only",
            Self::Receiver => "Receiver: receives only",
        }
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
    pub const ALL: [Self; 3] = [Self::Always, Self::OnFailure, Self::None];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Always => "For every message",
            Self::OnFailure => "For failures only",
        }
    }
}

/// How a carrier is told that parts belong together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongMessages {
    /// A user data header before the text of each part (3GPP TS 23.040 §9.2.3.24.1).
    #[default]
    Udh,
    /// The optional parameters sar_msg_ref_num, sar_total_segments and sar_segment_seqnum (SMPP 3.4 §5.3.2.22 to 24).
    Sar,
    /// Header and text of each part in the optional parameter message_payload (§5.3.2.32) instead of short_message.
    MessagePayload,
}

impl LongMessages {
    pub const ALL: [Self; 3] = [Self::Udh, Self::Sar, Self::MessagePayload];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Udh => "A header in each part (UDH)",
            Self::Sar => "Parameters beside each part (SAR)",
            Self::MessagePayload => "Each part, with its header, in message_payload",
        }
    }
}

/// How a carrier writes one and the same message id in submit_sm_resp and in the receipt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdBase {
    /// The same octets in both.
    #[default]
    Verbatim,
    /// Letters' case and leading zeros may differ.
    Folded,
    HexThenDecimal,
    DecimalThenHex,
}

impl IdBase {
    pub const ALL: [Self; 4] = [Self::Verbatim, Self::Folded, Self::HexThenDecimal, Self::DecimalThenHex];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Verbatim => "The same in response and receipt",
            Self::Folded => "Case and leading zeros differ",
            Self::HexThenDecimal => "Hexadecimal in the response, decimal in the receipt",
            Self::DecimalThenHex => "Decimal in the response, hexadecimal in the receipt",
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

/// The addresses that a session asks for in its bind (SMPP 3.4 §5.2.5 to §5.2.7). Most carriers want it empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressRange {
    pub ton: u8,
    pub npi: u8,
    /// A regular expression as the carrier reads them, at most 40 characters.
    pub range: String,
}

/// Whether a tag of an optional parameter is for carriers to give a meaning (SMPP 3.4 §3.2.4.1: vendor specific).
#[must_use]
pub const fn is_vendors_tag(tag: u16) -> bool {
    matches!(tag, 0x1400..=0x3FFF)
}

/// Which command_status belongs to which class; what is in no list fails the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusPolicy {
    /// Slow down and send again, as often as it takes.
    pub throttled: Vec<u32>,
    /// Wait and send again, a limited number of times.
    pub temporary: Vec<RetryRule>,
    /// The session is no longer bound: bind again.
    pub rebind: Vec<u32>,
    /// Refusals of a bind that a person has to look at: the link stops.
    pub stop: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryRule {
    pub command_status: u32,
    pub retries: u8,
    pub delay_s: u64,
}

impl Default for StatusPolicy {
    /// The classes of [`crate::smpp_status`], with the delays of Jasmin.
    fn default() -> Self {
        let rule = |command_status, retries, delay_s| RetryRule { command_status, retries, delay_s };
        Self {
            throttled: vec![0x58],
            temporary: vec![rule(0x08, 2, 30), rule(0x14, 2, 180), rule(0x64, 2, 30)],
            rebind: vec![0x04, 0x05],
            stop: vec![0x0D, 0x0E, 0x0F],
        }
    }
}

/// TLS to the carrier, with PEM texts. The key of the certificate is a secret and is kept apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkTls {
    /// The only authorities that are trusted; without it those of the system.
    pub ca: Option<String>,
    /// The name that the carrier's certificate has to have; without it the host.
    pub server_name: Option<String>,
    /// With which we say who we are, followed by what leads to its authority.
    pub certificate: Option<String>,
    /// Lists of certificates that the carrier's authorities have revoked. One that is out of date goes on counting.
    pub crl: Option<String>,
}

/// Everything of a link that is configured in the product, but its id and its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkConfig {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub tls: Option<LinkTls>,
    pub system_id: String,
    pub system_type: String,
    pub address_range: AddressRange,
    pub bind: BindMode,
    pub sessions: u32,
    /// Unanswered parts per session.
    pub window: u32,
    /// Over all sessions; None: the carrier's own throttling is the limit.
    pub rate_segments_per_s: Option<f64>,
    pub burst_segments: Option<u32>,
    /// Segments of one campaign that wait in the link.
    pub lane_segments: u32,
    pub timers: Timers,
    pub id_base: IdBase,
    pub receipts: ReceiptRequest,
    pub accepted_is_final: bool,
    #[serde(default)]
    pub long_messages: LongMessages,
    /// The tag of the optional parameter that names the 10DLC campaign of a message; None: it is not named.
    #[serde(default)]
    pub tendlc_tlv: Option<u16>,
    pub policy: StatusPolicy,
    /// No real message leaves by this link.
    pub is_simulator: bool,
}

/// What a person wants of a link, whatever its state is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkUse {
    #[default]
    InUse,
    /// It sends what it has, takes nothing more, and is then out of use.
    Drained,
    /// Out of use: what it has not sent goes back to the campaigns.
    Disabled,
}

impl LinkUse {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::InUse => "in use",
            Self::Drained => "drained",
            Self::Disabled => "disabled",
        }
    }
}

/// Links that share the messages of a channel, as configured in the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolConfig {
    pub name: String,
    pub members: Vec<PoolShare>,
    /// Whether what a link holds when it goes down, and has certainly not sent, goes out by the others.
    pub failover: bool,
    /// Segments per second over all its links. None: what the links take.
    #[serde(default)]
    pub rate_segments_per_s: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolShare {
    pub link: ChannelId,
    /// Its share in proportion to the others that are up. 0: a reserve, used while no other is up.
    pub weight: u32,
}

impl LinkConfig {
    /// Every field with its value as the audit log says it. Certificates are too long for it: they are `given`, and a
    /// change is told by whoever keeps both.
    #[must_use]
    pub fn said(&self) -> Vec<(&'static str, String)> {
        let optional = |value: Option<String>| value.unwrap_or_default();
        let codes = |codes: &[u32]| codes.iter().map(|code| format!("{code:#04x}")).collect::<Vec<_>>().join(" ");
        let rules = |rules: &[RetryRule]| {
            let rule = |rule: &RetryRule| {
                format!("{:#04x} {} times after {} s", rule.command_status, rule.retries, rule.delay_s)
            };
            rules.iter().map(rule).collect::<Vec<_>>().join(", ")
        };
        let Timers { connect_s, bind_s, enquire_link_s, response_s, unbind_s, reconnect_min_s, reconnect_max_s } =
            self.timers;
        vec![
            ("name", self.name.clone()),
            ("host", self.host.clone()),
            ("port", self.port.to_string()),
            ("tls", self.tls.is_some().to_string()),
            ("tls_server_name", optional(self.tls.as_ref().and_then(|tls| tls.server_name.clone()))),
            ("system_id", self.system_id.clone()),
            ("system_type", self.system_type.clone()),
            (
                "address_range",
                format!("{} {} {}", self.address_range.ton, self.address_range.npi, self.address_range.range),
            ),
            ("bind", self.bind.label().to_owned()),
            ("sessions", self.sessions.to_string()),
            ("window", self.window.to_string()),
            ("rate_segments_per_s", optional(self.rate_segments_per_s.map(|rate| rate.to_string()))),
            ("burst_segments", optional(self.burst_segments.map(|burst| burst.to_string()))),
            ("lane_segments", self.lane_segments.to_string()),
            (
                "timers",
                format!(
                    "connect {connect_s}, bind {bind_s}, enquire_link {enquire_link_s}, response {response_s}, unbind \
                     {unbind_s}, reconnect {reconnect_min_s} to {reconnect_max_s} s"
                ),
            ),
            ("id_base", self.id_base.label().to_owned()),
            ("receipts", self.receipts.label().to_owned()),
            ("accepted_is_final", self.accepted_is_final.to_string()),
            ("long_messages", self.long_messages.label().to_owned()),
            ("tendlc_tlv", optional(self.tendlc_tlv.map(|tag| format!("{tag:#06x}")))),
            ("throttled", codes(&self.policy.throttled)),
            ("retried", rules(&self.policy.temporary)),
            ("bound_anew", codes(&self.policy.rebind)),
            ("stops_the_link", codes(&self.policy.stop)),
            ("is_simulator", self.is_simulator.to_string()),
        ]
    }
}
