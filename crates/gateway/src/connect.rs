use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::{Authority, PathAndQuery};
use hyper::client::conn::{http1, http2};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsConnector;
use tower::Service;

use crate::config::{ClientConfig, GatewayLimits};
use crate::failure::Failure;
use crate::pool::{Http1, Http2};
use crate::upstream::{Kind, Upstream};

/// Where and how to connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) authority: Authority,
    name: String,
}

impl Target {
    pub(crate) fn of(upstream: &Upstream) -> Self {
        Self { kind: upstream.kind, authority: upstream.authority.clone(), name: upstream.host().to_owned() }
    }

    pub(crate) fn is_h2c(&self) -> bool {
        self.kind == Kind::H2c
    }

    /// The URI of a request of HTTP/2, or of a connection.
    pub(crate) fn uri(&self, path: PathAndQuery) -> Option<Uri> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.kind.wire_scheme());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).ok()
    }
}

/// Which protocols are offered where TLS lets the server choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alpn {
    Any,
    Http1,
}

/// A new connection.
pub(crate) enum Fresh {
    Http1(Http1),
    Http2(Http2),
}

/// A connection's place among all that may be open to its upstream.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Place {
    /// The next that is free.
    pub(crate) async fn among(places: &Arc<Semaphore>) -> Self {
        // Nobody closes it, so that there always is one.
        Self { _permit: places.clone().acquire_owned().await.ok() }
    }
}

/// A connection that gives its place back when it is closed.
struct Placed<S> {
    io: S,
    _place: Place,
}

/// Makes connections to upstreams.
pub(crate) struct Connector {
    tcp: HttpConnector,
    any: TlsConnector,
    http1: TlsConnector,
    limits: GatewayLimits,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

impl Connector {
    pub(crate) fn new(config: &ClientConfig, limits: GatewayLimits) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let tls = |protocols: &[&[u8]]| {
            let mut tls = rustls::ClientConfig::clone(&config.tls);
            tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            TlsConnector::from(Arc::new(tls))
        };
        Self { tcp, any: tls(&[b"h2", b"http/1.1"]), http1: tls(&[b"http/1.1"]), limits }
    }

    pub(crate) fn pool_size(&self) -> usize {
        usize::try_from(self.limits.pool).unwrap_or(usize::MAX)
    }

    /// How many may be open to one upstream.
    pub(crate) fn connections(&self) -> usize {
        let most = usize::try_from(self.limits.upstream_connections).unwrap_or(usize::MAX);
        most.clamp(1, Semaphore::MAX_PERMITS)
    }

    /// Waits for a place no longer than connecting may take.
    pub(crate) async fn in_time<T>(&self, place: impl Future<Output = T>) -> Result<T, Failure> {
        let free = tokio::time::timeout(self.limits.connect.to_std(), place).await;
        free.map_err(|_| Failure::UpstreamBusy)
    }

    /// Connects, within the time that this may take.
    pub(crate) async fn connect(&self, target: &Target, alpn: Alpn, place: Place) -> Result<Fresh, Failure> {
        let made = tokio::time::timeout(self.limits.connect.to_std(), self.make(target, alpn, place)).await;
        made.unwrap_or(Err(Failure::UpstreamTimeout))
    }

    async fn make(&self, target: &Target, alpn: Alpn, place: Place) -> Result<Fresh, Failure> {
        let tcp = Placed { io: self.tcp(target).await?, _place: place };
        match target.kind {
            Kind::Http => speak_http1(tcp).await,
            Kind::H2c => speak_http2(tcp).await,
            Kind::Https => self.over_tls(target, tcp, alpn).await,
        }
    }

    async fn tcp(&self, target: &Target) -> Result<TcpStream, Failure> {
        let uri = target.uri(PathAndQuery::from_static("/")).ok_or(Failure::UpstreamUnreachable)?;
        let connected = self.tcp.clone().call(uri).await;
        connected.map(TokioIo::into_inner).map_err(|error| unreachable(target, &error))
    }

    async fn over_tls(&self, target: &Target, tcp: Placed<TcpStream>, alpn: Alpn) -> Result<Fresh, Failure> {
        let name = ServerName::try_from(target.name.clone()).map_err(|error| unreachable(target, &error))?;
        let connector = if alpn == Alpn::Any { &self.any } else { &self.http1 };
        let tls = connector.connect(name, tcp).await.map_err(|error| unreachable(target, &error))?;
        if tls.get_ref().1.alpn_protocol() == Some(b"h2") {
            return speak_http2(tls).await;
        }
        speak_http1(tls).await
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Placed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Placed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

fn unreachable(target: &Target, error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::debug!(upstream = %target.authority, error, "cannot connect to an upstream");
    Failure::UpstreamUnreachable
}

async fn speak_http1<S>(io: S) -> Result<Fresh, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let made = http1::Builder::new().handshake(TokioIo::new(io)).await;
    let (mut sender, connection) = made.map_err(|_| Failure::UpstreamUnreachable)?;
    tokio::spawn(connection.with_upgrades());
    sender.ready().await.map_err(|_| Failure::UpstreamUnreachable)?;
    Ok(Fresh::Http1(sender))
}

async fn speak_http2<S>(io: S) -> Result<Fresh, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new()).keep_alive_interval(std::time::Duration::from_secs(30));
    let made = builder.handshake(TokioIo::new(io)).await;
    let (sender, connection) = made.map_err(|_| Failure::UpstreamUnreachable)?;
    tokio::spawn(connection);
    Ok(Fresh::Http2(sender))
}
