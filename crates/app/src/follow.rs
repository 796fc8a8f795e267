use std::sync::Arc;

use claviger_door::Snapshots;
use claviger_model::NumberedChange;
use claviger_policy::Snapshot;
use claviger_store::{Store, StoreError};
use tokio::sync::Mutex;

const PAGE: u32 = 1000;

/// Keeps this node's snapshot level with the change log.
pub(crate) struct Follower {
    snapshots: Arc<Snapshots>,
    /// One at a time: changes are applied in the order of their numbers.
    applying: Mutex<()>,
}

impl Follower {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self { snapshots: Arc::new(Snapshots::from_pointee(snapshot)), applying: Mutex::new(()) }
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
                apply_all(&mut snapshot, &changes);
            } else {
                tracing::warn!(
                    at = snapshot.number().0,
                    next = first.number.0,
                    "the log was pruned; loading anew"
                );
                load_into(store, &mut snapshot).await?;
            }
            self.snapshots.store(Arc::new(snapshot));
        }
    }
}

fn apply_all(snapshot: &mut Snapshot, changes: &[NumberedChange]) {
    for change in changes {
        apply(snapshot, change);
    }
}

fn apply(snapshot: &mut Snapshot, change: &NumberedChange) {
    if let Err(error) = snapshot.apply(change) {
        tracing::error!(change = change.number.0, %error, "an API cannot be served and is refused from now on");
    }
}

/// Puts everything that is stored into a snapshot.
pub(crate) async fn load_into(store: &Store, snapshot: &mut Snapshot) -> Result<(), StoreError> {
    let head = store.load(|change| apply(snapshot, &change)).await?;
    snapshot.reached(head);
    Ok(())
}
