//! Passkeys, and which challenges were answered.

use std::fmt;

use claviger_model::{PasskeyId, Time, UserId};

use crate::db::Conn;
use crate::factors::Once;
use crate::fields::Fields;
use crate::{StoreError, sql};

/// A passkey of a user: the part of it that is not on their device.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// The id.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// How their device calls it.
    pub credential_id: Vec<u8>,
    /// Its public key and its counter, as JSON.
    pub credential: String,
    /// How its user calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Time,
    /// When it was last used.
    pub last_used_at: Option<Time>,
}

impl fmt::Debug for PasskeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasskeyRecord({}, {})", self.id, self.user)
    }
}

fn read(fields: &mut Fields<'_>) -> Result<PasskeyRecord, StoreError> {
    Ok(PasskeyRecord {
        id: fields.parsed()?,
        user: fields.parsed()?,
        credential_id: fields.bytes()?.to_vec(),
        credential: fields.string()?,
        name: fields.string()?,
        created_at: fields.time()?,
        last_used_at: fields.optional_time()?,
    })
}

pub(crate) async fn of_user(mut on: Conn<'_>, user: UserId) -> Result<Vec<PasskeyRecord>, StoreError> {
    on.all(sql::PASSKEYS, &[user.into()], read).await
}

pub(crate) async fn by_credential(
    mut on: Conn<'_>,
    credential_id: &[u8],
) -> Result<Option<PasskeyRecord>, StoreError> {
    on.first(sql::PASSKEY_BY_CREDENTIAL, &[credential_id.into()], read).await
}

pub(crate) async fn insert(mut on: Conn<'_>, passkey: &PasskeyRecord) -> Result<(), StoreError> {
    let args = [
        passkey.id.into(),
        passkey.user.into(),
        passkey.credential_id.as_slice().into(),
        passkey.credential.as_str().into(),
        passkey.name.as_str().into(),
        passkey.created_at.into(),
        passkey.last_used_at.into(),
    ];
    on.execute(sql::INSERT_PASSKEY, &args).await.map(drop)
}

/// Keeps what may change of a passkey: its name, its counter, and when it was last used.
pub(crate) async fn put(mut on: Conn<'_>, passkey: &PasskeyRecord) -> Result<(), StoreError> {
    let args = [
        passkey.id.into(),
        passkey.credential.as_str().into(),
        passkey.name.as_str().into(),
        passkey.last_used_at.into(),
    ];
    match on.execute(sql::PUT_PASSKEY, &args).await? {
        0 => Err(StoreError::Missing { what: "passkey" }),
        _ => Ok(()),
    }
}

pub(crate) async fn delete(mut on: Conn<'_>, id: PasskeyId) -> Result<(), StoreError> {
    match on.execute(sql::DELETE_PASSKEY, &[id.into()]).await? {
        0 => Err(StoreError::Missing { what: "passkey" }),
        _ => Ok(()),
    }
}

/// Notes that a challenge was answered, unless it was before.
pub(crate) async fn use_challenge(mut on: Conn<'_>, challenge: &[u8], at: Time) -> Result<Once, StoreError> {
    on.execute(sql::USE_PASSKEY_CHALLENGE, &[challenge.into(), at.into()]).await.map(Once::of)
}

pub(crate) async fn prune_challenges(mut on: Conn<'_>, used: Time) -> Result<u64, StoreError> {
    on.execute(sql::PRUNE_PASSKEY_CHALLENGES, &[used.into()]).await
}
