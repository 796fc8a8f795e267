use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use claviger_model::{ApiId, Reason};
use claviger_policy::{Admitted, CompiledApi, Decision, Denial};
use metrics::Counter;

type Key = (Option<ApiId>, &'static str, Option<Reason>);

/// Counts decisions by door, API, scheme and reason.
///
/// The counters are looked up in a table of our own, which is replaced when a new combination appears: asking the
/// metrics recorder at each request would cost more than the decision.
#[derive(Debug)]
pub struct Counters {
    door: &'static str,
    known: ArcSwap<HashMap<Key, Counter>>,
}

impl Counters {
    /// The counters of a door.
    #[must_use]
    pub fn new(door: &'static str) -> Self {
        metrics::describe_counter!("claviger_decisions_total", "Decisions by door, API, scheme and reason.");
        Self { door, known: ArcSwap::default() }
    }

    /// Counts one decision.
    pub fn count(&self, decision: &Decision<'_>) {
        match decision {
            Decision::Allow(grant) => self.add(Some(grant.api), grant.scheme.name(), None),
            Decision::Deny(denial) => self.count_denial(denial),
        }
    }

    /// Counts one decision about a credential alone.
    pub(crate) fn count_admission(&self, admission: &Result<Admitted<'_>, Box<Denial<'_>>>) {
        match admission {
            Ok(admitted) => self.add(Some(admitted.api), admitted.scheme.name(), None),
            Err(denial) => self.count_denial(denial),
        }
    }

    /// Counts a refusal that came before any decision.
    pub fn count_reason(&self, reason: Reason) {
        self.add(None, "", Some(reason));
    }

    fn count_denial(&self, denial: &Denial<'_>) {
        self.add(denial.api, denial.scheme.unwrap_or_default(), Some(denial.reason));
    }

    fn add(&self, api: Option<&Arc<CompiledApi>>, scheme: &'static str, reason: Option<Reason>) {
        let key = (api.map(|api| api.api.id), scheme, reason);
        if let Some(counter) = self.known.load().get(&key) {
            return counter.increment(1);
        }
        let slug = api.map_or("", |api| api.api.slug.as_str());
        self.register(key, slug).increment(1);
    }

    fn register(&self, key: Key, api: &str) -> Counter {
        let reason = key.2.map_or("allowed", Reason::code);
        let counter = metrics::counter!(
            "claviger_decisions_total",
            "door" => self.door, "api" => api.to_owned(), "scheme" => key.1, "reason" => reason,
        );
        self.known.rcu(|known| {
            let mut known = HashMap::clone(known);
            known.insert(key, counter.clone());
            Arc::new(known)
        });
        counter
    }
}
