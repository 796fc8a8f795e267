//! Stands between a caller's connection and hyper, and lets only bytes through that can be read in one way.
//!
//! hyper settles some ambiguous framing silently, and answers what it refuses without a body. So each request head is
//! checked here while its bytes pass, bodies are followed to find the next head, and a head is given on only when it
//! is complete and good. In place of a refused head hyper is given a harmless one and then nothing more. It cannot be
//! forged, because the service does not look at it: it is told on the [`Wire`] that the request *with this number* is
//! refused, and why. Requests before it are answered in their order. A body that turns bad after its head was given
//! on becomes a read error.
//!
//! The guard also bounds how long a head, an idle connection and a write may take, and it lingers after a refusal, so
//! that the answer is not lost to a reset.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::head::HeadLimits;
use super::scan::{Given, Refused, Scan};
use crate::config::GatewayLimits;
use crate::failure::Failure;
use crate::patience::Patience;
use crate::wire::Wire;

/// What hyper reads in place of a refused head.
const SUBSTITUTE: &[u8] = b"GET / HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n";
/// RFC 9113 section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long and for how many bytes a closed connection is still listened to.
const LINGER: (Duration, usize) = (Duration::from_secs(2), 1 << 20);

/// A caller's connection under guard.
#[derive(Debug)]
pub(crate) struct Guard<S> {
    io: S,
    wire: Arc<Wire>,
    watch: Watch,
    /// Bytes that were read and are not given on.
    held: BytesMut,
    /// So many of the held bytes may be given on.
    released: usize,
    times: Times,
    waiting: Patience,
    writing: Patience,
    lingering: Option<(Patience, usize)>,
}

#[derive(Debug)]
enum Watch {
    /// HTTP/1.
    Requests(Scan),
    /// Another protocol.
    Nothing,
    /// A head is refused; this much of the substitute was given.
    Substitute(usize),
    /// A body is refused.
    Broken,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    head: Duration,
    keep_alive: Duration,
}

