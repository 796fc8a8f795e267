//! Many keys at once: all of them, or none.

use rstest::rstest;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Credential, Engine};
use crate::example::Stage;

fn states(answer: &Value, which: &str) -> Vec<Value> {
    answer.as_array().expect("a line for each").iter().map(|line| line[which].clone()).collect()
}

fn three(bed: &Bed) -> [Credential; 3] {
    ["a", "b", "b"].map(|tag| bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1", "--tag", tag]))
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn many_keys_change_together(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let url = stage.url("/customers/v1/customers");
    let [first, second, third] = three(bed);
    let answer = bed.json(&["key", "disable", &second.id, &first.id, &first.id]);
    assert_eq!(states(&answer, "id"), [json!(first.id), json!(second.id)]);
    assert_eq!(states(&answer, "after"), [json!("disabled"), json!("disabled")]);
    Ask::get(&url).by(&first).refused(403, "disabled");
    Ask::get(&url).by(&third).gets(200);

    let tagged = ["--where", "tag=b", "--where", "account=100042", "--where", "api=customers"];
    let would = bed.json(&[&["key", "revoke", "--dry-run"], &tagged[..]].concat());
    Ask::get(&url).by(&third).gets(200);
    let did = bed.json(&[&["key", "revoke", "--yes", "--reason", "the team is gone"], &tagged[..]].concat());
    assert_eq!(did, would);
    assert_eq!(states(&did, "before"), [json!("disabled"), json!("active")]);
    Ask::get(&url).by(&third).refused(403, "revoked");
    assert_eq!(bed.json(&["key", "show", &second.id])["revoked_reason"], "the team is gone");

    let refused = bed.cli(&["key", "enable", &first.id, &second.id]);
    assert_eq!(refused.status, 5, "{refused:#?}");
    assert!(
        refused.stderr.contains("nothing is changed") && refused.stderr.contains(&second.id),
        "{refused:#?}"
    );
    Ask::get(&url).by(&first).refused(403, "disabled");
    let text = bed.done(&["key", "enable", "--where", "state=disabled", "--yes"]).stdout;
    assert!(text.contains("BEFORE") && text.contains(&first.id) && !text.contains(&second.id), "{text}");
    Ask::get(&url).by(&first).gets(200);
    assert_eq!(bed.done(&["key", "enable", "--where", "state=disabled", "--yes"]).stdout, "No key fits.\n");
}

#[test]
fn many_keys_are_not_meant_by_mistake() {
    let stage = Stage::start(Engine::Sqlite);
    let bed = &stage.bed;
    let [first, ..] = three(bed);
    for args in [
        &["key", "revoke"][..],
        &["key", "revoke", "--yes"],
        &["key", "revoke", "--dry-run"],
        &["key", "revoke", "--where", "tag=a"],
        &["key", "revoke", "--where", "tag=", "--yes"],
        &["key", "revoke", "--where", "label=a", "--yes"],
        &["key", "revoke", "--where", "state=asleep", "--yes"],
        &["key", "revoke", &first.id, "--where", "tag=a", "--yes"],
    ] {
        assert_eq!(bed.cli(args).status, 2, "{args:?}");
    }
    assert_eq!(bed.cli(&["key", "revoke", "--where", "tag=a", "--where", "tag=b", "--yes"]).status, 3);
    assert_eq!(bed.cli(&["key", "revoke", &first.id, "key_01kb0000000000000000000000"]).status, 4);
    assert_eq!(bed.json(&["key", "list", "--state", "active"]).as_array().map(Vec::len), Some(3));
}
