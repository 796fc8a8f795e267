use std::collections::BTreeMap;
use std::fmt;

use claviger_model::{
    Account, AccountId, AccountNumber, Api, ApiId, ChangeNumber, CredentialId, CredentialRecord,
    NumberedChange, Refusal, RequestId, Service, Slug, Time, VersionName, VersionUses,
};

use crate::audits::{AuditFilter, AuditMac, AuditReport, NumberedAuditEntry};
use crate::credentials::{CredentialFilter, UsedCredential};
use crate::db::{Db, Writing};
use crate::wrapped_keys::{self, WrappedKeyRow};
use crate::{
    ChangeSignal, Location, StoreError, Tx, accounts, apis, audits, changes, credentials, imported, load,
    open, refusals, services, succession, uses,
};

/// The data, on one of the engines. Clones share connections.
#[derive(Clone)]
pub struct Store(pub(crate) Db);

impl Store {
    /// Connects, and brings the tables up to date. Any number of processes can do so at the same time.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        open::open(location).await.map(Self)
    }

    /// Begins a transaction that can write. There is one at a time, over all nodes, and others wait their turn: what
    /// it reads is therefore still so when it writes.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let mut writing = self.0.write().await?;
        changes::lock(writing.conn()).await?;
        Ok(Tx(writing))
    }

    /// Closes every connection, after those in use have come back.
    pub async fn close(self) {
        self.0.close().await;
    }

    /// Every account, oldest first.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        accounts::all(self.0.read().await?.conn()).await
    }

    /// Accounts by number, behind one, at most so many; of one alone, if it is named.
    pub async fn accounts_after(
        &self,
        number: Option<&AccountNumber>,
        only: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        accounts::after(self.0.read().await?.conn(), number, only, limit).await
    }

    /// Services by name, behind one, at most so many.
    pub async fn services_after(&self, name: Option<&Slug>, limit: u32) -> Result<Vec<Service>, StoreError> {
        services::after(self.0.read().await?.conn(), name, limit).await
    }

    /// The account with this id.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        accounts::by_id(self.0.read().await?.conn(), id).await
    }

    /// The account with this number.
    pub async fn account_by_number(&self, number: &AccountNumber) -> Result<Option<Account>, StoreError> {
        accounts::by_number(self.0.read().await?.conn(), number).await
    }

    /// Every API, oldest first.
    pub async fn apis(&self) -> Result<Vec<Api>, StoreError> {
        apis::all(self.0.read().await?.conn()).await
    }

    /// The API with this id.
    pub async fn api(&self, id: ApiId) -> Result<Option<Api>, StoreError> {
        apis::by_id(self.0.read().await?.conn(), id).await
    }

    /// The API with this slug.
    pub async fn api_by_slug(&self, slug: &Slug) -> Result<Option<Api>, StoreError> {
        apis::by_slug(self.0.read().await?.conn(), slug).await
    }

    /// The OpenAPI document of each version of an API.
    pub async fn documents(&self, id: ApiId) -> Result<BTreeMap<VersionName, String>, StoreError> {
        apis::documents(self.0.read().await?.conn(), id).await
    }

    /// The credential with this id.
    pub async fn credential(&self, id: CredentialId) -> Result<Option<CredentialRecord>, StoreError> {
        credentials::by_id(self.0.read().await?.conn(), id).await
    }

    /// The slow digest of a credential, until it is replaced.
    pub async fn slow_digest(&self, id: CredentialId) -> Result<Option<String>, StoreError> {
        imported::slow_digest(self.0.read().await?.conn(), id).await
    }

    /// The sealed secret of a credential, if it is kept.
    pub async fn sealed_key(&self, id: CredentialId) -> Result<Option<Vec<u8>>, StoreError> {
        credentials::sealed(self.0.read().await?.conn(), id).await
    }

    /// Credentials with their last uses, newest first.
    pub async fn credentials(&self, filter: &CredentialFilter) -> Result<Vec<UsedCredential>, StoreError> {
        credentials::list(self.0.read().await?.conn(), filter).await
    }

    /// Every service that may ask, by name.
    pub async fn services(&self) -> Result<Vec<Service>, StoreError> {
        services::all(self.0.read().await?.conn()).await
    }

    /// Every wrapped data key, by purpose and generation.
    pub async fn wrapped_keys(&self) -> Result<Vec<WrappedKeyRow>, StoreError> {
        wrapped_keys::all(self.0.read().await?.conn()).await
    }

    /// The number of the last change; 0 before the first.
    pub async fn head(&self) -> Result<ChangeNumber, StoreError> {
        changes::head(self.0.read().await?.conn()).await
    }

    /// The oldest change that is still in the log. Who needs an older one loads everything anew.
    pub async fn oldest_change(&self) -> Result<Option<ChangeNumber>, StoreError> {
        changes::oldest(self.0.read().await?.conn()).await
    }

    /// Changes after this number, in order, at most so many.
    pub async fn changes_after(
        &self,
        number: ChangeNumber,
        limit: u32,
    ) -> Result<Vec<NumberedChange>, StoreError> {
        changes::after(self.0.read().await?.conn(), number, limit).await
    }

    /// What tells of changes that other nodes make.
    pub async fn change_signal(&self) -> Result<ChangeSignal, StoreError> {
        ChangeSignal::of(&self.0).await
    }

    /// Forgets all but the last `keep` changes, and says how many it forgot.
    pub async fn prune_changes(&self, keep: u64) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = changes::prune(writing.conn(), keep).await?;
        writing.commit().await.map(|()| pruned)
    }

    /// Gives everything that a snapshot needs, each with the number of the change that made it: accounts, then APIs,
    /// then what key pairs sign with, then services, roles and users, then credentials. Returns the head as it was before the first row was read. Rows can be newer than that, so
    /// the log is to be applied from there on.
    pub async fn load(&self, apply: impl FnMut(NumberedChange) + Send) -> Result<ChangeNumber, StoreError> {
        load::everything(&self.0, apply).await
    }

    /// Gives the last uses of every credential that was ever used.
    pub async fn version_uses(&self, apply: impl FnMut(VersionUses) + Send) -> Result<(), StoreError> {
        load::uses(&self.0, apply).await
    }

    /// Writes last uses in one transaction. What is older than what is written already changes nothing.
    pub async fn put_uses(&self, uses: &[VersionUses]) -> Result<(), StoreError> {
        let mut writing = self.0.write().await?;
        uses::put(writing.conn(), uses).await?;
        writing.commit().await
    }

    /// Adds to the counts of requests that were accepted with credentials which have a successor, in one transaction.
    /// For those that have none any more, nothing is counted.
    pub async fn add_late_uses(
        &self,
        counts: impl IntoIterator<Item = (CredentialId, u64)>,
    ) -> Result<(), StoreError> {
        let mut writing = self.0.write().await?;
        succession::add_late_uses(writing.conn(), counts).await?;
        writing.commit().await
    }

    /// Writes refusals in one transaction. A request that was written already stays as it is.
    pub async fn record_refusals(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        let mut writing = self.0.write().await?;
        refusals::insert(writing.conn(), refusals).await?;
        writing.commit().await
    }

    /// Why this request was refused, if it was and is not forgotten.
    pub async fn refusal(&self, id: RequestId) -> Result<Option<Refusal>, StoreError> {
        refusals::by_request(self.0.read().await?.conn(), id).await
    }

    /// Forgets refusals from before this moment and all but the last `keep`, and says how many it forgot.
    pub async fn prune_refusals(&self, before: Time, keep: u64) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = refusals::prune(writing.conn(), before, keep).await?;
        writing.commit().await.map(|()| pruned)
    }

    /// Audit entries after this number, in order, at most so many.
    pub async fn audit_entries(&self, after: u64, limit: u32) -> Result<Vec<NumberedAuditEntry>, StoreError> {
        audits::after(&mut self.0.read().await?.conn(), after, limit).await
    }

    /// Audit entries that fit, in order.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<NumberedAuditEntry>, StoreError> {
        audits::list(self.0.read().await?.conn(), filter).await
    }

    /// Goes along the whole audit and says where it is not what was written, if it is not.
    pub async fn verify_audit(&self, mac: &dyn AuditMac) -> Result<AuditReport, StoreError> {
        audits::verify(self.0.view().await?.conn(), mac).await
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Db::Sqlite { .. } => "Store(SQLite)",
            Db::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Writing::Sqlite(_) => "Tx(SQLite)",
            Writing::Postgres(_) => "Tx(PostgreSQL)",
        })
    }
}
