//! Requests that name an `Idempotency-Key` are done once.

use axum::body::Body;
use claviger_world::PASSWORD;
use http::Request;
use serde_json::{Value, json};

use crate::site::{Answered, Site};

impl Site {
    /// Sends a `POST` under a key of the caller's.
    pub(crate) async fn once(&self, token: &str, path: &str, key: &str, body: &Value) -> Answered {
        let mut request = Request::post(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.header("idempotency-key", key);
        self.raw(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn labels(&self, token: &str) -> Vec<Value> {
        let listed = self.send(token, "GET /v1/keys", None).await;
        listed.body["items"].as_array().unwrap().iter().map(|key| key["label"].clone()).collect()
    }
}

fn key(label: &str) -> Value {
    json!({ "api": "things", "label": label })
}

#[tokio::test]
async fn what_is_sent_again_is_done_once_and_answered_alike() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let first = site.once(&token, "/v1/keys", "k-1", &key("Export")).await;
    site.world.pass(60);
    let again = site.once(&token, "/v1/keys", "k-1", &key("Export")).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(again.body, first.body, "with the secret");
    assert!(again.body["key"].is_string());
    assert_eq!(site.labels(&token).await, [json!("Export")]);
    let other = site.once(&token, "/v1/keys", "k-2", &key("Export")).await;
    assert_ne!(other.body["id"], first.body["id"]);
}

#[tokio::test]
async fn every_kind_of_answer_is_kept() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let made = site.once(&token, "/v1/keys", "make", &key("Export")).await;
    let id = made.body["id"].as_str().unwrap();
    let user = json!({ "username": "ben", "account": "1", "password": PASSWORD });
    let posts = [
        (format!("/v1/keys/{id}/reveal"), json!({})),
        (format!("/v1/keys/{id}/disable"), json!({ "reason": "a pause" })),
        (format!("/v1/keys/{id}/enable"), json!({})),
        (format!("/v1/keys/{id}/rotate"), json!({ "overlap": "1d" })),
        (format!("/v1/keys/{id}/cancel-rotation"), json!({})),
        ("/v1/keys/bulk".to_owned(), json!({ "keys": { "ids": [id] }, "event": "revoke", "mode": "commit" })),
        ("/v1/users".to_owned(), user),
        ("/v1/users/ben/disable".to_owned(), json!({})),
        ("/v1/me/totp".to_owned(), json!({ "current": PASSWORD })),
        ("/v1/me/prove".to_owned(), json!({ "password": PASSWORD })),
    ];
    for (number, (path, body)) in posts.iter().enumerate() {
        let key = format!("post-{number}");
        let first = site.once(&token, path, &key, body).await;
        site.world.pass(1);
        let again = site.once(&token, path, &key, body).await;
        assert!(first.status < 300, "{path}: {first:?}");
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let made = site.once(&token, "/v1/keys", "k-1", &key("Export")).await;
    for (path, body) in [("/v1/keys", key("Import")), ("/v1/keys?", key("Export")), ("/v1/users", json!({}))]
    {
        let other = site.once(&token, path, "k-1", &body).await;
        // What cannot be read is refused for that.
        let code = if path == "/v1/users" { "invalid" } else { "idempotency_key_reused" };
        assert_eq!((other.status, other.code()), (422, code), "{path}");
    }
    assert_eq!(site.labels(&token).await, [json!("Export")]);
    let elsewhere = site.token("ada").await;
    let colleague = site.member("ben", "1", &["admin"]).await;
    for caller in [elsewhere, colleague] {
        let own = site.once(&caller, "/v1/keys", "k-1", &key("Export")).await;
        assert_eq!(own.status, 201);
        assert_ne!(own.body["id"], made.body["id"]);
    }
}

#[tokio::test]
async fn what_was_refused_may_be_asked_again() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let wrong = json!({ "api": "nothing" });
    assert_eq!(site.once(&token, "/v1/keys", "k-1", &wrong).await.code(), "not_found");
    assert_eq!(site.once(&token, "/v1/keys", "k-1", &key("Export")).await.status, 201);
}

#[tokio::test]
async fn of_many_at_once_one_is_done() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let body = key("Export");
    let all = (0..16).map(|_| site.once(&token, "/v1/keys", "k-1", &body));
    let answers = futures_util::future::join_all(all).await;
    let secrets: std::collections::BTreeSet<_> =
        answers.iter().map(|answered| answered.body["key"].as_str().unwrap()).collect();
    assert_eq!(secrets.len(), 1);
    assert_eq!(site.labels(&token).await.len(), 1);
}

#[tokio::test]
async fn signing_in_again_shows_the_same_token_to_whoever_has_the_password() {
    let site = Site::new().await;
    site.member("ada", "1", &["admin"]).await;
    let right = json!({ "login": "ada", "password": PASSWORD });
    let first = site.once("", "/v1/sessions", "k-1", &right).await;
    let again = site.once("", "/v1/sessions", "k-1", &right).await;
    assert_eq!((first.status, &again.body), (201, &first.body));
    for _ in 0..10 {
        // None of them is a guess.
        assert_eq!(site.once("", "/v1/sessions", "k-1", &right).await.body, first.body);
    }
    let wrong = json!({ "login": "ada", "password": "not this one at all" });
    assert_eq!(site.once("", "/v1/sessions", "k-1", &wrong).await.code(), "wrong_password");
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_sealed() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let first = site.once(&token, "/v1/keys", "k-1", &key("Export")).await;
    let secret = first.body["key"].as_str().unwrap();
    assert!(!site.world.holds(secret.as_bytes()), "a secret lies in the database");
    let keep = claviger_app::Keep { changes: 1000, audit: None };
    site.world.pass(24 * 60 * 60);
    site.world.app.prune(keep).await.unwrap();
    assert_eq!(site.once(&token, "/v1/keys", "k-1", &key("Export")).await.body, first.body);
    site.world.pass(1);
    site.world.app.prune(keep).await.unwrap();
    let later = site.once(&token, "/v1/keys", "k-1", &key("Export")).await;
    assert_ne!(later.body["id"], first.body["id"]);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    for bad in ["", "a b", &"k".repeat(256)] {
        let answered = site.once(&token, "/v1/keys", bad, &key("Export")).await;
        assert_eq!((answered.status, answered.code()), (400, "malformed_request"), "{bad}");
    }
    let twice = Request::post("/v1/keys").header("authorization", format!("Bearer {token}"));
    let twice = twice.header("idempotency-key", "a").header("idempotency-key", "b");
    assert_eq!(site.raw(twice.body(Body::empty()).unwrap()).await.status, 400);
    assert_eq!(site.labels(&token).await, Vec::<Value>::new());
}
