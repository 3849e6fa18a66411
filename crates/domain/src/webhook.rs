//! Delivery webhooks: where a workspace has its programs told of what happens, and the rules of telling.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, UserId, WebhookId, WorkspaceId};

/// Endpoints of one workspace.
pub const ENDPOINTS_MAX: usize = 10;
pub const URL_CHARACTERS_MAX: usize = 500;
/// After a rotation the former secret signs too, for so long.
pub const FORMER_SECRET_MS: i64 = 24 * HOUR_MS;
/// Of more the oldest sign no longer: each is a signature in every event.
pub const FORMER_SECRETS_MAX: usize = 5;
/// After so long an event is not tried any more: it is dead, until somebody has it sent again.
pub const TRIED_FOR_MS: i64 = 24 * HOUR_MS;
const HOUR_MS: i64 = 3_600_000;
/// The first attempt comes within this time.
const TRY_BEGINS_WITHIN_MS: i64 = 10 * 60_000;
const RETRY_FIRST_MS: i64 = 5_000;
const RETRY_LONGEST_MS: i64 = 2 * HOUR_MS;

/// What an endpoint may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventKind {
    /// A campaign has another status.
    #[serde(rename = "campaign.status")]
    CampaignStatus,
    /// Recipients have another state; many in one event.
    #[serde(rename = "recipients.states")]
    RecipientStates,
    /// Somebody looks whether events arrive.
    #[serde(rename = "webhook.test")]
    Test,
}

impl EventKind {
    /// Those that an endpoint chooses from. A test comes when it is asked for.
    pub const CHOICES: [Self; 2] = [Self::CampaignStatus, Self::RecipientStates];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CampaignStatus => "campaign.status",
            Self::RecipientStates => "recipients.states",
            Self::Test => "webhook.test",
        }
    }

    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::CampaignStatus => "A campaign has another status.",
            Self::RecipientStates => "Recipients have another state, up to 1,000 in one event. No phone numbers.",
            Self::Test => "Somebody looks whether events arrive.",
        }
    }
}

/// Where events are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: WebhookId,
    pub workspace: WorkspaceId,
    pub url: String,
    pub events: Vec<EventKind>,
    pub created_by: UserId,
    pub created_by_name: String,
    pub created_at_ms: i64,
    /// Since when nothing has arrived; None: the last event did.
    pub failing_since_ms: Option<i64>,
    /// Since when nothing is sent to it, because nothing had arrived for too long.
    pub disabled_at_ms: Option<i64>,
    /// Bumped by every write of the record: the compare-and-set value.
    pub revision: u64,
}

/// How an event stands with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    Waiting,
    Delivered,
    /// Tried for a day in vain.
    Dead,
}

impl DeliveryState {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Delivered => "Delivered",
            Self::Dead => "Given up",
        }
    }
}

/// An event on its way to an endpoint, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub endpoint: WebhookId,
    pub workspace: WorkspaceId,
    pub kind: EventKind,
    pub at_ms: i64,
    pub state: DeliveryState,
    pub attempts: u32,
    /// When a waiting one is sent next; when another is removed.
    pub due_ms: i64,
    /// Until when it is tried.
    pub try_until_ms: i64,
    /// What came of the last attempt.
    pub outcome: Option<String>,
    /// Somebody has it sent now, however the endpoint stands.
    pub by_hand: bool,
    pub revision: u64,
}

impl Delivery {
    /// Whether an endpoint that has failed since then was failing for as long as this event was tried.
    #[must_use]
    pub const fn failed_throughout(&self, failing_since_ms: i64) -> bool {
        failing_since_ms <= self.try_until_ms - TRIED_FOR_MS + TRY_BEGINS_WITHIN_MS
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    #[error("an address begins with https:// (http:// only for this machine, such as http://127.0.0.1:8080)")]
    Scheme,
    #[error("an address has at most {URL_CHARACTERS_MAX} characters of printable ASCII")]
    Characters,
    #[error("an address names a host, such as https://example.org/hooks")]
    Host,
    #[error("an address holds no user name and no password; events are signed instead")]
    Credentials,
    #[error("a port is a number from 1 to 65535")]
    Port,
}

/// The parts of an endpoint's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub https: bool,
    /// Without brackets.
    pub host: String,
    pub port: u16,
    /// Path and query, with the slash that it begins with.
    pub path: String,
}

