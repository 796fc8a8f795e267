//! What the command line says to those who make a mistake, and what it finds by the words that it shows.

use rstest::rstest;
use serde_json::Value;

use crate::bed::{ACCOUNT, Bed, CliOutput, Engine};
use crate::example::Stage;

#[track_caller]
fn refused(bed: &Bed, args: &[&str], status: i32, says: &str) {
    let CliOutput { status: got, stderr, .. } = bed.cli(args);
    assert!(got == status && stderr.contains(says), "claviger {args:?}: {got}: {stderr}");
}

fn ids(bed: &Bed, args: &[&str]) -> Vec<String> {
    let listed = bed.json(&[&["key", "list"], args].concat());
    let keys = listed.as_array().into_iter().flatten();
    keys.filter_map(|key| key["id"].as_str().map(str::to_owned)).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_contradicts_is_named(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let account = |number, realm| ["account", "create", "--number", number, "--realm", realm, "--name", "x"];
    refused(bed, &account(ACCOUNT, "new"), 5, "the account `100042` is there already");
    let says = "the realm `northwind` of the account `1` belongs to the account `100042` already";
    refused(bed, &account("1", "northwind"), 5, says);
    refused(bed, &["permissions", "custommers"], 4, "did you mean `customers`?");
    let key = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    refused(bed, &["key", "revoke", &key.id, "--reason", ""], 3, "the reason has 1 to 200 characters");
    let rule = "activation: immediate\n      owners: { min: 1, max: 2 }";
    stage.example.edit("activation: immediate", rule);
    assert_eq!(stage.apply(&[]).status, 0);
    refused(bed, &["key", "rotate", &key.id], 3, &format!("claviger key owners {}", key.id));
    bed.done(&["key", "owners", &key.id, "a@b"]);
    bed.done(&["key", "rotate", &key.id]);
    stage.example.edit("prefix: ncu", "prefix: svc");
    let output = stage.apply(&[]);
    assert!(output.status == 3 && output.stderr.contains("the key prefix `svc` is taken"), "{output:#?}");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn keys_are_found_by_the_state_that_is_shown(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let key = |args: &[&str]| bed.create(ACCOUNT, "customers", &[&["--allow", "::1"], args].concat()).id;
    let (live, early) = (key(&[]), key(&["--not-before", "2999-01-01T00:00:00Z"]));
    let ended = key(&[]);
    let next = bed.json(&["key", "rotate", &ended, "--overlap", "0d"]);
    let next = next["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(ids(bed, &["--state", "active"]), [next.as_str(), &live]);
    assert_eq!(ids(bed, &["--state", "expired"]), [ended.as_str()]);
    assert_eq!(ids(bed, &["--state", "not_yet_valid"]), [early.as_str()]);
    let revoke = ["key", "revoke", "--where", "api=customers", "--where", "state=expired", "--yes"];
    let did = bed.json(&revoke);
    assert_eq!((&did[0]["id"], &did[0]["before"]), (&Value::from(ended), &"expired".into()), "{did:#}");
    let some = ["key", "disable", "--where", "state=active", "--limit", "1", "--yes"];
    assert_eq!(bed.json(&some)[0]["id"], next.as_str(), "the newest");
    assert_eq!(bed.json(&some)[0]["id"], live.as_str());
    assert_eq!(bed.done(&some).stdout, "No key fits.\n");
    assert_eq!(bed.done(&["key", "list", "--state", "active"]).stdout, "No key fits.\n");
}

#[test]
fn mistakes_in_usage_are_named() {
    let stage = Stage::start(Engine::Sqlite);
    let bed = &stage.bed;
    let create = ["key", "create", "--account", ACCOUNT, "--api", "customers", "--allow", "::1"];
    let with = |args: &[&'static str]| [&create[..], args].concat();
    refused(bed, &with(&["--not-before", "tomorrow"]), 2, "such as 2027-01-01T00:00:00Z");
    refused(bed, &with(&["--tag", "a=1", "--tag", "a=2"]), 3, "the tag `a` is given twice");
    for limit in ["0", "1001", "abc"] {
        refused(bed, &["key", "list", "--limit", limit], 2, "from 1 to 1000");
    }
    refused(bed, &["key", "disable"], 2, "--where");
    refused(bed, &["key", "describe", "key_00000000000000000000000000"], 2, "--memo");
    refused(bed, &["permissions", "--api", "customers", "--version"], 2, "--version");
    assert_eq!(bed.json(&["permissions", "customers"]), bed.json(&["permissions", "--api", "customers"]));
    assert_eq!(bed.json(&["document", "customers", "latest"]), bed.json(&["document", "customers"]));
}
