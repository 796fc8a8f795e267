//! When each credential was last used, and which versions it called: one word per credential, without locks.
//!
//! A word holds the last version and its minute, and the last call of any other version and its minute. Minutes are
//! counted from 2020 in 24 bits (until 2051); versions are numbers from 1 to 255 within their API, 0 for none.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_model::{Span, Time};

const CHUNK: usize = 1 << 16;
const CHUNKS: usize = 1 << 12;
const EPOCH_MINUTES: i64 = 26_297_280; // 2020-01-01T00:00:00Z

/// A version, by number, and the minute in which it was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseMark {
    /// The version's number within its API, from 1.
    pub version: u8,
    minute: u32,
}

impl UseMark {
    /// A call of `version` at `now`.
    #[must_use]
    pub fn new(version: u8, now: Time) -> Self {
        let minute = (now.as_minutes() - EPOCH_MINUTES).clamp(0, 0xff_ffff);
        Self { version, minute: u32::try_from(minute).unwrap_or(0) }
    }

    /// The minute of the call.
    #[must_use]
    pub const fn at(self) -> Time {
        Time::from_secs((self.minute as i64 + EPOCH_MINUTES) * 60)
    }

    const fn pack(self) -> u64 {
        (self.version as u64) << 24 | self.minute as u64
    }

    const fn unpack(bits: u64) -> Option<Self> {
        let version = (bits >> 24 & 0xff) as u8;
        if version == 0 { None } else { Some(Self { version, minute: (bits & 0xff_ffff) as u32 }) }
    }
}

/// The uses of one credential after a call that changed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UseChange {
    /// The last call.
    pub last: UseMark,
    /// The last call of another version.
    pub other: Option<UseMark>,
}

impl UseChange {
    fn word(self) -> u64 {
        self.last.pack() << 32 | self.other.map_or(0, UseMark::pack)
    }

    fn from_word(word: u64) -> Option<Self> {
        Some(Self { last: UseMark::unpack(word >> 32)?, other: UseMark::unpack(word & 0xffff_ffff) })
    }

    fn then(self, mark: UseMark) -> Self {
        let other = if mark.version == self.last.version { self.other } else { Some(self.last) };
        Self { last: mark, other }
    }

    fn other_than(self, version: u8) -> Option<UseMark> {
        if self.last.version == version { self.other } else { Some(self.last) }
    }
}

/// The uses of all credentials of a snapshot, by the slot that the snapshot gave each.
#[derive(Debug)]
pub struct Uses {
    chunks: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

impl Default for Uses {
    fn default() -> Self {
        Self { chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect() }
    }
}

impl Uses {
    fn cell(&self, slot: u32) -> Option<&AtomicU64> {
        let slot = slot as usize;
        let chunk = self.chunks.get(slot / CHUNK)?;
        chunk.get_or_init(|| (0..CHUNK).map(|_| AtomicU64::new(0)).collect()).get(slot % CHUNK)
    }

    /// The uses known of a slot.
    #[must_use]
    pub fn of(&self, slot: u32) -> Option<UseChange> {
        UseChange::from_word(self.cell(slot)?.load(Ordering::Relaxed))
    }

    /// The last call of a version other than `version`, if it was less than `window` ago.
    #[must_use]
    pub fn mixed_with(&self, slot: u32, version: u8, now: Time, window: Span) -> Option<UseMark> {
        let other = self.of(slot)?.other_than(version)?;
        (other.at().after(window) > now).then_some(other)
    }

    /// Notes a call. Answers what is now known if that is news: once per credential, version and minute.
    #[expect(clippy::must_use_candidate, reason = "the call is noted whether or not anyone wants the news")]
    pub fn record(&self, slot: u32, mark: UseMark) -> Option<UseChange> {
        let cell = self.cell(slot)?;
        let mut seen = cell.load(Ordering::Relaxed);
        loop {
            let next = match UseChange::from_word(seen) {
                Some(known) if known.last == mark => return None,
                Some(known) => known.then(mark),
                None => UseChange { last: mark, other: None },
            };
            match cell.compare_exchange_weak(seen, next.word(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(next),
                Err(newer) => seen = newer,
            }
        }
    }

    /// Sets what was stored before this process started, unless something newer is known.
    pub fn restore(&self, slot: u32, stored: UseChange) {
        if let Some(cell) = self.cell(slot) {
            let _ = cell.compare_exchange(0, stored.word(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Span = Span::from_days(1);

    fn at(minutes: i64) -> Time {
        Time::from_secs((EPOCH_MINUTES + minutes) * 60)
    }

    #[test]
    fn one_version_is_never_mixed_and_is_news_once_a_minute() {
        let uses = Uses::default();
        assert!(uses.record(7, UseMark::new(1, at(10))).is_some());
        assert!(uses.record(7, UseMark::new(1, at(10))).is_none());
        assert!(uses.record(7, UseMark::new(1, at(11))).is_some());
        assert_eq!(uses.mixed_with(7, 1, at(11), DAY), None);
        assert_eq!(uses.mixed_with(8, 1, at(11), DAY), None);
    }

    #[test]
    fn two_versions_are_mixed_until_the_window_has_passed() {
        let uses = Uses::default();
        uses.record(0, UseMark::new(1, at(0)));
        assert_eq!(uses.mixed_with(0, 2, at(1), DAY).map(|mark| mark.version), Some(1));
        uses.record(0, UseMark::new(2, at(1)));
        assert_eq!(uses.mixed_with(0, 2, at(2), DAY).map(|mark| mark.version), Some(1));
        assert_eq!(uses.mixed_with(0, 1, at(2), DAY).map(|mark| mark.version), Some(2));
        assert_eq!(uses.mixed_with(0, 2, at(1440), DAY), None);
    }

    #[test]
    fn what_was_stored_does_not_overwrite_what_is_newer() {
        let uses = Uses::default();
        let stored = UseChange { last: UseMark::new(3, at(5)), other: Some(UseMark::new(1, at(4))) };
        uses.restore(1, stored);
        assert_eq!(uses.of(1), Some(stored));
        uses.record(2, UseMark::new(1, at(9)));
        uses.restore(2, stored);
        assert_eq!(uses.of(2).unwrap().last.version, 1);
    }
}
