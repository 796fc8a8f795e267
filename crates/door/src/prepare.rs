use std::net::IpAddr;
use std::pin::Pin;

use claviger_model::{Format, Reason};
use claviger_policy::{Decision, Denial, SlowCandidate};

use crate::asked::line;
use crate::{Asked, Door};

/// Holds passwords against slow digests, away from the threads that move bytes and a few at a time.
pub trait SlowDigests: Send + Sync + 'static {
    /// Checks a password. If it is right, the snapshot has its digest once this is ready; if it is wrong, it has not.
    fn check(&self, candidate: SlowCandidate) -> Preparing<'_>;
}

/// A check under way.
pub type Preparing<'a> = Pin<Box<dyn Future<Output = Prepared> + Send + 'a>>;

/// Whether a request can be decided now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Prepared {
    /// It can.
    Ready,
    /// Too many passwords wait for their check. Trying again soon can help.
    Busy,
}

impl Door {
    /// Does what a decision must not wait for. Whoever asks about a request calls this before; for almost every request
    /// it is ready at once.
    pub async fn prepare(&self, asked: &Asked<'_>) -> Prepared {
        let Some(slow) = &self.slow else { return Prepared::Ready };
        // A decision refuses whoever's address cannot be told.
        let Ok(client) = self.trusted.client(asked.peer, asked.parts.headers) else { return Prepared::Ready };
        // In a line of its own: the snapshot is not held while others are waited for.
        let candidate = {
            let snapshot = self.snapshots.load();
            snapshot.slow_candidate(&asked.request(&snapshot, client), self.clock.now())
        };
        match candidate {
            Some(candidate) => slow.check(candidate).await,
            None => Prepared::Ready,
        }
    }

    /// Decides about a request, or refuses it if it cannot be decided now.
    pub fn ask_prepared<R>(
        &self,
        prepared: Prepared,
        asked: &Asked<'_>,
        answer: impl FnOnce(Decision<'_>, IpAddr) -> R,
    ) -> R {
        match prepared {
            Prepared::Ready => self.ask(asked, answer),
            Prepared::Busy => self.busy(asked, answer),
        }
    }

    /// Refuses a request that cannot be decided now.
    pub fn busy<R>(&self, asked: &Asked<'_>, answer: impl FnOnce(Decision<'_>, IpAddr) -> R) -> R {
        let denial = Denial {
            reason: Reason::NotFresh,
            api: None,
            scheme: None,
            credential: None,
            format: Format::Json,
            allow: Vec::new(),
            detail: Some("Too many passwords wait to be checked. Try again soon.".to_owned()),
            string_to_sign: None,
        };
        let full = || line("password", "too many that wait to be checked", "a place among them");
        self.record(asked, &denial, asked.peer, self.clock.now(), || vec![full()]);
        let decision = Decision::Deny(denial);
        self.counters.count(&decision);
        answer(decision, asked.peer)
    }
}
