//! What was signed and accepted lately, so that it is accepted once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use claviger_model::{CredentialId, EnvironmentId, Reason, Span, Time};

use crate::own_hash::OwnHash;
use crate::windows::Windows;

const SHARDS: usize = 64;
/// Four million in all. Only what proved to be signed gets here.
const MOST_IN_SHARD: usize = 1 << 16;
/// When half of the room is taken, no credential gets more than this: then one customer cannot fill it for all.
const MOST_OF_ONE: u32 = 1 << 12;
const FEW: usize = 256;
/// What has passed stays for so long: another thread may still decide by a time before that.
const SLACK: Span = Span::from_secs(5);
/// Between two looks for what has passed.
const REST: Span = Span::from_secs(1);

/// The marks of signed requests that were accepted, for as long as they could be accepted again. Of this node, and in
/// memory: its clones of a snapshot share it.
#[derive(Debug)]
pub struct Replays {
    /// Held while a mark is put in, so that nothing is forgotten by a window while another one comes to count.
    windows: RwLock<Windows>,
    shards: Box<[Mutex<Shard>]>,
}

/// A signed request that is about to be accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed {
    /// What it is known again by.
    pub(crate) mark: u64,
    pub(crate) credential: CredentialId,
    pub(crate) environment: EnvironmentId,
    pub(crate) at: Time,
    /// How far from now it may have been signed.
    pub(crate) window: Span,
}

#[derive(Debug, Default)]
struct Shard {
    kept: HashMap<u64, Kept, OwnHash>,
    /// How many of them are of a credential.
    count: HashMap<u32, u32, OwnHash>,
    /// What has passed is thrown away when there are so many.
    next_purge: usize,
    /// And not before this moment.
    soonest: Option<Time>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    until: Second,
    /// Whose it is: the end of the credential's id, which is random.
    of: u32,
}

/// A moment in whole seconds since 1970, which takes half of the memory.
#[derive(Debug, Clone, Copy)]
struct Second(u32);

