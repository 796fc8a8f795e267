//! What services are told, and what not.

use http::StatusCode;
use serde_json::{Value, json};

use super::ask::{Asker, question};
use super::rows::Row;
use super::{TOKEN, demo};
use crate::bed::{ACCOUNT, Bed, Engine};

fn list(bed: &Bed) -> Row {
    let authorization = vec![("authorization", bed.credential("Demo: customers").basic())];
    Row::new("GET", "/customers/v1/customers", authorization)
}

async fn said(asker: &Asker, path: &str, body: &Value) -> Value {
    let answer = asker.post(path, TOKEN, body).await;
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.body());
    serde_json::from_slice(answer.body()).expect("verify answers with JSON")
}

#[tokio::test]
async fn a_service_hears_whom_a_request_acts_for() {
    let bed = demo(Engine::Sqlite, &["customers"]);
    let asker = Asker::new(&bed).await;
    let outcome = said(&asker, "/v1/verify", &question(&list(&bed))).await;
    let key = bed.credential("Demo: customers");
    let principal =
        json!({ "account": ACCOUNT, "key_id": key.id, "key_type": "standard", "permissions": ["*"] });
    assert_eq!(outcome["principal"], principal);
    assert_eq!((&outcome["api"], &outcome["version"]), (&json!("customers"), &json!("v1")));
    let short = json!({ "credential": {
        "api": "customers", "version": "v1", "method": "GET", "path": "/customers",
        "user": ACCOUNT, "key": key.key, "client": "127.0.0.1",
    }});
    assert_eq!(said(&asker, "/v1/verify", &short).await["principal"], principal);
}

#[tokio::test]
async fn a_service_hears_nothing_of_other_apis() {
    let bed = demo(Engine::Sqlite, &["billing"]);
    let asker = Asker::new(&bed).await;
    let mut hidden = said(&asker, "/v1/verify", &question(&list(&bed))).await;
    let nowhere = Row { target: "/nothing", ..list(&bed) };
    let mut unknown = said(&asker, "/v1/verify", &question(&nowhere)).await;
    for outcome in [&mut hidden, &mut unknown] {
        outcome.as_object_mut().expect("an object").remove("request_id");
    }
    assert_eq!(hidden, unknown);
    assert_eq!(hidden["reason"], "unknown_endpoint");
}

#[tokio::test]
async fn a_refusal_can_be_explained() {
    let bed = demo(Engine::Sqlite, &["customers"]);
    let asker = Asker::new(&bed).await;
    let row = Row { client: "192.0.2.77", ..list(&bed) };
    let outcome = said(&asker, "/v1/verify", &question(&row)).await;
    assert_eq!(outcome["reason"], "address_not_allowed");
    let id = outcome["request_id"].as_str().expect("an id");
    let explained = bed.done(&["explain", id]).stdout;
    assert!(explained.contains("192.0.2.77"), "{explained}");
    assert!(bed.metrics().contains("door=\"verify\""), "{}", bed.metrics());
}

#[tokio::test]
async fn a_batch_is_answered_in_order_and_has_a_bound() {
    let bed = demo(Engine::Sqlite, &["customers"]);
    let asker = Asker::new(&bed).await;
    let good = question(&list(&bed));
    let bad = question(&Row::new("GET", "/customers/v1/customers", Vec::new()));
    let outcomes = said(&asker, "/v1/verify:batch", &json!({ "requests": [good, bad, good] })).await;
    let reasons = [0, 1, 2].map(|place| outcomes["results"][place]["reason"].clone());
    assert_eq!(reasons, ["allowed", "missing_credential", "allowed"]);
    let most = said(&asker, "/v1/verify:batch", &json!({ "requests": vec![bad.clone(); 1000] })).await;
    assert_eq!(most["results"].as_array().map(Vec::len), Some(1000));
    let more = asker.post("/v1/verify:batch", TOKEN, &json!({ "requests": vec![bad; 1001] })).await;
    assert_eq!(more.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn calls_are_read_strictly() {
    let bed = demo(Engine::Sqlite, &["customers"]);
    let asker = Asker::new(&bed).await;
    let good = question(&list(&bed));
    let mut unknown = good.clone();
    unknown["methods"] = json!("GET");
    let mut partial = good.clone();
    partial.as_object_mut().expect("an object").remove("client");
    let mut header = good.clone();
    header["headers"] = json!([["a", "b"], ["not a name", "b"]]);
    for (body, place) in [
        (unknown, "methods"),
        (partial, "client"),
        (header, "headers[1]"),
        (json!({}), "credential"),
        (json!(7), "line 1"),
    ] {
        let answer = asker.post("/v1/verify", TOKEN, &body).await;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{text}");
        assert!(text.contains(place), "{text}");
    }
    let long = json!({ "method": "x".repeat(1 << 20) });
    assert_eq!(asker.post("/v1/verify", TOKEN, &long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let stranger = asker.post("/v1/verify", "clvs_of-nobody", &good).await;
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    assert!(stranger.headers().contains_key("www-authenticate"));
}

#[test]
fn a_token_is_made_with_the_lines_that_let_it_in() {
    let bed = Bed::empty(Engine::Sqlite);
    let made = bed.json(&["service-token", "--name", "shop", "--api", "customers", "--api", "billing"]);
    let token = made["token"].as_str().expect("a token");
    assert!(token.starts_with("clvs_") && token.len() == 48, "{token}");
    assert_eq!(made["token_digest"], claviger_check::TokenDigest::of(token).to_string());
    let lines = bed.done(&["service-token", "--name", "sh\"op", "--api", "customers"]).stdout;
    assert!(lines.contains("name = \"sh\\\"op\"") && lines.contains("apis = [\"customers\"]"), "{lines}");
}
