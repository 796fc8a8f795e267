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
    for args in [&["key", "show", &key.id, "--reveal"][..], &["--json", "key", "show", &key.id, "--reveal"]] {
        let output = stage.bed.cli(args);
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
    drop(kept);
}
