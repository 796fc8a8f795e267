//! T11: GET and POST only (else 405 with Allow); POST takes JSON only (else 415).

use claviger_testkit::Response;
use rstest::rstest;

use crate::ask::Ask;
use crate::bed::{ACCOUNT, Credential, Engine};
use crate::example::Stage;

const LIST: &str = "/customers/v1/customers";
const BODY: &str = r#"{"name":"Fabrikam"}"#;

fn stage(engine: Engine) -> (Stage, Credential) {
    let stage = Stage::start(engine);
    let key = stage.bed.create(ACCOUNT, "customers", &["--allow", "127.0.0.1"]);
    (stage, key)
}

fn allow(answer: &Response) -> Vec<&str> {
    let mut methods: Vec<_> = answer.header("allow").unwrap_or_default().split(", ").collect();
    methods.sort_unstable();
    methods
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t11_other_methods_are_405_with_allow(#[case] engine: Engine) {
    let (stage, key) = stage(engine);
    let ask = |method: &str, path: &str| Ask::new(method, &stage.url(path)).by(&key);
    for method in ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "post", "GETS"] {
        for answer in ask(method, LIST).gets(405) {
            assert_eq!(allow(&answer), ["GET", "POST"], "{method}: {:?}", answer.headers);
        }
        if method != "HEAD" {
            ask(method, LIST).refused(405, "method_not_allowed");
        }
    }
    for (method, path) in
        [("POST", "/customers/v1/customers/C-1001"), ("DELETE", "/customers/v1/customers/C-1001")]
    {
        for answer in ask(method, path).gets(405) {
            assert_eq!(allow(&answer), ["GET"], "{method} {path}: {:?}", answer.headers);
        }
    }
    assert_eq!(stage.upstream.reached(), 0);
    ask("GET", LIST).gets(200);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t11_post_takes_json_only(#[case] engine: Engine) {
    let (stage, key) = stage(engine);
    let url = stage.url(LIST);
    for media_type in [
        "application/xml",
        "text/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/json-patch+json",
        "application/problem+json",
        "application/*",
        "application",
        "application/json, application/json",
        "json",
        ",",
    ] {
        Ask::post(&url, media_type, BODY).by(&key).refused(415, "unsupported_media_type");
    }
    // curl names a type of its own, Python none at all.
    Ask::new("POST", &url).by(&key).body(BODY).refused(415, "unsupported_media_type");
    Ask::new("POST", &url).by(&key).refused(415, "unsupported_media_type");
    let twice = Ask::post(&url, "application/json", BODY).header("Content-Type", "application/json");
    twice.by(&key).refused(415, "unsupported_media_type");
    Ask::get(&url)
        .header("Content-Type", "text/plain")
        .by(&key)
        .body("x")
        .refused(415, "unsupported_media_type");
    assert_eq!(stage.upstream.reached(), 0);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn t11_json_is_taken_however_it_is_written(#[case] engine: Engine) {
    let (stage, key) = stage(engine);
    let url = stage.url(LIST);
    for media_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
        "Application/JSON",
    ] {
        for answer in Ask::post(&url, media_type, BODY).by(&key).gets(201) {
            assert!(answer.text().contains("Fabrikam"), "the body reached the upstream: {}", answer.text());
        }
    }
    Ask::get(&url).header("Content-Type", "text/plain").by(&key).gets(200);
}
