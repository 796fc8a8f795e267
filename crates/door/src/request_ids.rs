use std::sync::atomic::{AtomicU64, Ordering};

use claviger_model::{Entropy, RequestId, Time};

/// Makes request ids. They are no secrets: unique is enough, so that one random start and a counter will do.
#[derive(Debug)]
pub struct RequestIds {
    start: [u8; 10],
    next: AtomicU64,
}

impl RequestIds {
    /// Ids that differ from those of every other process.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self { start: entropy.array(), next: AtomicU64::new(0) }
    }

    /// The next id.
    #[must_use]
    pub fn next(&self, now: Time) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut random = self.start;
        if let Some(low) = random.last_chunk_mut::<8>() {
            *low = u64::from_be_bytes(*low).wrapping_add(count).to_be_bytes();
        }
        RequestId::new(now, random)
    }
}
