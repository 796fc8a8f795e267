use claviger_model::{Allowlist, Change, CredentialId, Editable};

use super::notes::check_editable;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, UseCase};

impl App {
    /// Changes from where a key may be used. It counts from the next request on.
    pub(crate) async fn allow_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        addresses: &[String],
    ) -> Result<KeyView, AppError> {
        let mut unit = self.begin(actor, UseCase::KeyAllow).await?;
        let before = unit.key(id).await?;
        let api = self.api_of(&mut unit, &before).await?;
        let mut after = before.clone();
        let addresses = addresses.iter().map(String::as_str);
        after.credential.allowlist = Allowlist::parse(addresses, &api.policy.allowlist)?;
        if after.credential.allowlist != before.credential.allowlist {
            check_editable(&api, Editable::Allowlist)?;
            unit.update_key(&before, &mut after).await?;
        }
        self.commit(unit).await?;
        self.used_view(&after).await
    }
}

impl Unit {
    pub(super) async fn key(
        &mut self,
        id: CredentialId,
    ) -> Result<claviger_model::CredentialRecord, AppError> {
        let key = self.tx.credential(id).await?.ok_or_else(|| AppError::not_found("key", &id))?;
        self.check(&key.credential)?;
        Ok(key)
    }

    /// Writes a changed key, its audit entry and its log entry.
    pub(super) async fn update_key(
        &mut self,
        before: &claviger_model::CredentialRecord,
        after: &mut claviger_model::CredentialRecord,
    ) -> Result<(), AppError> {
        after.updated_at = self.now;
        after.change = self.log(&Change::Credential(after.credential.clone())).await?;
        self.tx.update_credential(after).await?;
        self.audit(&*after, Some(before), Some(after)).await
    }
}
