//! A key and its successor, through the gateway.

use rstest::rstest;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Credential, Engine};
use crate::connection::Connection;
use crate::example::Stage;

const PATH: &str = "/customers/v1/customers";
const SENDERS: usize = 4;
const EACH: usize = 50;

fn rotate(bed: &Bed, key: &Credential, args: &[&str]) -> Credential {
    Credential::read(&bed.json(&[&["key", "rotate", &key.id], args].concat()))
}

fn show(bed: &Bed, key: &Credential) -> Value {
    bed.json(&["key", "show", &key.id])
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn both_keys_work_until_the_overlap_ends(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let url = stage.url(PATH);
    let old = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1", "--owner", "ops@example.com"]);
    let new = rotate(bed, &old, &[]);
    Ask::get(&url).by(&old).gets(200);
    Ask::get(&url).by(&new).gets(200);
    let (shown, made) = (show(bed, &old), show(bed, &new));
    assert_eq!((&shown["successor"], &made["predecessor"]), (&json!(new.id), &json!(old.id)));
    assert_eq!((&made["owners"], &made["allowlist"]), (&json!(["ops@example.com"]), &shown["allowlist"]));
    let left = shown["rotation"]["remaining_seconds"].as_u64().expect("a number");
    assert!((6 * 86_400..=7 * 86_400).contains(&left), "a week without an option: {shown:#}");
    assert_eq!(shown["expires_at"], shown["rotation"]["ends_at"]);
    let text = bed.done(&["key", "show", &old.id]).stdout;
    assert!(text.contains(&new.id) && text.contains("in 6d 23h"), "{text}");

    let last = rotate(bed, &new, &["--overlap", "0d"]);
    Ask::get(&url).by(&new).refused(403, "expired");
    Ask::get(&url).by(&last).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_rotation_that_is_taken_back_leaves_the_old_key(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let url = stage.url(PATH);
    let old = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1", "--lifetime", "90d"]);
    let before = show(bed, &old);
    let new = rotate(bed, &old, &["--overlap", "1h"]);
    let again = bed.cli(&["key", "rotate", &old.id]);
    assert_eq!(again.status, 5, "{again:#?}");
    assert!(again.stderr.contains(&new.id), "{again:#?}");
    let back = bed.json(&["key", "rotate", &old.id, "--cancel", "--reason", "the client is not ready"]);
    assert_eq!((&back["expires_at"], &back["successor"]), (&before["expires_at"], &Value::Null));
    Ask::get(&url).by(&old).gets(200);
    Ask::get(&url).by(&new).refused(403, "revoked");
    assert_eq!(show(bed, &new)["revoked_reason"], "the client is not ready");
    let twice = bed.cli(&["key", "rotate", &old.id, "--cancel"]);
    assert_eq!(twice.status, 5, "{twice:#?}");
    rotate(bed, &old, &["--overlap", "0s"]);
    let over = bed.cli(&["key", "rotate", &old.id, "--cancel"]);
    assert_eq!(over.status, 5, "{over:#?}");
    assert!(over.stderr.contains("is over"), "{over:#?}");
    assert_eq!(bed.cli(&["key", "rotate", &old.id, "--overlap", "91d"]).status, 3);
    assert_eq!(bed.cli(&["key", "rotate", "key_01kb0000000000000000000000"]).status, 4);
}

/// Every request counts, and none of those that are refused or made with the successor.
#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn late_uses_are_counted_one_by_one(#[case] engine: Engine) {
    let mut stage = Stage::start(engine);
    let old = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    send(stage.bed.gateway(), &old, 200);
    assert_eq!(show(&stage.bed, &old)["late_uses"], 0);
    let new = rotate(&stage.bed, &old, &[]);
    let gateway = stage.bed.gateway();
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| send(gateway, &old, 200));
        }
        scope.spawn(|| send(gateway, &new, 200));
    });
    assert_eq!(show(&stage.bed, &old)["late_uses"], SENDERS * EACH);
    assert_eq!(show(&stage.bed, &new)["late_uses"], 0);
    stage.bed.done(&["key", "disable", &old.id]);
    send(stage.bed.gateway(), &old, 403);
    stage.bed.done(&["key", "enable", &old.id]);
    // The successor is known, and what was not written yet is written, after a start.
    send(stage.bed.gateway(), &old, 200);
    stage.bed.stop();
    stage.bed.run_serve();
    send(stage.bed.gateway(), &old, 200);
    let listed = stage.bed.json(&["key", "list"]);
    let counts: Vec<_> = listed.as_array().expect("a list").iter().map(|key| &key["late_uses"]).collect();
    assert_eq!(counts, [&json!(0), &json!((SENDERS + 2) * EACH)]);
}

/// Some requests on one connection.
fn send(gateway: &str, key: &Credential, status: u16) {
    let mut connection = Connection::open(gateway);
    for _ in 0..EACH {
        assert_eq!(connection.get(PATH, &key.basic()).status, status);
    }
}
