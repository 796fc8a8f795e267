//! Every command, for people and for programs, with a running server and without one.

use regex::Regex;
use rstest::rstest;
use serde_json::{Value, json};

use crate::bed::{ACCOUNT, Bed, Engine};
use crate::example::Example;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn every_command_works_with_a_running_server(#[case] engine: Engine) {
    tour(&Bed::serve(engine));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn every_command_works_without_a_server(#[case] engine: Engine) {
    tour(&Bed::empty(engine));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn what_was_done_without_a_server_is_there_when_it_starts(#[case] engine: Engine) {
    let mut bed = Bed::empty(engine);
    let upstream = crate::example::Upstream::start();
    bed.done(&Example::new(&upstream.url).arguments());
    let key = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    bed.run_serve();
    crate::ask::Ask::get(&format!("{}/customers/v1/customers", bed.gateway())).by(&key).gets(200);
}

fn tour(bed: &Bed) {
    accounts(bed);
    let applied = bed.done(&Example::new("http://127.0.0.1:9").arguments());
    let wanted = "+ account 100042\n+ account 100043\n+ api customers\n+ api billing\n+ api cloudstore\n";
    assert_eq!(applied.stdout, wanted);
    let made = made(bed);
    let id = made["id"].as_str().expect("a key has an id");
    shown(bed, id, &made);
    life(bed, id);
    keys_listed(bed, id);
    forms(bed, &made);
    schemas(bed);
}

fn accounts(bed: &Bed) {
    let create = ["account", "create", "--number", "7", "--realm", "seven", "--name", "Seven Seas"];
    let text = bed.done(&create).stdout;
    assert!(text.contains("NUMBER") && text.contains("Seven Seas") && text.contains("acc_"), "{text}");
    let create = ["account", "create", "--number", "8", "--realm", "eight", "--name", "Eight"];
    let made = bed.json(&create);
    let listed = bed.json(&["account", "list"]);
    let numbers: Vec<_> =
        listed.as_array().expect("a list").iter().map(|one| one["number"].clone()).collect();
    assert!(numbers.contains(&json!("7")) && numbers.contains(&json!("8")), "{listed:#}");
    assert!(listed.as_array().expect("a list").contains(&made), "what was made is what is listed: {made:#}");
    has_fields(&made, &["id", "name", "number", "realm"]);
    assert!(bed.done(&["account", "list"]).stdout.contains("Eight"));
}

#[track_caller]
fn has_fields(value: &Value, wanted: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value:#}"));
    let missing: Vec<_> = wanted.iter().filter(|name| !object.contains_key(**name)).collect();
    assert!(missing.is_empty(), "without {missing:?}: {value:#}");
}

const KEY_FIELDS: [&str; 25] = [
    "id",
    "account",
    "api",
    "environment",
    "key_type",
    "state",
    "label",
    "memo",
    "owners",
    "tags",
    "rotation",
    "successor",
    "predecessor",
    "late_uses",
    "hint",
    "allowlist",
    "permissions",
    "created_at",
    "updated_at",
    "not_before",
    "expires_at",
    "revoked_at",
    "last_used_at",
    "versions",
    "version_mixed",
];

fn made(bed: &Bed) -> Value {
    let create = ["key", "create", "--account", ACCOUNT, "--api", "customers", "--allow", "127.0.0.1"];
    let text = bed.done(&create).stdout;
    assert!(Regex::new(r"(?m)^Key +ncu_production_\w+$").unwrap().is_match(&text), "{text}");
    let more = ["--label", "The tour's", "--type", "standard", "--environment", "production"];
    let made = bed.json(&[&create[..], &more, &["--lifetime", "90d"]].concat());
    has_fields(&made, &KEY_FIELDS);
    has_fields(&made, &["key"]);
    assert_eq!((&made["state"], &made["label"]), (&json!("active"), &json!("The tour's")));
    assert!(made["expires_at"].is_string() && made["last_used_at"].is_null(), "{made:#}");
    made
}

fn shown(bed: &Bed, id: &str, made: &Value) {
    let shown = bed.json(&["key", "show", id]);
    has_fields(&shown, &KEY_FIELDS);
    assert!(shown.get("key").is_none(), "a key is shown when it is made, or asked for: {shown:#}");
    assert_eq!(bed.json(&["key", "show", id, "--reveal"])["key"], made["key"]);
    let key = made["key"].as_str().expect("a key");
    let (text, revealed) =
        (bed.done(&["key", "show", id]).stdout, bed.done(&["key", "show", id, "--reveal"]).stdout);
    assert!(text.contains(id) && text.contains("The tour's") && !text.contains(key), "{text}");
    assert!(revealed.contains(key), "{revealed}");
}

fn life(bed: &Bed, id: &str) {
    let allowed = bed.json(&["key", "allow", id, "192.0.2.1"]);
    assert!(allowed["allowlist"].to_string().contains("192.0.2.1"), "{allowed:#}");
    for (event, state) in [("disable", "disabled"), ("enable", "active"), ("activate", "active")] {
        assert_eq!(bed.json(&["key", event, id])["state"], state, "{event}");
        let text = bed.done(&["key", event, id]).stdout;
        assert!(text.contains(state), "twice is no mistake: {text}");
    }
    let revoked = bed.json(&["key", "revoke", id, "--reason", "seen in a log"]);
    assert_eq!((&revoked["state"], &revoked["revoked_reason"]), (&json!("revoked"), &json!("seen in a log")));
    assert!(bed.done(&["key", "show", id]).stdout.contains("seen in a log"));
}

fn keys_listed(bed: &Bed, id: &str) {
    let other = bed.create("100043", "cloudstore", &["--allow", "127.0.0.1"]);
    let ids = |args: &[&str]| {
        let listed = bed.json(&[&["key", "list"], args].concat());
        let keys = listed.as_array().expect("keys are a list").clone();
        for key in &keys {
            has_fields(key, &KEY_FIELDS);
        }
        keys.iter().map(|key| key["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let all = ids(&[]);
    assert_eq!((all.len(), &all[0], all[1].as_str()), (3, &other.id, id), "the newest comes first");
    assert_eq!(ids(&["--account", "100043"]), [other.id.as_str()]);
    assert_eq!(ids(&["--api", "cloudstore"]), [other.id.as_str()]);
    assert_eq!(ids(&["--state", "pending"]), [other.id.as_str()]);
    assert_eq!(ids(&["--state", "revoked"]), [id]);
    assert_eq!(ids(&["--limit", "1"]), [other.id.as_str()]);
    assert_eq!(ids(&["--after", &other.id]), all[1..]);
    let text = bed.done(&["key", "list"]).stdout;
    assert!(text.contains("ACCOUNT") && all.iter().all(|id| text.contains(id)), "{text}");
}

fn forms(bed: &Bed, made: &Value) {
    let forms = bed.json(&["keyformat"]);
    let key = made["key"].as_str().expect("a key");
    let line = format!("curl -u 100042:{key} https://api.example/ # a line of somebody's notes");
    for form in forms.as_array().expect("forms are a list") {
        let pattern = Regex::new(form["pattern"].as_str().expect("a pattern")).expect("a regular expression");
        let wanted = form["api"].is_null() || form["api"] == "customers";
        assert_eq!(pattern.find(&line).map(|found| found.as_str()), wanted.then_some(key), "{form:#}");
        assert!(!pattern.is_match(&key[..key.len() - 1]), "not a part of a key: {form:#}");
    }
    assert_eq!(forms.as_array().map(Vec::len), Some(4));
    let one = bed.json(&["keyformat", "--api", "billing"]);
    assert_eq!((one.as_array().map(Vec::len), &one[0]["api"]), (Some(1), &json!("billing")));
    assert!(bed.done(&["keyformat"]).stdout.contains("any API"));
}

fn schemas(bed: &Bed) {
    for of in ["catalogue", "config"] {
        for args in [&["schema", of][..], &["--json", "schema", of]] {
            let schema: Value = serde_json::from_str(&bed.done(args).stdout).expect("a schema is JSON");
            assert!(schema["properties"].is_object(), "{schema:#}");
        }
    }
}
