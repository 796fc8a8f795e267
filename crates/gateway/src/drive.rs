//! Runs one caller's connection from the first byte to the last.

use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use claviger_listen::Place;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::config::GatewayLimits;
use crate::framing::{Guard, Spoken};
use crate::proxy_protocol;
use crate::seam::{Judge, Protocol};
use crate::service::{Lane, Shared, serve};
use crate::streams::Streams;
use crate::switch::{Phase, Switch, Watch};
use crate::wire::Wire;

/// How often a silent HTTP/2 connection is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(20);

/// Bytes of an answer that are held for one stream of HTTP/2 until its caller takes them.
const SEND_BUFFER: usize = 64 * 1024;

/// What a listener says about its connections.
pub(crate) struct Entry {
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) carriers: Vec<IpNet>,
    pub(crate) proxy_protocol: bool,
}

/// A connection that was accepted.
pub(crate) struct Accepted<J> {
    pub(crate) tcp: TcpStream,
    pub(crate) entry: Arc<Entry>,
    pub(crate) shared: Arc<Shared<J>>,
    pub(crate) watch: Watch,
    pub(crate) place: Place,
}

/// A connection whose protocol is known.
struct Greeted<S> {
    guard: Guard<S>,
    spoken: Spoken,
    wire: Arc<Wire>,
    peer: IpAddr,
    protocol: Protocol,
}

impl<J: Judge> Accepted<J> {
    /// Serves the connection until it ends.
    pub(crate) async fn run(self) {
        let Self { tcp, entry, shared, watch, place } = self;
        let bound = shared.limits.handshake.to_std();
        let met = entry.meet(tcp, place);
        if let Some(tls) = &entry.tls {
            greet(greet_tls(met, tls, &shared), bound, &watch, shared.clone()).await;
        } else {
            greet(greet_plain(met, &shared), bound, &watch, shared.clone()).await;
        }
    }
}

/// Serves a connection if its greeting succeeds in time. A stop ends greetings: no request was accepted yet.
async fn greet<J: Judge, S>(
    greeting: impl Future<Output = io::Result<Greeted<S>>>,
    bound: Duration,
    watch: &Watch,
    shared: Arc<Shared<J>>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match watch.stop.run_until_cancelled(tokio::time::timeout(bound, greeting)).await {
        Some(Ok(Ok(greeted))) => greeted.run(shared, watch.clone()).await,
        Some(Ok(Err(error))) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "a greeting failed");
        }
        Some(Err(_)) | None => {}
    }
}

/// A connection of which it is known whose it is.
struct Met {
    tcp: TcpStream,
    peer: IpAddr,
    wire: Arc<Wire>,
}

impl Entry {
    /// Whether somebody brings what others sent.
    fn carries(&self, address: IpAddr) -> bool {
        self.carriers.iter().any(|network| network.contains(&address))
    }

    /// Asks whose the connection is: the other end's, or who a trusted sender says.
    async fn meet(&self, mut tcp: TcpStream, mut place: Place) -> io::Result<Met> {
        tcp.set_nodelay(true)?;
        let end = tcp.peer_addr()?.ip().to_canonical();
        let mut peer = end;
        if self.proxy_protocol && self.carries(end) {
            peer = proxy_protocol::read(&mut tcp).await?.map_or(end, |source| source.to_canonical());
            if !self.carries(peer) && !place.belongs_to(peer) {
                return Err(io::ErrorKind::QuotaExceeded.into());
            }
        }
        Ok(Met { tcp, peer, wire: Arc::new(Wire::in_place(place)) })
    }
}

async fn greet_plain<J>(
    met: impl Future<Output = io::Result<Met>>,
    shared: &Shared<J>,
) -> io::Result<Greeted<TcpStream>> {
    let Met { tcp, peer, wire } = met.await?;
    let mut guard = Guard::new(tcp, wire.clone(), &shared.limits);
    let spoken = guard.sniff().await?;
    Ok(Greeted { guard, spoken, wire, peer, protocol: Protocol::Http })
}

async fn greet_tls<J>(
    met: impl Future<Output = io::Result<Met>>,
    tls: &TlsAcceptor,
    shared: &Shared<J>,
) -> io::Result<Greeted<tokio_rustls::server::TlsStream<TcpStream>>> {
    let Met { tcp, peer, wire } = met.await?;
    let tls = tls.accept(tcp).await?;
    let spoken = if tls.get_ref().1.alpn_protocol() == Some(b"h2") { Spoken::Http2 } else { Spoken::Http1 };
    let mut guard = Guard::new(tls, wire.clone(), &shared.limits);
    if spoken == Spoken::Http2 {
        guard.pass();
    }
    Ok(Greeted { guard, spoken, wire, peer, protocol: Protocol::Https })
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Greeted<S> {
    async fn run<J: Judge>(self, shared: Arc<Shared<J>>, watch: Watch) {
        let Self { guard, spoken, wire, peer, protocol } = self;
        let switch = Arc::<Switch>::default();
        let _watch = AbortOnDropHandle::new(tokio::spawn(watch.run(switch.clone(), wire.clone())));
        let http2 = http2(&shared.limits);
        let lane = Arc::new(Lane { shared, wire, peer, protocol });
        let service = service_fn(move |request| serve(lane.clone(), request));
        let io = TokioIo::new(guard);
        match spoken {
            Spoken::Http1 => {
                let connection = http1().serve_connection(io, service).with_upgrades();
                run(connection, http1::UpgradeableConnection::graceful_shutdown, &switch).await;
            }
            Spoken::Http2 => {
                let connection = http2.serve_connection(io, service);
                run(connection, http2::Connection::graceful_shutdown, &switch).await;
            }
        }
    }
}

/// Times are the guard's: hyper's timer would cost an allocation for each request. No `pipeline_flush`: with it hyper
/// loses the last answer of a connection that it closes while more requests are waiting.
fn http1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(None);
    builder
}

fn http2(limits: &GatewayLimits) -> http2::Builder<Streams> {
    let streams = Streams { idle: limits.idle.to_std(), total: limits.total.to_std() };
    let mut builder = http2::Builder::new(streams);
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(limits.head_bytes)
        .max_concurrent_streams(limits.streams)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

/// Runs a connection until it ends or the switch ends it.
async fn run<C: Future>(connection: C, drain: fn(Pin<&mut C>), switch: &Switch) {
    let mut connection = pin!(connection);
    let mut last = Phase::Run;
    poll_fn(|cx| {
        loop {
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            match switch.look(cx) {
                Phase::Cut => return Poll::Ready(()),
                Phase::Drain if last == Phase::Run => {
                    last = Phase::Drain;
                    drain(connection.as_mut());
                }
                Phase::Run | Phase::Drain => return Poll::Pending,
            }
        }
    })
    .await;
}
