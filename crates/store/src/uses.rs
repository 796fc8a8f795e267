use claviger_model::{CredentialId, VersionName, VersionUse, VersionUses};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

/// Reads the columns of a use that may be missing altogether.
pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Option<VersionUses>, StoreError> {
    let credential: Option<CredentialId> = fields.optional_parsed()?;
    let last = read_one(fields)?;
    let other = read_one(fields)?;
    Ok(credential.zip(last).map(|(credential, last)| VersionUses { credential, last, other }))
}

fn read_one(fields: &mut Fields<'_>) -> Result<Option<VersionUse>, StoreError> {
    let (version, at) = (fields.optional_parsed::<VersionName>()?, fields.optional_time()?);
    Ok(version.zip(at).map(|(version, at)| VersionUse { version, at }))
}

pub(crate) async fn put(mut on: Conn<'_>, uses: &[VersionUses]) -> Result<(), StoreError> {
    for VersionUses { credential, last, other } in uses {
        let args = [
            (*credential).into(),
            (&last.version).into(),
            last.at.into(),
            other.as_ref().map(|other| other.version.as_str()).into(),
            other.as_ref().map(|other| other.at).into(),
        ];
        on.execute(sql::PUT_USE, &args).await?;
    }
    Ok(())
}
