//! Bounds on how long a connection may be silent. hyper's own bound on a head would also end a connection that is kept
//! for later requests, so that one time would have to do for both.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

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

    /// Ends when nothing was asked over HTTP/2 for so long; at the latest after twice that.
    pub(crate) async fn rest(&self, bound: Duration) {
        loop {
            let before = self.begun.load(Ordering::Relaxed);
            tokio::time::sleep(bound).await;
            if self.is_http2.load(Ordering::Relaxed) && self.idle_after() == Some(before) {
                return;
            }
        }
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
    /// Until when what is to be written has to be taken.
    taken: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(crate) fn new(inner: S, turns: Arc<Turns>, limits: ListenLimits) -> Self {
        let timer = Box::pin(tokio::time::sleep(limits.head.to_std()));
        Self { inner, turns, limits, awaited: Awaited::Head(0), timer, taken: None }
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

impl<S> Patient<S> {
    /// What was to be written is not taken yet. That it is taken bit by bit is not enough.
    fn poll_taken(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let bound = self.limits.total.to_std();
        let taken = self.taken.get_or_insert_with(|| Box::pin(tokio::time::sleep(bound)));
        taken.as_mut().poll(cx).map(|()| ErrorKind::TimedOut.into())
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            return written;
        }
        self.poll_taken(cx).map(Err)
    }

    /// Everything is taken, or nothing ever will be.
    fn finished(&mut self, cx: &mut Context<'_>, finished: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        if finished.is_ready() {
            self.taken = None;
            return finished;
        }
        self.poll_taken(cx).map(Err)
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
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.finished(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.finished(cx, shut)
    }
}

#[cfg(test)]
mod tests {
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
    async fn an_answer_has_to_be_taken_in_time_however_slowly_it_drips() {
        let (mut caller, mut server, _) = connection();
        let drops = std::cell::Cell::new(0);
        let drip = async {
            loop {
                tokio::time::sleep(9 * SECOND / 10).await;
                caller.read_u8().await.unwrap();
                drops.set(drops.get() + 1);
            }
        };
        let written = server.write_all(&[0; 1000]);
        let ended = tokio::select! { ended = written => ended, () = drip => unreachable!() };
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(drops.get(), 33, "as many as half a minute has");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_leaves_the_next_answer_its_time() {
        let (mut caller, mut server, _) = connection();
        for _ in 0..4 {
            let taken = async {
                tokio::time::sleep(20 * SECOND).await;
                caller.read_exact(&mut [0; 100]).await.map(drop)
            };
            let written = async {
                server.write_all(&[0; 100]).await?;
                server.flush().await
            };
            assert!(matches!(tokio::join!(written, taken), (Ok(()), Ok(()))));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_of_http_2_rests_when_nothing_is_asked() {
        let turns = Arc::<Turns>::default();
        let rested = async |seconds: u64| {
            tokio::time::timeout(Duration::from_secs(seconds), turns.rest(75 * SECOND)).await.is_ok()
        };
        assert!(!rested(1000).await, "as HTTP/1 it has another bound");
        let turn = Arc::clone(&turns).begin(http::Version::HTTP_2);
        assert!(!rested(1000).await, "it is asked something");
        drop(turn);
        assert!(rested(151).await);
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
