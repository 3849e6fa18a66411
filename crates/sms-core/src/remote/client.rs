//! The end of the Core API that Message Center has: a [`Core`] whose links are in another process.
//!
//! One task keeps a connection. It makes a new one before the old one gets old, and when a certificate has changed; lanes
//! and receipts go over to it, and the old one ends when nothing is under way on it any more.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{clock::Clock, id::InstallationId, link::LinkUse};
use futures::future::BoxFuture;
use hyper::{Request, Response, StatusCode, Uri, body::Incoming, client::conn::http2};
use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{
    sync::{mpsc, watch},
    time::{interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    API_VERSION, INSTALLATION_HEADER, IdentityError, IdentityFiles, VERSION_HEADER, client_lane, client_receipts,
    keeper::Keeper,
    pipe::{Pipe, whole},
    sentinel,
    standing::Standing,
};
use crate::{
    ChannelId,
    core::{Core, CoreError, Lane, LinkOrder, Priority, Tenant},
    receipts::{ReceiptBatch, ReceiptStream},
    status::{CORE_AWAY, LinkCounters, LinkState, LinkStatus, LinkTimes, in_general},
};

/// How an SMS Core in another process is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteSettings {
    /// In the log and in the list of links while it was never reached.
    pub id: ChannelId,
    /// `https://host:port`.
    pub url: String,
    /// PEM files: the authorities of the Core, our own certificate, and its key. They are read again when they change.
    pub ca: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Lists (PEM) of certificates that the authorities of the Core have revoked.
    #[serde(default)]
    pub crl: Option<PathBuf>,
    /// After so many seconds a connection is replaced by a new one.
    #[serde(default = "RemoteSettings::default_connection_age_s")]
    pub connection_age_s: u64,
    /// How often the files are looked at, in milliseconds.
    #[serde(skip, default = "RemoteSettings::default_watch_ms")]
    pub watch_ms: u64,
    /// A call that takes longer has `[core-slow]` in the log.
    #[serde(skip, default = "RemoteSettings::default_slow_ms")]
    pub slow_ms: u64,
    /// A batch that is larger has `[core-large]` in the log.
    #[serde(skip, default = "RemoteSettings::default_large_octets")]
    pub large_octets: usize,
}

impl RemoteSettings {
    /// The settings with everything that has a default.
    #[must_use]
    pub fn new(id: ChannelId, url: String, identity: IdentityFiles) -> Self {
        let IdentityFiles { ca, certificate, key, crl } = identity;
        Self {
            id,
            url,
            ca,
            certificate,
            key,
            crl,
            connection_age_s: Self::default_connection_age_s(),
            watch_ms: Self::default_watch_ms(),
            slow_ms: Self::default_slow_ms(),
            large_octets: Self::default_large_octets(),
        }
    }

    const fn default_connection_age_s() -> u64 {
        120
    }

    const fn default_watch_ms() -> u64 {
        2_000
    }

    const fn default_slow_ms() -> u64 {
        sentinel::SLOW.as_millis() as u64
    }

    const fn default_large_octets() -> usize {
        sentinel::LARGE_OCTETS
    }

    fn target(&self) -> Result<(Uri, ServerName<'static>), RemoteError> {
        let wrong = || RemoteError::Url(self.url.clone());
        let uri: Uri = self.url.parse().map_err(|_| wrong())?;
        let is_bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        let host = uri.host().filter(|_| uri.scheme_str() == Some("https") && is_bare).ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| wrong())?;
        Ok((uri, name))
    }
}

/// Why a Core in another process cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    #[error("“{0}” is no address of an SMS Core: it is https://host:port")]
    Url(String),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A connection to the Core, and its number.
#[derive(Debug, Clone)]
pub(super) struct Connected {
    pub number: u64,
    pub sender: http2::SendRequest<Pipe>,
    pub cut: CancellationToken,
}

/// What all tasks of the client share.
#[derive(Debug)]
pub(super) struct Shared {
    pub settings: RemoteSettings,
    installation: InstallationId,
    pub uri: Uri,
    pub name: ServerName<'static>,
    clock: Arc<dyn Clock>,
    pub connected: watch::Sender<Option<Connected>>,
    links: RwLock<Vec<LinkStatus>>,
    pub standing: Standing,
    /// Why there is no connection, and since when.
    trouble: Mutex<Option<(String, i64)>>,
    heard_at_ms: AtomicI64,
    /// Lanes take nothing more, and end when all they have is answered.
    pub closing: CancellationToken,
    pub stop: CancellationToken,
}

