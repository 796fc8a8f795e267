//! How often credentials are used that have a successor: every request counts, so they are added up in memory and
//! written from time to time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use claviger_model::CredentialId;
use claviger_store::Store;
use tokio::sync::mpsc;

/// How long counts gather before they are written.
const PAUSE: Duration = Duration::from_millis(500);

type Counts = HashMap<CredentialId, u64>;

/// The counts that are not written yet. Clones share them.
#[derive(Clone)]
pub(crate) struct LateUses {
    tally: Arc<Tally>,
    /// Wakes the task that writes. It ends with the last clone.
    wake: mpsc::Sender<()>,
}

struct Tally {
    store: Store,
    /// Held for one addition, or for as long as it takes to put an empty table in the place of this one.
    counts: Mutex<Counts>,
    /// One at a time, so that whoever waits for a write has waited for the one before as well.
    writing: tokio::sync::Mutex<()>,
}

impl LateUses {
    /// Starts the task that writes to `store`.
    pub(crate) fn start(store: Store) -> Self {
        let tally =
            Arc::new(Tally { store, counts: Mutex::default(), writing: tokio::sync::Mutex::default() });
        let (wake, woken) = mpsc::channel(1);
        tokio::spawn(write_all(Arc::clone(&tally), woken));
        Self { tally, wake }
    }

    /// Counts one.
    pub(crate) fn add(&self, credential: CredentialId) {
        self.tally.add([(credential, 1)]);
        // Full means that it is going to be woken anyway.
        let _ = self.wake.try_send(());
    }

    /// Waits until everything counted before this call is written.
    pub(crate) async fn write(&self) {
        self.tally.write().await;
    }
}

async fn write_all(tally: Arc<Tally>, mut woken: mpsc::Receiver<()>) {
    while woken.recv().await.is_some() {
        tokio::time::sleep(PAUSE).await;
        tally.write().await;
    }
}

impl Tally {
    fn add(&self, counts: impl IntoIterator<Item = (CredentialId, u64)>) {
        let mut tally = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (credential, count) in counts {
            *tally.entry(credential).or_default() += count;
        }
    }

    fn take(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What cannot be written is kept for the next time.
    async fn write(&self) {
        let _one = self.writing.lock().await;
        let counts = self.take();
        if counts.is_empty() {
            return;
        }
        // In one order on every node, so that two that write at the same time do not wait for each other's rows.
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        if let Err(error) = self.store.add_late_uses(counts.iter().copied()).await {
            tracing::error!(%error, "late uses could not be written yet");
            self.add(counts);
        }
    }
}
