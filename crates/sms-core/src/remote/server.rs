//! The end of the Core API that has the links.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::id::InstallationId;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ServerConfig, pki_types::CertificateDer};
use smpp::random::SplitMix64;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{interval, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{
    API_VERSION, INSTALLATION_HEADER, IdentityError, IdentityFiles, RUN_HEADER, VERSION_HEADER,
    flaws::Flaws,
    identity::{Admission, Content, names},
    pipe::{Pipe, whole},
    revocation::Reminder,
    served::{Guest, Served},
    server_lane,
    server_receipts::Receipts,
};
use crate::{
    ChannelId,
    core::{Core, CoreError, LinkOrder, Priority, Tenant},
};

/// How the API is served.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    pub identity: IdentityFiles,
    /// Names (URI or DNS) of certificates that are let in.
    pub allow: Vec<String>,
    /// A connection that is older is asked to end: its certificate was checked that long ago.
    pub connection_age: Duration,
    /// How often the files are looked at.
    pub watch: Duration,
}

/// What a connection may take to end once it is asked to, before it is cut.
const LAST_ANSWERS: Duration = Duration::from_secs(120);
/// For the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Listens; it serves while [`CoreServer::run`] runs.
#[derive(Debug)]
pub struct CoreServer {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// Tells a server that something has changed.
#[derive(Debug, Clone)]
pub struct ServerControl(Arc<Shared>);

#[derive(Debug)]
pub(super) struct Shared {
    pub core: Arc<dyn Core>,
    pub receipts: Receipts,
    served: Served,
    identity: IdentityFiles,
    connection_age: Duration,
    watch: Duration,
    inner: Mutex<Inner>,
    /// One change at a time: what is in force is never replaced by what was read before it.
    turn: Mutex<Flaws>,
    /// Tells one run of this process from another.
    run: String,
    /// Counted up when something is in force that connections have to be held against.
    changed: watch::Sender<u64>,
    connections: AtomicU64,
}

struct Inner {
    allow: Vec<String>,
    content: Content,
    reminder: Reminder,
    config: Arc<ServerConfig>,
    admission: Arc<Admission>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("allow", &self.allow).finish_non_exhaustive()
    }
}

/// Why the API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl CoreServer {
    /// # Errors
    /// When the certificates cannot be used or the address cannot be bound.
    pub async fn bind(settings: ServerSettings, core: Arc<dyn Core>) -> Result<Self, ServeError> {
        let ServerSettings { listen, identity, allow, connection_age, watch } = settings;
        let content = identity.read()?;
        let (config, admission) = identity.server(&content, &allow)?;
        let listener = TcpListener::bind(listen).await.map_err(|error| ServeError::Listen(listen, error))?;
        let address = listener.local_addr().map_err(|error| ServeError::Listen(listen, error))?;
        let shared = Arc::new(Shared {
            receipts: Receipts::of(core.take_receipts()),
            served: Served::default(),
            core,
            identity,
            connection_age,
            watch,
            inner: Mutex::new(Inner { allow, content, reminder: Reminder::default(), config, admission }),
            turn: Mutex::default(),
            run: format!("{:016x}", SplitMix64::from_entropy().next_u64()),
            changed: watch::Sender::new(0),
            connections: AtomicU64::new(0),
        });
        Ok(Self { listener, address, shared })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn control(&self) -> ServerControl {
        ServerControl(Arc::clone(&self.shared))
    }

    /// Serves until `stop`; then connections get a moment for their last answers.
    pub async fn run(self, stop: CancellationToken) {
        let mut connections = JoinSet::new();
        let mut look = interval(self.shared.watch);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = look.tick() => self.shared.look(),
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let shared = Arc::clone(&self.shared);
                        connections.spawn(connection(shared, stream, peer, stop.clone()));
                    }
                    // Too many open files, or a client that left at once: neither is a reason to stop.
                    Err(error) => {
                        tracing::warn!(%error, "a connection to the Core API could not be accepted");
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        let all = async { while connections.join_next().await.is_some() {} };
        if timeout(Duration::from_secs(5), all).await.is_err() {
            connections.shutdown().await;
        }
    }
}