/// An SMS Core in another process.
#[derive(Debug)]
pub struct RemoteCore {
    shared: Arc<Shared>,
    receipts: Mutex<Option<ReceiptStream>>,
    tasks: TaskTracker,
    lanes: TaskTracker,
    reload: mpsc::Sender<()>,
}

/// Batches of receipts that wait for the engine.
const RECEIPT_BATCHES: usize = 16;
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// A bind for trial: it connects and binds once or, for a pair, twice, as long as the link's timers let it.
const TRIAL: Duration = Duration::from_secs(300);
/// How often the links' state is asked for.
const LINKS_INTERVAL: Duration = Duration::from_millis(250);

impl RemoteCore {
    /// Starts connecting on the current runtime; nothing is waited for. `installation`: of which this process is.
    ///
    /// # Errors
    /// When the address or the certificates cannot be used.
    pub fn start(
        settings: RemoteSettings,
        installation: InstallationId,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, RemoteError> {
        let (uri, name) = settings.target()?;
        let identity = IdentityFiles {
            ca: settings.ca.clone(),
            certificate: settings.certificate.clone(),
            key: settings.key.clone(),
            crl: settings.crl.clone(),
        };
        let content = identity.read()?;
        let (config, known) = identity.client(&content)?;
        let shared = Arc::new(Shared {
            settings,
            installation,
            uri,
            name,
            clock: Arc::clone(clock),
            connected: watch::Sender::new(None),
            links: RwLock::default(),
            standing: Standing::default(),
            trouble: Mutex::new(None),
            heard_at_ms: AtomicI64::new(clock.now_ms()),
            closing: CancellationToken::new(),
            stop: CancellationToken::new(),
        });
        let (sender, receipts) = mpsc::channel::<ReceiptBatch>(RECEIPT_BATCHES);
        let (reload, reloaded) = mpsc::channel(1);
        let tasks = TaskTracker::new();
        let keeper = Keeper::new(Arc::clone(&shared), identity, content, config, known);
        tasks.spawn(keeper.run(reloaded));
        tasks.spawn(client_receipts::run(Arc::clone(&shared), sender));
        tasks.spawn(watch_links(Arc::clone(&shared)));
        tasks.close();
        Ok(Self { shared, receipts: Mutex::new(Some(receipts)), tasks, lanes: TaskTracker::new(), reload })
    }

    /// Reads the certificates now rather than at the next look.
    pub fn reload(&self) {
        // One that waits is enough.
        let _ = self.reload.try_send(());
    }

    /// As it is called here.
    #[must_use]
    pub fn id(&self) -> &ChannelId {
        &self.shared.settings.id
    }

    /// Whether this link is one of its.
    #[must_use]
    pub fn has(&self, link: &ChannelId) -> bool {
        self.links().iter().any(|known| known.id == *link)
    }

    /// Whether there is a connection, which only a Core of the same version of the API lets in.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.shared.connected.borrow().is_some()
    }

    /// Why it cannot be used at the moment; None while it can.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble().map(|(reason, _)| reason)
    }

    /// Connections that were made since the start.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.shared.connected.borrow().as_ref().map_or(0, |connected| connected.number)
    }
}

impl Drop for RemoteCore {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

impl Shared {
    pub fn unreachable(&self) -> CoreError {
        let reason = self.trouble().map_or_else(|| "it is not connected yet".to_owned(), |(reason, _)| reason);
        CoreError::Unreachable { url: self.settings.url.clone(), reason }
    }

    fn trouble(&self) -> Option<(String, i64)> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_trouble(&self, reason: Option<String>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match reason {
            Some(reason) => {
                if trouble.as_ref().is_none_or(|(known, _)| *known != reason) {
                    tracing::warn!(core = %self.settings.id, reason = in_general(&reason), "SMS Core cannot be used");
                }
                let since_ms = trouble.as_ref().map_or_else(|| self.clock.now_ms(), |(_, since_ms)| *since_ms);
                *trouble = Some((reason, since_ms));
            }
            None => *trouble = None,
        }
    }

