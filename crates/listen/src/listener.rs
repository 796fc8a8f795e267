//! The listener: accepts connections, bounds them, and ends them at a stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::ListenLimits;
use crate::patience::{Patient, Turns};

/// How long accepting pauses when the system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(50);
/// Bytes of an answer that are held for one stream of HTTP/2 until they are taken.
const SEND_BUFFER: usize = 64 * 1024;

/// What all connections share.
struct Shared {
    router: Router,
    limits: ListenLimits,
    builder: Builder<TokioExecutor>,
}

/// Answers on this socket until the stop, then finishes what was asked for as long as the grace lasts.
pub async fn serve(socket: TcpListener, router: Router, limits: ListenLimits, stop: CancellationToken) {
    let grace = limits.grace.to_std();
    let places = usize::try_from(limits.connections).unwrap_or(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
    let builder = builder(&limits);
    let shared = Arc::new(Shared { router, limits, builder });
    let (graceful, tasks, cut) = (GracefulShutdown::new(), TaskTracker::new(), CancellationToken::new());
    while let Some((tcp, peer, place)) = stop.run_until_cancelled(accept(&socket, &places)).await {
        let connection = Arc::clone(&shared).serve(tcp, peer, graceful.watcher());
        let cut = cut.clone();
        tasks.spawn(async move {
            let _place = place;
            cut.run_until_cancelled(connection).await;
        });
    }
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        cut.cancel();
    }
    tasks.close();
    tasks.wait().await;
}

/// Without a free place none is accepted: callers wait in the system's queue.
async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match socket.accept().await {
            Ok((tcp, peer)) => return (tcp, peer, place),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn builder(limits: &ListenLimits) -> Builder<TokioExecutor> {
    let bytes = usize::try_from(limits.head_bytes).unwrap_or(usize::MAX);
    let mut builder = Builder::new(TokioExecutor::new());
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
    async fn serve(self: Arc<Self>, tcp: TcpStream, peer: SocketAddr, watcher: Watcher) {
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "a connection was lost at once");
        }
        let turns = Arc::<Turns>::default();
        let io = TokioIo::new(Patient::new(tcp, Arc::clone(&turns), self.limits.clone()));
        let shared = Arc::clone(&self);
        let service = service_fn(move |request: Request<Incoming>| {
            let (turn, shared) = (Arc::clone(&turns).begin(request.version()), Arc::clone(&shared));
            async move {
                let _turn = turn;
                shared.answer(request, peer).await
            }
        });
        let connection = self.builder.serve_connection(io, service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
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
