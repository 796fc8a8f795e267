use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// The moment `span` from now, on the runtime's clock. Nothing is armed.
pub(crate) fn from_now(span: Duration) -> Instant {
    tokio::time::sleep(span).deadline()
}

/// A bound on waiting that costs nothing while nothing is waited for.
///
/// It is armed by the first [`poll`](Self::poll) of a wait and disarmed by [`rest`](Self::rest). Its timer stays in
/// the runtime's wheel between waits: moving a deadline further away there is one atomic write.
#[derive(Debug)]
pub(crate) struct Patience {
    span: Duration,
    end: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

/// Which bound was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lapsed {
    /// One wait took longer than the span.
    Span,
    /// The end of all waits is here.
    End,
}

impl Patience {
    /// Waits at most `span` at a time.
    pub(crate) const fn new(span: Duration) -> Self {
        Self { span, end: None, sleep: None, waiting: false }
    }

    /// And not beyond `end` in all.
    pub(crate) const fn until(mut self, end: Instant) -> Self {
        self.end = Some(end);
        self
    }

    /// Works with a timer that another one has left.
    pub(crate) fn with_timer(mut self, timer: Option<Pin<Box<Sleep>>>) -> Self {
        self.sleep = timer;
        self
    }

    /// Leaves its timer to another one.
    pub(crate) fn take_timer(&mut self) -> Option<Pin<Box<Sleep>>> {
        self.waiting = false;
        self.sleep.take()
    }

    /// From now on a wait may take `span`. If that is a change, a new wait begins.
    pub(crate) fn span(&mut self, span: Duration) {
        if self.span != span {
            self.span = span;
            self.waiting = false;
        }
    }

    /// The wait is over.
    pub(crate) fn rest(&mut self) {
        self.waiting = false;
    }

    /// To be called when something is waited for: registers the task to be woken when the bound is passed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Lapsed> {
        if !self.waiting {
            self.arm();
        }
        let Some(sleep) = &mut self.sleep else { return Poll::Pending };
        if sleep.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.waiting = false;
        Poll::Ready(if self.end.is_some_and(|end| end <= sleep.deadline()) {
            Lapsed::End
        } else {
            Lapsed::Span
        })
    }

    fn arm(&mut self) {
        let wait = tokio::time::sleep(self.span);
        let deadline = self.end.map_or(wait.deadline(), |end| end.min(wait.deadline()));
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
        self.waiting = true;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn lapse(patience: &mut Patience) -> (Lapsed, u128) {
        let start = from_now(Duration::ZERO);
        let lapsed = poll_fn(|cx| patience.poll(cx)).await;
        (lapsed, (from_now(Duration::ZERO) - start).as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn each_wait_may_take_the_span_and_all_together_no_more_than_the_end() {
        let mut patience = Patience::new(Duration::from_secs(4)).until(from_now(Duration::from_secs(10)));
        assert_eq!(lapse(&mut patience).await, (Lapsed::Span, 4000));
        assert_eq!(lapse(&mut patience).await, (Lapsed::Span, 4000));
        assert_eq!(lapse(&mut patience).await.0, Lapsed::End);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_begins_anew() {
        let mut patience = Patience::new(Duration::from_secs(4));
        poll_fn(|cx| Poll::Ready(patience.poll(cx).is_pending())).await;
        tokio::time::advance(Duration::from_secs(3)).await;
        patience.rest();
        assert_eq!(lapse(&mut patience).await, (Lapsed::Span, 4000));
    }
}