impl Target {
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        if url.len() > URL_CHARACTERS_MAX || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidUrl::Characters);
        }
        let (scheme, rest) = url.split_once("://").ok_or(InvalidUrl::Scheme)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(InvalidUrl::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(InvalidUrl::Credentials);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(InvalidUrl::Host)?;
                host.parse::<Ipv6Addr>().map_err(|_| InvalidUrl::Host)?;
                (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some("")).ok_or(InvalidUrl::Host)?)
            }
            None => authority.split_once(':').unwrap_or((authority, "")),
        };
        let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
        if host.is_empty() || !host.chars().all(of_name) {
            return Err(InvalidUrl::Host);
        }
        let port = match port {
            "" if https => 443,
            "" => 80,
            port => port.parse().ok().filter(|port| *port != 0).ok_or(InvalidUrl::Port)?,
        };
        if !https && !is_this_machine(host) {
            return Err(InvalidUrl::Scheme);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { https, host: host.to_ascii_lowercase(), port, path })
    }

    /// For the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.https, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an address is one of the public internet. What is not (this machine, private networks, link-local addresses
/// with their metadata services, multicast) is reached by nobody through an event.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// IANA's registry of special-purpose IPv4 addresses (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 240..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special && !address.is_multicast()
}

/// Global unicast is 2000::/3; within it are addresses that stand for IPv4 ones, and those of documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [first, second, third, ..] = address.segments();
    let embedded = match (first, second) {
        // 6to4, RFC 3056.
        (0x2002, _) => Some(Ipv4Addr::from(u32::from(second) << 16 | u32::from(third))),
        _ => None,
    };
    let documentation = first == 0x2001 && (second == 0x0db8 || second < 0x0200) || first == 0x3fff && second < 0x1000;
    first & 0xe000 == 0x2000 && !documentation && embedded.is_none_or(is_public_v4)
}

/// How long to wait after a failed attempt, the first being 1: doubled each time, up to two hours, give or take a quarter.
/// `random` is drawn from 0 to 65535.
#[must_use]
pub fn retry_after_ms(attempts: u32, random: u16) -> i64 {
    let doubled = RETRY_FIRST_MS << attempts.saturating_sub(1).min(20);
    let wait = doubled.min(RETRY_LONGEST_MS);
    wait * 3 / 4 + wait / 2 * i64::from(random) / 65_535
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_of_this_machine() {
        let target = Target::parse("https://Example.org/hooks?a=1#part").unwrap();
        assert_eq!(target, Target { https: true, host: "example.org".into(), port: 443, path: "/hooks?a=1".into() });
        assert_eq!(target.authority(), "example.org");
        let local = Target::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!((local.authority(), local.path), ("127.0.0.1:8080".to_owned(), "/".to_owned()));
        let v6 = Target::parse("https://[2606:4700::1]:8443?x").unwrap();
        assert_eq!((v6.authority(), v6.path), ("[2606:4700::1]:8443".to_owned(), "/?x".to_owned()));
        for (bad, why) in [
            ("example.org", InvalidUrl::Scheme),
            ("ftp://example.org", InvalidUrl::Scheme),
            ("http://example.org", InvalidUrl::Scheme),
            ("http://10.0.0.1", InvalidUrl::Scheme),
            ("https://", InvalidUrl::Host),
            ("https://a b", InvalidUrl::Characters),
            ("https://[::1", InvalidUrl::Host),
            ("https://[::1]x", InvalidUrl::Host),
            ("https://u:p@example.org", InvalidUrl::Credentials),
            ("https://example.org:0", InvalidUrl::Port),
            ("https://example.org:99999", InvalidUrl::Port),
            ("https://exa%6dple.org", InvalidUrl::Host),
        ] {
            assert_eq!(Target::parse(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn no_event_goes_into_a_network_of_ours() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:10.0.0.1",
            "2002:0a00:0001::",
            "64:ff9b::a00:1",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2002:0101:0101::", "::ffff:8.8.8.8"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn retries_come_later_and_later() {
        for (attempts, least, most) in
            [(1, 3_750, 6_250), (2, 7_500, 12_500), (11, 3_840_000, 6_400_000), (40, 5_400_000, 9_000_000)]
        {
            assert_eq!(retry_after_ms(attempts, 0), least, "{attempts}");
            assert_eq!(retry_after_ms(attempts, u16::MAX), most, "{attempts}");
        }
        let mut at_ms = 0;
        let mut attempts = 0;
        while at_ms < TRIED_FOR_MS {
            attempts += 1;
            at_ms += retry_after_ms(attempts, 32_768);
        }
        assert!((18..=26).contains(&attempts), "{attempts} attempts in a day");
    }
}
