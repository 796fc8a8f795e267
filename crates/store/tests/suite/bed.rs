//! A fresh database for each test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use claviger_store::{Location, Store};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

const VARIABLE: &str = "CLAVIGER_TEST_POSTGRES";

/// Makes a test on each engine out of every function named: it is given a [`Bed`].
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&$crate::bed::Bed::sqlite()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                let bed = $crate::bed::Bed::postgres().await;
                super::$test(&bed).await;
                bed.drop_database().await;
            })*
        }
    };
}

pub(crate) use on_both_engines;

/// An empty database of one of the engines.
pub(crate) enum Bed {
    Sqlite(tempfile::TempDir),
    Postgres { server: Box<PgConnectOptions>, name: String },
}

impl Bed {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(url) = std::env::var(VARIABLE) else {
            panic!(
                "{VARIABLE} is not set: run the tests by `cargo xtask test`, which starts a PostgreSQL for them"
            );
        };
        let server: PgConnectOptions = url.parse().unwrap();
        let name = format!("claviger_store_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = server.connect().await.unwrap();
        execute(&mut connection, format!("DROP DATABASE IF EXISTS {name}")).await;
        execute(&mut connection, format!("CREATE DATABASE {name}")).await;
        connection.close().await.unwrap();
        Self::Postgres { server: Box::new(server), name }
    }

    pub(crate) fn location(&self) -> Location {
        match self {
            Self::Sqlite(_) => Location::Sqlite(self.file()),
            Self::Postgres { .. } => Location::Postgres(self.options().to_url_lossy().to_string().into()),
        }
    }

    pub(crate) async fn store(&self) -> Store {
        Store::open(&self.location()).await.unwrap()
    }

    /// SQLite's file.
    pub(crate) fn file(&self) -> PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().join("claviger.db"),
            Self::Postgres { .. } => panic!("PostgreSQL is not a file"),
        }
    }

    /// How a test reaches PostgreSQL behind the store's back.
    pub(crate) fn options(&self) -> PgConnectOptions {
        match self {
            Self::Sqlite(_) => panic!("SQLite is not a server"),
            Self::Postgres { server, name } => PgConnectOptions::clone(server).database(name),
        }
    }

    /// Changes something behind the store's back.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        self.tamper_with(statement.to_owned()).await;
    }

    /// The same, with a statement that the test has put together.
    pub(crate) async fn tamper_with(&self, statement: String) {
        let done = self.try_tamper(&statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Tries to.
    pub(crate) async fn try_tamper(&self, statement: &str) -> sqlx::Result<()> {
        let statement = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(_) => {
                let options = SqliteConnectOptions::new().filename(self.file());
                options.connect().await?.execute(statement).await?;
            }
            Self::Postgres { .. } => {
                self.options().connect().await?.execute(statement).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn drop_database(self) {
        let Self::Postgres { server, name } = self else { return };
        let mut connection = server.connect().await.unwrap();
        execute(&mut connection, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

async fn execute(connection: &mut PgConnection, text: String) {
    connection.execute(AssertSqlSafe(text)).await.unwrap();
}
