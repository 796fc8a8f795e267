use serde_json::json;

use crate::site::{NO_CONTENT, Site};
use claviger_world::PASSWORD;

#[tokio::test]
async fn somebody_signs_in_and_out() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let me = site.send(&token, "GET /v1/me", None).await;
    assert_eq!((me.status, me.body["username"].as_str()), (200, Some("ada")));
    let sessions = site.send(&token, "GET /v1/sessions", None).await;
    assert_eq!(sessions.body["items"].as_array().unwrap().len(), 1);
    assert!(!sessions.body.to_string().contains(&token), "a token is shown once");
    assert_eq!(site.send(&token, "DELETE /v1/sessions/current", None).await.status, NO_CONTENT);
    assert_eq!(site.send(&token, "GET /v1/me", None).await.code(), "unknown_credential");
}

#[tokio::test]
async fn nothing_tells_whether_there_is_such_a_user() {
    let site = Site::new().await;
    site.world.user("ada", "1", &["admin"]).await;
    let wrong = |login: &str| json!({ "login": login, "password": "sandpiper and plover" });
    let mut known = site.send("", "POST /v1/sessions", Some(wrong("ada"))).await;
    let mut unknown = site.send("", "POST /v1/sessions", Some(wrong("nobody"))).await;
    for answered in [&mut known, &mut unknown] {
        answered.body["request_id"].take();
        assert_eq!((answered.status, answered.code()), (401, "wrong_password"));
    }
    assert_eq!(known.body, unknown.body);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_its_code_works_once() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let begun = site.send(&token, "POST /v1/me/totp", Some(json!({ "current": PASSWORD }))).await;
    let secret = begun.body["secret"].as_str().unwrap().to_owned();
    let code = |site: &Site| totp(&secret, site.world.clock.as_ref());
    let confirmed = site.send(&token, "POST /v1/me/totp/confirm", Some(json!({ "code": code(&site) }))).await;
    assert_eq!(confirmed.body["codes"].as_array().unwrap().len(), 10);
    site.world.pass(60);
    let without = json!({ "login": "ada", "password": PASSWORD });
    let answered = site.send("", "POST /v1/sessions", Some(without)).await;
    assert_eq!((answered.status, answered.code()), (401, "second_factor_needed"));
    let with = json!({ "login": "ada", "password": PASSWORD, "code": code(&site) });
    assert_eq!(site.send("", "POST /v1/sessions", Some(with.clone())).await.status, 201);
    assert_eq!(site.send("", "POST /v1/sessions", Some(with)).await.code(), "second_factor_wrong");
    let recovery =
        json!({ "login": "ada", "password": PASSWORD, "recovery_code": confirmed.body["codes"][0] });
    assert_eq!(site.send("", "POST /v1/sessions", Some(recovery.clone())).await.status, 201);
    assert_eq!(site.send("", "POST /v1/sessions", Some(recovery)).await.code(), "second_factor_wrong");
}

#[tokio::test]
async fn guesses_are_slowed_down_and_then_stopped_and_say_until_when() {
    let site = Site::new().await;
    site.world.user("ada", "1", &["admin"]).await;
    let wrong = json!({ "login": "ada", "password": "sandpiper and plover" });
    let mut blocked = None;
    for _ in 0..50 {
        let answered = site.send("", "POST /v1/sessions", Some(wrong.clone())).await;
        if answered.status == 429 {
            blocked = Some(answered);
            break;
        }
    }
    let blocked = blocked.expect("guessing ends");
    assert_eq!(blocked.code(), "too_many_attempts");
    assert!(blocked.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn one_proves_again_that_it_is_still_oneself() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    site.world.pass(15 * 60);
    let put = || {
        let role = json!({ "access": { "scope": "read_only" } });
        site.send(&token, "PUT /v1/roles/reader", Some(role))
    };
    let prove = |body| site.send(&token, "POST /v1/me/prove", Some(body));
    let refused = put().await;
    assert_eq!((refused.status, refused.code()), (403, "proof_needed"));
    assert!(refused.body["detail"].as_str().unwrap().contains("`POST /v1/me/prove`"), "{refused:?}");
    let wrong = prove(json!({ "password": "sandpiper and plover" })).await;
    assert_eq!((wrong.status, wrong.code()), (401, "wrong_password"));
    let both = json!({ "password": PASSWORD, "code": "000000", "recovery_code": "0" });
    assert_eq!(prove(both).await.code(), "invalid");
    assert_eq!(put().await.code(), "proof_needed");
    let proved = prove(json!({ "password": PASSWORD })).await;
    assert_eq!(proved.status, 200);
    assert!(proved.body["until"].as_str() > proved.body["proved_at"].as_str());
    assert_eq!(put().await.status, 200);
}

#[tokio::test]
async fn a_key_stands_for_its_user_and_proves_nothing() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let made = site.send(&token, "POST /v1/keys", Some(json!({ "api": "things" }))).await;
    let (id, key) = (made.body["id"].as_str().unwrap(), made.body["key"].as_str().unwrap());
    let reveal = format!("POST /v1/keys/{id}/reveal");
    assert_eq!(site.send(&token, &reveal, None).await.status, 200);
    assert_eq!(site.send(key, "GET /v1/me", None).await.status, 200);
    for (line, body) in [
        (reveal.as_str(), None),
        ("POST /v1/me/prove", Some(json!({ "password": PASSWORD }))),
        ("POST /v1/me/totp", Some(json!({ "current": PASSWORD }))),
    ] {
        let refused = site.send(key, line, body).await;
        assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{line}");
        assert!(refused.body["detail"].as_str().unwrap().starts_with("A key does not prove"), "{refused:?}");
    }
}

#[tokio::test]
async fn an_account_asks_everybody_for_a_second_factor() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let asked = json!({ "second_factor": "required" });
    let changed = site.send(&token, "PATCH /v1/accounts/1", Some(asked)).await;
    assert_eq!((changed.status, changed.body["second_factor"].as_str()), (200, Some("required")));
    let later = site.token("ada").await;
    for token in [&token, &later] {
        let refused = site.send(token, "GET /v1/keys", None).await;
        assert_eq!((refused.status, refused.code()), (403, "second_factor_required"));
        assert_eq!(site.send(token, "GET /v1/me", None).await.status, 200);
    }
    let begun = site.send(&later, "POST /v1/me/totp", Some(json!({ "current": PASSWORD }))).await;
    let code = totp(begun.body["secret"].as_str().unwrap(), site.world.clock.as_ref());
    let confirmed = site.send(&later, "POST /v1/me/totp/confirm", Some(json!({ "code": code }))).await;
    assert_eq!(confirmed.status, 200);
    assert_eq!(site.send(&later, "GET /v1/keys", None).await.status, 200);
    let unknown = site.send(&later, "PATCH /v1/accounts/1", Some(json!({ "second_factor": "never" }))).await;
    assert_eq!(unknown.code(), "invalid");
}

/// A code of RFC 6238 for this moment, by another implementation than the one that checks it: `oathtool`'s algorithm.
pub(crate) fn totp(secret: &str, clock: &dyn claviger_model::Clock) -> String {
    let seconds = u64::try_from(clock.now().as_micros() / 1_000_000).unwrap();
    let key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let tag = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key),
        &(seconds / 30).to_be_bytes(),
    );
    let bytes = tag.as_ref();
    let start = usize::from(bytes[19] & 0xf);
    let word = u32::from_be_bytes(bytes[start..start + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}