impl ServerControl {
    /// Reads the certificates now rather than at the next look.
    pub fn reload(&self) {
        self.0.look();
    }

    /// Lets in those on this list from now on; who is connected and not on it is cut off.
    pub fn allow(&self, allow: Vec<String>) {
        self.0.let_in(allow);
    }

    /// Names of those who are let in.
    #[must_use]
    pub fn allowed(&self) -> Vec<String> {
        self.0.inner().allow.clone()
    }

    /// Connections that were let in, since the start.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.0.connections.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, Flaws> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what has changed in the files and can be used; what cannot leaves the rest as it is.
    fn look(&self) {
        let mut flaws = self.turn();
        let (content, allow) = {
            let inner = self.inner();
            (inner.content.clone(), inner.allow.clone())
        };
        let newer = self.identity.newer(&content, |content| self.identity.server(content, &allow));
        flaws.look("the Core API", &newer.flaws);
        let mut inner = self.inner();
        inner.reminder.look(self.identity.crl.as_deref(), newer.content.crl.as_deref());
        if let Some((config, admission)) = newer.built {
            tracing::info!("the Core API has new certificates, authorities or revocation lists");
            (inner.content, inner.config, inner.admission) = (newer.content, config, admission);
            self.changed.send_modify(|changes| *changes += 1);
        }
    }

    fn let_in(&self, allow: Vec<String>) {
        let _turn = self.turn();
        let mut inner = self.inner();
        if inner.allow == allow {
            return;
        }
        match self.identity.server(&inner.content, &allow) {
            Ok((config, admission)) => {
                tracing::info!("the Core API has other names to let in");
                (inner.allow, inner.config, inner.admission) = (allow, config, admission);
                self.changed.send_modify(|changes| *changes += 1);
            }
            Err(cause) => tracing::error!(%cause, "those who are let in stay as they were"),
        }
    }

    fn still_admits(&self, chain: &[CertificateDer<'_>]) -> bool {
        self.inner().admission.still_admits(chain)
    }
}

/// Serves one connection to its end.
async fn connection(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr, stop: CancellationToken) {
    let mut changed = shared.changed.subscribe();
    let config = Arc::clone(&shared.inner().config);
    let _ = stream.set_nodelay(true);
    let accepted = timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await;
    let stream = match accepted {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::warn!(%peer, %error, "a connection to the Core API was refused");
            return;
        }
        Err(_) => return,
    };
    let chain: Vec<_> = stream.get_ref().1.peer_certificates().unwrap_or_default().to_vec();
    shared.connections.fetch_add(1, Ordering::Relaxed);
    let names = chain.first().map(names).unwrap_or_default();
    // Which installation it is the first request says; it is a guest as long as the connection lasts.
    let guest: OnceLock<Result<Guest, String>> = OnceLock::new();
    let service = service_fn(|request| {
        let admitted = asker(&request).and_then(|installation| {
            let guest = guest.get_or_init(|| shared.served.come_in(&names, installation));
            guest.as_ref().map(drop).map_err(|words| (StatusCode::FORBIDDEN, words.clone()))
        });
        let shared = Arc::clone(&shared);
        async move {
            Ok::<_, Infallible>(match admitted {
                Err((status, words)) => text(status, words),
                Ok(()) => answer(&shared, request).await,
            })
        }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(16 << 20)
        .max_concurrent_streams(10_000)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let mut limit = std::pin::pin!(sleep(shared.connection_age));
    let mut is_ending = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection to the Core API broke");
                }
                return;
            }
            () = &mut limit => {
                if is_ending {
                    return;
                }
                is_ending = true;
                connection.as_mut().graceful_shutdown();
                limit.as_mut().reset(tokio::time::Instant::now() + LAST_ANSWERS);
            }
            Ok(()) = changed.changed() => {
                if !shared.still_admits(&chain) {
                    tracing::warn!(%peer, "a connection to the Core API is cut off: it would not be let in any more");
                    return;
                }
            }
            () = stop.cancelled(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
                limit.as_mut().reset(tokio::time::Instant::now() + Duration::from_secs(4));
            }
        }
    }
}

