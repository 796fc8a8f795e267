//! What makes a new credential one: the one place where secrets are made, for new keys and for successors.

use claviger_credential::key;
use claviger_model::{
    Api, Change, CredentialId, CredentialRecord, Digest, Environment, SignatureAlgorithm, Signer,
};
use claviger_store::NewCredential;

use super::ROW;
use crate::unit::Unit;
use crate::{App, AppError, KeyView, Shown};

/// A new secret, and what is kept of it.
pub(super) struct NewSecret {
    /// What its owner gets.
    shown: Shown,
    /// What the credential is looked up by.
    pub(super) digest: Digest,
    /// By what a person tells it from others.
    pub(super) hint: String,
    /// The key sealed, where it is kept.
    sealed: Option<Vec<u8>>,
    /// What a pair signs with.
    signer: Option<Signer>,
}

impl App {
    /// Makes the secret of a credential, in the form of its API: of a pair, if there is an algorithm to sign with.
    pub(super) fn new_secret(
        &self,
        id: CredentialId,
        api: &Api,
        environment: &Environment,
        algorithm: Option<SignatureAlgorithm>,
    ) -> Result<NewSecret, AppError> {
        let key = key::generate(&api.policy.prefix, &environment.slug, self.entropy.array());
        if let Some(algorithm) = algorithm {
            return Ok(NewSecret {
                shown: Shown::new(key.expose()),
                digest: self.digest_of_pair(id),
                hint: key.hint(),
                sealed: None,
                signer: Some(self.new_signer(id, &key, algorithm)?),
            });
        }
        Ok(NewSecret {
            shown: Shown::new(key.expose()),
            digest: self.vault.digest_key().digest(key.expose().as_bytes()),
            hint: key.hint(),
            sealed: self.seal(id, &key, api)?,
            signer: None,
        })
    }

    fn seal(&self, id: CredentialId, key: &key::Key, api: &Api) -> Result<Option<Vec<u8>>, AppError> {
        if !api.policy.recoverable {
            return Ok(None);
        }
        let id = id.to_string();
        Ok(Some(self.vault.seal(ROW(&id), key.expose().as_bytes(), self.entropy.array())?))
    }

    /// Commits, and shows the key that was made.
    pub(super) async fn show_new(
        &self,
        unit: Unit,
        record: &CredentialRecord,
        secret: NewSecret,
    ) -> Result<KeyView, AppError> {
        let mut view = self.view(record, None);
        match secret.signer {
            None => view.key = Some(secret.shown),
            Some(signer) => {
                view.algorithm = Some(signer.algorithm);
                view.secret = Some(secret.shown);
            }
        }
        self.commit_secret(unit, view).await
    }
}

impl Unit {
    /// Writes a new key, its log entry and its audit entry.
    pub(super) async fn insert_key(
        &mut self,
        record: &mut CredentialRecord,
        api: &Api,
        secret: &NewSecret,
    ) -> Result<(), AppError> {
        if let Some(signer) = &secret.signer {
            self.keep_signer(signer).await?;
        }
        record.change = self.log(&Change::Credential(record.credential.clone())).await?;
        let sealed = secret.sealed.as_deref();
        self.tx.insert_credential(NewCredential { record, api: api.id, sealed }).await?;
        self.audit(&*record, None, Some(&*record)).await
    }
}
