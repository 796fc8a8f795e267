use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use claviger_listen::Place;
use tokio::time::Sleep;

use crate::failure::Failure;

/// What the two ends of a caller's connection tell each other: the guard that reads its bytes, and the service that
/// answers its requests. Requests are counted from 1 on both sides, so that "the third request is refused" means the
/// same request on both, whatever the bytes say.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    begun: AtomicU64,
    ended: AtomicU64,
    refusal: OnceLock<(u64, Failure)>,
    timer: Mutex<Option<Pin<Box<Sleep>>>>,
    /// Held until the connection and what it was upgraded to have ended.
    _place: Option<Place>,
}

impl Wire {
    /// A connection in this place among all.
    pub(crate) fn in_place(place: Place) -> Self {
        Self { _place: Some(place), ..Self::default() }
    }

    /// Refuses the request with this number and everything after it.
    pub(crate) fn refuse(&self, number: u64, failure: Failure) {
        let _ = self.refusal.set((number, failure));
    }

    /// Why the request with this number is refused by the guard, if it is.
    pub(crate) fn refusal(&self, number: u64) -> Option<Failure> {
        self.refusal.get().filter(|(refused, _)| *refused <= number).map(|(_, failure)| *failure)
    }

    /// How many requests have begun.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }

    /// How many requests have ended: their answer is given or dropped.
    pub(crate) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    /// A timer that an earlier request left.
    pub(crate) fn take_timer(&self) -> Option<Pin<Box<Sleep>>> {
        self.timer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Leaves a timer to a later request.
    pub(crate) fn leave_timer(&self, timer: Option<Pin<Box<Sleep>>>) {
        if timer.is_some() {
            *self.timer.lock().unwrap_or_else(PoisonError::into_inner) = timer;
        }
    }
}

/// A request's turn in its connection. The turn ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    wire: Arc<Wire>,
    /// Which request of the connection it is, from 1.
    pub(crate) number: u64,
}

impl Turn {
    /// The next request's turn.
    pub(crate) fn begin(wire: Arc<Wire>) -> Self {
        let number = wire.begun.fetch_add(1, Ordering::AcqRel) + 1;
        Self { wire, number }
    }

    /// The connection.
    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.wire.ended.fetch_add(1, Ordering::AcqRel);
    }
}
