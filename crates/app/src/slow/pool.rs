use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use claviger_door::{Prepared, Preparing};
use claviger_model::{CredentialId, Digest};
use claviger_policy::{SlowCandidate, Stake};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use super::Tried;
use super::counted::Counted;
use super::share::{Member, Shares};

/// Checks at one time: one processor is the most that they get.
const RUNNING: usize = 1;
/// Checks that run or wait for their turn to run.
const PLACES: usize = 16;
/// How many of these nobody can be let in by.
const IDLE_PLACES: usize = PLACES / 2;
/// How many of these one client has.
const OF_A_CLIENT: usize = 2;
/// How many of these one user has.
const OF_A_USER: usize = 1;
/// Checks of one client that have a place or wait for one.
const WAITING: usize = 16;
/// Wrong passwords that are remembered.
const REMEMBERED: usize = 4096;

/// A password of a user, and the digest that it is held against.
type Guess = (Digest, Digest, CredentialId);

/// Room for a few checks.
pub(super) struct Pool {
    running: Semaphore,
    places: Arc<Semaphore>,
    idle: Arc<Semaphore>,
    clients: Arc<Shares<IpAddr>>,
    users: Arc<Shares<Digest>>,
    /// How long a check waits for a place.
    patience: Duration,
    state: Mutex<State>,
    counted: Counted,
}

#[derive(Default)]
struct State {
    under_way: HashMap<Guess, watch::Receiver<Option<Prepared>>>,
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

/// Ends a check, however it ends.
struct UnderWay {
    pool: Arc<Pool>,
    guess: Guess,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.pool.state().under_way.remove(&self.guess);
    }
}

/// A check that waits for its place.
struct Waiting {
    client: Member<IpAddr>,
    user: Member<Digest>,
    stake: Stake,
}

impl Pool {
    pub(super) fn new(patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            running: Semaphore::new(RUNNING),
            places: Arc::new(Semaphore::new(PLACES)),
            idle: Arc::new(Semaphore::new(IDLE_PLACES)),
            clients: Shares::new(OF_A_CLIENT, WAITING),
            users: Shares::new(OF_A_USER, usize::MAX),
            patience,
            state: Mutex::default(),
            counted: Counted::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a password checked, or joins the check of the same one. None if it is known to be wrong.
    ///
    /// The check goes on when nobody waits for it any more: its result saves the next one.
    pub(super) fn enter<W>(
        self: &Arc<Self>,
        candidate: SlowCandidate,
        work: impl FnOnce(SlowCandidate) -> W,
    ) -> Option<Preparing<'static>>
    where
        W: Future<Output = Option<Tried>> + Send + 'static,
    {
        let guess = (candidate.user, candidate.digest, candidate.credential);
        let mut state = self.state();
        if state.wrong.known.contains(&guess) {
            self.counted.known_wrong();
            return None;
        }
        if let Some(flight) = state.under_way.get(&guess) {
            return Some(Box::pin(wait(flight.clone())));
        }
        let Some(waiting) = self.join(&candidate) else {
            self.counted.busy();
            return Some(Box::pin(std::future::ready(Prepared::Busy)));
        };
        let (done, flight) = watch::channel(None);
        state.under_way.insert(guess, flight.clone());
        let (pool, work) = (Arc::clone(self), work(candidate));
        tokio::spawn(async move {
            let under_way = UnderWay { pool: Arc::clone(&pool), guess };
            let prepared = pool.run(guess, waiting, work).await;
            // Before anyone is told: whoever is told may come again at once.
            drop(under_way);
            let _ = done.send(Some(prepared));
        });
        Some(Box::pin(wait(flight)))
    }

    fn join(&self, candidate: &SlowCandidate) -> Option<Waiting> {
        let client = self.clients.join(holder(candidate.client))?;
        let user = self.users.join(candidate.user)?;
        Some(Waiting { client, user, stake: candidate.stake })
    }

    async fn run(
        &self,
        guess: Guess,
        waiting: Waiting,
        work: impl Future<Output = Option<Tried>>,
    ) -> Prepared {
        let Ok(_place) = timeout(self.patience, self.place(&waiting)).await else {
            self.counted.busy();
            return Prepared::Busy;
        };
        // It is never closed.
        let _turn = self.running.acquire().await;
        let tried = work.await;
        self.counted.ended(tried);
        if tried == Some(Tried::Wrong) {
            self.state().wrong.remember(guess);
        }
        if tried.is_some() { Prepared::Ready } else { Prepared::Busy }
    }

    /// Waits for a place. The client's own share comes first: who waits for that keeps nobody else waiting.
    async fn place(&self, waiting: &Waiting) -> [Option<OwnedSemaphorePermit>; 4] {
        let client = waiting.client.turns().acquire_owned().await.ok();
        let user = waiting.user.turns().acquire_owned().await.ok();
        let idle = match waiting.stake {
            Stake::Entry => None,
            Stake::Reason | Stake::Nothing => Arc::clone(&self.idle).acquire_owned().await.ok(),
        };
        [client, user, idle, Arc::clone(&self.places).acquire_owned().await.ok()]
    }
}

async fn wait(mut flight: watch::Receiver<Option<Prepared>>) -> Prepared {
    let done = flight.wait_for(Option::is_some).await;
    done.ok().and_then(|done| *done).unwrap_or(Prepared::Busy)
}

/// Who has an address: of IPv6, everyone has at least 2^64 of them.
fn holder(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_one_network_are_one_client() {
        let of = |text: &str| holder(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:3::1"), "2001:db8:1:3::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
