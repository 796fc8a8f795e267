//! Signing in by a provider, as clients see it.

use serde_json::{Value, json};

use crate::site::{Answered, Site};

async fn begin(site: &Site) -> Value {
    let begun = site.send("", "POST /v1/sso/company/begin", None).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    begun.body
}

fn answer(begun: &Value, code: &Value) -> Value {
    let state = begun["address"].as_str().unwrap().split("state=").nth(1).unwrap();
    json!({ "handle": begun["handle"], "code": code.to_string(), "state": state })
}

async fn finish(site: &Site, body: Value) -> Answered {
    site.send("", "POST /v1/sso/company/finish", Some(body)).await
}

#[tokio::test]
async fn everybody_sees_the_providers_and_nothing_more_of_them() {
    let site = Site::new().await;
    let listed = site.send("", "GET /v1/sso", None).await;
    let company = json!({ "slug": "company", "name": "Example Company" });
    let partner = json!({ "slug": "partner", "name": "Example Partner" });
    assert_eq!((listed.status, listed.body), (200, json!({ "items": [company, partner] })));
    assert_eq!(site.send("", "POST /v1/sso/other/begin", None).await.status, 404);
    let port = Some(json!({ "loopback_port": 4000 }));
    assert_eq!(site.send("", "POST /v1/sso/company/begin", port).await.code(), "invalid");
}

#[tokio::test]
async fn whoever_is_vouched_for_gets_what_a_password_gives() {
    let site = Site::new().await;
    let begun = begin(&site).await;
    let says = json!({ "sub": "ada-1", "preferred_username": "ada", "groups": "staff" });
    let entered = finish(&site, answer(&begun, &says)).await;
    assert_eq!((entered.status, &entered.body["user"]["username"]), (201, &json!("ada")));
    let token = entered.body["session"]["token"].as_str().unwrap();
    assert_eq!(site.send(token, "GET /v1/me", None).await.status, 200);
    let again = finish(&site, answer(&begun, &says)).await;
    assert_eq!((again.status, again.code()), (401, "sso_refused"));
}

#[tokio::test]
async fn nothing_tells_why_somebody_is_refused() {
    let site = Site::new().await;
    let mut told = Vec::new();
    for says in [
        json!({ "sub": "a" }),
        json!({ "sub": "a", "groups": "others", "email": "ada@example.com", "email_verified": true }),
        json!("nothing"),
    ] {
        let refused = finish(&site, answer(&begin(&site).await, &says)).await;
        told.push((refused.status, refused.code().to_owned(), refused.body["detail"].clone()));
    }
    let mut swapped = answer(&begin(&site).await, &json!({ "sub": "a" }));
    swapped["state"] = json!("another");
    let refused = finish(&site, swapped).await;
    told.push((refused.status, refused.code().to_owned(), refused.body["detail"].clone()));
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_bad_gateway() {
    let site = Site::new().await;
    let mut body = answer(&begin(&site).await, &Value::Null);
    body["code"] = json!("down");
    let down = finish(&site, body).await;
    assert_eq!((down.status, down.code()), (502, "provider_unavailable"));
}

/// A code works once: whoever did not hear the answer asks for it by their key.
#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    let site = Site::new().await;
    let says = json!({ "sub": "ada-1", "preferred_username": "ada", "groups": "staff" });
    let body = answer(&begin(&site).await, &says);
    let send = async |key: &'static str| {
        let request =
            http::Request::post("/v1/sso/company/finish").header("content-type", "application/json");
        let request = request.header("idempotency-key", key).body(axum::body::Body::from(body.to_string()));
        site.raw(request.unwrap()).await
    };
    let first = send("k-1").await;
    let again = send("k-1").await;
    assert_eq!((first.status, again.status, &again.body), (201, 201, &first.body));
    assert_eq!(send("k-2").await.code(), "sso_refused");
}