/// Which installation asks, if it speaks this version of the API.
fn asker(request: &Request<Incoming>) -> Result<InstallationId, (StatusCode, String)> {
    let version = request.headers().get(VERSION_HEADER).and_then(|version| version.to_str().ok()?.parse::<u32>().ok());
    if version != Some(API_VERSION) {
        let asked = version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        let words = format!(
            "this SMS Core ({}) speaks version {API_VERSION} of the Core API, and was asked for {asked}: install the same \
             release of Message Center on both ends",
            env!("CARGO_PKG_VERSION"),
        );
        return Err((StatusCode::HTTP_VERSION_NOT_SUPPORTED, words));
    }
    let named = request.headers().get(INSTALLATION_HEADER).and_then(|id| id.to_str().ok()?.parse().ok());
    named.ok_or_else(|| (StatusCode::BAD_REQUEST, format!("{INSTALLATION_HEADER} has to name the installation")))
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<Pipe> {
    let path = request.uri().path().to_owned();
    let pieces: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method(), pieces.as_slice()) {
        (&Method::GET, ["links"]) => {
            let mut response = packed(StatusCode::OK, &shared.core.links());
            if let Ok(run) = shared.run.parse() {
                response.headers_mut().insert(RUN_HEADER, run);
            }
            response
        }
        (&Method::POST, ["links", link, "order"]) => {
            let link = ChannelId::parse(link);
            let order = whole(request.into_body()).await.ok().and_then(|body| rmp_serde::from_slice(&body).ok());
            let (Ok(link), Some(order)) = (link, order) else {
                return text(StatusCode::BAD_REQUEST, "no such order".to_owned());
            };
            let order: LinkOrder = order;
            tracing::info!(%link, ?order, "Message Center orders");
            packed(StatusCode::OK, &shared.core.order_link(&link, order))
        }
        (&Method::POST, ["links", link, "test"]) => {
            let Ok(link) = ChannelId::parse(link) else { return unknown() };
            packed(StatusCode::OK, &shared.core.test_link(&link).await)
        }
        (&Method::POST, ["lanes", channel, priority, tenant]) => {
            let priority = match *priority {
                "interactive" => Priority::Interactive,
                "bulk" => Priority::Bulk,
                _ => return unknown(),
            };
            let (Ok(channel), Ok(tenant)) = (ChannelId::parse(channel), u128::from_str_radix(tenant, 16)) else {
                return unknown();
            };
            match shared.core.open_lane_of(Tenant(tenant), &channel, priority) {
                Ok(lane) => Response::new(server_lane::serve(lane, request.into_body())),
                Err(error) => packed::<Result<(), CoreError>>(StatusCode::CONFLICT, &Err(error)),
            }
        }
        (&Method::POST, ["receipts"]) => Response::new(shared.receipts.serve(request.into_body())),
        _ => unknown(),
    }
}

fn unknown() -> Response<Pipe> {
    text(StatusCode::NOT_FOUND, "the Core API has no such thing".to_owned())
}

fn text(status: StatusCode, words: String) -> Response<Pipe> {
    let mut response = Response::new(Pipe::of(words));
    *response.status_mut() = status;
    response
}

fn packed<T: serde::Serialize>(status: StatusCode, value: &T) -> Response<Pipe> {
    match rmp_serde::to_vec(value) {
        Ok(octets) => {
            let mut response = Response::new(Pipe::of(octets));
            *response.status_mut() = status;
            response
        }
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}
