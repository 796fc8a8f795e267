//! Whether a key is good for an API at all.

use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::ask::Asker;
use super::demo;
use crate::bed::{ACCOUNT, Bed, Engine};

/// What is said of a demo's key at the API `customers`, with these fields in place of the usual ones.
async fn asked(asker: &Asker, key: &str, fields: Value) -> (StatusCode, Value) {
    let mut credential = json!({ "api": "customers", "user": ACCOUNT, "key": key, "client": "127.0.0.1" });
    let fields = fields.as_object().cloned().expect("an object");
    credential.as_object_mut().expect("an object").extend(fields);
    let answer = asker.post("/v1/verify", &json!({ "credential": credential })).await;
    (answer.status(), serde_json::from_slice(answer.body()).expect("verify answers with JSON"))
}

async fn said(asker: &Asker, key: &str, fields: Value) -> Value {
    let (status, outcome) = asked(asker, key, fields).await;
    assert_eq!(status, StatusCode::OK, "{outcome}");
    outcome
}

fn key(bed: &Bed, label: &str) -> String {
    bed.credential(label).key
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn a_good_key_is_good_for_its_api(#[case] engine: Engine) {
    let bed = demo(engine);
    let asker = Asker::about(&bed, &["customers"]).await;
    let good = bed.credential("Demo: customers");
    let mut outcome = said(&asker, &good.key, json!({})).await;
    outcome.as_object_mut().expect("an object").remove("request_id");
    let principal =
        json!({ "account": ACCOUNT, "key_id": good.id, "key_type": "standard", "permissions": ["*"] });
    let wanted = json!({
        "allowed": true, "reason": "allowed", "status": 200, "detail": null, "principal": principal,
        "api": "customers", "environment": "production", "version": null,
    });
    assert_eq!(outcome, wanted);
    assert!(bed.json(&["key", "show", &good.id])["last_used"].is_null(), "nothing was called");
}

#[tokio::test]
async fn any_other_is_refused_as_its_requests_are() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers"]).await;
    for (label, reason) in [
        ("Demo: customers, disabled", "disabled"),
        ("Demo: customers, revoked", "revoked"),
        ("Demo: customers, other address", "address_not_allowed"),
        ("Demo: customers, other account", "unknown_credential"),
        ("Demo: billing", "wrong_api"),
    ] {
        let outcome = said(&asker, &key(&bed, label), json!({})).await;
        let endpoint = json!({ "method": "GET", "path": "/customers" });
        let called = said(&asker, &key(&bed, label), endpoint).await;
        for name in ["allowed", "reason", "status", "detail", "principal", "api"] {
            assert_eq!(outcome[name], called[name], "{label}: {name}");
        }
        assert_eq!(outcome["reason"], reason, "{label}");
    }
    let good = key(&bed, "Demo: customers");
    let outcome = said(&asker, &good, json!({ "client": "192.0.2.77" })).await;
    assert_eq!(outcome["reason"], "address_not_allowed");
    let explained = bed.done(&["explain", outcome["request_id"].as_str().expect("an id")]).stdout;
    assert!(explained.contains("192.0.2.77") && !explained.contains(&good), "{explained}");
    for (fields, reason) in [
        (json!({ "user": "100043" }), "unknown_credential"),
        (json!({ "key": "wrong" }), "malformed_credential"),
        (json!({ "environment": "nowhere" }), "unknown_endpoint"),
        (json!({ "api": "billing" }), "unknown_endpoint"),
    ] {
        assert_eq!(said(&asker, &good, fields.clone()).await["reason"], reason, "{fields}");
    }
    let counted = bed.metrics();
    let line =
        counted.lines().find(|line| line.contains("verify") && line.contains("\"address_not_allowed\""));
    assert!(line.is_some_and(|line| line.contains("scheme=\"basic\"")), "{counted}");
}

#[tokio::test]
async fn the_endpoint_is_named_as_a_whole_or_not_at_all() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers", "management"]).await;
    for (fields, words) in [
        (json!({ "method": "GET" }), "both `method` and `path`"),
        (json!({ "path": "/customers" }), "both `method` and `path`"),
        (json!({ "version": "v1" }), "`version` goes with"),
        (json!({ "api": "management" }), "only a whole request can carry a signature"),
    ] {
        let (status, problem) = asked(&asker, "any", fields.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{fields}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{problem}");
    }
}

/// The key is presented as the API takes it, here behind a word and without a user.
#[tokio::test]
async fn a_key_without_a_user_can_be_asked_about() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["monitoring"]).await;
    let all = bed.ready()["examples"]["api-token"]["credentials"].as_array().cloned().unwrap_or_default();
    for (state, reason) in [("active", "allowed"), ("disabled", "disabled")] {
        let found = all.iter().find(|one| one["state"] == state).unwrap_or_else(|| panic!("none is {state}"));
        let key = found["key"].as_str().expect("a key");
        let question = json!({ "credential": { "api": "monitoring", "key": key, "client": "127.0.0.1" } });
        let answer = asker.post("/v1/verify", &question).await;
        let outcome: Value = serde_json::from_slice(answer.body()).expect("verify answers with JSON");
        assert_eq!(outcome["reason"], reason, "{outcome}");
    }
}
