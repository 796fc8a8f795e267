use std::ffi::OsStr;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

const VARIABLE: &str = "CLAVIGER_TEST_POSTGRES";

static NUMBER: AtomicU32 = AtomicU32::new(1);

/// A new, empty PostgreSQL database. Dropping it drops the database, also under a server that still uses it.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    name: String,
    server: String,
}

impl TestDatabase {
    /// Makes a database in the cluster that `cargo xtask test` started.
    ///
    /// # Panics
    /// Where there is no such cluster, or it refuses.
    #[must_use]
    pub fn create() -> Self {
        let server = std::env::var(VARIABLE).unwrap_or_else(|_| {
            panic!("{VARIABLE} is not set: `cargo xtask test` starts a PostgreSQL for the tests and sets it")
        });
        let name = format!("claviger_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        // Nobody is ever connected to template0, so that databases can be made at the same time.
        client("createdb", ["--template=template0", &maintenance(&server), &name])
            .unwrap_or_else(|why| panic!("{why}"));
        Self { url: with_database(&server, &name), name, server }
    }

    /// Its URL, with user and port.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let dropped = client("dropdb", ["--force", "--if-exists", &maintenance(&self.server), &self.name]);
        if let Err(why) = dropped {
            eprintln!("{why}");
        }
    }
}

fn maintenance(server: &str) -> String {
    format!("--maintenance-db={server}")
}

/// Runs one of PostgreSQL's own clients: only the store speaks SQL.
fn client(program: &str, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<(), String> {
    let output = Command::new(program)
        .args(args)
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The same server, with another database.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(a, p)| (a, Some(p)));
    let address = address.rsplit_once('/').map_or(address, |(address, _)| address);
    parameters
        .map_or_else(|| format!("{address}/{name}"), |parameters| format!("{address}/{name}?{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_changes() {
        assert_eq!(with_database("postgres://u@h:1/postgres", "x"), "postgres://u@h:1/x");
        assert_eq!(with_database("postgres://u@h:1/postgres?a=b", "x"), "postgres://u@h:1/x?a=b");
    }

    #[test]
    fn each_database_is_new_and_goes_away() {
        let (one, two) = (TestDatabase::create(), TestDatabase::create());
        assert_ne!(one.url(), two.url());
        let connects = |url: &str| client("psql", ["--no-psqlrc", "--command=SELECT 1", url]);
        assert_eq!(connects(one.url()), Ok(()));
        let gone = two.url().to_owned();
        drop(two);
        assert!(connects(&gone).unwrap_err().contains("does not exist"));
    }
}
