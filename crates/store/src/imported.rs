//! The slow digests of passwords of which nothing else is known.

use claviger_model::{CredentialId, CredentialRecord, Digest, KeyOrigin};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

/// What an imported credential is found by beside its digest: it was imported as a slow one, or could be imported again
/// as another one.
#[derive(Debug, Clone, Copy)]
pub struct OtherDigest<'a> {
    /// Whose.
    pub credential: CredentialId,
    /// What an import would find it by.
    pub found_by: Digest,
    /// The slow digest, as in the file that it comes from.
    pub slow: Option<&'a str>,
}

fn read_id(fields: &mut Fields<'_>) -> Result<CredentialId, StoreError> {
    fields.parsed()
}

fn read_digest(fields: &mut Fields<'_>) -> Result<Option<String>, StoreError> {
    fields.optional_string()
}

pub(crate) async fn insert(mut on: Conn<'_>, other: OtherDigest<'_>) -> Result<(), StoreError> {
    let args = [other.credential.into(), other.found_by.0.as_slice().into(), other.slow.into()];
    on.execute(sql::INSERT_SLOW_DIGEST, &args).await.map(drop)
}

/// The credential with this digest, or with another one that it is or was found by.
pub(crate) async fn by_digest(mut on: Conn<'_>, digest: &Digest) -> Result<Option<CredentialId>, StoreError> {
    on.first(sql::CREDENTIAL_BY_DIGEST, &[digest.0.as_slice().into()], read_id).await
}

pub(crate) async fn slow_digest(mut on: Conn<'_>, id: CredentialId) -> Result<Option<String>, StoreError> {
    let found = on.first(sql::SLOW_DIGEST, &[id.into()], read_digest).await?;
    Ok(found.flatten())
}

/// Puts a digest of ours in the place of a slow one.
pub(crate) async fn replace(mut on: Conn<'_>, record: &CredentialRecord) -> Result<(), StoreError> {
    let credential = &record.credential;
    on.execute(sql::FORGET_SLOW_DIGEST, &[credential.id.into()]).await?;
    let args = [
        credential.id.into(),
        credential.digest.0.as_slice().into(),
        KeyOrigin::Imported.as_str().into(),
        record.change.into(),
        record.updated_at.into(),
    ];
    match on.execute(sql::REPLACE_DIGEST, &args).await? {
        0 => Err(StoreError::Missing { what: "credential" }),
        _ => Ok(()),
    }
}
