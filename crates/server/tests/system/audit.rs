//! The audit from outside: what operators see of it, and what they are told when somebody had a hand in it.

use std::process::Command;

use rstest::rstest;
use serde_json::Value;

use crate::bed::{Bed, Engine};

const BROKEN: i32 = 8;

/// Works on the database behind the product's back, with a client that shares no code with it.
fn tamper(bed: &Bed, statements: &str) {
    const SQLITE: &str =
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=20).executescript(sys.argv[2])";
    let mut client = if let Some(url) = bed.database_url() {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statements, url]);
        psql
    } else {
        let mut python = Command::new("python3");
        python.args(["-I", "-c", SQLITE]).arg(bed.data_dir().join("claviger.db")).arg(statements);
        python
    };
    let output = client.output().expect("the database's own client runs");
    assert!(output.status.success(), "{statements}: {}", String::from_utf8_lossy(&output.stderr));
}

/// As somebody does who owns the tables.
fn unlock(bed: &Bed) {
    tamper(
        bed,
        match bed.database_url() {
            Some(_) => "ALTER TABLE audit DISABLE TRIGGER ALL",
            None => "DROP TRIGGER audit_keeps_entries; DROP TRIGGER audit_removes_old_entries_only",
        },
    );
}

fn accounts(bed: &Bed, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let (number, realm) = (number.to_string(), format!("realm-{number}"));
        bed.done(&["account", "create", "--number", &number, "--realm", &realm, "--name", "One of many"]);
    }
}

/// A server that writes nothing into the audit by itself: it offers nobody to become its first operator.
fn quiet(engine: Engine) -> Bed {
    let mut bed = Bed::empty(engine);
    bed.configure("[sign_in]\nsetup_link = false\n");
    bed.run_serve();
    bed
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn tampering_is_found_and_placed(#[case] engine: Engine) {
    let bed = quiet(engine);
    accounts(&bed, 1..=5);
    let report = bed.json(&["audit", "verify"]);
    assert_eq!(
        (&report["verified"], &report["head"], &report["broken"]),
        (&5.into(), &5.into(), &Value::Null)
    );
    unlock(&bed);
    for (statement, seq, what) in [
        ("DELETE FROM audit WHERE seq = 5", 5, "truncated"),
        ("DELETE FROM audit WHERE seq = 4", 4, "truncated"),
        ("DELETE FROM audit WHERE seq = 2", 2, "missing"),
        ("UPDATE audit SET came_from = '192.0.2.9' WHERE seq = 1", 1, "changed"),
        ("UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3)", 3, "head"),
    ] {
        tamper(&bed, statement);
        let output = bed.cli(&["--json", "audit", "verify"]);
        assert_eq!(output.status, BROKEN, "{statement}: {output:?}");
        let report: Value = serde_json::from_str(&output.stdout).expect("a report");
        assert_eq!((&report["broken"]["seq"], &report["broken"]["what"]), (&seq.into(), &what.into()));
        assert!(output.stderr.contains("the audit is broken"), "{}", output.stderr);
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn a_change_that_cannot_be_audited_does_not_happen(#[case] engine: Engine) {
    let bed = Bed::start(engine);
    let keys = || bed.json(&["key", "list"]);
    let before = keys();
    tamper(
        &bed,
        match engine {
            Engine::Sqlite => {
                "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END;"
            }
            Engine::Postgres => {
                "CREATE FUNCTION full_disk() RETURNS TRIGGER LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
                CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION full_disk();"
            }
        },
    );
    let create =
        ["key", "create", "--account", crate::bed::ACCOUNT, "--api", "customers", "--allow", "192.0.2.1"];
    let output = bed.cli(&create);
    assert_eq!(output.status, 1, "{output:?}");
    assert_eq!(keys(), before);
    let credential = bed.credential_in("customers", "active");
    assert_eq!(bed.cli(&["key", "revoke", &credential.id]).status, 1);
    let shown = bed.json(&["key", "show", &credential.id]);
    assert_eq!(shown["state"], "active");
    tamper(
        &bed,
        match engine {
            Engine::Sqlite => "DROP TRIGGER full",
            Engine::Postgres => "DROP TRIGGER full_disk ON audit",
        },
    );
    bed.done(&create);
    bed.done(&["audit", "verify"]);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
fn an_export_has_every_entry_once_whether_a_server_runs_or_not(#[case] engine: Engine) {
    let mut bed = quiet(engine);
    accounts(&bed, 1..=3);
    let export = |bed: &Bed| -> Vec<Value> {
        let lines = bed.done(&["audit", "export"]).stdout;
        lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    };
    let running = export(&bed);
    bed.stop();
    assert_eq!(export(&bed), running);
    accounts(&bed, 4..=4);
    let entries = export(&bed);
    let fields = |name: &str| -> Vec<Value> { entries.iter().map(|entry| entry[name].clone()).collect() };
    assert_eq!(fields("seq"), [1, 2, 3, 4]);
    assert_eq!(fields("from"), ["socket", "socket", "socket", "folder"]);
    assert_eq!(fields("via"), ["cli"; 4]);
    assert!(fields("hash").iter().all(|hash| hash.as_str().is_some_and(|hash| hash.len() == 64)));
}
