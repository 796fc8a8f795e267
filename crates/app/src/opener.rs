//! The vault as what opens the secrets of key pairs for decisions.

use std::sync::Arc;

use claviger_credential::SigningKey;
use claviger_model::Signer;
use claviger_policy::{Opener, Snapshot};
use claviger_vault::{Row, Vault};

/// Where a key pair's sealed secret is stored.
pub(crate) const ROW: fn(&str) -> Row<'_> = |id| Row { table: "signer", column: "sealed", id };

#[derive(Debug)]
struct Opens(Arc<Vault>);

impl Opener for Opens {
    fn open(&self, signer: &Signer) -> Option<SigningKey> {
        let id = signer.credential.to_string();
        let secret = self.0.open_sealed(ROW(&id), &signer.sealed.0);
        let secret =
            secret.inspect_err(|error| tracing::error!(key = %id, %error, "a pair cannot be verified"));
        Some(SigningKey::new(signer.algorithm, &secret.ok()?))
    }
}

/// A snapshot with nothing in it that can open what is put in.
pub(crate) fn empty(vault: &Arc<Vault>) -> Snapshot {
    Snapshot::empty(Arc::clone(vault.digest_key())).opening_with(Arc::new(Opens(Arc::clone(vault))))
}
