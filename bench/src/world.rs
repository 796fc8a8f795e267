use std::sync::Arc;

use claviger_credential::DigestKey;
use claviger_model::{Change, ChangeNumber, NumberedChange, Time};
use claviger_policy::{Decision, Snapshot, decide};

use crate::{Population, Prepared, Seed};

/// When every request comes.
pub const NOW: Time = Time::from_secs(1_800_000_000);
/// For how many credentials requests are prepared: enough that their entries do not stay in the processor's caches.
const REQUESTS: u64 = 100_000;
const UPSTREAM: &str = "http://127.0.0.1:9";

/// A snapshot of a population, and requests with a sample of its credentials in an order of chance.
#[derive(Debug)]
pub struct World {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The requests. All of them are let through.
    pub requests: Vec<Prepared>,
}

/// What digests of these measurements are made with.
fn digest_key() -> DigestKey {
    DigestKey::new([7; 32])
}

impl World {
    /// Makes the snapshot change by change, as a node does when it starts.
    ///
    /// # Panics
    /// If a request is refused, for then something else is measured than what is meant.
    #[must_use]
    pub fn build(size: u64) -> Self {
        let population = Population::new(size);
        let every = size.div_ceil(REQUESTS.min(size));
        let mut requests = Vec::new();
        let snapshot = Self::snapshot(&population, |issued| {
            if issued.number.is_multiple_of(every) {
                requests.push(Prepared::of(issued));
            }
        });
        Seed::new(size).shuffle(&mut requests);
        let world = Self { snapshot, requests };
        world.requests.iter().for_each(|request| world.use_once(request));
        world
    }

    /// The snapshot alone. Each credential is shown to `see` before it is put in.
    ///
    /// # Panics
    /// If an API of the population cannot be served.
    pub fn snapshot(population: &Population, mut see: impl FnMut(&crate::Issued)) -> Snapshot {
        let digest_key = Arc::new(digest_key());
        let mut snapshot = Snapshot::empty(Arc::clone(&digest_key));
        let mut number = ChangeNumber(0);
        let mut apply = |change| {
            number.0 += 1;
            let applied = snapshot.apply(&NumberedChange { number, change });
            applied.unwrap_or_else(|error| panic!("{error}"));
        };
        population.accounts().for_each(|account| apply(Change::Account(account)));
        population.apis(UPSTREAM).for_each(|api| apply(Change::Api(Box::new(api))));
        for place in 0..population.size() {
            let issued = population.issue(place, &digest_key);
            see(&issued);
            apply(Change::Credential(issued.credential));
        }
        snapshot.reached(number);
        snapshot
    }

    /// Makes the call and notes it, as a door does.
    fn use_once(&self, request: &Prepared) {
        match decide(&self.snapshot, &request.request(&self.snapshot), NOW) {
            Decision::Allow(grant) => {
                let (slot, mark) = grant.use_mark(NOW);
                self.snapshot.uses().record(slot, mark);
            }
            Decision::Deny(denial) => panic!("{} is refused: {:?}", request.target, denial.reason),
        }
    }
}
