//! From where a request came, as the audit log keeps it. Forwarded addresses count only from configured proxies.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use app::{api::context::RequestOrigin, request::RequestId};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use domain::audit::Origin;

use crate::config::Network;

/// A user agent is kept to this many characters.
const USER_AGENT_CHARACTERS: usize = 256;

#[derive(Debug, Clone)]
pub struct TrustedProxies(pub Arc<[Network]>);

pub async fn layer(State(proxies): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let origin = Origin {
        address: peer.map(|peer| client(peer, request.headers(), &proxies).to_string()).unwrap_or_default(),
        user_agent: user_agent(request.headers()),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
    };
    request.extensions_mut().insert(RequestOrigin(origin));
    next.run(request).await
}

/// The last address of `X-Forwarded-For` that is not one of our proxies; those before it anybody can make up.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    let trusted = |address: IpAddr| proxies.0.iter().any(|network| network.contains(address));
    if !trusted(peer) {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut client = peer;
    for entry in forwarded.into_iter().rev() {
        let Ok(address) = entry.trim().parse::<IpAddr>() else {
            break;
        };
        client = address;
        if !trusted(address) {
            break;
        }
    }
    client
}

fn user_agent(headers: &HeaderMap) -> String {
    let value = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.map(|value| value.chars().take(USER_AGENT_CHARACTERS).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client_of(peer: &str, forwarded: &'static str) -> String {
        let proxies = TrustedProxies(Arc::new(["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]));
        let headers = HeaderMap::from_iter([(
            axum::http::HeaderName::from_static("x-forwarded-for"),
            HeaderValue::from_static(forwarded),
        )]);
        client(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client_of("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(client_of("10.0.0.1", "198.51.100.1, 203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn proxies_behind_proxies_are_passed_over() {
        assert_eq!(client_of("10.0.0.1", "203.0.113.9, 10.0.0.7"), "203.0.113.9");
        assert_eq!(client_of("::1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(client_of("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
