use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use claviger_door::{Prepared, Preparing};
use claviger_model::{CredentialId, Digest};
use tokio::sync::{Semaphore, watch};

use super::Tried;
use super::counted::Counted;

/// Checks at one time: one processor is the most that they get.
const RUNNING: usize = 1;
/// Checks that run or wait.
const PLACES: usize = 16;
/// Wrong passwords that are remembered.
const REMEMBERED: usize = 4096;

/// A password of a user.
pub(super) type Guess = (CredentialId, Digest);

/// Room for a few checks.
pub(super) struct Pool {
    running: Semaphore,
    places: Arc<Semaphore>,
    state: Mutex<State>,
    counted: Counted,
}

#[derive(Default)]
struct State {
    /// The check that is under way for each user.
    under_way: HashMap<CredentialId, (Digest, watch::Receiver<Option<Prepared>>)>,
    wrong: Wrong,
}

/// Wrong passwords, the oldest forgotten first.
#[derive(Default)]
struct Wrong {
    known: HashSet<Guess>,
    order: VecDeque<Guess>,
}

impl Wrong {
    fn remember(&mut self, guess: Guess) {
        if self.known.insert(guess) {
            self.order.push_back(guess);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            running: Semaphore::new(RUNNING),
            places: Arc::new(Semaphore::new(PLACES)),
            state: Mutex::default(),
            counted: Counted::default(),
        }
    }
}

/// Ends a user's check, however it ends.
struct UnderWay {
    pool: Arc<Pool>,
    user: CredentialId,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.pool.state().under_way.remove(&self.user);
    }
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a password checked, or joins the check of the same one. None if it is known to be wrong.
    ///
    /// The check goes on when nobody waits for it any more: its result saves the next one.
    pub(super) fn enter<W>(
        self: &Arc<Self>,
        guess: Guess,
        work: impl FnOnce() -> W,
    ) -> Option<Preparing<'static>>
    where
        W: Future<Output = Option<Tried>> + Send + 'static,
    {
        let busy = || {
            self.counted.busy();
            Some(Box::pin(std::future::ready(Prepared::Busy)) as Preparing<'static>)
        };
        let mut state = self.state();
        if state.wrong.known.contains(&guess) {
            self.counted.known_wrong();
            return None;
        }
        let (user, digest) = guess;
        if let Some((same, flight)) = state.under_way.get(&user) {
            return if *same == digest { Some(Box::pin(wait(flight.clone()))) } else { busy() };
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return busy() };
        let (done, flight) = watch::channel(None);
        state.under_way.insert(user, (digest, flight.clone()));
        let (pool, work) = (Arc::clone(self), work());
        tokio::spawn(async move {
            let _place = place;
            let under_way = UnderWay { pool: Arc::clone(&pool), user };
            let prepared = pool.run(guess, work).await;
            // Before anyone is told: whoever is told may come again at once.
            drop(under_way);
            let _ = done.send(Some(prepared));
        });
        Some(Box::pin(wait(flight)))
    }

    async fn run(&self, guess: Guess, work: impl Future<Output = Option<Tried>>) -> Prepared {
        // It is never closed.
        let _turn = self.running.acquire().await;
        let tried = work.await;
        self.counted.ended(tried);
        if tried == Some(Tried::Wrong) {
            self.state().wrong.remember(guess);
        }
        if tried.is_some() { Prepared::Ready } else { Prepared::Busy }
    }
}

async fn wait(mut flight: watch::Receiver<Option<Prepared>>) -> Prepared {
    let done = flight.wait_for(Option::is_some).await;
    done.ok().and_then(|done| *done).unwrap_or(Prepared::Busy)
}
