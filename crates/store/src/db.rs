//! The two engines, and the one place where they are told apart.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Postgres, Sqlite, Transaction};

use crate::StoreError;
use crate::arg::{self, Arg};
use crate::fields::Fields;
use crate::sql::Statement;

/// Connections to one of the engines.
#[derive(Clone)]
pub(crate) enum Db {
    /// SQLite has one writer at a time, so the writer's pool holds one connection: whoever waits, waits there.
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// A connection to read from, back in its pool when dropped.
pub(crate) enum Session {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// A transaction, rolled back when dropped.
pub(crate) enum Writing {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A borrowed connection, inside a transaction or not.
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Db {
    pub(crate) async fn read(&self) -> Result<Session, StoreError> {
        Ok(match self {
            Self::Sqlite { reader, .. } => Session::Sqlite(reader.acquire().await?),
            Self::Postgres(pool) => Session::Postgres(pool.acquire().await?),
        })
    }

    /// SQLite takes its lock at once: a transaction that begins by reading could not wait for it later.
    pub(crate) async fn write(&self) -> Result<Writing, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Writing::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Writing::Postgres(pool.begin().await?),
        })
    }

    /// A transaction that reads, and sees nothing that others write meanwhile.
    pub(crate) async fn view(&self) -> Result<Writing, StoreError> {
        const VIEW: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(match self {
            Self::Sqlite { reader, .. } => Writing::Sqlite(reader.begin().await?),
            Self::Postgres(pool) => Writing::Postgres(pool.begin_with(VIEW).await?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader } => {
                reader.close().await;
                // The last connection to leave folds the write-ahead log into the file.
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Session {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(connection) => Conn::Sqlite(connection),
            Self::Postgres(connection) => Conn::Postgres(connection),
        }
    }
}

impl Writing {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(transaction) => Conn::Sqlite(transaction),
            Self::Postgres(transaction) => Conn::Postgres(transaction),
        }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

/// Runs `$use` with the statement, its arguments bound, and the connection: once for each engine.
macro_rules! on_either {
    ($conn:expr, $statement:expr, $args:expr, |$query:ident, $on:ident| $use:expr) => {
        match $conn {
            Conn::Sqlite($on) => on_either!(bound Sqlite, $statement, $args, $query, $use),
            Conn::Postgres($on) => on_either!(bound Postgres, $statement, $args, $query, $use),
        }
    };
    (bound $engine:ty, $statement:expr, $args:expr, $query:ident, $use:expr) => {{
        arg::check($args)?;
        let $query = $args.iter().fold(sqlx::query::<$engine>($statement.text), |query, arg| match arg {
            Arg::Text(text) => query.bind(text.as_deref()),
            Arg::Number(number) => query.bind(*number),
            Arg::Bytes(bytes) => query.bind(*bytes),
        });
        $use
    }};
}

impl Conn<'_> {
    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: Statement,
        args: &[Arg<'_>],
    ) -> Result<u64, StoreError> {
        on_either!(self, statement, args, |query, on| Ok(query.execute(&mut **on).await?.rows_affected()))
    }

    /// Every row that the statement gives.
    pub(crate) async fn all<T>(
        &mut self,
        statement: Statement,
        args: &[Arg<'_>],
        read: fn(&mut Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        on_either!(self, statement, args, |query, on| {
            let rows = query.fetch_all(&mut **on).await?;
            rows.iter().map(|row| read(&mut Fields::of(row, statement.table))).collect()
        })
    }

    /// The first row that the statement gives, if it gives one.
    pub(crate) async fn first<T>(
        &mut self,
        statement: Statement,
        args: &[Arg<'_>],
        read: fn(&mut Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        on_either!(self, statement, args, |query, on| {
            let row = query.fetch_optional(&mut **on).await?;
            row.map(|row| read(&mut Fields::of(&row, statement.table))).transpose()
        })
    }

    /// The one row that the statement always gives.
    pub(crate) async fn one<T>(
        &mut self,
        statement: Statement,
        args: &[Arg<'_>],
        read: fn(&mut Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let row = self.first(statement, args, read).await?;
        row.ok_or(StoreError::Corrupt {
            table: statement.table,
            id: String::new(),
            why: "it is empty".into(),
        })
    }
}
