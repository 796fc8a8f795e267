use metrics::{Counter, counter, describe_counter};

use super::Tried;

const NAME: &str = "claviger_slow_digests_total";

/// Counts passwords that came for a slow digest, by what became of them.
pub(super) struct Counted {
    right: Counter,
    wrong: Counter,
    known_wrong: Counter,
    elsewhere: Counter,
    busy: Counter,
    failed: Counter,
}

impl Default for Counted {
    fn default() -> Self {
        describe_counter!(NAME, "Passwords that came for a slow digest, by what became of them.");
        let of = |result: &'static str| counter!(NAME, "result" => result);
        Self {
            right: of("right"),
            wrong: of("wrong"),
            known_wrong: of("known_wrong"),
            elsewhere: of("elsewhere"),
            busy: of("busy"),
            failed: of("failed"),
        }
    }
}

impl Counted {
    /// A check ended; with nothing if it failed.
    pub(super) fn ended(&self, tried: Option<Tried>) {
        let counter = match tried {
            Some(Tried::Right) => &self.right,
            Some(Tried::Wrong) => &self.wrong,
            Some(Tried::Unneeded) => &self.elsewhere,
            None => &self.failed,
        };
        counter.increment(1);
    }

    /// A password was known to be wrong.
    pub(super) fn known_wrong(&self) {
        self.known_wrong.increment(1);
    }

    /// There was no place.
    pub(super) fn busy(&self) {
        self.busy.increment(1);
    }
}
