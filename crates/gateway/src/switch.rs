use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::wire::Wire;

/// Tells a connection's task to come to an end. Looking at it costs one atomic read, so it can be looked at with each
/// wake-up of the task; what takes time is waited for in a task of its own.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    phase: AtomicU8,
    waker: OnceLock<Waker>,
}

/// What a connection is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Go on.
    Run,
    /// Take no more requests.
    Drain,
    /// End at once.
    Cut,
}

impl Switch {
    /// What to do. The first look registers the task to be woken by a change.
    pub(crate) fn look(&self, cx: &Context<'_>) -> Phase {
        self.waker.get_or_init(|| cx.waker().clone());
        match self.phase.load(Ordering::SeqCst) {
            0 => Phase::Run,
            1 => Phase::Drain,
            _ => Phase::Cut,
        }
    }

    fn set(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::SeqCst);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }
}

/// When a connection ends.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    /// Fired when the gateway stops.
    pub(crate) stop: CancellationToken,
    /// Fired when what is left must end.
    pub(crate) cut: CancellationToken,
    /// The age at which a connection takes no more requests.
    pub(crate) age: Duration,
    /// How long it may be without one.
    pub(crate) idle: Duration,
    /// How long it may take to end after that.
    pub(crate) rest: Duration,
}

impl Watch {
    /// Sets the switch when the connection has to end.
    pub(crate) async fn run(self, switch: Arc<Switch>, wire: Arc<Wire>) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(self.age) => {}
            () = idleness(&wire, self.idle) => {}
        }
        switch.set(Phase::Drain);
        tokio::select! {
            () = self.cut.cancelled() => {}
            () = tokio::time::sleep(self.rest) => {}
        }
        switch.set(Phase::Cut);
    }
}

/// Returns when there was no request for between `idle` and twice that.
async fn idleness(wire: &Wire, idle: Duration) {
    loop {
        let (begun, ended) = (wire.begun(), wire.ended());
        tokio::time::sleep(idle.max(Duration::from_millis(10))).await;
        if begun == ended && wire.begun() == begun {
            return;
        }
    }
}
