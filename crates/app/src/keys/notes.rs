//! What people note about a key: its owners, label, memo and tags.

use claviger_model::{Api, ApiPolicy, CredentialId, CredentialRecord, Editable, Notes, Owners, TagEdit};

use crate::accounts::check_name;
use crate::{Actor, App, AppError, KeyView, UseCase};

impl App {
    /// Says who answers for a key from now on.
    pub(crate) async fn set_owners(
        &self,
        actor: &Actor,
        id: CredentialId,
        owners: Owners,
    ) -> Result<KeyView, AppError> {
        self.edit_key(actor, UseCase::KeyOwners, id, |key, api| {
            owners.check(&api.policy.owners)?;
            key.notes.owners = owners;
            Ok(())
        })
        .await
    }

    /// Changes the label or the memo of a key.
    pub(crate) async fn describe_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        label: Option<String>,
        memo: Option<String>,
    ) -> Result<KeyView, AppError> {
        self.edit_key(actor, UseCase::KeyDescribe, id, |key, _| {
            if let Some(label) = label {
                key.label = Some(label).filter(|label| !label.is_empty());
                key.label.as_deref().map(|label| check_name("label", label)).transpose()?;
            }
            if let Some(memo) = memo {
                key.notes.memo = Some(memo).filter(|memo| !memo.is_empty());
                key.notes.memo.as_deref().map(check_memo).transpose()?;
            }
            Ok(())
        })
        .await
    }

    /// Changes the tags of a key.
    pub(crate) async fn tag_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        edits: &[TagEdit],
    ) -> Result<KeyView, AppError> {
        self.edit_key(actor, UseCase::KeyTag, id, |key, _| {
            key.notes.tags = std::mem::take(&mut key.notes.tags).edited(edits)?;
            Ok(())
        })
        .await
    }

    /// Changes a key as far as its API's policy lets it be changed. What changes nothing leaves no trace.
    async fn edit_key(
        &self,
        actor: &Actor,
        use_case: UseCase,
        id: CredentialId,
        edit: impl FnOnce(&mut CredentialRecord, &Api) -> Result<(), AppError> + Send,
    ) -> Result<KeyView, AppError> {
        let mut unit = self.begin(actor, use_case).await?;
        let before = unit.key(id).await?;
        let api = self.api_of(&mut unit, &before).await?;
        let mut after = before.clone();
        edit(&mut after, &api)?;
        if after != before {
            changed(&before, &after).try_for_each(|what| check_editable(&api, what))?;
            unit.update_key(&before, &mut after).await?;
        }
        self.commit(unit).await?;
        self.used_view(&after).await
    }
}

/// What differs between a key before and after.
fn changed(before: &CredentialRecord, after: &CredentialRecord) -> impl Iterator<Item = Editable> {
    let differs = [
        (Editable::Owners, before.notes.owners != after.notes.owners),
        (Editable::Label, before.label != after.label),
        (Editable::Memo, before.notes.memo != after.notes.memo),
        (Editable::Tags, before.notes.tags != after.notes.tags),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what)
}

/// Whether the policy lets it be changed after a key was made.
pub(super) fn check_editable(api: &Api, what: Editable) -> Result<(), AppError> {
    if api.policy.editable.contains(&what) {
        return Ok(());
    }
    Err(AppError::NotEditable { api: api.slug.to_string(), what })
}

/// Holds what is noted about a new key against the policy.
pub(super) fn check_notes(notes: Notes, policy: &ApiPolicy) -> Result<Notes, AppError> {
    notes.owners.check(&policy.owners)?;
    notes.memo.as_deref().map(check_memo).transpose()?;
    let tags = notes.tags.checked()?;
    Ok(Notes { tags, ..notes })
}

fn check_memo(memo: &str) -> Result<(), AppError> {
    let fits = (1..=Notes::LONGEST_MEMO).contains(&memo.chars().count());
    if fits && !memo.chars().any(char::is_control) {
        return Ok(());
    }
    let most = Notes::LONGEST_MEMO;
    Err(AppError::Invalid(format!("a memo has 1 to {most} characters and no control characters")))
}
