//! The listener: accepts connections, bounds them, and ends them at a stop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::patience::{Patient, Turns};
use crate::streams::Streams;
use crate::{ListenLimits, Places};

/// Bytes of an answer that are held for one stream of HTTP/2 until they are taken.
const SEND_BUFFER: usize = 64 * 1024;

/// An open socket, and how callers are met there.
#[derive(Debug)]
pub struct Listening {
    /// What it is called in metrics.
    pub name: &'static str,
    /// The socket.
    pub socket: TcpListener,
    /// TLS for every connection, if any.
    pub tls: Option<Arc<ServerConfig>>,
    /// Proxies that bring what others sent: the share of one address is not theirs.
    pub carriers: Vec<IpNet>,
    /// Times, sizes and numbers.
    pub limits: ListenLimits,
}

/// What all connections share.
struct Shared {
    router: Router,
    limits: ListenLimits,
    builder: Builder<Streams>,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
}

/// Answers on this socket until the stop, then finishes what was asked for as long as the grace lasts.
pub async fn serve(listening: Listening, router: Router, stop: CancellationToken) {
    let Listening { name, socket, tls, carriers, limits } = listening;
    let grace = limits.grace.to_std();
    let places = Places::new(name, limits.connections);
    let (builder, tls) = (builder(&limits), tls.map(TlsAcceptor::from));
    let shared = Arc::new(Shared { router, limits, builder, tls, stop: stop.clone() });
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    while let Some((tcp, peer, place)) = stop.run_until_cancelled(places.accept(&socket, &carriers)).await {
        let connection = Arc::clone(&shared).meet(tcp, peer);
        let cut = cut.clone();
        tasks.spawn(async move {
            let _place = place;
            if let Some(Err(error)) = cut.run_until_cancelled(connection).await {
                tracing::debug!(%error, "a connection was lost at its start");
            }
        });
    }
    tasks.close();
    if tokio::time::timeout(grace, tasks.wait()).await.is_err() {
        cut.cancel();
        tasks.wait().await;
    }
}

fn builder(limits: &ListenLimits) -> Builder<Streams> {
    let bytes = usize::try_from(limits.head_bytes).unwrap_or(usize::MAX);
    let mut builder = Builder::new(Streams::new(limits));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        // hyper does not take less.
        .max_buf_size(bytes.max(8192))
        .max_headers(usize::from(limits.headers).min(100));
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.keep_alive.to_std())
        .keep_alive_timeout(limits.head.to_std())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.head_bytes)
        .max_send_buf_size(SEND_BUFFER);
    builder
}

impl Shared {
    /// Serves a connection, after its handshake if there is one. A stop ends handshakes: nothing was asked yet.
    async fn meet(self: Arc<Self>, tcp: TcpStream, peer: SocketAddr) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            self.serve(tcp, peer).await;
            return Ok(());
        };
        let handshake = tokio::time::timeout(self.limits.head.to_std(), tls.accept(tcp));
        let Some(met) = self.stop.run_until_cancelled(handshake).await else { return Ok(()) };
        let tls = met.map_err(|_| io::ErrorKind::TimedOut)??;
        self.serve(tls, peer).await;
        Ok(())
    }

    async fn serve<S>(self: Arc<Self>, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let turns = Arc::<Turns>::default();
        let io = TokioIo::new(Patient::new(stream, Arc::clone(&turns), self.limits.clone()));
        let (shared, seen) = (Arc::clone(&self), Arc::clone(&turns));
        let service = service_fn(move |request: Request<Incoming>| {
            let (turn, shared) = (Arc::clone(&turns).begin(request.version()), Arc::clone(&shared));
            async move {
                let _turn = turn;
                shared.answer(request, peer).await
            }
        });
        let graceful = GracefulShutdown::new();
        let mut connection = pin!(graceful.watch(self.builder.serve_connection(io, service).into_owned()));
        let over = async {
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = seen.rest(self.limits.keep_alive.to_std()) => {}
            }
        };
        let ended = tokio::select! {
            ended = &mut connection => ended,
            // It says that it takes no more, and ends when what it took is done.
            () = over => tokio::select! {
                ended = &mut connection => ended,
                () = graceful.shutdown() => Ok(()),
            },
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection ended");
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Response, std::convert::Infallible> {
        // HTTP/2 bounds bytes only, and many headers can be made of few.
        if request.headers().len() > usize::from(self.limits.headers) {
            return Ok(empty(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answering = self.router.clone().oneshot(request);
        match tokio::time::timeout(self.limits.total.to_std(), answering).await {
            Ok(answered) => answered,
            Err(_) => Ok(empty(StatusCode::REQUEST_TIMEOUT)),
        }
    }
}

fn empty(status: StatusCode) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}
