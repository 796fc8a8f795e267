//! Bounds on how long a connection may be silent. hyper's own bound on a head would also end a connection that is kept
//! for later requests, so that one time would have to do for both.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::ListenLimits;

/// What the service tells of the requests of a connection.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    begun: AtomicU64,
    ended: AtomicU64,
    /// Its own signs of life say enough.
    is_http2: AtomicBool,
    /// Who reads, to be woken when a request ends: hyper does not read again for what it waits for already.
    reader: Mutex<Option<Waker>>,
}

impl Turns {
    /// A request has begun; it ends when the turn is dropped.
    pub(crate) fn begin(self: Arc<Self>, version: http::Version) -> Turn {
        self.is_http2.store(version == http::Version::HTTP_2, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        Turn(self)
    }

    /// How many requests have been answered, if none is being answered.
    fn idle_after(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::Relaxed);
        (self.begun.load(Ordering::Relaxed) == ended).then_some(ended)
    }

    fn reader(&self) -> MutexGuard<'_, Option<Waker>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered.
pub(crate) struct Turn(Arc<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        if let Some(reader) = self.0.reader().take() {
            reader.wake();
        }
    }
}

/// What a connection is waited for to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    /// The rest of a head, after so many requests.
    Head(u64),
    /// Another request, after so many.
    Another(u64),
}

/// A connection whose reads fail when what is awaited takes too long.
pub(crate) struct Patient<S> {
    inner: S,
    turns: Arc<Turns>,
    limits: ListenLimits,
    awaited: Awaited,
    timer: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    pub(crate) fn new(inner: S, turns: Arc<Turns>, limits: ListenLimits) -> Self {
        let timer = Box::pin(tokio::time::sleep(limits.head.to_std()));
        Self { inner, turns, limits, awaited: Awaited::Head(0), timer }
    }

    /// Sets the timer anew when something else is awaited than before.
    fn wait_for(&mut self, awaited: Awaited) {
        if self.awaited != awaited {
            self.awaited = awaited;
            let bound = match awaited {
                Awaited::Head(_) => self.limits.head,
                Awaited::Another(_) => self.limits.keep_alive,
            };
            self.timer.set(tokio::time::sleep(bound.to_std()));
        }
    }

    /// How many requests have been answered; while one is being answered, its end wakes the reader.
    fn idle_after(&self, cx: &Context<'_>) -> Option<u64> {
        // Before the look: a request that ends after it finds whom to wake.
        *self.turns.reader() = Some(cx.waker().clone());
        self.turns.idle_after()
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.turns.is_http2.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        let Some(after) = self.idle_after(cx) else { return Poll::Pending };
        if self.awaited != Awaited::Head(after) {
            self.wait_for(Awaited::Another(after));
        }
        ready!(self.timer.as_mut().poll(cx));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if Pin::new(&mut self.inner).poll_read(cx, buffer)?.is_pending() {
            return self.poll_timer(cx);
        }
        if let Some(after) = self.turns.idle_after().filter(|_| buffer.filled().len() > before) {
            self.wait_for(Awaited::Head(after));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn connection() -> (DuplexStream, Patient<DuplexStream>, Arc<Turns>) {
        let (caller, server) = duplex(64);
        let turns = Arc::<Turns>::default();
        (caller, Patient::new(server, Arc::clone(&turns), ListenLimits::default()), turns)
    }

    /// Counts the seconds until a read fails, on the clock of the test.
    async fn patience(server: &mut Patient<DuplexStream>) -> u32 {
        for seconds in 0.. {
            if let Ok(read) = tokio::time::timeout(SECOND, server.read_u8()).await {
                assert_eq!(read.unwrap_err().kind(), ErrorKind::TimedOut);
                return seconds + 1;
            }
        }
        0
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_to_arrive_in_time_however_slowly_it_drips() {
        let (mut caller, mut server, _) = connection();
        for _ in 0..14 {
            caller.write_u8(1).await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), 1);
            tokio::time::advance(SECOND).await;
        }
        assert_eq!(patience(&mut server).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_for_later_requests() {
        let (mut caller, mut server, turns) = connection();
        caller.write_u8(1).await.unwrap();
        server.read_u8().await.unwrap();
        let turn = turns.begin(http::Version::HTTP_11);
        let answering = tokio::time::timeout(Duration::from_hours(1), server.read_u8()).await;
        assert!(answering.is_err(), "no bound while a request is answered");
        drop(turn);
        assert_eq!(patience(&mut server).await, 75);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_head_has_the_bound_of_a_head() {
        let (mut caller, mut server, turns) = connection();
        drop(Arc::clone(&turns).begin(http::Version::HTTP_11));
        caller.write_u8(1).await.unwrap();
        server.read_u8().await.unwrap();
        assert_eq!(patience(&mut server).await, 15);
    }
}
