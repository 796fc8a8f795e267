//! What services are told, and what not.

use claviger_testkit::Curl;
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::ask::{Asker, question};
use super::demo;
use super::rows::Row;
use crate::bed::{ACCOUNT, Bed, Engine};

fn list(bed: &Bed) -> Row {
    let authorization = vec![("authorization", bed.credential("Demo: customers").basic())];
    Row::new("GET", "/customers/v1/customers", authorization)
}

async fn said(asker: &Asker, path: &str, body: &Value) -> Value {
    let answer = asker.post(path, body).await;
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.body());
    serde_json::from_slice(answer.body()).expect("verify answers with JSON")
}

#[tokio::test]
async fn a_service_hears_whom_a_request_acts_for() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers"]).await;
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
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["billing"]).await;
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
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers"]).await;
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
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers"]).await;
    let good = question(&list(&bed));
    let bad = question(&Row::new("GET", "/customers/v1/customers", Vec::new()));
    let outcomes = said(&asker, "/v1/verify:batch", &json!({ "requests": [good, bad, good] })).await;
    let reasons = [0, 1, 2].map(|place| outcomes["results"][place]["reason"].clone());
    assert_eq!(reasons, ["allowed", "missing_credential", "allowed"]);
    let most = said(&asker, "/v1/verify:batch", &json!({ "requests": vec![bad.clone(); 1000] })).await;
    assert_eq!(most["results"].as_array().map(Vec::len), Some(1000));
    let more = asker.post("/v1/verify:batch", &json!({ "requests": vec![bad; 1001] })).await;
    assert_eq!(more.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn calls_are_read_strictly() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers"]).await;
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
        (json!(7), "expected an object"),
        (json!({ "credential": 7 }), "expected an object"),
    ] {
        let answer = asker.post("/v1/verify", &body).await;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{text}");
        assert!(text.contains(place), "{text}");
        assert!(["struct", "u8", "tuple"].iter().all(|word| !text.contains(word)), "{text}");
        let problem: Value = serde_json::from_slice(answer.body()).expect("a problem is JSON");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(!detail.starts_with(|letter: char| letter.is_lowercase()), "{detail}");
    }
    let long = json!({ "method": "x".repeat(1 << 20) });
    assert_eq!(asker.post("/v1/verify", &long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let stranger = asker.post_as("svc_nobody", "/v1/verify", &good).await;
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    assert!(stranger.headers().contains_key("www-authenticate"));
    let check = bed.ready()["check"].as_str().expect("the server says where it is");
    let nobody = Curl::new("POST", &format!("{check}/v1/verify")).body("{}").run();
    assert_eq!((nobody.status, &nobody.json()["code"]), (401, &json!("missing_credential")));
}

#[tokio::test]
async fn no_credential_alone_can_be_signed() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["management"]).await;
    let short = json!({ "credential": {
        "api": "management", "method": "GET", "path": "/users", "key": "key_", "client": "127.0.0.1",
    }});
    let answer = asker.post("/v1/verify", &short).await;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{text}");
    assert!(text.contains("only a whole request can carry a signature"), "{text}");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn a_service_is_made_listed_and_revoked(#[case] engine: Engine) {
    let mut bed = demo(engine);
    let asker = Asker::about(&bed, &["billing", "customers"]).await;
    let question = question(&list(&bed));
    assert_eq!(said(&asker, "/v1/verify", &question).await["reason"], "allowed");

    let listed = bed.json(&["service", "list"]);
    assert_eq!((&listed[0]["name"], listed[0]["apis"].as_array().map(Vec::len)), (&json!("tests"), Some(2)));
    assert!(listed[0].get("token").is_none() && !listed.to_string().contains("svc_"), "{listed}");
    assert_eq!(bed.cli(&["service", "create", "tests", "--api", "billing"]).status, 5);
    assert_eq!(bed.cli(&["service", "create", "other", "--api", "nothing"]).status, 4);

    bed.json(&["service", "revoke", "tests", "--reason", "no longer needed"]);
    assert_eq!(asker.post("/v1/verify", &question).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(bed.cli(&["service", "revoke", "tests"]).status, 4);
    // The name is free again, and its old token stays dead, after a new start too.
    let anew = Asker::about(&bed, &["customers"]).await;
    bed.kill9();
    bed.run(&["demo", "--json", "--ports", "auto"]);
    let (asker, anew) = (asker.at(&bed).await, anew.at(&bed).await);
    assert_eq!(asker.post("/v1/verify", &question).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(said(&anew, "/v1/verify", &question).await["reason"], "allowed");
    assert!(!bed.log().contains("svc_"), "{}", bed.log());
}

#[tokio::test]
async fn a_body_is_said_or_sent() {
    let bed = demo(Engine::Sqlite);
    let asker = Asker::about(&bed, &["customers"]).await;
    // A body without its type is refused, so that the reason tells whether one was seen.
    let with = |fields: Value| {
        let mut question = question(&list(&bed));
        question.as_object_mut().expect("an object").extend(fields.as_object().cloned().expect("an object"));
        question
    };
    for (fields, reason) in [
        (json!({}), "allowed"),
        (json!({ "has_body": false }), "allowed"),
        (json!({ "body": "" }), "allowed"),
        (json!({ "has_body": true }), "unsupported_media_type"),
        (json!({ "body": "e30=" }), "unsupported_media_type"),
    ] {
        assert_eq!(said(&asker, "/v1/verify", &with(fields.clone())).await["reason"], reason, "{fields}");
    }
    let long = [["Content-Length", "5"]];
    for fields in [
        json!({ "body": "e30" }),
        json!({ "body": "e30=", "has_body": false }),
        json!({ "has_body": false, "headers": long }),
        json!({ "body": "", "headers": long }),
    ] {
        let answer = asker.post("/v1/verify", &with(fields.clone())).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{fields}");
    }
}
