//! Exit codes mean something: 2 wrong usage, 3 input that does not fit, 4 not found, 5 conflict, 6 not reachable.

use std::fs::File;

use rstest::rstest;

use crate::bed::{ACCOUNT, Bed, CliOutput, Engine};
use crate::example::{Example, Stage};

const ACCOUNT_SEVEN: [&str; 8] =
    ["account", "create", "--number", "7", "--realm", "seven", "--name", "Seven"];
const NO_KEY: &str = "key_01kb0000000000000000000000";

/// Ended with this code, wrote nothing to standard output, and said why.
#[track_caller]
fn ended(output: &CliOutput, status: i32, says: &str) {
    assert_eq!((output.status, output.stdout.as_str()), (status, ""), "{output:#?}");
    assert!(output.stderr.contains(says), "wanted `{says}` in {}", output.stderr);
}

#[test]
fn usage_that_is_wrong_ends_with_2() {
    let bed = Bed::empty(Engine::Sqlite);
    for args in [
        &["nonsense"][..],
        &[],
        &["key"],
        &["key", "show"],
        &["key", "show", "nonsense"],
        &["key", "list", "--state", "asleep"],
        &["key", "create", "--account", ACCOUNT],
        &["key", "create", "--account", ACCOUNT, "--api", "customers", "--lifetime", "long"],
        &["key", "create", "--account", ACCOUNT, "--api", "customers", "--not-before", "soon"],
        &["explain", "key_01kb0000000000000000000000"],
        &["apply"],
        &["apply", "--file", "x", "--set", "novalue"],
        &["account", "create", "--number", "1", "--realm", "Not A Slug", "--name", "x"],
        &["serve", "--ports", "9000"],
    ] {
        ended(&bed.cli(args), 2, "");
    }
    assert!(!bed.data_dir().exists(), "nothing was made");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_does_not_fit_ends_with_3(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let create = |api: &str, args: &[&str]| {
        stage.bed.cli(&[&["key", "create", "--account", ACCOUNT, "--api", api], args].concat())
    };
    let here = ["--allow", "127.0.0.1"];
    ended(&create("customers", &["--allow", "nowhere"]), 3, "nowhere");
    ended(&create("customers", &["--allow", "10.0.0.0/8"]), 3, "single addresses only");
    ended(&create("customers", &[]), 3, "exactly one address");
    ended(&create("billing", &here), 3, "production, sandbox");
    ended(&create("billing", &[&here[..], &["--environment", "moon"]].concat()), 3, "moon");
    ended(&create("customers", &[&here[..], &["--type", "golden"]].concat()), 3, "golden");
    ended(&create("customers", &[&here[..], &["--lifetime", "0s"]].concat()), 3, "more than 0");
    ended(&create("customers", &[&here[..], &["--label", "two\nlines"]].concat()), 3, "label");
    ended(
        &stage.bed.cli(&["apply", "--file", "/nonexistent/catalogue.yaml"]),
        3,
        "/nonexistent/catalogue.yaml",
    );
    let config = stage.bed.file("bad.toml", "[listen]\nnonsense = 1\n");
    ended(&stage.bed.cli(&["--config", &config, "account", "list"]), 3, "nonsense");
    ended(&stage.bed.cli(&["--config", "/nonexistent.toml", "account", "list"]), 3, "/nonexistent.toml");
    assert_eq!(stage.bed.json(&["key", "list"]), serde_json::json!([]));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_is_not_there_ends_with_4(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    for command in ["show", "allow", "owners", "rotate", "activate", "disable", "enable", "revoke"] {
        let address: &[&str] = if command == "allow" { &["127.0.0.1"] } else { &[] };
        ended(&bed.cli(&[&["key", command, NO_KEY], address].concat()), 4, NO_KEY);
    }
    ended(&bed.cli(&["key", "show", NO_KEY, "--reveal"]), 4, NO_KEY);
    ended(&bed.cli(&["explain", "req_01kb0000000000000000000000"]), 4, "req_01kb0000000000000000000000");
    ended(&bed.cli(&["keyformat", "--api", "weather"]), 4, "weather");
    ended(&bed.cli(&["key", "list", "--api", "weather"]), 4, "weather");
    ended(&bed.cli(&["key", "list", "--account", "9"]), 4, "9");
    let create = |account, api| {
        bed.cli(&["key", "create", "--account", account, "--api", api, "--allow", "127.0.0.1"])
    };
    ended(&create(ACCOUNT, "weather"), 4, "weather");
    ended(&create("9", "customers"), 4, "9");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_contradicts_ends_with_5(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let account =
        |number, realm| bed.cli(&["account", "create", "--number", number, "--realm", realm, "--name", "x"]);
    ended(&account(ACCOUNT, "new"), 5, ACCOUNT);
    ended(&account("1", "northwind"), 5, "realm");
    let key = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    bed.done(&["key", "revoke", &key.id]);
    for event in ["activate", "disable", "enable"] {
        ended(&bed.cli(&["key", event, &key.id]), 5, "revoked");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_second_server_on_one_folder_ends_with_6(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let folder = stage.bed.data_dir().display().to_string();
    for command in ["serve", "demo"] {
        ended(&stage.bed.cli(&[command, "--ports", "auto", "--json"]), 6, &folder);
    }
    stage.bed.done(&["account", "list"]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_folder_that_is_not_there_ends_with_6_and_is_not_made(#[case] engine: Engine) {
    let bed = Bed::empty(engine);
    let folder = bed.data_dir().display().to_string();
    let example = Example::new("http://127.0.0.1:9");
    let dry_run = [&example.arguments()[..], &["--dry-run"]].concat();
    for args in
        [&["account", "list"][..], &["key", "list"], &["key", "disable", NO_KEY], &["keyformat"], &dry_run]
    {
        ended(&bed.cli(args), 6, &folder);
    }
    assert!(!bed.data_dir().exists(), "a name that was mistyped makes nothing");
}

#[test]
fn a_folder_that_somebody_else_holds_ends_with_6() {
    let bed = Bed::empty(Engine::Sqlite);
    bed.done(&ACCOUNT_SEVEN);
    let lock = File::open(bed.data_dir().join("claviger.lock")).expect("the folder has a lock");
    lock.lock().expect("nobody holds it");
    ended(&bed.cli(&["account", "list"]), 6, "another process");
    drop(lock);
    bed.done(&["account", "list"]);
}

#[test]
fn a_server_that_was_killed_leaves_nothing_in_the_way() {
    let mut bed = Bed::serve(Engine::Sqlite);
    bed.done(&Example::new("http://127.0.0.1:9").arguments());
    bed.kill9();
    assert!(bed.data_dir().join("claviger.sock").exists(), "nobody removed the socket");
    assert_eq!(bed.json(&["account", "list"]).as_array().map(Vec::len), Some(2));
    bed.run_serve();
    assert_eq!(bed.json(&["account", "list"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn what_cannot_be_opened_ends_with_1_and_says_why() {
    let bed = Bed::empty(Engine::Sqlite);
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let url = format!("postgres://u:hunter2@127.0.0.1:{}/x", port.local_addr().expect("it is bound").port());
    drop(port);
    let output = bed.cli(&[&["--database-url", &url], &ACCOUNT_SEVEN[..]].concat());
    ended(&output, 1, "claviger: ");
    assert!(!output.stderr.contains("hunter2"), "no password in an error: {}", output.stderr);
}
