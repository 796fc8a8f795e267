//! Keys that were made elsewhere: where, and the slow digests of those of which nothing else is known.

use std::collections::HashMap;

use claviger_model::{Credential, CredentialId, CredentialRecord, Digest, KeyOrigin};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

const ORIGINS: [(KeyOrigin, &str); 3] = [
    (KeyOrigin::Imported, "imported"),
    (KeyOrigin::ImportedSha256, "imported_sha256"),
    (KeyOrigin::ImportedSlow, "imported_slow"),
];

/// The origins of credentials that were made elsewhere.
pub(crate) type Origins = HashMap<CredentialId, KeyOrigin>;

/// A credential's slow digest.
#[derive(Debug, Clone, Copy)]
pub struct NewSlowDigest<'a> {
    /// What the credential is found by until the slow digest is replaced.
    pub found_by: Digest,
    /// As in the file that it comes from.
    pub text: &'a str,
}

fn word(origin: KeyOrigin) -> Option<&'static str> {
    ORIGINS.iter().find(|(known, _)| *known == origin).map(|(_, word)| *word)
}

fn read_origin(fields: &mut Fields<'_>) -> Result<KeyOrigin, StoreError> {
    let text = fields.text()?;
    let known = ORIGINS.iter().find(|(_, word)| *word == text);
    known.map(|(origin, _)| *origin).ok_or_else(|| fields.corrupt("the origin is none"))
}

pub(crate) async fn origins(mut on: Conn<'_>) -> Result<Origins, StoreError> {
    let all = on.all(sql::IMPORTED_KEYS, &[], |fields| Ok((fields.parsed()?, read_origin(fields)?))).await?;
    Ok(all.into_iter().collect())
}

/// Says where a credential was made, if it was not here.
pub(crate) fn mark(credential: &mut Credential, origins: &Origins) {
    if let Some(origin) = origins.get(&credential.id) {
        credential.origin = *origin;
    }
}

pub(crate) async fn mark_one(
    mut on: Conn<'_>,
    found: Option<CredentialRecord>,
) -> Result<Option<CredentialRecord>, StoreError> {
    let Some(mut record) = found else { return Ok(None) };
    let origin = on.first(sql::IMPORTED_KEY, &[record.credential.id.into()], read_origin).await?;
    record.credential.origin = origin.unwrap_or_default();
    Ok(Some(record))
}

/// Notes where a credential was made; of one that was made here, nothing.
pub(crate) async fn insert(
    mut on: Conn<'_>,
    credential: &Credential,
    slow: Option<NewSlowDigest<'_>>,
) -> Result<(), StoreError> {
    let Some(word) = word(credential.origin) else { return Ok(()) };
    let found_by = slow.as_ref().map(|slow| slow.found_by.0.as_slice());
    let args = [credential.id.into(), word.into(), found_by.into(), slow.map(|slow| slow.text).into()];
    on.execute(sql::INSERT_IMPORTED_KEY, &args).await.map(drop)
}

/// The credential with this digest, or with a slow digest that was once found by it.
pub(crate) async fn by_digest(mut on: Conn<'_>, digest: &Digest) -> Result<Option<CredentialId>, StoreError> {
    on.first(sql::CREDENTIAL_BY_DIGEST, &[digest.0.as_slice().into()], |fields| fields.parsed()).await
}

pub(crate) async fn slow_digest(mut on: Conn<'_>, id: CredentialId) -> Result<Option<String>, StoreError> {
    let found = on.first(sql::SLOW_DIGEST, &[id.into()], |fields| fields.optional_string()).await?;
    Ok(found.flatten())
}

/// Puts a digest of ours in the place of a slow one.
pub(crate) async fn replace(mut on: Conn<'_>, record: &CredentialRecord) -> Result<(), StoreError> {
    let credential = &record.credential;
    let (id, word) = (credential.id, word(KeyOrigin::Imported));
    on.execute(sql::FORGET_SLOW_DIGEST, &[id.into(), word.into()]).await?;
    let args =
        [id.into(), credential.digest.0.as_slice().into(), record.change.into(), record.updated_at.into()];
    match on.execute(sql::REPLACE_DIGEST, &args).await? {
        0 => Err(StoreError::Missing { what: "credential" }),
        _ => Ok(()),
    }
}
