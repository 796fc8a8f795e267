use claviger_app::{Access, Command, Outcome};
use claviger_model::LifeEvent;
use claviger_world::{OPERATOR, new_key};
use serde_json::{Value, json};

use crate::site::{Answered, Site};

async fn ask(site: &Site, secret: &str) -> Answered {
    site.send(secret, "GET /v1/credential", None).await
}

fn endpoints(answered: &Answered) -> Vec<String> {
    let line = |one: &Value| format!("{} {}", one["method"].as_str().unwrap(), one["path"].as_str().unwrap());
    answered.body["endpoints"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_key_that_may_little_is_told_how_little() {
    let site = Site::new().await;
    let new = || new_key("1");
    let all = site.world.key(&OPERATOR, new()).await.unwrap();
    let narrow = claviger_app::NewKey {
        access: Access::Only(vec!["things:things:read".parse().unwrap()]),
        addresses: vec!["127.0.0.1".into()],
        ..new()
    };
    let narrow = site.world.key(&OPERATOR, narrow).await.unwrap();
    let told = ask(&site, all.key.as_ref().unwrap().expose()).await;
    assert_eq!(endpoints(&told), ["GET /things", "DELETE /things"], "{told:?}");
    let secret = narrow.key.as_ref().unwrap().expose();
    let told = ask(&site, secret).await;
    assert_eq!(endpoints(&told), ["GET /things"], "{told:?}");
    assert_eq!((&told.body["api"], &told.body["environment"]), (&json!("things"), &json!("live")));
    assert_eq!((&told.body["account"], &told.body["allowlist"]), (&json!("1"), &json!(["127.0.0.1/32"])));
    assert!(!told.body.to_string().contains(secret));
    let off = Command::KeyLife { id: narrow.id, event: LifeEvent::Disable, reason: None };
    assert!(matches!(site.world.run(&OPERATOR, off).await, Ok(Outcome::Key(_))));
    let refused = ask(&site, secret).await;
    assert_eq!((refused.status, refused.code()), (401, "unknown_credential"));
}

#[tokio::test]
async fn a_login_token_and_a_users_key_may_what_the_user_may_now() {
    let site = Site::new().await;
    let admin = site.member("ada", "1", &["admin"]).await;
    let token = site.member("ben", "1", &["admin"]).await;
    let made = site.send(&token, "POST /v1/keys", Some(json!({ "api": "things" }))).await;
    let key = made.body["key"].as_str().unwrap().to_owned();
    for secret in [&token, &key] {
        let told = ask(&site, secret).await;
        assert_eq!((told.body["user"].as_str(), endpoints(&told).len()), (Some("ben"), 2), "{told:?}");
    }
    let auditor = json!({ "account": "1", "roles": [] });
    let narrowed = site.send(&admin, "PUT /v1/users/ben/roles", Some(auditor)).await;
    assert_eq!(narrowed.status, 200, "{narrowed:?}");
    for secret in [&token, &key] {
        assert!(endpoints(&ask(&site, secret).await).is_empty());
    }
    assert_eq!(site.send(&admin, "POST /v1/users/ben/disable", None).await.status, 200);
    for secret in [&token, &key] {
        assert_eq!(ask(&site, secret).await.status, 401);
    }
}

#[tokio::test]
async fn nobody_is_told_anything() {
    let site = Site::new().await;
    assert_eq!(ask(&site, "").await.code(), "missing_credential");
    for wrong in ["thg_live_nothing", "key_00000000000000000000000000", "å"] {
        assert_eq!(ask(&site, wrong).await.status, 401, "{wrong}");
    }
}
