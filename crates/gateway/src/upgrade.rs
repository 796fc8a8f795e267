//! Connections that turn to another protocol, such as WebSocket (RFC 9110 section 7.8).
//!
//! The request that asks for it is judged like any other. HTTP itself cannot be upgraded to: a second HTTP connection
//! in the first would carry requests that nobody judges. Over HTTP/2 (RFC 8441) upgrades are not offered.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderValue, Version};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::headers;
use crate::ledger::Ledger;
use crate::seam::{Ending, Judge};
use crate::wire::Turn;

/// How often an open tunnel asks whether it may go on.
const RECHECK: Duration = Duration::from_secs(1);

/// The protocol that a request without a body asks to turn to, if it may.
pub(crate) fn asked(version: Version, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(UPGRADE).into_iter();
    let value = values.next()?;
    let only = values.next().is_none();
    let meant = version == Version::HTTP_11 && headers::lists(headers, CONNECTION, "upgrade");
    (only && meant && is_foreign(value)).then(|| value.clone())
}

/// Whether no protocol of the list is HTTP or a layer below it.
fn is_foreign(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    text.split(',').map(|name| name.trim().to_ascii_lowercase()).all(|name| {
        let name = name.split('/').next().unwrap_or_default();
        !name.is_empty() && !name.starts_with("h2") && !name.starts_with("http") && name != "tls"
    })
}

/// Both ends of a connection that is being upgraded.
pub(crate) struct Tunnel<J: Judge> {
    pub(crate) caller: OnUpgrade,
    pub(crate) upstream: OnUpgrade,
    pub(crate) ledger: Ledger<J>,
    pub(crate) idle: Duration,
    pub(crate) cut: CancellationToken,
    pub(crate) turn: Turn,
}

/// Bytes that moved, for those who watch a tunnel while it is open.
#[derive(Debug, Default)]
struct Moved {
    up: AtomicU64,
    down: AtomicU64,
}

impl<J: Judge> Tunnel<J> {
    /// Joins both ends until both are closed, one breaks, nothing moves for long, the request would no longer be let
    /// through, or the gateway stops.
    pub(crate) async fn run(mut self) {
        let moved = Moved::default();
        let ending = tokio::select! {
            () = self.cut.cancelled() => Ending::Upgraded,
            () = withdrawal(&mut self.ledger) => Ending::Withdrawn,
            ending = join(self.caller, self.upstream, self.idle, &moved) => ending,
        };
        self.ledger.sent(moved.up.load(Ordering::Acquire));
        self.ledger.received(moved.down.load(Ordering::Acquire));
        self.ledger.end(ending);
        drop(self.turn);
    }
}

async fn join(caller: OnUpgrade, upstream: OnUpgrade, idle: Duration, moved: &Moved) -> Ending {
    let (Ok(caller), Ok(upstream)) = (caller.await, upstream.await) else {
        return Ending::Cut(Failure::UpstreamBroken);
    };
    let mut caller = Counted { io: TokioIo::new(caller), read: &moved.up };
    let mut upstream = Counted { io: TokioIo::new(upstream), read: &moved.down };
    tokio::select! {
        _ = copy_bidirectional(&mut caller, &mut upstream) => Ending::Upgraded,
        () = stillness(moved, idle) => Ending::Cut(Failure::UpstreamTimeout),
    }
}

/// Returns soon after the judge would no longer let the request through. Takes the ledger for itself: what a judge
/// left in it need not be shareable.
async fn withdrawal<J: Judge>(ledger: &mut Ledger<J>) {
    while ledger.stands() {
        tokio::time::sleep(RECHECK).await;
    }
}

/// Returns when nothing has moved for between `idle` and one and a half times that.
async fn stillness(moved: &Moved, idle: Duration) {
    let moved = || (moved.up.load(Ordering::Acquire), moved.down.load(Ordering::Acquire));
    let (mut seen, mut still) = (moved(), 0);
    while still < 3 {
        tokio::time::sleep(idle / 2).await;
        let now = moved();
        still = if now == seen { still + 1 } else { 1 };
        seen = now;
    }
}

struct Counted<'a, S> {
    io: S,
    read: &'a AtomicU64,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<'_, S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        self.read.fetch_add((buf.filled().len() - before) as u64, Ordering::AcqRel);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<'_, S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_foreign_protocols_are_turned_to() {
        let asks = |upgrade: &'static str, connection: &'static str| {
            let pairs = [(UPGRADE, upgrade), (CONNECTION, connection)];
            let headers =
                pairs.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect();
            asked(Version::HTTP_11, &headers).is_some()
        };
        assert!(asks("websocket", "keep-alive, Upgrade"));
        assert!(!asks("websocket", "keep-alive"));
        for protocol in ["h2c", "H2C", "websocket, h2c", "HTTP/2.0", "TLS/1.0", "h2", ""] {
            assert!(!asks(protocol, "upgrade"), "{protocol}");
        }
    }
}
