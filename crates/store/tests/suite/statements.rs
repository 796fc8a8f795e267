//! One text for both engines, and one schema.

use std::collections::BTreeMap;

use claviger_store::sql;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlStr, SqliteConnection};

use crate::bed::Bed;

async fn sqlite(bed: &Bed) -> SqliteConnection {
    bed.store().await.close().await;
    SqliteConnectOptions::new().filename(bed.file()).connect().await.unwrap()
}

async fn postgres(bed: &Bed) -> PgConnection {
    bed.store().await.close().await;
    bed.options().connect().await.unwrap()
}

#[tokio::test]
async fn sqlite_prepares_every_statement() {
    let bed = Bed::sqlite();
    let mut connection = sqlite(&bed).await;
    for (name, text) in sql::ALL {
        let prepared = connection.prepare(SqlStr::from_static(text)).await;
        assert!(prepared.is_ok(), "{name}: {}", prepared.unwrap_err());
    }
}

#[tokio::test]
async fn postgres_prepares_every_statement() {
    let bed = Bed::postgres().await;
    let mut connection = postgres(&bed).await;
    for (name, text) in sql::ALL {
        let prepared = connection.prepare(SqlStr::from_static(text)).await;
        assert!(prepared.is_ok(), "{name}: {}", prepared.unwrap_err());
    }
    connection.close().await.unwrap();
    bed.drop_database().await;
}

/// A million credentials are read whole by nothing but the load, and sorted by nothing.
#[tokio::test]
async fn sqlite_finds_an_index_for_every_statement() {
    let bed = Bed::sqlite();
    let mut connection = sqlite(&bed).await;
    for (name, text) in sql::ALL {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
        for (.., step) in plan {
            let bad = step == "SCAN c" || step == "SCAN credential" || step.contains("TEMP B-TREE");
            assert!(!bad, "{name}: {step}");
        }
    }
}

/// The columns of each table, and whether they can be null.
type Schema = BTreeMap<(String, String), bool>;

fn schema(columns: Vec<(String, String, bool)>) -> Schema {
    columns.into_iter().map(|(table, column, nullable)| ((table, column), nullable)).collect()
}

#[tokio::test]
async fn both_schemas_have_the_same_tables_and_columns() {
    const SQLITE: &str =
        "SELECT t.name, c.name, c.\"notnull\" = 0 FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name <> '_sqlx_migrations'";
    const POSTGRES: &str = "SELECT table_name::text, column_name::text, is_nullable = 'YES'
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'";
    let (file, server) = (Bed::sqlite(), Bed::postgres().await);
    let here = sqlx::query_as(SQLITE).fetch_all(&mut sqlite(&file).await).await.unwrap();
    let mut connection = postgres(&server).await;
    let there = sqlx::query_as(POSTGRES).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    server.drop_database().await;
    assert!(!here.is_empty());
    assert_eq!(schema(here), schema(there));
}
