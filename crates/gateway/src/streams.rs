//! The streams of callers' HTTP/2 connections, each in a task that ends when the caller does not take its answer.
//!
//! By its flow-control window a caller decides when more of an answer may be sent. Until then hyper holds the last
//! frame of the body and does not ask for another, so that no bound within the body is ever looked at. But hyper ends
//! a stream whose task is dropped. Over HTTP/1 the guard bounds how long a write may take.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use hyper::rt::Executor;

use crate::patience::{Patience, from_now};

tokio::task_local! {
    static HELD: Cell<Held>;
}

/// Bytes that a caller has to be able to take within the bound on pauses.
const PIECE: usize = 64 * 1024;

/// What hyper holds of a stream's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// Nothing: if something is waited for, it is not the caller.
    Nothing,
    /// A frame that it was given just now.
    NewFrame,
    /// The frame that it held before.
    SameFrame,
}

/// To be called with what a body gave. Outside of a stream, as with HTTP/1, it does nothing.
pub(crate) fn note<T>(polled: &Poll<T>) {
    let held = if polled.is_ready() { Held::NewFrame } else { Held::Nothing };
    let _ = HELD.try_with(|cell| cell.set(held));
}

/// The longest piece of a body in a stream; as long as it comes outside of one. A caller who takes part of a piece has
/// taken nothing yet, so that great ones would bind slow callers to more than the others.
pub(crate) fn piece() -> usize {
    HELD.try_with(|_| PIECE).unwrap_or(usize::MAX)
}

/// Runs streams.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    /// How long a caller may take for a frame.
    pub(crate) idle: Duration,
    /// How long it may take for all.
    pub(crate) total: Duration,
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let patience = Patience::new(self.idle).until(from_now(self.total));
        tokio::spawn(HELD.scope(Cell::new(Held::Nothing), run(stream, patience)));
    }
}

/// Runs a stream until it ends or a frame of it is held for too long.
async fn run(stream: impl Future<Output = ()>, mut patience: Patience) {
    let mut stream = pin!(stream);
    poll_fn(|cx| {
        if stream.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let held = HELD.with(Cell::get);
        if held != Held::SameFrame {
            patience.rest();
        }
        if held == Held::Nothing {
            return Poll::Pending;
        }
        HELD.with(|cell| cell.set(Held::SameFrame));
        patience.poll(cx).map(|_| tracing::debug!("a caller did not take its answer"))
    })
    .await;
}
