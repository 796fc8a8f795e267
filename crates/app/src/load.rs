//! A snapshot of everything that is stored.

use std::collections::HashMap;
use std::sync::Arc;

use claviger_model::{NumberedChange, VersionUse, VersionUses};
use claviger_policy::{CompiledApi, Snapshot, UseChange, UseMark};
use claviger_store::{Store, StoreError};
use claviger_vault::Vault;

use crate::opener;

/// Loads it. Changes made while it loads may be missing: the log is to be applied from its number on.
pub(crate) async fn load(store: &Store, vault: &Arc<Vault>) -> Result<Snapshot, StoreError> {
    let mut snapshot = opener::empty(vault);
    let head = store.load(|change| apply(&mut snapshot, &change)).await?;
    snapshot.reached(head);
    restore_uses(store, &snapshot).await?;
    Ok(snapshot)
}

/// Puts a change in. What cannot be served is refused from then on, and said loudly.
pub(crate) fn apply(snapshot: &mut Snapshot, change: &NumberedChange) {
    if let Err(error) = snapshot.apply(change) {
        tracing::error!(change = change.number.0, %error, "what is changed cannot be served and is refused from now on");
    }
}

async fn restore_uses(store: &Store, snapshot: &Snapshot) -> Result<(), StoreError> {
    let mut stored = HashMap::new();
    store
        .version_uses(|uses: VersionUses| {
            stored.insert(uses.credential, uses);
        })
        .await?;
    if stored.is_empty() {
        return Ok(());
    }
    for (credential, slot, api) in snapshot.slots() {
        if let Some(change) = stored.get(&credential).zip(api).and_then(|(uses, api)| numbered(uses, api)) {
            snapshot.uses().restore(slot, change);
        }
    }
    Ok(())
}

fn numbered(uses: &VersionUses, api: &CompiledApi) -> Option<UseChange> {
    // A version that is gone since is no use of another version either.
    let mark =
        |used: &VersionUse| api.version_number(&used.version).map(|number| UseMark::new(number, used.at));
    let mut marks = [Some(&uses.last), uses.other.as_ref()].into_iter().flatten().filter_map(mark);
    Some(UseChange { last: marks.next()?, other: marks.next() })
}
