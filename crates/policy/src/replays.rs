//! What was signed and accepted lately, so that it is accepted once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use claviger_model::Time;

const SHARDS: usize = 64;
/// Four million in all. Only what proved to be signed gets here.
const MOST_IN_SHARD: usize = 1 << 16;
const FEW: usize = 256;

/// The marks of signed requests that were accepted, for as long as they could be accepted again. Of this node, and in
/// memory: its clones of a snapshot share it.
#[derive(Debug)]
pub struct Replays {
    shards: Box<[Mutex<Shard>]>,
}

#[derive(Debug, Default)]
struct Shard {
    /// By mark, the microsecond until which it counts.
    until: HashMap<u128, i64>,
    /// What has passed is thrown away when there are so many.
    next_purge: usize,
    /// And not before something of what was left then has passed.
    soonest: i64,
}

/// What came of putting a mark in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It was not there.
    First,
    /// It was.
    Again,
    /// There is no room to remember it.
    Full,
}

impl Default for Replays {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Replays {
    /// Puts a mark in that counts until this moment. Of many at once, one is the first.
    pub(crate) fn admit(&self, mark: u128, until: Time, now: Time) -> Admission {
        let Some(shard) = self.shards.get(usize::try_from(mark % SHARDS as u128).unwrap_or(0)) else {
            return Admission::Full;
        };
        // The map is whole at every moment: a thread that panicked left nothing half done.
        shard.lock().unwrap_or_else(PoisonError::into_inner).admit(mark, until.as_micros(), now.as_micros())
    }
}

impl Shard {
    fn admit(&mut self, mark: u128, until: i64, now: i64) -> Admission {
        if self.until.get(&mark).is_some_and(|until| now <= *until) {
            return Admission::Again;
        }
        if self.until.len() >= self.next_purge.clamp(FEW, MOST_IN_SHARD) && now > self.soonest {
            self.until.retain(|_, until| now <= *until);
            self.next_purge = self.until.len() * 2;
            self.soonest = self.until.values().copied().min().unwrap_or(now);
        }
        if self.until.len() >= MOST_IN_SHARD {
            return Admission::Full;
        }
        self.until.insert(mark, until);
        Admission::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(1_800_000_000);

    fn later(seconds: i64) -> Time {
        Time::from_secs(1_800_000_000 + seconds)
    }

    #[test]
    fn a_mark_is_first_once_until_its_time_is_over() {
        let replays = Replays::default();
        assert_eq!(replays.admit(1, later(10), NOW), Admission::First);
        assert_eq!(replays.admit(1, later(10), later(10)), Admission::Again);
        assert_eq!(replays.admit(65, later(10), NOW), Admission::First);
        assert_eq!(replays.admit(1, later(30), later(11)), Admission::First);
    }

    #[test]
    fn what_has_passed_makes_room_and_what_has_not_is_never_forgotten() {
        let replays = Replays::default();
        let mark = |number: usize| (number * SHARDS) as u128;
        for number in 0..MOST_IN_SHARD {
            assert_eq!(replays.admit(mark(number), later(10), NOW), Admission::First);
        }
        assert_eq!(replays.admit(mark(MOST_IN_SHARD), later(10), NOW), Admission::Full);
        assert_eq!(replays.admit(mark(0), later(10), NOW), Admission::Again);
        assert_eq!(replays.admit(mark(MOST_IN_SHARD), later(20), later(11)), Admission::First);
    }

    #[test]
    fn of_many_at_once_one_is_the_first() {
        let replays = Replays::default();
        let first = || (0..500).filter(|n| replays.admit(*n, later(10), NOW) == Admission::First).count();
        let counts: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(first)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(counts, 500);
    }
}
