use std::sync::Arc;

use claviger_credential::DigestKey;
use claviger_door::Snapshots;
use claviger_policy::Snapshot;
use claviger_store::{Store, StoreError};
use tokio::sync::Mutex;

use crate::load::{apply, load};

const PAGE: u32 = 1000;

/// Keeps this node's snapshot level with the change log.
pub(crate) struct Follower {
    snapshots: Arc<Snapshots>,
    digest_key: Arc<DigestKey>,
    /// One at a time: changes are applied in the order of their numbers.
    applying: Mutex<()>,
}

impl Follower {
    /// Loads everything, and what was changed meanwhile.
    pub(crate) async fn start(store: &Store, digest_key: Arc<DigestKey>) -> Result<Self, StoreError> {
        let snapshot = load(store, Arc::clone(&digest_key)).await?;
        let snapshots = Arc::new(Snapshots::from_pointee(snapshot));
        let follower = Self { snapshots, digest_key, applying: Mutex::new(()) };
        follower.catch_up(store).await?;
        Ok(follower)
    }

    pub(crate) fn snapshots(&self) -> &Arc<Snapshots> {
        &self.snapshots
    }

    /// Applies every change that was committed before this call.
    pub(crate) async fn catch_up(&self, store: &Store) -> Result<(), StoreError> {
        let _one = self.applying.lock().await;
        loop {
            let mut snapshot = Snapshot::clone(&self.snapshots.load());
            let changes = store.changes_after(snapshot.number(), PAGE).await?;
            let Some(first) = changes.first() else { return Ok(()) };
            if first.number.0 == snapshot.number().0 + 1 {
                for change in &changes {
                    apply(&mut snapshot, change);
                }
            } else {
                tracing::warn!(
                    at = snapshot.number().0,
                    next = first.number.0,
                    "the log was pruned; loading anew"
                );
                // From nothing: what was removed meanwhile is told by no change any more.
                snapshot = load(store, Arc::clone(&self.digest_key)).await?;
            }
            self.snapshots.store(Arc::new(snapshot));
        }
    }
}
