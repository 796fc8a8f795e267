//! What is wrong with a request is said, and names nothing secret.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::site::{Site, other_method};

#[tokio::test]
async fn nobody_gets_in_without_exactly_one_credential() {
    let site = Site::new().await;
    let ask = |values: &[&str]| {
        let request = values
            .iter()
            .fold(Request::get("/v1/me"), |request, value| request.header("authorization", *value));
        site.raw(request.body(Body::empty()).unwrap())
    };
    for (values, code) in [
        (&[][..], "missing_credential"),
        (&["Bearer nothing"], "unknown_credential"),
        (&["nothing", "nothing"], "ambiguous_credential"),
    ] {
        let answered = ask(values).await;
        assert_eq!((answered.status, answered.code()), (401, code));
        assert!(answered.headers.contains_key("www-authenticate"));
        assert_eq!(answered.headers["cache-control"], "no-store");
        assert_eq!(answered.headers["x-request-id"], answered.body["request_id"].as_str().unwrap());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let post = |kind: &'static str, body: &str| {
        let request = Request::post("/v1/keys").header("authorization", format!("Bearer {token}"));
        site.raw(request.header("content-type", kind).body(Body::from(body.to_owned())).unwrap())
    };
    let json = "application/json";
    for (kind, body, status, words) in [
        (json, "{", 400, "line 1 column 1"),
        (json, r#"{"apis":"things"}"#, 422, "unknown field `apis`"),
        (json, r#"{"api":"No Slug"}"#, 422, "lower-case"),
        (json, r#"{"api":"things","limit":1}"#, 422, "`limit`"),
        ("text/plain", "{}", 415, "application/json"),
        (json, "[null, \"things\"]", 422, "a JSON object"),
        (json, " null", 422, "a JSON object"),
        (json, "[", 400, "line 1 column 1"),
        (json, "", 422, "missing field `api`"),
    ] {
        let answered = post(kind, body).await;
        assert_eq!(answered.status, status, "{body}: {answered:?}");
        let detail = answered.body["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{body}: {detail}");
    }
    let long = post(json, &" ".repeat((1 << 20) + 1)).await;
    assert_eq!((long.status, long.code()), (413, "body_too_large"));
    let secret = "correct horse battery staple";
    let told = post(json, &json!({ "api": { "password": secret } }).to_string()).await;
    assert!(!told.body.to_string().contains(secret));
}

#[tokio::test]
async fn there_is_nothing_beside_the_endpoints() {
    let site = Site::new().await;
    let ask = |method: &str, path: &str| {
        site.raw(Request::builder().method(method).uri(path).body(Body::empty()).unwrap())
    };
    assert_eq!(ask("GET", "/v1/nothing").await.code(), "unknown_endpoint");
    let answered = ask(other_method().as_str(), "/v1/keys").await;
    assert_eq!((answered.status, answered.code()), (405, "method_not_allowed"));
    assert!(answered.headers["allow"].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn the_document_is_served_and_can_be_browsed() {
    let site = Site::new().await;
    let ask = |path: &str| site.raw(Request::get(path).body(Body::empty()).unwrap());
    let served = ask("/v1/openapi.json").await;
    assert_eq!(served.body, claviger_rest::document(&claviger_rest::endpoints()));
    let page = ask("/v1/docs/").await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.as_str().unwrap().contains("swagger-ui"));
    let says = |path: &str, method: &str| {
        served.body["paths"][path][method]["description"].as_str().unwrap().to_owned()
    };
    assert_eq!(says("/v1/sessions", "post"), "Everybody is answered.");
    assert_eq!(says("/v1/me", "get"), "For whoever signed in.");
    let users = says("/v1/users", "post");
    assert!(
        users.starts_with("Needs the right `manage_users`.") && users.contains("/v1/me/prove"),
        "{users}"
    );
    jsonschema::draft202012::meta::validate(&served.body["components"]["schemas"]["KeyView"]).unwrap();
}
