//! Changes of one part of a key, each a use case of its own: an API's policy can forbid them one by one, and the audit
//! tells them apart.

use claviger_model::{CredentialId, Owners, TagEdit};

use crate::{Actor, App, AppError, KeyEdit, Outcome, UseCase};

impl App {
    pub(crate) async fn allow_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        addresses: Vec<String>,
    ) -> Result<Outcome, AppError> {
        self.edit_part(actor, UseCase::KeyAllow, id, KeyEdit::addresses(addresses)).await
    }

    pub(crate) async fn own_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        owners: Owners,
    ) -> Result<Outcome, AppError> {
        self.edit_part(actor, UseCase::KeyOwners, id, KeyEdit::owners(owners)).await
    }

    pub(crate) async fn describe_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        label: Option<String>,
        memo: Option<String>,
    ) -> Result<Outcome, AppError> {
        self.edit_part(actor, UseCase::KeyDescribe, id, KeyEdit::description(label, memo)).await
    }

    pub(crate) async fn tag_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        edits: Vec<TagEdit>,
    ) -> Result<Outcome, AppError> {
        self.edit_part(actor, UseCase::KeyTag, id, KeyEdit::tags(edits)).await
    }

    async fn edit_part(
        &self,
        actor: &Actor,
        use_case: UseCase,
        id: CredentialId,
        edit: KeyEdit,
    ) -> Result<Outcome, AppError> {
        self.edit_key(actor, use_case, id, edit, None).await.map(Outcome::from)
    }
}
