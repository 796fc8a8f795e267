use std::fmt;

use sqlx::migrate::MigrateError;

/// Why the store could not do what it was asked. No message contains a value that was to be stored, nor the password
/// of the database.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The text that should say where PostgreSQL is does not.
    #[error("the database URL cannot be read; it looks like postgres://user:password@host:5432/database")]
    BadUrl,
    /// There is no database there, or the connection to it was lost.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] sqlx::Error),
    /// The tables could not be brought to the shape that this version needs.
    #[error("the database cannot be migrated: {0}")]
    Migration(#[source] MigrateError),
    /// Something that must be unique exists already.
    #[error("this {what} is in use already")]
    Conflict {
        /// What must be unique, such as `account number`.
        what: &'static str,
    },
    /// What was to be changed does not exist.
    #[error("there is no such {what}")]
    Missing {
        /// What was to be changed, such as `credential`.
        what: &'static str,
    },
    /// A row holds what this version did not write there.
    #[error("table `{table}` holds a row that cannot be read, `{id}`: {why}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        id: String,
        /// What is wrong with it.
        why: String,
    },
    /// A text contains a NUL character, which PostgreSQL cannot hold; refused on SQLite as well.
    #[error("a text contains a NUL character, which cannot be stored")]
    NulInText,
    /// Others kept the database busy for too long. Trying again can help.
    #[error("the database is busy: {0}")]
    Busy(#[source] sqlx::Error),
    /// Anything else.
    #[error("the database failed: {0}")]
    Other(#[source] sqlx::Error),
}

/// The drivers' own `Debug` shows the values of a violated constraint, so it is not used.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreError({self})")
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match kind(database.as_ref()) {
                Kind::Conflict(what) => Self::Conflict { what },
                Kind::Busy => Self::Busy(error),
                Kind::Unreachable => Self::Unreachable(error),
                Kind::Other => Self::Other(error),
            },
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable(error),
            _ => Self::Other(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => match Self::from(error) {
                Self::Other(error) => Self::Migration(MigrateError::Execute(error)),
                other => other,
            },
            other => Self::Migration(other),
        }
    }
}

enum Kind {
    Conflict(&'static str),
    Busy,
    Unreachable,
    Other,
}

fn kind(error: &dyn sqlx::error::DatabaseError) -> Kind {
    if error.is_unique_violation() {
        return Kind::Conflict(unique_noun(error.constraint(), error.message()));
    }
    match error.code().as_deref().unwrap_or_default() {
        // PostgreSQL: serialisation, deadlock, cancelled statement, lock not available, too many connections.
        "40001" | "40P01" | "57014" | "55P03" | "53300" => Kind::Busy,
        // PostgreSQL: wrong user or password, no such database, shutting down or starting up, connection lost.
        "28000" | "28P01" | "3D000" | "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006" => {
            Kind::Unreachable
        }
        // SQLite: the low byte is the primary code; 5 is BUSY, 6 LOCKED, 14 CANTOPEN. PostgreSQL's have five letters.
        code if code.len() < 5 => match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => Kind::Busy,
            Ok(14) => Kind::Unreachable,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

/// PostgreSQL names the constraint; SQLite ends its message with `table.column`.
fn unique_noun(constraint: Option<&str>, message: &str) -> &'static str {
    let name = constraint.unwrap_or_else(|| message.rsplit(": ").next().unwrap_or_default());
    match name {
        "account.number" | "account_number_key" => "account number",
        "account.realm" | "account_realm_key" => "account realm",
        "api.slug" | "api_slug_key" => "API slug",
        "service.name" | "service_pkey" => "service name",
        "index 'app_user_username'" | "app_user_username" => "user name",
        "index 'app_user_email'" | "app_user_email" => "e-mail address",
        "invitation.digest" | "invitation_digest" => "invitation",
        "credential.digest" | "credential_digest_key" => "key",
        "passkey.credential_id" | "passkey_credential_id_key" => "passkey",
        _ => "id",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_name_a_constraint_give_one_noun() {
        assert_eq!(unique_noun(Some("account_realm_key"), ""), "account realm");
        assert_eq!(unique_noun(None, "UNIQUE constraint failed: account.realm"), "account realm");
        assert_eq!(unique_noun(None, "UNIQUE constraint failed: account.id"), "id");
    }

    #[test]
    fn debug_shows_no_more_than_display() {
        let error = StoreError::from(sqlx::Error::PoolTimedOut);
        assert_eq!(format!("{error:?}"), format!("StoreError({error})"));
    }
}
