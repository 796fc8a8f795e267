//! `explain` shows why a request was refused: each check, what it saw, what it wanted.

use std::collections::BTreeSet;

use claviger_testkit::Curl;
use rstest::rstest;
use serde_json::Value;

use crate::ask::{Ask, Problem};
use crate::bed::{ACCOUNT, Bed, Credential, Engine, basic};
use crate::example::Stage;

const LIST: &str = "/customers/v1/customers";

/// The reasons for which nothing can be refused yet, for their schemes are not there, and that of login tokens, which
/// management hands out.
const LATER: [&str; 7] = [
    "wrong_realm",
    "insufficient_permission",
    "bad_signature",
    "clock_skew",
    "replayed",
    "not_fresh",
    "second_factor_required",
];

struct Case {
    code: &'static str,
    status: u16,
    ask: Ask,
}

/// What `explain` has to say about the last check.
#[track_caller]
fn explained(bed: &Bed, code: &str, status: u16, id: &str, secrets: &[&str]) {
    let refusal = bed.json(&["explain", id]);
    assert_eq!((&refusal["reason"], &refusal["status"]), (&code.into(), &status.into()), "{refusal:#}");
    assert_eq!(refusal["request"], id);
    let checks = refusal["checks"].as_array().expect("checks are a list");
    let passed: Vec<_> = checks.iter().map(|check| check["passed"] == true).collect();
    let (last, before) = passed.split_last().expect("something was checked");
    assert!(!last && before.iter().all(|passed| *passed), "the last check failed, and no other: {refusal:#}");
    let said = |check: &Value| {
        ["saw", "wanted"].iter().all(|name| check[name].as_str().is_some_and(|s| !s.is_empty()))
    };
    assert!(checks.iter().all(said), "each check says what it saw and wanted: {refusal:#}");
    let text = bed.done(&["explain", id]).stdout;
    assert!(text.contains(code) && text.contains("FAIL"), "{text}");
    for secret in secrets {
        assert!(!text.contains(secret) && !refusal.to_string().contains(secret), "{text}");
    }
}

fn customers(stage: &Stage, args: &[&str]) -> Credential {
    stage.bed.create(ACCOUNT, "customers", &[&["--allow", "127.0.0.1"], args].concat())
}

fn of_credentials(stage: &Stage, good: &Credential) -> Vec<Case> {
    let url = stage.url(LIST);
    let after = |event: &str| {
        let key = customers(stage, &[]);
        stage.bed.done(&["key", event, &key.id]);
        key
    };
    let by = |code, key: &Credential| Case { code, status: 403, ask: Ask::get(&url).by(key) };
    let with =
        |code, value: &str| Case { code, status: 403, ask: Ask::get(&url).header("Authorization", value) };
    vec![
        Case { code: "missing_credential", status: 403, ask: Ask::get(&url) },
        Case { ask: Ask::get(&url).by(good).by(good), ..by("ambiguous_credential", good) },
        with("malformed_credential", &format!("Bearer {}", good.key)),
        with("malformed_credential", &basic(ACCOUNT, &good.key[..good.key.len() - 1])),
        with("unknown_credential", &basic("100043", &good.key)),
        with("unknown_credential", &basic(&good.key, &good.key)),
        by("disabled", &after("disable")),
        by("revoked", &after("revoke")),
        by("expired", &customers(stage, &["--lifetime", "1ms"])),
        by("not_yet_valid", &customers(stage, &["--not-before", "2999-01-01T00:00:00Z"])),
        by("address_not_allowed", &stage.bed.create(ACCOUNT, "customers", &["--allow", "192.0.2.1"])),
    ]
}

fn of_places(stage: &Stage, good: &Credential) -> Vec<Case> {
    let production = ["--allow", "127.0.0.1", "--environment", "production"];
    let (billing, pending) = (
        stage.bed.create(ACCOUNT, "billing", &production),
        stage.bed.create(ACCOUNT, "cloudstore", &production),
    );
    let get = |code, status, path: &str, key| Case { code, status, ask: Ask::get(&stage.url(path)).by(key) };
    let refuse = |method: &str| Ask::new(method, &stage.url(LIST)).by(good);
    vec![
        get("pending_activation", 403, "/cloudstore/v1/products", &pending),
        get("wrong_api", 403, LIST, &billing),
        get("wrong_environment", 403, "/sandbox/billing/v1/invoices", &billing),
        get("unknown_endpoint", 404, "/nowhere", good),
        get("unknown_endpoint", 404, "/customers/v9/customers", good),
        get("unknown_endpoint", 404, "/customers/v1/nothing", good),
        get("malformed_request", 400, "/customers/v1//customers", good),
        Case { code: "method_not_allowed", status: 405, ask: refuse("DELETE") },
        Case { code: "unsupported_media_type", status: 415, ask: refuse("POST").body("{}") },
    ]
}

fn mixed(stage: &Stage) -> Case {
    let key = customers(stage, &[]);
    Ask::get(&stage.url(LIST)).by(&key).gets(200);
    stage.example.edit("action: warn", "action: refuse");
    assert_eq!(stage.apply(&[]).status, 0);
    Case { code: "version_mixed", status: 409, ask: Ask::get(&stage.url("/customers/v2/customers")).by(&key) }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn every_reason_is_explained_without_a_secret(#[case] engine: Engine) {
    let stage = Stage::start(engine);
    let good = customers(&stage, &[]);
    let cases = [of_credentials(&stage, &good), of_places(&stage, &good), vec![mixed(&stage)]];
    let secrets = [good.key.as_str(), &good.basic()[6..]];
    let mut seen: BTreeSet<_> = LATER.into();
    for Case { code, status, ask } in cases.iter().flatten() {
        for problem in ask.refused(*status, code) {
            explained(&stage.bed, code, *status, &problem.request_id, &secrets);
        }
        seen.insert(code);
    }
    let all: BTreeSet<_> = claviger_model::Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(seen, all);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
fn refusals_outlive_a_restart_and_are_explained_without_a_server(#[case] engine: Engine) {
    let mut stage = Stage::start(engine);
    let [curl, python] = Ask::get(&stage.url(LIST)).refused(403, "missing_credential");
    stage.bed.stop();
    explained(&stage.bed, "missing_credential", 403, &curl.request_id, &[]);
    stage.bed.run_serve();
    explained(&stage.bed, "missing_credential", 403, &python.request_id, &[]);
}

#[test]
fn what_an_address_carries_is_not_kept() {
    let stage = Stage::start(Engine::Sqlite);
    let good = customers(&stage, &[]);
    let answer = Curl::get(&stage.url(&format!("{LIST}?apiToken={}", good.key))).run();
    let id = Problem::of(&answer).request_id;
    explained(&stage.bed, "missing_credential", 403, &id, &[&good.key]);
}
