//! The task that keeps a connection to a Core: a new one before the old one gets old, and when a certificate has changed.

use std::{io, sync::Arc, time::Duration};

use hyper::{StatusCode, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, pki_types::CertificateDer};
use smpp::random::SplitMix64;
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
    time::{Instant, interval, sleep, timeout},
};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::{
    IdentityFiles, RUN_HEADER,
    client::{CONNECT, Connected, Shared, in_words},
    flaws::Flaws,
    identity::{Content, Known},
    pipe::{Pipe, whole},
    revocation::Reminder,
    sentinel,
};
use crate::status::in_general;

const KEEP_ALIVE: Duration = Duration::from_secs(10);
const RETRY_MIN: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Keeps a connection.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    identity: IdentityFiles,
    content: Content,
    config: Arc<ClientConfig>,
    known: Known,
    /// Connections that something may still be under way on.
    open: Vec<Open>,
    reminder: Reminder,
    flaws: Flaws,
    number: u64,
}

/// A connection, with what the other end showed.
struct Open {
    chain: Vec<CertificateDer<'static>>,
    cut: CancellationToken,
    ended: watch::Receiver<Option<Gone>>,
}

/// Why a connection takes nothing any more.
#[derive(Debug, Clone)]
enum Gone {
    /// The other end asked it to end, as it does with old ones: what is under way on it is answered first.
    InOrder,
    Broken(String),
}

/// Why another connection is made.
enum Renew {
    /// The one before still works until the new one does.
    InTime,
    Broken(String),
    Stop,
}

impl Keeper {
    pub fn new(
        shared: Arc<Shared>,
        identity: IdentityFiles,
        content: Content,
        config: Arc<ClientConfig>,
        known: Known,
    ) -> Self {
        let (open, reminder, flaws) = (Vec::new(), Reminder::default(), Flaws::default());
        Self { shared, identity, content, config, known, open, reminder, flaws, number: 0 }
    }

    pub async fn run(mut self, mut reloaded: mpsc::Receiver<()>) {
        let stop = self.shared.stop.clone();
        let mut random = SplitMix64::from_entropy();
        let mut wait = RETRY_MIN;
        let mut former: Option<watch::Receiver<Option<Gone>>> = None;
        loop {
            let ended = tokio::select! {
                connection = self.connect() => match connection {
                    Ok(ended) => {
                        wait = RETRY_MIN;
                        former = Some(ended.clone());
                        ended
                    }
                    Err(reason) => {
                        if former.as_ref().is_some_and(|ended| ended.borrow().is_none()) {
                            let reason = in_general(&reason);
                            tracing::warn!(core = %self.shared.settings.id, reason, "no new connection; the former goes on");
                        } else {
                            self.shared.connected.send_replace(None);
                            self.shared.set_trouble(Some(reason));
                        }
                        tokio::select! {
                            () = sleep(wait.mul_f64(0.5 + random.next_f64() / 2.0)) => self.look(),
                            _ = reloaded.recv() => self.look(),
                            () = stop.cancelled() => return,
                        };
                        wait = (wait * 2).min(RETRY_MAX);
                        continue;
                    }
                },
                () = stop.cancelled() => return,
            };
            match self.watch(ended, &mut reloaded).await {
                Renew::InTime => (),
                Renew::Broken(reason) => {
                    self.shared.connected.send_replace(None);
                    self.shared.set_trouble(Some(reason));
                }
                Renew::Stop => return,
            }
        }
    }

