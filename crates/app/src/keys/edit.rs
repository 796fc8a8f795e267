//! What can be changed about a key after it was made, as far as its API's policy lets it.

use claviger_model::{
    Allowlist, Api, Change, CredentialId, CredentialRecord, Editable, Owners, TagEdit, Time,
};

use super::notes::check_memo;
use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyEdit, KeyView, UseCase};

impl KeyEdit {
    pub(crate) fn owners(owners: Owners) -> Self {
        Self { owners: Some(owners), ..Self::default() }
    }

    pub(crate) fn addresses(addresses: Vec<String>) -> Self {
        Self { addresses: Some(addresses), ..Self::default() }
    }

    pub(crate) fn description(label: Option<String>, memo: Option<String>) -> Self {
        Self { label, memo, ..Self::default() }
    }

    pub(crate) fn tags(tags: Vec<TagEdit>) -> Self {
        Self { tags, ..Self::default() }
    }

    fn make(self, key: &mut CredentialRecord, api: &Api) -> Result<(), AppError> {
        if let Some(label) = self.label {
            key.label = Some(label).filter(|label| !label.is_empty());
            key.label.as_deref().map(|label| check_name("label", label)).transpose()?;
        }
        if let Some(memo) = self.memo {
            key.notes.memo = Some(memo).filter(|memo| !memo.is_empty());
            key.notes.memo.as_deref().map(check_memo).transpose()?;
        }
        if let Some(owners) = self.owners {
            owners.check(&api.policy.owners)?;
            key.notes.owners = owners;
        }
        if let Some(addresses) = self.addresses {
            let addresses = addresses.iter().map(String::as_str);
            key.credential.allowlist = Allowlist::parse(addresses, &api.policy.allowlist)?;
        }
        key.notes.tags = std::mem::take(&mut key.notes.tags).edited(&self.tags)?;
        Ok(())
    }
}

impl App {
    /// Changes a key. What changes nothing leaves no trace; a change of addresses counts from the next request on.
    pub(crate) async fn edit_key(
        &self,
        actor: &Actor,
        use_case: UseCase,
        id: CredentialId,
        edit: KeyEdit,
        unchanged_since: Option<Time>,
    ) -> Result<KeyView, AppError> {
        let mut unit = self.begin_on_key(actor, use_case).await?;
        let before = unit.key(id).await?;
        if unchanged_since.is_some_and(|known| known != before.updated_at) {
            return Err(AppError::Stale { what: "key", name: id.to_string() });
        }
        let api = self.api_of(&mut unit, &before).await?;
        let mut after = before.clone();
        edit.make(&mut after, &api)?;
        if after != before {
            changed(&before, &after).try_for_each(|what| check_editable(&api, what))?;
            unit.update_key(&before, &mut after).await?;
        }
        let view = self.view_in(&mut unit, &after).await?;
        self.commit(unit, view).await
    }
}

/// What differs between a key before and after.
fn changed(before: &CredentialRecord, after: &CredentialRecord) -> impl Iterator<Item = Editable> {
    let differs = [
        (Editable::Owners, before.notes.owners != after.notes.owners),
        (Editable::Label, before.label != after.label),
        (Editable::Memo, before.notes.memo != after.notes.memo),
        (Editable::Tags, before.notes.tags != after.notes.tags),
        (Editable::Allowlist, before.credential.allowlist != after.credential.allowlist),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what)
}

/// Whether the policy lets it be changed after a key was made.
fn check_editable(api: &Api, what: Editable) -> Result<(), AppError> {
    if api.policy.editable.contains(&what) {
        return Ok(());
    }
    Err(AppError::NotEditable { api: api.slug.to_string(), what })
}

impl Unit {
    pub(super) async fn key(&mut self, id: CredentialId) -> Result<CredentialRecord, AppError> {
        let key = self.tx.credential(id).await?.ok_or_else(|| AppError::not_found("key", &id))?;
        self.check(&key.credential)?;
        Ok(key)
    }

    /// Writes a changed key, its audit entry and its log entry.
    pub(super) async fn update_key(
        &mut self,
        before: &CredentialRecord,
        after: &mut CredentialRecord,
    ) -> Result<(), AppError> {
        after.updated_at = self.now;
        after.change = self.log(&Change::Credential(after.credential.clone())).await?;
        self.tx.update_credential(after).await?;
        self.audit(&*after, Some(before), Some(after)).await
    }
}
