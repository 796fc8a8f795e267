//! Owners, memo, labels and tags: made, changed, found, and refused where the policy does not have them.

use rstest::rstest;
use serde_json::json;

use crate::bed::{ACCOUNT, Bed, Engine};
use crate::example::Stage;

fn ids(bed: &Bed, args: &[&str]) -> Vec<String> {
    let listed = bed.json(&[&["key", "list"], args].concat());
    let keys = listed.as_array().expect("keys are a list").iter();
    keys.map(|key| key["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn keys_are_found_by_what_is_noted(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let bed = &stage.bed;
    let here = ["--allow", "127.0.0.1"];
    let noted = ["--owner", "Ann@example.com", "--owner", "bob@example.com", "--memo", "Für die Nachtläufe"];
    let tagged = ["--tag", "team=core", "--tag", "nightly", "--label", "Export"];
    let first = bed.create(ACCOUNT, "customers", &[&here[..], &noted, &tagged].concat());
    let second = bed.create(ACCOUNT, "customers", &[&here[..], &["--tag", "team=core-2"]].concat());
    let third = bed.create("100043", "billing", &[&here[..], &["--environment", "sandbox"]].concat());
    let text = bed.done(&["key", "show", &first.id]).stdout;
    for wanted in ["Ann@example.com, bob@example.com", "Für die Nachtläufe", "nightly, team=core"] {
        assert!(text.contains(wanted), "{text}");
    }
    assert_eq!(ids(bed, &["--search", "NACHTLÄUFE"]), [first.id.as_str()]);
    assert_eq!(ids(bed, &["--search", "ann@"]), [first.id.as_str()]);
    assert_eq!(ids(bed, &["--search", &third.id.to_uppercase()]), [third.id.as_str()]);
    assert_eq!(ids(bed, &["--search", &second.key[second.key.len() - 4..]]), [second.id.as_str()]);
    assert_eq!(ids(bed, &["--tag", "team"]), [second.id.as_str(), &first.id]);
    assert_eq!(ids(bed, &["--tag", "team=core"]), [first.id.as_str()]);
    assert_eq!(ids(bed, &["--owner", "ANN@example.com"]), [first.id.as_str()]);
    assert_eq!(ids(bed, &["--owner", "n@example.com"]), [""; 0]);
    assert_eq!(ids(bed, &["--search", "core", "--limit", "1"]), [second.id.as_str()]);
    assert_eq!(ids(bed, &["--search", "core", "--after", &second.id]), [first.id.as_str()]);

    let edit = ["key", "tag", &first.id, "+team=billing", "-nightly", "+paged"];
    let tags = json!({ "team": "billing", "paged": "" });
    assert_eq!(bed.json(&edit)["tags"], tags);
    assert!(bed.done(&edit).stdout.contains("paged, team=billing"), "twice is no mistake");
    assert_eq!(
        bed.json(&["key", "owners", &first.id, "carol@example.com"])["owners"],
        json!(["carol@example.com"])
    );
    let described = bed.json(&["key", "describe", &first.id, "--label", "", "--memo", "Day shift"]);
    assert_eq!((&described["label"], &described["memo"]), (&json!(null), &json!("Day shift")));
    assert_eq!(ids(bed, &["--search", "nacht"]), [""; 0]);
    assert_eq!(ids(bed, &["--search", "day SHIFT"]), [first.id.as_str()]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_policy_says_what_is_noted_and_what_can_be_changed(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let rule = "activation: immediate\n      owners: { min: 1, max: 2 }\n      editable: [allowlist, owners]";
    stage.example.edit("activation: immediate", rule);
    assert_eq!(stage.apply(&[]).status, 0);
    let bed = &stage.bed;
    let create = ["key", "create", "--account", ACCOUNT, "--api", "customers", "--allow", "127.0.0.1"];
    let output = bed.cli(&create);
    assert_eq!(output.status, 3, "{output:#?}");
    assert!(output.stderr.contains("1 to 2 owners"), "{output:#?}");
    let key = bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1", "--owner", "a@b", "--tag", "x"]);
    bed.done(&["key", "allow", &key.id, "192.0.2.1"]);
    bed.done(&["key", "owners", &key.id, "a@b", "c@d"]);
    for args in [
        &["key", "owners", &key.id][..],
        &["key", "tag", &key.id, "-x"],
        &["key", "describe", &key.id, "--label", "x"],
        &["key", "describe", &key.id, "--memo", "x"],
    ] {
        assert_eq!(bed.cli(args).status, 3, "{args:?}");
    }
    for args in [
        &["key", "owners", &key.id, "nobody"][..],
        &["key", "tag", &key.id],
        &["key", "tag", &key.id, "x"],
        &["key", "describe", &key.id],
        &["key", "list", "--tag", "A"],
    ] {
        assert_eq!(bed.cli(args).status, 2, "{args:?}");
    }
    stage.example.edit("min: 1, max: 2", "min: 3, max: 2");
    let output = stage.apply(&[]);
    assert_eq!(output.status, 3);
    assert!(output.stderr.contains("which none can have"), "{output:#?}");
}
