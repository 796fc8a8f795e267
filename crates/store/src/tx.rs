use std::collections::BTreeMap;

use claviger_model::{
    Account, AccountId, AccountNumber, Api, ApiId, AuditEntry, Change, ChangeNumber, CredentialId,
    CredentialRecord, Digest, Service, Signer, Slug, Time, VersionName,
};

use crate::audits::{AuditMac, AuditPruned};
use crate::credentials::{CredentialFilter, UsedCredential};
use crate::db::{Conn, Writing};
use crate::wrapped_keys::{self, WrappedKeyRow};
use crate::{
    NewCredential, OtherDigest, StoreError, accounts, apis, audits, changes, credentials, imported, services,
    signers,
};

/// A transaction that can write. Dropped without [`Tx::commit`], it leaves no trace.
///
/// Take the change's number first and write rows afterwards: the number locks the counter, so that transactions
/// follow one another instead of waiting for each other's rows.
#[must_use = "a transaction that is not committed leaves no trace"]
pub struct Tx(pub(crate) Writing);

impl Tx {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        self.0.conn()
    }

    /// Makes everything written last. When this returns, it is on disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.0.commit().await
    }

    /// Undoes everything written, and waits until that is done.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.0.rollback().await
    }

    /// Appends a change to the log and gives its number. Other nodes learn of it once the transaction commits.
    pub async fn record_change(&mut self, change: &Change, at: Time) -> Result<ChangeNumber, StoreError> {
        changes::record(self.conn(), change, at).await
    }

    /// Appends an entry to the audit, chained to the one before it, and gives its number.
    pub async fn audit(&mut self, mac: &dyn AuditMac, entry: &AuditEntry) -> Result<u64, StoreError> {
        audits::append(self.conn(), mac, entry).await
    }

    /// Removes audit entries from before this moment, oldest first, at most so many. What is left of the chain holds.
    pub async fn prune_audit(
        &mut self,
        mac: &dyn AuditMac,
        before: Time,
        most: u32,
    ) -> Result<AuditPruned, StoreError> {
        audits::prune(&mut self.conn(), mac, before, most).await
    }

    /// Every account, oldest first.
    pub async fn accounts(&mut self) -> Result<Vec<Account>, StoreError> {
        accounts::all(self.conn()).await
    }

    /// The account with this id.
    pub async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        accounts::by_id(self.conn(), id).await
    }

    /// The account with this number.
    pub async fn account_by_number(&mut self, number: &AccountNumber) -> Result<Option<Account>, StoreError> {
        accounts::by_number(self.conn(), number).await
    }

    /// The account with this realm.
    pub async fn account_by_realm(&mut self, realm: &Slug) -> Result<Option<Account>, StoreError> {
        accounts::by_realm(self.conn(), realm).await
    }

    /// Inserts the account, or changes the one with its id.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another has its number or its realm.
    pub async fn put_account(&mut self, account: &Account, number: ChangeNumber) -> Result<(), StoreError> {
        accounts::put(self.conn(), account, number).await
    }

    /// Removes the account. Its credentials stay, and belong to nobody.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_account(&mut self, id: AccountId) -> Result<(), StoreError> {
        accounts::delete(self.conn(), id).await
    }

    /// Every API, oldest first.
    pub async fn apis(&mut self) -> Result<Vec<Api>, StoreError> {
        apis::all(self.conn()).await
    }

    /// The API with this id.
    pub async fn api(&mut self, id: ApiId) -> Result<Option<Api>, StoreError> {
        apis::by_id(self.conn(), id).await
    }

    /// The API with this slug.
    pub async fn api_by_slug(&mut self, slug: &Slug) -> Result<Option<Api>, StoreError> {
        apis::by_slug(self.conn(), slug).await
    }

    /// The OpenAPI document of each version of an API.
    pub async fn documents(&mut self, id: ApiId) -> Result<BTreeMap<VersionName, String>, StoreError> {
        apis::documents(self.conn(), id).await
    }

    /// Inserts the API with its documents, or changes the one with its id, whose documents they replace.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another has its slug.
    pub async fn put_api(
        &mut self,
        api: &Api,
        documents: &BTreeMap<VersionName, String>,
        number: ChangeNumber,
    ) -> Result<(), StoreError> {
        apis::put(self.conn(), api, documents, number).await
    }

    /// Removes the API and its documents. The credentials for it stay, and open nothing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_api(&mut self, id: ApiId) -> Result<(), StoreError> {
        apis::delete(self.conn(), id).await
    }

    /// The credential with this id.
    pub async fn credential(&mut self, id: CredentialId) -> Result<Option<CredentialRecord>, StoreError> {
        credentials::by_id(self.conn(), id).await
    }

    /// The credential with this digest, or with another one that it is or was found by.
    pub async fn credential_by_digest(
        &mut self,
        digest: &Digest,
    ) -> Result<Option<CredentialId>, StoreError> {
        imported::by_digest(self.conn(), digest).await
    }

    /// Keeps what else a credential is found by, and a slow digest until it is replaced.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has one, or another's is found by the same.
    pub async fn put_other_digest(&mut self, slow: OtherDigest<'_>) -> Result<(), StoreError> {
        imported::insert(self.conn(), slow).await
    }

    /// Puts the digest of this record in the place of a slow one, which is forgotten.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such credential, [`StoreError::Conflict`] when another has the digest.
    pub async fn replace_slow_digest(&mut self, record: &CredentialRecord) -> Result<(), StoreError> {
        imported::replace(self.conn(), record).await
    }

    /// Inserts a credential.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with its id or its digest.
    pub async fn insert_credential(&mut self, new: NewCredential<'_>) -> Result<(), StoreError> {
        credentials::insert(self.conn(), new).await
    }

    /// Credentials with their last uses, newest first.
    pub async fn credentials(
        &mut self,
        filter: &CredentialFilter,
    ) -> Result<Vec<UsedCredential>, StoreError> {
        credentials::list(self.conn(), filter).await
    }

    /// Changes what can change of a credential: all but its id, digest, account, environment, hint, origin,
    /// predecessor, time of making and sealed secret. Its late uses stay, and begin at nothing with another successor.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none with its id.
    pub async fn update_credential(&mut self, record: &CredentialRecord) -> Result<(), StoreError> {
        credentials::update(self.conn(), record).await
    }

    /// What this key pair signs with.
    pub async fn signer(&mut self, id: CredentialId) -> Result<Option<Signer>, StoreError> {
        signers::by_id(self.conn(), id).await
    }

    /// Inserts what a key pair signs with, or changes it.
    pub async fn put_signer(&mut self, signer: &Signer, number: ChangeNumber) -> Result<(), StoreError> {
        signers::put(self.conn(), signer, number).await
    }

    /// The service with this name.
    pub async fn service(&mut self, name: &Slug) -> Result<Option<Service>, StoreError> {
        services::by_name(self.conn(), name).await
    }

    /// Inserts a service.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with its name or its digest.
    pub async fn insert_service(
        &mut self,
        service: &Service,
        number: ChangeNumber,
    ) -> Result<(), StoreError> {
        services::insert(self.conn(), service, number).await
    }

    /// Removes the service of this name.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_service(&mut self, name: &Slug) -> Result<(), StoreError> {
        services::delete(self.conn(), name).await
    }

    /// Every wrapped data key, by purpose and generation.
    pub async fn wrapped_keys(&mut self) -> Result<Vec<WrappedKeyRow>, StoreError> {
        wrapped_keys::all(self.conn()).await
    }

    /// Inserts wrapped data keys, or replaces those of the same purpose and generation.
    pub async fn put_wrapped_keys(&mut self, keys: &[WrappedKeyRow]) -> Result<(), StoreError> {
        wrapped_keys::put(self.conn(), keys).await
    }
}
