use claviger_model::{Change, CredentialId, Digest, KeyOrigin};

use crate::{Actor, App, AppError, UseCase};

impl App {
    /// Puts our digest in the place of a slow one. What was replaced already stays.
    pub(super) async fn replace_slow_digest(&self, id: CredentialId, digest: Digest) -> Result<(), AppError> {
        let mut unit = self.begin(&Actor::Server, UseCase::KeyReplaceDigest).await?;
        let before = unit.tx.credential(id).await?.ok_or_else(|| AppError::not_found("key", &id))?;
        if before.credential.origin == KeyOrigin::ImportedSlow {
            let mut after = before.clone();
            after.credential.digest = digest;
            after.credential.origin = KeyOrigin::Imported;
            after.updated_at = unit.now;
            after.change = unit.log(&Change::Credential(after.credential.clone())).await?;
            unit.tx.replace_slow_digest(&after).await?;
            unit.audit(&after, Some(&before), Some(&after)).await?;
        }
        self.commit_untold(unit).await
    }
}