impl Second {
    /// Not before this moment. What comes after 2106 is never.
    fn after(time: Time) -> Self {
        const MICROS: i64 = 1_000_000;
        let seconds = time.as_micros().saturating_add(MICROS - 1).div_euclid(MICROS).max(0);
        Self(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    const fn time(self) -> Time {
        match self.0 {
            u32::MAX => Time::from_micros(i64::MAX),
            seconds => Time::from_secs(seconds as i64),
        }
    }
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
    /// It was signed before what was signed then was remembered for as long as the window is now.
    Forgotten,
}

impl Default for Replays {
    fn default() -> Self {
        Self { windows: RwLock::default(), shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Replays {
    /// Puts a mark in, for as long as it could be accepted again. Of many at once, one is the first.
    pub(crate) fn admit(&self, signed: &Signed, now: Time) -> Admission {
        let Some(shard) = self.shards.get(usize::try_from(signed.mark % SHARDS as u64).unwrap_or(0)) else {
            return Admission::Full;
        };
        loop {
            // Everything is whole at every moment: a thread that panicked left nothing half done.
            let windows = self.windows.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(remembered) = windows.of(signed.environment, signed.window) {
                if signed.at < remembered.since {
                    return Admission::Forgotten;
                }
                let until = Second::after(signed.at.after(remembered.window));
                let kept = Kept { until, of: end_of(signed.credential) };
                return shard.lock().unwrap_or_else(PoisonError::into_inner).admit(signed.mark, kept, now);
            }
            drop(windows);
            self.widen(signed, now);
        }
    }

    /// Makes the window count that the policy has now, and keeps what is there for that much longer: of whichever
    /// environment it is, as this happens when an operator changes a policy.
    fn widen(&self, signed: &Signed, now: Time) {
        let mut windows = self.windows.write().unwrap_or_else(PoisonError::into_inner);
        let Some(longer) = windows.widen(signed.environment, signed.window, now) else { return };
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let widen = |kept: &mut Kept| kept.until = Second::after(kept.until.time().after(longer));
            shard.kept.values_mut().for_each(widen);
        }
    }
}

fn end_of(id: CredentialId) -> u32 {
    u32::try_from(id.as_u128() & u128::from(u32::MAX)).unwrap_or_default()
}

impl Admission {
    /// Why it is not accepted.
    pub(crate) const fn reason(self) -> Option<Reason> {
        match self {
            Self::First => None,
            Self::Again => Some(Reason::Replayed),
            Self::Full => Some(Reason::NotFresh),
            Self::Forgotten => Some(Reason::ClockSkew),
        }
    }

    /// The same in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::First => "the first time",
            Self::Again => "again",
            Self::Full => "more than can be remembered",
            Self::Forgotten => "signed before the window was made wider",
        }
    }
}

impl Shard {
    fn admit(&mut self, mark: u64, new: Kept, now: Time) -> Admission {
        if self.kept.get(&mark).is_some_and(|kept| now <= kept.until.time()) {
            return Admission::Again;
        }
        let full = !self.has_room(new.of) || self.kept.len() >= self.next_purge.clamp(FEW, MOST_IN_SHARD);
        if full && self.soonest.is_none_or(|soonest| now > soonest) {
            self.purge(now);
        }
        if !self.has_room(new.of) {
            return Admission::Full;
        }
        if let Some(passed) = self.kept.insert(mark, new) {
            self.count.entry(passed.of).and_modify(|count| *count = count.saturating_sub(1));
        }
        *self.count.entry(new.of).or_default() += 1;
        Admission::First
    }

    fn has_room(&self, of: u32) -> bool {
        let kept = self.kept.len();
        kept < MOST_IN_SHARD / 2
            || (kept < MOST_IN_SHARD && self.count.get(&of).is_none_or(|count| *count < MOST_OF_ONE))
    }

    fn purge(&mut self, now: Time) {
        self.kept.retain(|_, kept| now.before(SLACK) <= kept.until.time());
        self.count.clear();
        for kept in self.kept.values() {
            *self.count.entry(kept.of).or_default() += 1;
        }
        self.next_purge = self.kept.len() * 2;
        let soonest = self.kept.values().map(|kept| kept.until.time()).min().unwrap_or(now);
        self.soonest = Some(soonest.max(now.after(REST)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(1_800_000_000);
    const MINUTE: Span = Span::from_secs(60);

    fn later(seconds: i64) -> Time {
        Time::from_secs(1_800_000_000 + seconds)
    }

    fn signed(mark: u64) -> Signed {
        let (credential, environment) = (CredentialId::from_u128(1), EnvironmentId::from_u128(1));
        Signed { mark, credential, environment, at: NOW, window: MINUTE }
    }

    /// In one shard.
    fn mark(number: usize) -> u64 {
        (number * SHARDS) as u64
    }

    #[test]
    fn a_mark_is_first_once_until_its_time_is_over() {
        let replays = Replays::default();
        assert_eq!(replays.admit(&signed(1), NOW), Admission::First);
        assert_eq!(replays.admit(&signed(1), later(60)), Admission::Again);
        assert_eq!(replays.admit(&signed(65), NOW), Admission::First);
        let again = Signed { at: later(30), ..signed(1) };
        assert_eq!(replays.admit(&again, later(61)), Admission::First);
    }

    #[test]
    fn what_has_passed_makes_room_and_what_has_not_is_never_forgotten() {
        let replays = Replays::default();
        let of = |number: usize| {
            let credential = CredentialId::from_u128(number as u128 % 16);
            Signed { credential, ..signed(mark(number)) }
        };
        for number in 0..MOST_IN_SHARD {
            assert_eq!(replays.admit(&of(number), NOW), Admission::First);
        }
        assert_eq!(replays.admit(&of(MOST_IN_SHARD), NOW), Admission::Full);
        assert_eq!(replays.admit(&of(0), NOW), Admission::Again);
        let next = Signed { at: later(66), ..of(MOST_IN_SHARD) };
        assert_eq!(replays.admit(&next, later(66)), Admission::First);
    }

    #[test]
    fn whoever_decides_by_an_earlier_moment_still_finds_what_was_there() {
        let replays = Replays::default();
        for number in 0..FEW {
            assert_eq!(replays.admit(&signed(mark(number)), NOW), Admission::First);
        }
        let next = Signed { at: later(61), ..signed(mark(FEW)) };
        assert_eq!(replays.admit(&next, later(61)), Admission::First, "what has passed is looked for now");
        assert_eq!(replays.admit(&signed(mark(0)), later(60)), Admission::Again);
    }

    #[test]
    fn one_credential_leaves_room_for_the_others() {
        let replays = Replays::default();
        let half = MOST_IN_SHARD / 2;
        for number in 0..half {
            assert_eq!(replays.admit(&signed(mark(number)), NOW), Admission::First);
        }
        assert_eq!(replays.admit(&signed(mark(half)), NOW), Admission::Full);
        let other = |number| Signed { credential: CredentialId::from_u128(2), ..signed(mark(number)) };
        for number in half..half + MOST_OF_ONE as usize {
            assert_eq!(replays.admit(&other(number), NOW), Admission::First);
        }
        assert_eq!(replays.admit(&other(MOST_IN_SHARD), NOW), Admission::Full);
        let next = Signed { at: later(66), ..signed(mark(half)) };
        assert_eq!(replays.admit(&next, later(66)), Admission::First, "its own have passed");
    }

    #[test]
    fn a_wider_window_brings_nothing_back() {
        let replays = Replays::default();
        let wide = |mark, at| Signed { at, window: Span::from_secs(600), ..signed(mark) };
        assert_eq!(replays.admit(&signed(1), NOW), Admission::First);
        assert_eq!(
            replays.admit(&signed(2), later(61)),
            Admission::First,
            "from now on, the first has passed"
        );
        let signed_later = Signed { at: later(50), ..signed(3) };
        assert_eq!(replays.admit(&signed_later, later(61)), Admission::First);
        assert_eq!(replays.admit(&wide(1, NOW), later(90)), Admission::Forgotten);
        assert_eq!(replays.admit(&wide(3, later(50)), later(600)), Admission::Again);
        assert_eq!(replays.admit(&wide(4, later(50)), later(600)), Admission::First);
        let elsewhere = Signed { environment: EnvironmentId::from_u128(2), ..wide(5, NOW) };
        assert_eq!(replays.admit(&elsewhere, later(600)), Admission::First);
        assert_eq!(
            replays.admit(&Signed { at: later(50), ..signed(4) }, later(60)),
            Admission::Again,
            "a narrower one changes nothing"
        );
    }

    #[test]
    fn of_many_at_once_one_is_the_first() {
        let replays = Replays::default();
        let first = || (0..500).filter(|n| replays.admit(&signed(*n), NOW) == Admission::First).count();
        let counts: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(first)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(counts, 500);
    }
}