    /// One request; its response when the headers of that are there.
    pub async fn request(
        &self,
        connected: &Connected,
        method: &str,
        path: &str,
        body: Pipe,
    ) -> Result<Response<Incoming>, String> {
        let uri = Uri::builder()
            .scheme("https")
            .authority(self.uri.authority().map_or("", |authority| authority.as_str()))
            .path_and_query(path)
            .build()
            .map_err(|error| error.to_string())?;
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header(VERSION_HEADER, API_VERSION)
            .header(INSTALLATION_HEADER, self.installation.to_string())
            .body(body)
            .map_err(|error| error.to_string())?;
        let mut sender = connected.sender.clone();
        let answered = async {
            sender.ready().await?;
            sender.send_request(request).await
        };
        answered.await.map_err(|error| in_words(&error))
    }

    /// A call with a small answer. Says in the log when it takes long.
    pub async fn call<T: DeserializeOwned>(
        &self,
        call: &'static str,
        method: &str,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, CoreError> {
        let slow = Duration::from_millis(self.settings.slow_ms);
        let mut answer = std::pin::pin!(self.ask(method, path, body));
        match timeout(slow, &mut answer).await {
            Ok(answered) => answered,
            Err(_) => {
                sentinel::slow(self.settings.id.as_str(), call, slow);
                timeout(CONNECT.max(slow * 2), answer).await.unwrap_or_else(|_| Err(self.too_late()))
            }
        }
    }

    async fn ask<T: DeserializeOwned>(&self, method: &str, path: &str, body: Vec<u8>) -> Result<T, CoreError> {
        let Some(connected) = self.connected.borrow().clone() else { return Err(self.unreachable()) };
        let answer = async {
            let response = self.request(&connected, method, path, Pipe::of(body)).await?;
            let status = response.status();
            let octets = whole(response.into_body()).await.map_err(|error| in_words(&error))?;
            if status == StatusCode::OK || status == StatusCode::CONFLICT {
                rmp_serde::from_slice(&octets).map_err(|error| format!("its answer cannot be read: {error}"))
            } else {
                Err(String::from_utf8_lossy(&octets).into_owned())
            }
        };
        answer.await.map_err(|reason| self.failed(reason))
    }

    fn failed(&self, reason: String) -> CoreError {
        CoreError::Unreachable { url: self.settings.url.clone(), reason }
    }

    fn too_late(&self) -> CoreError {
        self.failed("it did not answer in time".to_owned())
    }
}

/// An error with its causes, because hyper keeps the reason in them.
pub(super) fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

impl Shared {
    /// What the Core says of its links when a connection begins.
    pub fn take_links(&self, octets: &[u8]) -> Result<Vec<LinkStatus>, String> {
        let links: Vec<LinkStatus> =
            rmp_serde::from_slice(octets).map_err(|error| format!("its links cannot be read: {error}"))?;
        self.links.write().unwrap_or_else(PoisonError::into_inner).clone_from(&links);
        self.heard_at_ms.store(self.clock.now_ms(), Ordering::Relaxed);
        Ok(links)
    }
}

/// Keeps the picture of the links fresh.
async fn watch_links(shared: Arc<Shared>) {
    let mut tick = interval(LINKS_INTERVAL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => (),
            () = shared.stop.cancelled() => return,
        }
        let Some(connected) = shared.connected.borrow().clone() else { continue };
        match shared.call::<Vec<LinkStatus>>("links", "GET", "/links", Vec::new()).await {
            Ok(links) => {
                let told = timeout(CONNECT, shared.tell(&connected, &links)).await;
                *shared.links.write().unwrap_or_else(PoisonError::into_inner) = links;
                match told {
                    Ok(Ok(())) => {}
                    Ok(Err(reason)) => tracing::debug!(%reason, "the links of SMS Core could not be told"),
                    Err(_) => connected.cut.cancel(),
                }
            }
            // It is broken without saying so: the keeper makes another one.
            Err(error) if error.to_string().contains("in time") => connected.cut.cancel(),
            Err(error) => tracing::debug!(%error, "the links of SMS Core are not known"),
        }
    }
}

impl Core for RemoteCore {
    fn open_lane_of(&self, tenant: Tenant, channel: &ChannelId, priority: Priority) -> Result<Lane, CoreError> {
        if self.shared.closing.is_cancelled() {
            return Err(CoreError::ShutDown);
        }
        let links = self.links();
        let link = links.iter().find(|link| link.id == *channel);
        match link {
            None => Err(CoreError::UnknownChannel(channel.clone())),
            Some(link) if !link.submits => Err(CoreError::ReceiveOnly(channel.clone())),
            Some(_) => Ok(client_lane::open(&self.shared, tenant, channel, priority, &self.lanes)),
        }
    }

