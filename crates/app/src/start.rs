use std::sync::Arc;

use claviger_model::{Clock, Entropy};
use claviger_store::{Store, StoreError, WrappedKeyRow};
use claviger_vault::{MasterKeySource, Vault, VaultError, WrappedKey};

use crate::follow::Follower;
use crate::people::{Passwords, RelyingParty, SignInRules, Sso};
use crate::{App, Recorder, RecorderConfig};

/// Why the product could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data keys cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Opens the data keys with the master key, or makes them at the very first start.
pub async fn open_vault(
    store: &Store,
    master: &dyn MasterKeySource,
    entropy: &dyn Entropy,
) -> Result<Vault, StartError> {
    // A transaction that can write waits for others, so that of two first starts the second finds the first one's keys.
    let mut tx = store.begin().await?;
    let kept: Vec<_> = tx.wrapped_keys().await?.into_iter().map(from_row).collect();
    if !kept.is_empty() {
        return Ok(Vault::open(master, &kept)?);
    }
    let (vault, wrapped) = Vault::create(master, &mut |bytes| entropy.fill(bytes))?;
    let rows: Vec<_> = wrapped.into_iter().map(to_row).collect();
    tx.put_wrapped_keys(&rows).await?;
    tx.commit().await?;
    Ok(vault)
}

fn from_row(row: WrappedKeyRow) -> WrappedKey {
    WrappedKey { purpose: row.purpose, generation: row.generation, wrapped: row.wrapped }
}

fn to_row(key: WrappedKey) -> WrappedKeyRow {
    WrappedKeyRow { purpose: key.purpose, generation: key.generation, wrapped: key.wrapped }
}

impl App {
    /// The same, with other rules for signing in.
    #[must_use]
    pub fn with_sign_in(self, sign_in: SignInRules) -> Self {
        Self { sign_in, ..self }
    }

    /// The same, where people sign in by these providers too.
    #[must_use]
    pub fn with_sso(self, sso: Sso) -> Self {
        Self { sso, ..self }
    }

    /// The same, with passkeys.
    #[must_use]
    pub fn with_passkeys(self, party: RelyingParty) -> Self {
        Self { relying_party: Some(party), ..self }
    }

    /// Loads everything that decisions need and starts writing records.
    pub async fn start(
        store: Store,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        records: RecorderConfig,
    ) -> Result<Self, StartError> {
        let vault = Arc::new(vault);
        let follower = Follower::start(&store, Arc::clone(&vault), &*clock).await?;
        let recorder = Recorder::start(store.clone(), records);
        let (passwords, sign_in, sso) = (Passwords::default(), SignInRules::default(), Sso::default());
        let relying_party = None;
        Ok(Self { store, vault, clock, entropy, recorder, follower, passwords, sign_in, sso, relying_party })
    }
}
