//! A key is shown when it is made, and again only where the API's policy makes it recoverable.

use rstest::rstest;

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Engine};
use crate::example::Stage;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn a_key_that_is_not_recoverable_is_shown_once(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let kept = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    stage.example.edit("recoverable: true", "recoverable: false");
    assert_eq!(stage.apply(&[]).status, 0);
    let key = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    Ask::get(&stage.url("/customers/v1/customers")).by(&key).gets(200);
    // Also a key that is kept from before: what counts is the policy now.
    for id in [&key.id, &kept.id] {
        let output = stage.bed.cli(&["key", "show", id, "--reveal"]);
        assert_eq!((output.status, output.stdout.as_str()), (3, ""), "{output:#?}");
        assert!(output.stderr.contains("make another one"), "{}", output.stderr);
    }
    for args in [
        &["key", "show", &key.id][..],
        &["key", "list"],
        &["key", "disable", &key.id],
        &["key", "enable", &key.id],
    ] {
        for json in [&[][..], &["--json"]] {
            let output = stage.bed.done(&[json, args].concat());
            assert!(!output.stdout.contains(&key.key), "{args:?}: {}", output.stdout);
        }
    }
    stage.example.edit("recoverable: false", "recoverable: true");
    assert_eq!(stage.apply(&[]).status, 0);
    assert_eq!(stage.bed.json(&["key", "show", &kept.id, "--reveal"])["key"], kept.key.as_str());
    assert_eq!(stage.bed.cli(&["key", "show", &key.id, "--reveal"]).status, 3, "it was never kept");
}