    fn take_receipts(&self) -> Option<ReceiptStream> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// As last heard; none of them is up while there is no connection.
    fn links(&self) -> Vec<LinkStatus> {
        let mut links = self.shared.links.read().unwrap_or_else(PoisonError::into_inner).clone();
        if self.shared.connected.borrow().is_some() {
            return links;
        }
        let settings = &self.shared.settings;
        let (reason, since_ms) = self
            .shared
            .trouble()
            .unwrap_or_else(|| ("it is not connected yet".to_owned(), self.shared.heard_at_ms.load(Ordering::Relaxed)));
        let reason = format!("{CORE_AWAY}{} cannot be used: {reason}", settings.url);
        if links.is_empty() {
            links.push(LinkStatus {
                id: settings.id.clone(),
                name: format!("SMS Core {}", settings.id),
                members: Vec::new(),
                submits: false,
                is_simulator: false,
                state: LinkState::Connecting,
                since_ms,
                sessions_bound: 0,
                sessions_configured: 0,
                last_error: None,
                last_error_at_ms: None,
                window_used: 0,
                window: 0,
                queued_messages: 0,
                retrying_parts: 0,
                counters: LinkCounters::default(),
                rate_segments_per_s: 0.0,
                rate_limit_segments_per_s: None,
                is_throttled: false,
                times: LinkTimes::default(),
            });
        }
        for link in &mut links {
            link.state = LinkState::Connecting;
            (link.since_ms, link.last_error_at_ms) = (since_ms, Some(since_ms));
            link.last_error = Some(reason.clone());
            (link.sessions_bound, link.window, link.window_used, link.rate_segments_per_s) = (0, 0, 0, 0.0);
        }
        links
    }

    fn order_link(&self, link: &ChannelId, order: LinkOrder) -> Result<(), CoreError> {
        if !self.links().iter().any(|status| status.id == *link) {
            return Err(CoreError::UnknownChannel(link.clone()));
        }
        if self.shared.connected.borrow().is_none() {
            return Err(self.shared.unreachable());
        }
        let (shared, link) = (Arc::clone(&self.shared), link.clone());
        let body = rmp_serde::to_vec(&order).map_err(|error| CoreError::Unreachable {
            url: self.shared.settings.url.clone(),
            reason: error.to_string(),
        })?;
        tokio::spawn(async move {
            let path = format!("/links/{link}/order");
            let answered = shared.call::<Result<(), CoreError>>("order", "POST", &path, body).await;
            if let Err(cause) | Ok(Err(cause)) = answered {
                tracing::error!(%link, ?order, %cause, "SMS Core does not do what it was told");
            }
        });
        Ok(())
    }

    fn keep_to(&self, uses: &HashMap<ChannelId, LinkUse>) {
        self.shared.standing.set(uses);
    }

    fn test_link(&self, link: &ChannelId) -> BoxFuture<'_, Result<(), CoreError>> {
        let path = format!("/links/{link}/test");
        Box::pin(async move {
            let tried = self.shared.ask::<Result<(), CoreError>>("POST", &path, Vec::new());
            timeout(TRIAL, tried).await.unwrap_or_else(|_| Err(self.shared.too_late()))?
        })
    }

    /// Ends what this end has. The links stay bound: they are those of the other process.
    fn shutdown(&self, grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.shared.closing.cancel();
            self.lanes.close();
            if timeout(grace, self.lanes.wait()).await.is_err() {
                tracing::warn!("SMS Core did not answer for everything in time");
            }
            self.shared.stop.cancel();
            let _ = timeout(Duration::from_secs(2), self.tasks.wait()).await;
        })
    }
}
