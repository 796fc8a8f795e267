//! Fills a SQLite file with credentials and prints how long a node takes to load them.
//!
//! `cargo run --release -p claviger-store --example load [NUMBER]`; a million without a number.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::path::Path;
use std::time::Instant;

use claviger_model::Change;
use claviger_store::{Location, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Ten thousand accounts, two environments, and one credential in a hundred with an allowlist of its own.
const FILL: &str = "
    WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < $1)
    INSERT INTO credential (id, digest, account_id, environment_id, key_type, state, allowlist, permissions,
        expires_at, change_number, api_id, label, hint, created_at, updated_at)
    SELECT format('key_0%09x%s', n, lower(hex(randomblob(8)))), randomblob(32), format('acc_%026d', n % 10000),
        format('env_%026d', n % 2), 'basic', 'active',
        iif(n % 100 = 0, format('[\"10.%d.%d.0/24\"]', n / 25600 % 256, n / 100 % 256), '[]'), '\"everything\"',
        iif(n % 2 = 0, 1900000000000000 + n, NULL), n, format('api_%026d', 1), 'Nightly export ' || n, 'x7Qz',
        1795338000000000 + n, 1795338000000000 + n
    FROM count";

async fn fill(path: &Path, number: i64) -> Outcome {
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await?;
    sqlx::query(FILL).bind(number).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn load(store: &Store) -> Outcome {
    let start = Instant::now();
    let mut credentials = 0;
    store.load(|loaded| credentials += i32::from(matches!(loaded.change, Change::Credential(_)))).await?;
    println!("{credentials} credentials in {:?}", start.elapsed());
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome {
    let number = std::env::args().nth(1).map_or(Ok(1_000_000), |number| number.parse())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("claviger.db");
    let store = Store::open(&Location::Sqlite(path.clone())).await?;
    fill(&path, number).await?;
    for _ in 0..3 {
        load(&store).await?;
    }
    store.close().await;
    // With new connections, whose own caches are empty, as after a start.
    load(&Store::open(&Location::Sqlite(path)).await?).await
}
