//! Second factors: one-time codes and recovery codes. Passkeys have a file of their own.

use std::fmt;

use claviger_model::{Digest, Time, UserId};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

/// What a user's one-time codes are made from.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpFactor {
    /// The shared secret, sealed.
    pub sealed: Vec<u8>,
    /// Since when it is asked for; before that it is only being set up.
    pub confirmed_at: Option<Time>,
    /// The last step of which a code was used (RFC 6238 section 5.2).
    pub last_step: u64,
}

impl fmt::Debug for TotpFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TotpFactor({:?}, {})", self.confirmed_at, self.last_step)
    }
}

/// Whether something that works once was still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// It was, and is not any more.
    Used,
    /// It was used before, or never was.
    Refused,
}

impl Once {
    pub(crate) const fn of(rows: u64) -> Self {
        if rows == 1 { Self::Used } else { Self::Refused }
    }
}

fn read(fields: &mut Fields<'_>) -> Result<TotpFactor, StoreError> {
    let _user = fields.text()?;
    Ok(TotpFactor {
        sealed: fields.bytes()?.to_vec(),
        confirmed_at: fields.optional_time()?,
        last_step: fields.count()?,
    })
}

pub(crate) async fn totp(mut on: Conn<'_>, user: UserId) -> Result<Option<TotpFactor>, StoreError> {
    on.first(sql::TOTP, &[user.into()], read).await
}

pub(crate) async fn put_totp(mut on: Conn<'_>, user: UserId, factor: &TotpFactor) -> Result<(), StoreError> {
    let args =
        [user.into(), factor.sealed.as_slice().into(), factor.confirmed_at.into(), factor.last_step.into()];
    on.execute(sql::PUT_TOTP, &args).await.map(drop)
}

/// Uses the code of a step, unless one of it or of a later one was used.
pub(crate) async fn use_step(mut on: Conn<'_>, user: UserId, step: u64) -> Result<Once, StoreError> {
    on.execute(sql::USE_TOTP_STEP, &[user.into(), step.into()]).await.map(Once::of)
}

pub(crate) async fn delete_totp(mut on: Conn<'_>, user: UserId) -> Result<(), StoreError> {
    on.execute(sql::DELETE_TOTP, &[user.into()]).await.map(drop)
}

/// Removes all of them, passkeys too.
pub(crate) async fn delete(mut on: Conn<'_>, user: UserId) -> Result<(), StoreError> {
    on.execute(sql::DELETE_TOTP, &[user.into()]).await?;
    on.execute(sql::DELETE_PASSKEYS, &[user.into()]).await?;
    on.execute(sql::DELETE_RECOVERY_CODES, &[user.into()]).await.map(drop)
}

/// Puts these recovery codes in the place of all earlier ones.
pub(crate) async fn put_recovery_codes(
    mut on: Conn<'_>,
    user: UserId,
    codes: &[Digest],
) -> Result<(), StoreError> {
    on.execute(sql::DELETE_RECOVERY_CODES, &[user.into()]).await?;
    for code in codes {
        on.execute(sql::INSERT_RECOVERY_CODE, &[user.into(), code.0.as_slice().into()]).await?;
    }
    Ok(())
}

pub(crate) async fn use_recovery_code(
    mut on: Conn<'_>,
    user: UserId,
    code: &Digest,
    at: Time,
) -> Result<Once, StoreError> {
    let args = [user.into(), code.0.as_slice().into(), at.into()];
    on.execute(sql::USE_RECOVERY_CODE, &args).await.map(Once::of)
}

/// What is known of failed sign-ins by one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many failed, or are being checked.
    pub failures: u64,
    /// The last of them.
    pub last_failed_at: Time,
    /// Until then nothing is checked.
    pub blocked_until: Time,
    /// The last one that succeeded.
    pub succeeded_at: Option<Time>,
}

fn read_attempts(fields: &mut Fields<'_>) -> Result<Attempts, StoreError> {
    let _key = fields.text()?;
    Ok(Attempts {
        failures: fields.count()?,
        last_failed_at: fields.time()?,
        blocked_until: fields.time()?,
        succeeded_at: fields.optional_time()?,
    })
}

pub(crate) async fn attempts(mut on: Conn<'_>, key: &str) -> Result<Option<Attempts>, StoreError> {
    on.first(sql::ATTEMPTS, &[key.into()], read_attempts).await
}

pub(crate) async fn put_attempts(mut on: Conn<'_>, key: &str, attempts: &Attempts) -> Result<(), StoreError> {
    let args = [
        key.into(),
        attempts.failures.into(),
        attempts.last_failed_at.into(),
        attempts.blocked_until.into(),
        attempts.succeeded_at.into(),
    ];
    on.execute(sql::PUT_ATTEMPTS, &args).await.map(drop)
}

pub(crate) async fn prune_attempts(
    mut on: Conn<'_>,
    failed: Time,
    succeeded: Time,
) -> Result<u64, StoreError> {
    on.execute(sql::PRUNE_ATTEMPTS, &[failed.into(), succeeded.into()]).await
}
