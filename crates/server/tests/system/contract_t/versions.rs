//! T13: one versioned collection. Unknown versions are 404; two versions with one key are noticed.

use claviger_testkit::Response;
use rstest::rstest;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Bed, Credential, Engine};
use crate::example::Stage;

const MIXED: &str = "x-claviger-version-mixed";

fn key(stage: &Stage, api: &str) -> Credential {
    stage.bed.create(ACCOUNT, api, &["--allow", "127.0.0.1", "--environment", "production"])
}

fn customers(stage: &Stage, version: &str, key: &Credential) -> Ask {
    Ask::get(&stage.url(&format!("/customers/{version}/customers"))).by(key)
}

fn mixed_with(answer: &Response) -> Option<&str> {
    answer.header(MIXED)
}

fn shown(bed: &Bed, key: &Credential) -> (Value, Vec<String>) {
    let view = bed.json(&["key", "show", &key.id]);
    let versions = view["versions"].as_array().expect("versions are a list");
    let names = versions.iter().map(|used| used["version"].as_str().unwrap_or_default().to_owned()).collect();
    (view["version_mixed"].clone(), names)
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t13_latest_is_the_last_version(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = key(&stage, "customers");
    for (named, version) in [("v2", "v2"), ("latest", "v2")] {
        for answer in customers(&stage, named, &key).header("Accept", "application/json").gets(200) {
            assert_eq!(answer.header("x-claviger-api-version"), Some(version), "{named}");
            assert_eq!(answer.json()["received"]["target"], "/customers/v2/customers", "{named}");
            assert_eq!(mixed_with(&answer), None, "latest and v2 are one version");
        }
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t13_an_unknown_version_is_404_and_counts_for_nothing(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let key = key(&stage, "customers");
    customers(&stage, "v1", &key).gets(200);
    for version in ["v3", "v0", "V1", "v11", "v", "1", "LATEST", "latest2", "v1;x", "%76%31x", "customers"] {
        let [problem, _] = customers(&stage, version, &key).refused(404, "unknown_endpoint");
        let detail = problem.detail.unwrap_or_default();
        assert!(detail.contains("v1") && detail.contains("v2"), "names the versions there are: {detail}");
    }
    // An endpoint of the second version only.
    let addresses = |version: &str| stage.url(&format!("/customers/{version}/customers/C-1001/addresses"));
    Ask::get(&addresses("v1")).by(&key).refused(404, "unknown_endpoint");
    assert_eq!(shown(&stage.bed, &key), (json!(false), vec!["v1".to_owned()]));
    assert_eq!(stage.upstream.reached(), 2);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t13_two_versions_with_one_key_are_told_to_the_caller_and_shown_on_the_key(#[case] engine: Engine) {
    let mut stage = Stage::start(engine);
    let (mixer, steady) = (key(&stage, "customers"), key(&stage, "customers"));
    for key in [&mixer, &steady] {
        for answer in customers(&stage, "v1", key).gets(200) {
            assert_eq!(mixed_with(&answer), None, "{:?}", answer.headers);
        }
        assert_eq!(shown(&stage.bed, key), (json!(false), vec!["v1".to_owned()]));
    }
    for (version, other) in [("v2", "v1"), ("v1", "v2"), ("latest", "v1")] {
        for answer in customers(&stage, version, &mixer).gets(200) {
            assert_eq!(mixed_with(&answer), Some(other), "{version}: {:?}", answer.headers);
        }
    }
    let mixed = (json!(true), vec!["v2".to_owned(), "v1".to_owned()]);
    assert_eq!(shown(&stage.bed, &mixer), mixed);
    assert!(stage.bed.done(&["key", "show", &mixer.id]).stdout.contains("mixed"));
    assert_eq!(shown(&stage.bed, &steady).0, json!(false));
    stage.bed.stop();
    stage.bed.run_serve();
    assert_eq!(shown(&stage.bed, &mixer), mixed, "a restart forgets nothing");
    for answer in customers(&stage, "v1", &mixer).gets(200) {
        assert_eq!(mixed_with(&answer), Some("v2"), "a restart forgets nothing: {:?}", answer.headers);
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t13_an_api_can_refuse_the_second_version(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let mixer = key(&stage, "customers");
    customers(&stage, "v1", &mixer).gets(200);
    stage.example.edit("version_mixing: { action: warn", "version_mixing: { action: refuse");
    assert_eq!(stage.apply(&[]).status, 0);
    let reached = stage.upstream.reached();
    customers(&stage, "v2", &mixer).refused(409, "version_mixed");
    customers(&stage, "latest", &mixer).refused(409, "version_mixed");
    assert_eq!(stage.upstream.reached(), reached);
    for answer in customers(&stage, "v1", &mixer).gets(200) {
        assert_eq!(mixed_with(&answer), None, "a refused call is no use: {:?}", answer.headers);
    }
    assert_eq!(shown(&stage.bed, &mixer), (json!(false), vec!["v1".to_owned()]));
    stage.example.edit("version_mixing: { action: refuse", "version_mixing: { action: allow");
    assert_eq!(stage.apply(&[]).status, 0);
    for answer in customers(&stage, "v2", &mixer).gets(200) {
        assert_eq!(mixed_with(&answer), None, "{:?}", answer.headers);
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t13_different_versions_across_apis_are_fine(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let (one, other) = (key(&stage, "customers"), key(&stage, "billing"));
    for _ in 0..2 {
        let invoices = Ask::get(&stage.url("/billing/v2/invoices")).by(&other);
        for answer in [customers(&stage, "v1", &one).gets(200), invoices.gets(200)].concat() {
            assert_eq!(mixed_with(&answer), None, "{:?}", answer.headers);
        }
    }
    assert_eq!(shown(&stage.bed, &one), (json!(false), vec!["v1".to_owned()]));
    assert_eq!(shown(&stage.bed, &other), (json!(false), vec!["v2".to_owned()]));
}
