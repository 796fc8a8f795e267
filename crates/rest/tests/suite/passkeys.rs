//! Passkeys over HTTP, with what a browser is asked and answers as it is.

use claviger_world::{Device, PASSWORD};
use serde_json::{Value, json};

use crate::site::{Answered, Site};

impl Site {
    /// Adds a passkey to somebody who signed in, and gives the answer and its device.
    async fn add_passkey(&self, token: &str) -> (Answered, Device) {
        let mut device = Device::default();
        let asked = self.send(token, "POST /v1/me/passkeys/begin", None).await;
        assert_eq!(asked.status, 200, "{asked:?}");
        let new = json!({ "name": "Blue", "credential": device.make(&asked.body).await });
        let added = self.send(token, "POST /v1/me/passkeys", Some(new)).await;
        assert_eq!(added.status, 201, "{added:?}");
        (added, device)
    }

    async fn asked_to_sign_in(&self) -> Value {
        self.send("", "POST /v1/sessions/passkey/challenge", None).await.body
    }

    async fn enter(&self, body: Value) -> Answered {
        self.send("", "POST /v1/sessions/passkey", Some(body)).await
    }
}

#[tokio::test]
async fn a_passkey_is_added_and_one_signs_in_with_it_alone() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let (added, mut device) = site.add_passkey(&token).await;
    assert_eq!(added.body["recovery_codes"].as_array().unwrap().len(), 10);
    let answer = device.answer(&site.asked_to_sign_in().await).await;
    let entered = site.enter(json!({ "credential": answer, "account": "1", "kind": "session" })).await;
    assert_eq!(entered.status, 201, "{entered:?}");
    assert_eq!(entered.body["session"]["kind"], "session");
    let token = entered.body["session"]["token"].as_str().unwrap();
    assert_eq!(site.send(token, "GET /v1/me", None).await.body["username"], "ada");
    let again = site.enter(json!({ "credential": answer, "account": "1", "kind": "session" })).await;
    assert_eq!((again.status, again.code()), (401, "wrong_passkey"));

    let id = added.body["passkey"]["id"].as_str().unwrap();
    let renamed =
        site.send(token, &format!("PATCH /v1/me/passkeys/{id}"), Some(json!({ "name": "Red" }))).await;
    assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("Red")));
    let listed = site.send(token, "GET /v1/me/passkeys", None).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    assert!(listed.body["items"][0]["last_used_at"].is_string());
    let remove = format!("POST /v1/me/passkeys/{id}/remove");
    let kept = site.send(token, &remove, None).await;
    assert_eq!((kept.status, kept.code()), (409, "conflict"));
    let removed = site.send(token, &remove, Some(json!({ "current": PASSWORD }))).await;
    assert_eq!(removed.status, 200, "{removed:?}");
    assert_eq!(site.send(token, &remove, None).await.code(), "not_found");
}

#[tokio::test]
async fn a_passkey_stands_beside_the_password_and_proves_who_one_is() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let (_, mut device) = site.add_passkey(&token).await;
    let mut with = json!({ "login": "ada", "password": PASSWORD });
    assert_eq!(site.send("", "POST /v1/sessions", Some(with.clone())).await.code(), "second_factor_needed");
    with["passkey"] = device.answer(&site.asked_to_sign_in().await).await;
    assert_eq!(site.send("", "POST /v1/sessions", Some(with.clone())).await.status, 201);
    assert_eq!(site.send("", "POST /v1/sessions", Some(with.clone())).await.code(), "wrong_passkey");
    with["code"] = "000000".into();
    assert_eq!(site.send("", "POST /v1/sessions", Some(with)).await.code(), "invalid");

    site.world.pass(16 * 60);
    let begin = async || site.send(&token, "POST /v1/me/passkeys/begin", None).await;
    assert_eq!(begin().await.code(), "proof_needed");
    let asked = site.send(&token, "POST /v1/me/passkeys/challenge", None).await.body;
    let proof = json!({ "passkey": device.answer(&asked).await });
    let proved = site.send(&token, "POST /v1/me/prove", Some(proof.clone())).await;
    assert_eq!(proved.status, 200, "{proved:?}");
    assert_eq!(begin().await.status, 200);
    assert_eq!(site.send(&token, "POST /v1/me/prove", Some(proof)).await.code(), "wrong_passkey");
    assert_eq!(site.send(&token, "POST /v1/me/prove", None).await.code(), "invalid");
}

#[tokio::test]
async fn what_is_asked_tells_nothing_of_who_exists() {
    let site = Site::new().await;
    let before = site.asked_to_sign_in().await;
    let token = site.member("ada", "1", &["admin"]).await;
    site.add_passkey(&token).await;
    let mut both = [before, site.asked_to_sign_in().await];
    let challenges = both.each_mut().map(|one| one["publicKey"]["challenge"].take());
    assert_ne!(challenges[0], challenges[1]);
    assert_eq!(both[0], both[1]);
    assert_eq!(both[0]["publicKey"]["allowCredentials"], json!([]));
}

#[tokio::test]
async fn whoever_sends_the_same_again_in_time_is_told_the_same() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let (_, mut device) = site.add_passkey(&token).await;
    let answer = device.answer(&site.asked_to_sign_in().await).await;
    let body = json!({ "credential": answer });
    let first = site.once("", "/v1/sessions/passkey", "k-1", &body).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = site.once("", "/v1/sessions/passkey", "k-1", &body).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(site.once("", "/v1/sessions/passkey", "k-2", &body).await.code(), "wrong_passkey");
    site.world.pass(300);
    assert_eq!(site.once("", "/v1/sessions/passkey", "k-1", &body).await.code(), "wrong_passkey", "late");
}
