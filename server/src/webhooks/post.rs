//! Sending one event: a POST over a connection of its own, HTTP/1.1.
//!
//! The connection goes to an address that was looked at: a name is resolved here, at the moment of sending, and what leads
//! into a private network is refused unless the configuration allows it. Redirects are not followed, and of the answer
//! nothing but its status is read, so that an event cannot be made to look around.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use domain::webhook::{Target, is_public};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use store::webhooks::{Outcome, Sendable};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// For everything: resolving, connecting, sending and the answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of an answer the status line is read, and no more than this.
const STATUS_LINE_MAX: usize = 256;

/// Sends events.
#[derive(Clone)]
pub struct Poster {
    tls: TlsConnector,
    private_allowed: bool,
}

impl std::fmt::Debug for Poster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poster").field("private_allowed", &self.private_allowed).finish_non_exhaustive()
    }
}

impl Poster {
    /// With the certificates that this machine trusts.
    #[must_use]
    pub fn new(private_allowed: bool) -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(roots.clone()).with_no_client_auth())
            .unwrap_or_else(|_| ClientConfig::builder().with_root_certificates(roots).with_no_client_auth());
        Self { tls: TlsConnector::from(Arc::new(config)), private_allowed }
    }

    /// One attempt; `at_s` is now, in seconds.
    pub async fn post(&self, event: &Sendable, at_s: i64) -> Outcome {
        match timeout(PATIENCE, self.attempt(event, at_s)).await {
            Ok(Ok(status @ 200..=299)) => Outcome::Arrived(status),
            Ok(Ok(status)) => Outcome::Failed(format!("answered with {status}")),
            Ok(Err(why)) => Outcome::Failed(why),
            Err(_) => Outcome::Failed(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }

    async fn attempt(&self, event: &Sendable, at_s: i64) -> Result<u16, String> {
        let target = Target::parse(&event.endpoint.url).map_err(|refusal| refusal.to_string())?;
        let stream = self.connect(&target).await?;
        let mut head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             User-Agent: Message-Center\r\nAccept: */*\r\nConnection: close\r\n",
            target.path,
            target.authority(),
            event.body.len()
        );
        for (name, value) in event.headers(at_s) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let request = [head.as_bytes(), event.body.as_bytes()].concat();
        if !target.https {
            return exchange(stream, &request).await;
        }
        let name =
            ServerName::try_from(target.host).map_err(|_| "the host has no name for a certificate".to_owned())?;
        let stream = self.tls.connect(name, stream).await.map_err(|cause| format!("TLS failed: {cause}"))?;
        exchange(stream, &request).await
    }

    /// To the first address that takes the connection.
    async fn connect(&self, target: &Target) -> Result<TcpStream, String> {
        let addresses = lookup_host((target.host.as_str(), target.port)).await;
        let addresses: Vec<SocketAddr> = addresses.map_err(|_| "the host cannot be found".to_owned())?.collect();
        let allowed: Vec<SocketAddr> =
            addresses.into_iter().filter(|address| self.private_allowed || is_public(address.ip())).collect();
        if allowed.is_empty() {
            return Err("the host is in a private network, which the configuration does not allow".to_owned());
        }
        TcpStream::connect(allowed.as_slice()).await.map_err(|cause| format!("no connection: {}", cause.kind()))
    }
}

/// Sends a request and reads the status of its answer.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> Result<u16, String> {
    let broken = |cause: std::io::Error| format!("the connection broke: {}", cause.kind());
    stream.write_all(request).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut answer = Vec::new();
    let mut piece = [0; STATUS_LINE_MAX];
    while answer.len() < STATUS_LINE_MAX && !answer.contains(&b'\n') {
        let read = stream.read(&mut piece).await.map_err(broken)?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&piece[..read]);
    }
    status(&answer).ok_or_else(|| "the answer is not HTTP".to_owned())
}

/// The status of `HTTP/1.1 204 No Content`.
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let (version, rest) = line.split_once(' ')?;
    let code = rest.split([' ', '\r']).next()?;
    (version.starts_with("HTTP/1.") && code.len() == 3).then(|| code.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_begins_with_its_status() {
        for (answer, code) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", Some(204)),
            ("HTTP/1.0 500\r\n", Some(500)),
            ("HTTP/2 200 OK\r\n", None),
            ("HTTP/1.1 20 OK\r\n", None),
            ("220 mail.example.org ESMTP\r\n", None),
            ("", None),
        ] {
            assert_eq!(status(answer.as_bytes()), code, "{answer:?}");
        }
    }
}