    /// A new connection, in use from now on. What comes back tells when it has ended.
    async fn connect(&mut self) -> Result<watch::Receiver<Option<Gone>>, String> {
        let shared = Arc::clone(&self.shared);
        // What is out of use is not known before, and could be sent by.
        shared.standing.known().await;
        let host = shared.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = shared.uri.port_u16().unwrap_or(443);
        let slow = Duration::from_millis(shared.settings.slow_ms);
        let mut opened = std::pin::pin!(async {
            let stream = TcpStream::connect((host.as_str(), port)).await?;
            stream.set_nodelay(true)?;
            TlsConnector::from(Arc::clone(&self.config)).connect(shared.name.clone(), stream).await
        });
        let opened = match timeout(slow, &mut opened).await {
            Ok(opened) => opened,
            Err(_) => {
                sentinel::slow(shared.settings.id.as_str(), "connect", slow);
                timeout(CONNECT, opened).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            }
        };
        let stream = opened.map_err(|error| format!("no connection: {}", in_words(&error)))?;
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default().to_vec();
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(16 << 20)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| in_words(&error))?;
        let (ended, has_ended) = watch::channel(None);
        let cut = shared.stop.child_token();
        let cut_off = cut.clone();
        tokio::spawn(async move {
            let gone = tokio::select! {
                done = connection => match done {
                    Ok(()) => Gone::InOrder,
                    Err(error) => Gone::Broken(in_words(&error)),
                },
                () = cut_off.cancelled() => Gone::Broken("the connection is given up".to_owned()),
            };
            ended.send_replace(Some(gone));
        });
        self.open.retain(|open| open.ended.borrow().is_none());
        self.open.push(Open { chain, cut: cut.clone(), ended: has_ended.clone() });
        self.number += 1;
        let connected = Connected { number: self.number, sender, cut };
        // Whether it is let in, and speaks this version, is known with the first answer.
        let response = shared.request(&connected, "GET", "/links", Pipe::of(Vec::new()));
        let response = match timeout(CONNECT, response).await {
            Ok(response) => response?,
            Err(_) => return Err("it did not answer in time".to_owned()),
        };
        let status = response.status();
        let run = response.headers().get(RUN_HEADER).and_then(|run| run.to_str().ok()).map(str::to_owned);
        let octets = whole(response.into_body()).await.map_err(|error| in_words(&error))?;
        if status != StatusCode::OK {
            return Err(String::from_utf8_lossy(&octets).into_owned());
        }
        let links = shared.take_links(&octets)?;
        shared.standing.meets(run);
        // What is out of use is so before anything can go out by this connection.
        match timeout(CONNECT, shared.tell(&connected, &links)).await {
            Ok(told) => told?,
            Err(_) => return Err("it did not answer in time".to_owned()),
        }
        shared.set_trouble(None);
        tracing::info!(core = %shared.settings.id, connection = self.number, "connected to SMS Core");
        shared.connected.send_replace(Some(connected));
        Ok(has_ended)
    }

    /// Until the connection has to be replaced.
    async fn watch(&mut self, mut ended: watch::Receiver<Option<Gone>>, reloaded: &mut mpsc::Receiver<()>) -> Renew {
        let settings = &self.shared.settings;
        let mut look = interval(Duration::from_millis(settings.watch_ms.max(10)));
        let renew_at = Instant::now() + Duration::from_secs(settings.connection_age_s.max(1));
        let stop = self.shared.stop.clone();
        loop {
            tokio::select! {
                ended = ended.wait_for(Option::is_some) => {
                    return match ended.ok().and_then(|gone| gone.clone()) {
                        Some(Gone::InOrder) => Renew::InTime,
                        Some(Gone::Broken(reason)) => Renew::Broken(reason),
                        None => Renew::Broken("the connection is gone".to_owned()),
                    };
                }
                () = tokio::time::sleep_until(renew_at) => return Renew::InTime,
                _ = look.tick() => if self.look() { return Renew::InTime },
                Some(()) = reloaded.recv() => if self.look() { return Renew::InTime },
                () = stop.cancelled() => return Renew::Stop,
            }
        }
    }

    /// Ends connections with a Core whose certificate is revoked by now.
    fn cut_off(&self) {
        for open in &self.open {
            if open.ended.borrow().is_none() && self.known.has_revoked(&open.chain, &self.shared.name) {
                tracing::warn!(core = %self.shared.settings.id, "the certificate of SMS Core is revoked: its connection is cut");
                open.cut.cancel();
            }
        }
    }

    /// Takes what has changed in the files and can be used; whether there is anything.
    fn look(&mut self) -> bool {
        let newer = self.identity.newer(&self.content, |content| self.identity.client(content));
        let core = &self.shared.settings.id;
        self.flaws.look(core.as_str(), &newer.flaws);
        self.reminder.look(self.identity.crl.as_deref(), newer.content.crl.as_deref());
        let Some((config, known)) = newer.built else { return false };
        tracing::info!(%core, "there are new certificates, authorities or revocation lists for SMS Core");
        (self.content, self.config, self.known) = (newer.content, config, known);
        self.cut_off();
        true
    }
}
