//! What an account's administrator does with keys, from elsewhere.

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::Value;

use super::{Away, ended};
use crate::bed::Engine;
use crate::example::Upstream;
use crate::management::user;

const NO_KEY: &str = "key_01kb0000000000000000000000";

/// The status of a call with this key.
fn call(away: &Away, key: &str) -> u16 {
    let call = Curl::new("POST", &format!("{}/v2/api/get-vms", away.bed.gateway()));
    let call = call.header("Authorization", key).header("Content-Type", "application/json");
    call.body(r#"{"where":{}}"#.to_owned()).run().status
}

fn text<'a>(view: &'a Value, field: &str) -> &'a str {
    view[field].as_str().unwrap_or_else(|| panic!("no {field} in {view}"))
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_key_lives_from_its_making_to_its_end(#[case] engine: Engine) {
    let (away, upstream) = (Away::from(engine), Upstream::start());
    let set = format!("SAMPLE_UPSTREAM={}", upstream.url);
    away.bed.done(&["apply", "-f", crate::management::CATALOGUE, "--set", &set]);
    away.login("ada");
    let run = |args: &[&str]| away.json(&[&["--server", away.server()], args].concat());
    let made =
        run(&["key", "create", "--account", "300200", "--api", "vms", "--label", "One", "--tag", "a=b"]);
    let (id, key) = (text(&made, "id"), text(&made, "key"));
    assert_eq!((text(&made, "user"), call(&away, key)), ("ada", 200));
    assert_eq!(text(&run(&["key", "disable", id, "--reason", "a holiday"]), "state"), "disabled");
    assert_eq!(call(&away, key), 401);
    assert_eq!(text(&run(&["key", "enable", id]), "state"), "active");
    let changed = run(&["key", "tag", id, "+nightly", "-a"]);
    assert_eq!(changed["tags"], serde_json::json!({ "nightly": "" }));
    assert_eq!(text(&run(&["key", "describe", id, "--memo", "Ask Ada"]), "memo"), "Ask Ada");
    assert_eq!(run(&["key", "owners", id, "ada@example.com"])["owners"][0], "ada@example.com");
    let narrowed = run(&["key", "allow", id, "192.0.2.1"]);
    assert_eq!((&narrowed["allowlist"][0], call(&away, key)), (&"192.0.2.1/32".into(), 403));
    assert_eq!(run(&["key", "allow", id, "127.0.0.1"])["allowlist"][0], "127.0.0.1/32");
    assert_eq!(text(&run(&["key", "show", id, "--reveal"]), "key"), key);
    let successor = run(&["key", "rotate", id, "--overlap", "1d"]);
    assert_eq!((call(&away, key), call(&away, text(&successor, "key"))), (200, 200));
    run(&["key", "rotate", id, "--cancel", "--reason", "too early"]);
    assert_eq!((call(&away, key), call(&away, text(&successor, "key"))), (200, 401));
    let lines = run(&["key", "revoke", "--where", "tag=nightly", "--where", "state=active", "--yes"]);
    assert_eq!((&lines[0]["id"], &lines[0]["after"]), (&id.into(), &"revoked".into()));
    assert_eq!(call(&away, key), 401);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn refusals_end_with_the_codes_that_they_have_on_the_folder(#[case] engine: Engine) {
    let away = Away::from(engine);
    away.login("ada");
    let run = |args: &[&str]| away.run(&[&["--profile", "ada"], args].concat());
    let create =
        |args: &[&str]| run(&[&["key", "create", "--account", "300200", "--api", "vms"], args].concat());
    ended(&create(&["--allow", "nowhere"]), 3, "(invalid, req_");
    ended(&create(&["--label", "two\nlines"]), 3, "label");
    ended(&run(&["key", "show", NO_KEY]), 4, NO_KEY);
    ended(&run(&["user", "show", "../accounts?x=y"]), 4, "(not_found, req_");
    ended(&run(&["key", "list", "--account", "9"]), 4, "9");
    ended(
        &run(&["account", "create", "--number", "9", "--realm", "nine", "--name", "Nine"]),
        7,
        "(forbidden, req_",
    );
    let key = away.json(&["--profile", "ada", "key", "create", "--account", "300200", "--api", "vms"]);
    let id = text(&key, "id");
    away.done(&["--profile", "ada", "key", "revoke", id]);
    ended(&run(&["key", "enable", id]), 5, "(conflict, req_");
    assert_eq!(run(&["key", "list", "--state", "lost"]).status, 2);
}

#[test]
fn a_member_is_told_that_they_may_not() {
    let away = Away::from(Engine::Sqlite);
    user(&away.bed, &["--username", "mia", "--account", "300200", "--role", "member"]);
    away.login("mia");
    let create = ["--profile", "mia", "key", "create", "--account", "300200", "--api", "vms"];
    ended(&away.run(&create), 7, "(forbidden, req_");
    ended(&away.run(&["--profile", "mia", "user", "list"]), 7, "(forbidden, req_");
}

#[test]
fn what_needs_the_folder_says_so() {
    let away = Away::from(Engine::Sqlite);
    away.login("root");
    let keys = away.bed.file("keys.txt", "a-key-that-was-made-elsewhere\n");
    let import = ["key", "import", &keys, "--format", "plain", "--api", "vms", "--account", "300200"];
    let noted = format!("1:{}", "0".repeat(64));
    for (args, says) in [
        (&import[..], "`claviger key import` works on the data folder only"),
        (&["keyformat"], "without --api"),
        (&["audit", "verify", "--noted", &noted], "--noted"),
        (&["key", "disable", "--where", "api=vms", "--limit", "1", "--yes"], "--limit"),
    ] {
        ended(&away.run(&[&["--profile", "root"], args].concat()), 3, says);
    }
    away.done(&["--profile", "root", "user", "show", "ada"]);
    away.done(&["--profile", "root", "apply", "-f", crate::management::CATALOGUE]);
    away.done(&["--profile", "root", "user", "remove", "ada", "--reason", "left"]);
}

#[test]
fn a_server_that_is_not_there_or_is_none_ends_with_6() {
    let mut away = Away::from(Engine::Sqlite);
    away.login("ada");
    away.bed.stop();
    ended(&away.run(&["--profile", "ada", "key", "list"]), 6, "cannot be reached");
    ended(&away.run(&["--profile", "ada", "logout"]), 6, "cannot be reached");
    assert_eq!(away.tokens().len(), 1, "what was not ended is not forgotten");
    away.bed.run_serve();
    let gateway = away.bed.gateway().to_owned();
    let login = ["login", "--server", &gateway, "--username", "ada", "--password-stdin"];
    ended(&away.given("wrong", &login), 6, "not as Claviger does");
}
