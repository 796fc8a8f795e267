//! The one place where the clock and the source of randomness are read.

use std::time::{SystemTime, UNIX_EPOCH};

use claviger_model::{Clock, Entropy, Time};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    fn now(&self) -> Time {
        // A clock before 1970 is a clock that is not set: nothing is valid yet then.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The system's source of randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// If the system gives no randomness: going on would make keys that can be guessed.
    #[expect(clippy::disallowed_methods, clippy::expect_used, reason = "this is where randomness is read")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system gives randomness");
    }
}