/// Which protocol a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    Http1,
    Http2,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guard<S> {
    pub(crate) fn new(io: S, wire: Arc<Wire>, limits: &GatewayLimits) -> Self {
        let bytes = usize::try_from(limits.head_bytes).unwrap_or(usize::MAX).min(60_000);
        let heads = HeadLimits { bytes, headers: usize::from(limits.headers).min(100) };
        let times = Times { head: limits.head.to_std(), keep_alive: limits.keep_alive.to_std() };
        Self {
            io,
            wire,
            watch: Watch::Requests(Scan::new(heads)),
            held: BytesMut::new(),
            released: 0,
            times,
            waiting: Patience::new(times.keep_alive),
            writing: Patience::new(limits.idle.to_std()),
            lingering: None,
        }
    }

    /// Reads until it is clear whether the caller begins with the preface of HTTP/2.
    pub(crate) async fn sniff(&mut self) -> io::Result<Spoken> {
        while self.held.len() < PREFACE.len() && PREFACE.starts_with(&self.held) {
            if self.io.read_buf(&mut self.held).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if self.held.starts_with(PREFACE) {
            self.pass();
            return Ok(Spoken::Http2);
        }
        self.look();
        Ok(Spoken::Http1)
    }

    /// Watches nothing: the connection speaks HTTP/2.
    pub(crate) fn pass(&mut self) {
        self.watch = Watch::Nothing;
        self.released = self.held.len();
    }

    /// Looks at the held bytes.
    fn look(&mut self) {
        let Watch::Requests(scan) = &mut self.watch else { return };
        let heads = scan.heads();
        let seen = scan.see(&self.held);
        if scan.heads() != heads {
            self.waiting.rest();
        }
        self.released = seen.release;
        if let Some(refused) = seen.refused {
            self.refuse(refused);
        }
    }

    fn refuse(&mut self, refused: Refused) {
        self.held.truncate(self.released);
        self.wire.refuse(refused.number, refused.failure);
        self.watch = match refused.given {
            Given::Nothing => Watch::Substitute(0),
            Given::Head => Watch::Broken,
        };
    }

    /// Gives on what was released before, or what stands in place of a refused request.
    fn give(&mut self, buf: &mut ReadBuf<'_>) -> Option<Poll<io::Result<()>>> {
        if self.released > 0 {
            let length = self.released.min(buf.remaining());
            buf.put_slice(self.held.get(..length).unwrap_or_default());
            self.held.advance(length);
            self.released -= length;
            return Some(Poll::Ready(Ok(())));
        }
        match &mut self.watch {
            Watch::Requests(_) | Watch::Nothing => None,
            // Not an end: hyper would take it for a caller that has left.
            Watch::Substitute(at) if *at == SUBSTITUTE.len() => Some(Poll::Pending),
            Watch::Substitute(at) => {
                let rest = SUBSTITUTE.get(*at..).unwrap_or_default();
                let length = rest.len().min(buf.remaining());
                buf.put_slice(rest.get(..length).unwrap_or_default());
                *at += length;
                Some(Poll::Ready(Ok(())))
            }
            Watch::Broken => Some(Poll::Ready(Err(io::ErrorKind::InvalidData.into()))),
        }
    }

    /// Looks at bytes that were read straight into hyper's buffer, and takes back what may not be given on yet.
    fn look_at_new(&mut self, buf: &mut ReadBuf<'_>, before: usize) {
        let Watch::Requests(scan) = &mut self.watch else { return };
        let heads = scan.heads();
        let new = buf.filled().get(before..).unwrap_or_default();
        let seen = scan.see(new);
        if scan.heads() != heads {
            self.waiting.rest();
        }
        self.held.extend_from_slice(new.get(seen.release..).unwrap_or_default());
        if !self.held.is_empty() {
            self.waiting.rest();
        }
        buf.set_filled(before + seen.release);
        if let Some(refused) = seen.refused {
            self.refuse(refused);
        }
    }

    /// New bytes come behind held ones: hyper's buffer is only borrowed to read them.
    fn look_at_all(&mut self, buf: &mut ReadBuf<'_>, before: usize) {
        self.held.extend_from_slice(buf.filled().get(before..).unwrap_or_default());
        buf.set_filled(before);
        self.look();
    }

    /// Nothing came: is it too long ago that something did?
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Watch::Requests(scan) = &self.watch else { return Poll::Pending };
        if !scan.is_between() {
            return Poll::Pending;
        }
        if !self.held.is_empty() {
            return self.poll_head_time(cx);
        }
        if scan.heads() != self.wire.ended() {
            return Poll::Pending;
        }
        self.waiting.span(self.times.keep_alive);
        // The end of the stream: hyper closes an idle connection quietly.
        self.waiting.poll(cx).map(|_| Ok(()))
    }

    fn poll_head_time(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting.span(self.times.head);
        ready!(self.waiting.poll(cx));
        let number = if let Watch::Requests(scan) = &self.watch { scan.heads() + 1 } else { 0 };
        self.refuse(Refused { number, failure: Failure::HeadTimeout, given: Given::Nothing });
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the caller may still be sending something that nobody will read.
    fn has_unread(&self) -> bool {
        match &self.watch {
            Watch::Requests(scan) => !scan.is_open() && (!scan.is_between() || !self.held.is_empty()),
            Watch::Nothing => false,
            Watch::Substitute(_) | Watch::Broken => true,
        }
    }

    /// Reads and forgets until the caller has seen the end, for a bounded time and number of bytes.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (patience, left) = self.lingering.get_or_insert_with(|| (Patience::new(LINGER.0), LINGER.1));
        let mut space = [0; 4096];
        loop {
            if patience.poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut space);
            let read = ready!(Pin::new(&mut self.io).poll_read(cx, &mut buf));
            *left = left.saturating_sub(buf.filled().len());
            if read.is_err() || buf.filled().is_empty() || *left == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing.rest();
            return written;
        }
        self.writing.poll(cx).map(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        loop {
            if let Some(given) = this.give(buf) {
                return given;
            }
            let read = Pin::new(&mut this.io).poll_read(cx, buf)?;
            if read.is_pending() {
                return this.poll_patience(cx);
            }
            if buf.filled().len() == before {
                return Poll::Ready(Ok(()));
            }
            if this.held.is_empty() {
                this.look_at_new(buf, before);
            } else {
                this.look_at_all(buf, before);
            }
            if buf.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.poll_written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write_vectored(cx, slices);
        this.poll_written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.io).poll_flush(cx);
        this.poll_written(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering.is_none() {
            let shut = Pin::new(&mut this.io).poll_shutdown(cx);
            ready!(this.poll_written(cx, shut))?;
        }
        if this.has_unread() { this.poll_linger(cx) } else { Poll::Ready(Ok(())) }
    }
}
