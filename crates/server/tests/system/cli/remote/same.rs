//! What is printed is the same as on the data folder, letter for letter.

use rstest::rstest;

use super::Away;
use crate::bed::Engine;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_is_read_reads_the_same(#[case] engine: Engine) {
    let away = Away::from(engine);
    away.login("root");
    for number in 0..3 {
        let (tag, label) = (format!("team=t{number}"), format!("Key {number}"));
        away.bed.create("300200", "vms", &["--label", &label, "--tag", &tag, "--owner", "ada@example.com"]);
    }
    away.bed.done(&["service", "create", "edge", "--api", "vms"]);
    for name in ["one", "two"] {
        away.bed.done(&["user", "invite", &format!("{name}@example.com"), "--account", "300200"]);
    }
    let keys = away.bed.json(&["key", "list"]);
    let id = keys[1]["id"].as_str().expect("an id");
    for args in [
        &["key", "list"][..],
        &["key", "list", "--limit", "2"],
        &["key", "list", "--after", id, "--account", "300200", "--api", "vms", "--state", "active"],
        &["key", "list", "--tag", "team=t1"],
        &["key", "list", "--search", "key 2", "--owner", "ada@example.com"],
        &["key", "show", id],
        &["key", "disable", "--where", "api=vms", "--dry-run"],
        &["key", "disable", id, "--dry-run"],
        &["account", "list"],
        &["user", "list"],
        &["user", "list", "--account", "300200"],
        &["user", "show", "ADA"],
        &["user", "invitations"],
        &["user", "invitations", "--account", "300200", "--limit", "1"],
        &["role", "list", "--account", "300200"],
        &["service", "list"],
        &["api", "list"],
        &["permissions", "vms"],
        &["document", "vms"],
        &["document", "vms", "v2"],
        &["keyformat", "--api", "vms"],
        &["audit", "list"],
        &["audit", "list", "--limit", "2", "--action", "key.create"],
        &["audit", "verify"],
        &["audit", "export"],
    ] {
        for json in [&[][..], &["--json"]] {
            let here = away.bed.done(&[json, args].concat());
            let there = away.done(&[json, &["--profile", "root"], args].concat());
            assert_eq!(there, here.stdout, "{args:?}");
        }
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_is_changed_is_shown_and_found_here(#[case] engine: Engine) {
    let away = Away::from(engine);
    away.login("root");
    let run = |args: &[&str]| away.json(&[&["--profile", "root"], args].concat());
    let account = run(&["account", "create", "--number", "9", "--realm", "nine", "--name", "Nine"]);
    assert!(away.bed.json(&["account", "list"]).as_array().is_some_and(|all| all.contains(&account)));
    let create = ["--json", "--profile", "root", "user", "create", "--account", "9", "--username", "eve"];
    let made = away.given("gannets over the skerry", &[&create[..], &["--password-stdin"]].concat());
    assert_eq!(made.status, 0, "{made:#?}");
    let role =
        run(&["role", "set", "clerk", "--account", "9", "--right", "manage_keys", "--scope", "read-only"]);
    assert_eq!(role[0]["slug"], "clerk");
    let eve = run(&["user", "role", "set", "eve", "--account", "9", "clerk"]);
    assert_eq!(eve["memberships"][0]["roles"][0], "clerk");
    assert_eq!(eve, away.bed.json(&["user", "show", "eve"]));
    assert_eq!(run(&["user", "disable", "eve"])["state"], "disabled");
    assert_eq!(run(&["user", "enable", "eve", "--reason", "back"])["state"], "active");
    assert_eq!(run(&["user", "factor-reset", "eve"])["username"], "eve");
    let password = ["--profile", "root", "user", "password", "eve", "--password-stdin"];
    assert_eq!(away.given("kittiwakes on the ledge", &password).status, 0);
    assert_eq!(run(&["role", "remove", "clerk", "--account", "9"]), role);
    let edited =
        run(&["user", "edit", "eve", "--username", "eva", "--email", "eva@example.com", "--name", "Eva"]);
    assert_eq!((&edited["username"], &edited["email"]), (&"eva".into(), &"eva@example.com".into()));
    assert_eq!(
        run(&["user", "edit", "eva", "--email", "", "--username", "eve"])["email"],
        serde_json::Value::Null
    );
    let gone = run(&["user", "remove", "eve", "--reason", "replaced by a machine"]);
    assert_eq!(gone["username"], "eve");
    let audited = away.bed.json(&["audit", "list", "--action", "user.remove"]);
    assert_eq!(audited[0]["reason"], "replaced by a machine");
    let rule = run(&["account", "edit", "9", "--second-factor", "required"]);
    assert_eq!(rule["second_factor"], "required");
    assert_eq!(
        away.bed.json(&["account", "edit", "9", "--second-factor", "optional"])["second_factor"],
        "optional"
    );
    let invited =
        run(&["user", "invite", "mo@example.com", "--account", "9", "--role", "member", "--lifetime", "1h"]);
    assert!(invited["token"].is_string(), "{invited}");
    let id = invited["id"].as_str().expect("an id");
    assert_eq!(run(&["user", "withdraw", id, "--reason", "a slip"])["id"], id);
    assert_eq!(away.bed.cli(&["user", "show", "eve"]).status, 4);
    let service = run(&["service", "create", "edge", "--api", "vms"]);
    assert!(service["token"].is_string(), "{service}");
    assert_eq!(run(&["service", "revoke", "edge", "--reason", "Done"])["revoked_reason"], "Done");
}
