//! Nobody becomes more than they are, and who is out stays out.

use axum::body::Body;
use claviger_app::{NewRole, PeopleCommand};
use claviger_model::{Right, RoleAccess, Standing};
use claviger_world::{OPERATOR, PASSWORD, new_user};
use http::Request;
use http_body_util::{BodyExt, StreamBody};
use serde_json::{Value, json};

use crate::site::Site;

async fn key_of(site: &Site, token: &str) -> Value {
    site.send(token, "POST /v1/keys", Some(json!({ "api": "things" }))).await.body
}

/// A machine of account 1 with these roles.
async fn machine(site: &Site, name: &str, roles: &[&str]) {
    let mut new = new_user(name, "1", roles);
    (new.standing, new.password) = (Standing::Service, None);
    site.world.people(&OPERATOR, PeopleCommand::Create(new)).await.unwrap();
}

#[tokio::test]
async fn a_key_that_manages_is_shown_only_to_who_may_as_much() {
    let site = Site::new().await;
    let admin = site.member("ada", "1", &["admin"]).await;
    let keeper = site.member("kim", "1", &["api-administrator"]).await;
    let key = key_of(&site, &admin).await;
    let id = key["id"].as_str().unwrap();
    let reveal = site.send(&keeper, &format!("POST /v1/keys/{id}/reveal"), None).await;
    assert_eq!((reveal.status, reveal.code()), (403, "forbidden"));
    let line = format!("POST /v1/keys/{id}/rotate");
    assert_eq!(site.send(&keeper, &line, Some(json!({ "overlap": "1h" }))).await.status, 403);
    assert_eq!(site.send(&admin, &format!("POST /v1/keys/{id}/reveal"), None).await.status, 200);
}

#[tokio::test]
async fn a_machine_gets_no_key_from_who_may_less() {
    let site = Site::new().await;
    let role = NewRole {
        account: Some("1".parse().unwrap()),
        slug: "clerk".parse().unwrap(),
        name: None,
        rights: Right::ALL.to_vec(),
        access: RoleAccess::Only(vec![]),
    };
    site.world.people(&OPERATOR, PeopleCommand::RolePut(role)).await.unwrap();
    machine(&site, "strong", &["admin"]).await;
    machine(&site, "clerical", &["clerk"]).await;
    machine(&site, "weak", &["member"]).await;
    let keeper = site.member("kim", "1", &["api-administrator"]).await;
    for (machine, status) in [("strong", 403), ("clerical", 403), ("weak", 201)] {
        let body = json!({ "api": "things", "user": machine });
        assert_eq!(site.send(&keeper, "POST /v1/keys", Some(body)).await.status, status, "{machine}");
    }
}

#[tokio::test]
async fn nothing_is_done_for_who_was_signed_out_while_the_body_was_on_its_way() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let (sent, arrives) = tokio::sync::oneshot::channel::<()>();
    let body = StreamBody::new(futures_util::stream::once(async move {
        arrives.await.unwrap();
        Ok::<_, std::convert::Infallible>(http_body::Frame::data(bytes::Bytes::from(r#"{"api":"things"}"#)))
    }));
    let request = Request::post("/v1/keys").header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json").body(Body::new(body.boxed())).unwrap();
    let late = async {
        site.send(&token, "DELETE /v1/sessions", None).await;
        sent.send(()).unwrap();
    };
    let (answered, ()) = tokio::join!(site.raw(request), late);
    assert_eq!((answered.status, answered.code()), (401, "unknown_credential"));
}

#[tokio::test]
async fn another_account_is_no_sign_that_a_password_is_right() {
    let site = Site::new().await;
    site.world.user("ada", "1", &["admin"]).await;
    let body = |password: &str| json!({ "login": "ada", "password": password, "account": "2" });
    for password in [PASSWORD, "sandpiper and plover"] {
        let answered = site.send("", "POST /v1/sessions", Some(body(password))).await;
        assert_eq!((answered.status, answered.code()), (401, "wrong_password"));
    }
    let failed = site.world.trail().await.into_iter().filter(|(action, _)| action == "sign_in.fail");
    assert_eq!(failed.count(), 2);
}

#[tokio::test]
async fn a_second_factor_ends_the_sessions_of_who_got_in_without() {
    let site = Site::new().await;
    let thief = site.member("ada", "1", &["admin"]).await;
    let token = site.token("ada").await;
    let begun = site.send(&token, "POST /v1/me/totp", Some(json!({ "current": PASSWORD }))).await;
    let code = crate::signing_in::totp(begun.body["secret"].as_str().unwrap(), site.world.clock.as_ref());
    let confirmed = site.send(&token, "POST /v1/me/totp/confirm", Some(json!({ "code": code }))).await;
    assert_eq!(confirmed.status, 200, "{confirmed:?}");
    assert_eq!(site.send(&token, "GET /v1/me", None).await.status, 200);
    assert_eq!(site.send(&thief, "GET /v1/me", None).await.status, 401);
    site.world.pass(3600);
    let removed = site.send(&token, "POST /v1/me/totp/remove", Some(json!({ "current": PASSWORD }))).await;
    assert_eq!(
        (removed.status, removed.code()),
        (403, "proof_needed"),
        "the password alone takes nothing away"
    );
}

#[tokio::test]
async fn an_accounts_audit_has_its_people_and_none_of_others() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    site.member("bob", "2", &["admin"]).await;
    site.send(&ada, "POST /v1/users", Some(json!({ "username": "new", "roles": ["member"] }))).await;
    let member = site.member("eve", "1", &["member"]).await;
    site.send(&member, "GET /v1/keys", None).await;
    let audit = site.send(&ada, "GET /v1/audit?limit=1000", None).await.body["items"].clone();
    let actions: Vec<_> =
        audit.as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    for action in ["user.create", "sign_in", "forbidden"] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    assert!(!audit.to_string().contains("bob"));
}

#[tokio::test]
async fn texts_without_end_and_without_sense_are_refused() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let roles = vec!["member"; 33];
    let many = site.send(&token, "POST /v1/users", Some(json!({ "username": "new", "roles": roles }))).await;
    assert_eq!((many.status, many.code()), (422, "invalid"));
    let nul = site.send("", "POST /v1/sessions", Some(json!({ "login": "a\0", "password": "b" }))).await;
    assert_eq!((nul.status, nul.code()), (422, "invalid"));
    assert_eq!(site.send(&token, "GET /v1/keys?search=%00", None).await.status, 422);
    assert_eq!(site.send(&token, "GET /v1/users/%00", None).await.status, 404);
}
