use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use claviger_door::Snapshots;
use claviger_model::{Clock, NumberedChange, Time};
use claviger_policy::Snapshot;
use claviger_store::{Store, StoreError};
use claviger_vault::Vault;
use tokio::sync::Mutex;

use crate::load::{apply, load};

const PAGE: u32 = 1000;

/// Keeps this node's snapshot level with the change log.
pub(crate) struct Follower {
    snapshots: Arc<Snapshots>,
    /// Opens what is loaded.
    vault: Arc<Vault>,
    /// One at a time: changes are applied in the order of their numbers.
    applying: Mutex<()>,
    /// Microseconds, as in [`Time`].
    level: AtomicI64,
}

impl Follower {
    /// Loads everything, and what was changed meanwhile.
    pub(crate) async fn start(
        store: &Store,
        vault: Arc<Vault>,
        clock: &dyn Clock,
    ) -> Result<Self, StoreError> {
        let snapshot = load(store, &vault).await?;
        let snapshots = Arc::new(Snapshots::from_pointee(snapshot));
        let follower = Self { snapshots, vault, applying: Mutex::new(()), level: AtomicI64::new(0) };
        follower.catch_up(store, clock).await?;
        Ok(follower)
    }

    pub(crate) fn snapshots(&self) -> &Arc<Snapshots> {
        &self.snapshots
    }

    /// When the snapshot was last seen to be level with the log.
    pub(crate) fn level_at(&self) -> Time {
        Time::from_micros(self.level.load(Ordering::Relaxed))
    }

    /// Applies every change that was committed before this call.
    pub(crate) async fn catch_up(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let _one = self.applying.lock().await;
        loop {
            // Before the question: what is committed after it may be missing from the answer.
            let asked = clock.now();
            let mut snapshot = Snapshot::clone(&self.snapshots.load());
            match next(store, &snapshot).await? {
                Next::Nothing => {
                    self.level.store(asked.as_micros(), Ordering::Relaxed);
                    return Ok(());
                }
                Next::Changes(changes) => {
                    for change in &changes {
                        apply(&mut snapshot, change);
                    }
                }
                Next::Lost(why) => {
                    tracing::warn!(at = snapshot.number().0, why, "loading everything anew");
                    // From nothing: what was removed meanwhile is told by no change any more.
                    let mut loaded = load(store, &self.vault).await?;
                    loaded.remember(&snapshot);
                    snapshot = loaded;
                }
            }
            self.snapshots.store(Arc::new(snapshot));
        }
    }
}

/// What the log says next.
enum Next {
    Nothing,
    Changes(Vec<NumberedChange>),
    /// It cannot say it any more, for this reason.
    Lost(String),
}

async fn next(store: &Store, snapshot: &Snapshot) -> Result<Next, StoreError> {
    let changes = match store.changes_after(snapshot.number(), PAGE).await {
        // One entry that cannot be read must not hide a revocation behind it: the tables tell the same.
        Err(error @ StoreError::Corrupt { .. }) => return Ok(Next::Lost(error.to_string())),
        changes => changes?,
    };
    Ok(match changes.first() {
        None => Next::Nothing,
        Some(first) if first.number.0 == snapshot.number().0 + 1 => Next::Changes(changes),
        Some(_) => Next::Lost("the log was pruned".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use claviger_model::{
        Account, AccountId, Allowlist, Change, ChangeNumber, Credential, CredentialId, CredentialRecord,
        CredentialState, Digest, EnvironmentId, KeyOrigin, Notes, PermissionSet, Succession,
    };
    use claviger_store::{Location, NewCredential};
    use claviger_vault::{LocalMasterKey, MasterKey};

    use super::*;

    const NOW: Time = Time::from_secs(1_800_000_000);

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Time {
            NOW
        }
    }

    fn vault() -> Arc<Vault> {
        let master = LocalMasterKey::from(MasterKey::generate([7; 32]));
        Arc::new(Vault::create(&master, &mut |bytes| bytes.fill(9)).unwrap().0)
    }

    /// Its end cannot be read again once it was written to the log.
    fn unreadable() -> CredentialRecord {
        let credential = Credential {
            id: CredentialId::from_u128(1),
            digest: Digest([1; 32]),
            account: AccountId::from_u128(1),
            environment: EnvironmentId::from_u128(1),
            key_type: "standard".parse().unwrap(),
            state: CredentialState::Active,
            allowlist: Allowlist::default(),
            permissions: PermissionSet::Everything,
            not_before: None,
            expires_at: Some(Time::from_micros(i64::MAX)),
            origin: KeyOrigin::Own,
            successor: None,
            vouched_factor: false,
            user: None,
        };
        CredentialRecord {
            credential,
            change: ChangeNumber(1),
            label: None,
            hint: "0000".into(),
            created_at: NOW,
            updated_at: NOW,
            revocation: None,
            notes: Notes::default(),
            succession: Succession::default(),
        }
    }

    #[tokio::test]
    async fn an_entry_that_cannot_be_read_hides_nothing_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("test.db"))).await.unwrap();
        let follower = Follower::start(&store, vault(), &Still).await.unwrap();
        let (record, api) = (unreadable(), claviger_model::ApiId::from_u128(1));
        let (number, realm) = ("1".parse().unwrap(), "one".parse().unwrap());
        let account = Account {
            id: record.credential.account,
            number,
            realm,
            name: "One".into(),
            second_factor: claviger_model::SecondFactorRule::Optional,
        };

        let mut tx = store.begin().await.unwrap();
        tx.record_change(&Change::Credential(record.credential.clone()), NOW).await.unwrap();
        tx.insert_credential(NewCredential { record: &record, api, sealed: None }).await.unwrap();
        let after = tx.record_change(&Change::Account(account.clone()), NOW).await.unwrap();
        tx.put_account(&account, after).await.unwrap();
        tx.commit().await.unwrap();

        assert!(matches!(store.changes_after(ChangeNumber(0), 10).await, Err(StoreError::Corrupt { .. })));
        follower.catch_up(&store, &Still).await.unwrap();
        let snapshot = follower.snapshots().load();
        assert_eq!((snapshot.number(), snapshot.credentials()), (ChangeNumber(2), 1));
        assert_eq!(snapshot.account(account.id), Some(&account));
    }
}
