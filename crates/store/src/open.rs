//! How a database is opened and brought up to date.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::StoreError;
use crate::db::Db;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a caller waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(10);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// Where the data are kept.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file, made if it does not exist. Its folder must exist, and others must have no access to it.
    Sqlite(PathBuf),
    /// A URL such as `postgres://user:password@host:5432/database`.
    Postgres(SecretString),
}

pub(crate) async fn open(location: &Location) -> Result<Db, StoreError> {
    match location {
        Location::Sqlite(path) => open_sqlite(path).await,
        Location::Postgres(url) => open_postgres(url).await,
    }
}

async fn open_sqlite(path: &Path) -> Result<Db, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // Acknowledged means on disk.
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let writer = sqlite_pool(1).connect_with(options.clone()).await.map_err(unreachable)?;
    write_ahead(&writer).await?;
    migrate_sqlite(&writer).await?;
    let reader = sqlite_pool(SQLITE_READERS).connect_with(options.pragma("query_only", "ON")).await?;
    Ok(Db::Sqlite { writer, reader })
}

fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    // A connection to a file does not go stale.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Turns the write-ahead log on, for good. SQLite does not wait for the lock that the first time takes, so two
/// programs that make the same file at once take turns here.
async fn write_ahead(writer: &SqlitePool) -> Result<(), StoreError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut tries = PATIENCE.as_millis() / PAUSE.as_millis();
    loop {
        let done = sqlx::query("PRAGMA journal_mode = WAL").execute(writer).await.map_err(StoreError::from);
        match done {
            Err(StoreError::Busy(_)) if tries > 0 => tokio::time::sleep(PAUSE).await,
            done => return done.map(|_| ()),
        }
        tries -= 1;
    }
}

/// In one exclusive transaction, for SQLite's migrations know no other lock.
async fn migrate_sqlite(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut transaction = writer.begin_with("BEGIN EXCLUSIVE").await?;
    // `Migrator::run` on a borrowed connection makes a future that cannot move between threads.
    SQLITE.run_direct(None, &mut *transaction, false).await?;
    Ok(transaction.commit().await?)
}

async fn open_postgres(url: &SecretString) -> Result<Db, StoreError> {
    let options: PgConnectOptions = url.expose_secret().parse().map_err(|_| StoreError::BadUrl)?;
    let options = options
        .application_name("claviger")
        // A node that hangs in a transaction must not hold the counter, and with it every change, for ever.
        .options([("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")])
        .disable_statement_logging();
    // Not through the pool, which would try again and again and then say no more than that time is up.
    let mut connection = options.connect().await.map_err(unreachable)?;
    migrate_postgres(&mut connection).await?;
    connection.close().await?;
    let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(PATIENCE);
    Ok(Db::Postgres(pool.connect_lazy_with(options)))
}

/// Nodes that start together take turns by an advisory lock, which the migrator takes.
async fn migrate_postgres(connection: &mut PgConnection) -> Result<(), StoreError> {
    Ok(POSTGRES.run_direct(None, connection, false).await?)
}

/// Whatever goes wrong while connecting, there is no database to work with.
fn unreachable(error: sqlx::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Other(error) | StoreError::Busy(error) => StoreError::Unreachable(error),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(pool: &SqlitePool, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
    }

    #[tokio::test]
    async fn sqlite_waits_for_the_disk_and_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("claviger.db"));
        let Db::Sqlite { writer, reader } = open(&location).await.unwrap() else { panic!("not SQLite") };
        // 2 is FULL.
        assert_eq!(pragma(&writer, "PRAGMA synchronous").await, 2);
        assert_eq!(pragma(&writer, "PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma(&reader, "PRAGMA query_only").await, 1);
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&reader).await.unwrap();
        assert_eq!(mode, "wal");
    }
}
