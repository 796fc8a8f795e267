//! People come in, and change.

use claviger_world::PASSWORD;
use serde_json::{Value, json};

use crate::site::{Answered, NO_CONTENT, Site};

async fn guarded(site: &Site, token: &str, target: &str, tag: &str, body: &Value) -> Answered {
    let request = http::Request::builder().method("PATCH").uri(target);
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json").header("if-match", tag);
    site.raw(request.body(body.to_string().into()).unwrap()).await
}

fn tag(answered: &Answered) -> String {
    answered.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_is_accepted_by_a_stranger_and_joined_by_a_user() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    let bea = site.member("bea", "2", &["admin"]).await;
    let mut tokens = Vec::new();
    for name in ["new", "bea"] {
        let body = json!({ "email": format!("{name}@one.example"), "roles": ["member"], "lifetime": "2h" });
        let invited = site.send(&ada, "POST /v1/invitations", Some(body)).await;
        assert_eq!(invited.status, 201, "{invited:?}");
        // The older one is the first.
        site.world.pass(1);
        tokens.push(invited.body["token"].as_str().unwrap().to_owned());
    }
    let page = site.send(&ada, "GET /v1/invitations?limit=1", None).await;
    assert_eq!(page.body["items"][0]["email"], "new@one.example");
    let rest = format!("GET /v1/invitations?limit=1&after={}", page.body["next"].as_str().unwrap());
    assert_eq!(site.send(&ada, &rest, None).await.body["items"][0]["email"], "bea@one.example");
    let accept = json!({ "token": tokens[0], "username": "new", "password": PASSWORD });
    let accepted = site.send("", "POST /v1/invitations/accept", Some(accept.clone())).await;
    assert_eq!((accepted.status, &accepted.body["username"]), (201, &json!("new")), "{accepted:?}");
    let again = site.send("", "POST /v1/invitations/accept", Some(accept)).await;
    assert_eq!((again.status, again.code()), (404, "not_found"));
    assert!(again.body["detail"].as_str().unwrap().starts_with("This link is not known"), "{again:?}");
    let joined = site.send(&bea, "POST /v1/invitations/join", Some(json!({ "token": tokens[1] }))).await;
    assert_eq!((joined.status, &joined.body["memberships"][1]["account"]), (200, &json!("1")), "{joined:?}");
    assert_eq!(site.send(&ada, "GET /v1/invitations", None).await.body["items"], json!([]));
}

#[tokio::test]
async fn whoever_comes_in_and_heard_nothing_asks_again() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    let bea = site.member("bea", "2", &["admin"]).await;
    let offered = site.world.app.offer_setup().await.unwrap().unwrap().token;
    let invite = async |name: &str| {
        let body = json!({ "email": format!("{name}@one.example"), "roles": ["member"] });
        let invited = site.send(&ada, "POST /v1/invitations", Some(body)).await;
        invited.body["token"].as_str().unwrap().to_owned()
    };
    let (one, two) = (invite("new").await, invite("bea").await);
    let new = |token: &str, name: &str| json!({ "token": token, "username": name, "password": PASSWORD });
    for (who, target, body) in [
        ("", "/v1/invitations/accept", new(&one, "new")),
        (bea.as_str(), "/v1/invitations/join", json!({ "token": two })),
        ("", "/v1/setup", new(offered.expose(), "root")),
    ] {
        let ask = async |key: &str| {
            let request = http::Request::builder().method("POST").uri(target);
            let request = request.header("content-type", "application/json").header("idempotency-key", key);
            let request = if who.is_empty() {
                request
            } else {
                request.header("authorization", format!("Bearer {who}"))
            };
            site.raw(request.body(body.to_string().into()).unwrap()).await
        };
        let first = ask("one").await;
        assert!([200, 201].contains(&first.status), "{target}: {first:?}");
        let second = ask("one").await;
        assert_eq!((second.status, &second.body), (first.status, &first.body), "{target}");
        assert_eq!(ask("two").await.status, 404, "{target}");
    }
}

#[tokio::test]
async fn a_user_is_changed_as_the_caller_knows_them() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    site.world.user("otto", "1", &["member"]).await;
    let known = tag(&site.send(&ada, "GET /v1/users/otto", None).await);
    site.world.pass(1);
    let change = json!({ "name": "Otto" });
    let changed = guarded(&site, &ada, "/v1/users/otto", &known, &change).await;
    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("Otto")));
    let late = guarded(&site, &ada, "/v1/users/otto", &known, &json!({ "name": "Late" })).await;
    assert_eq!((late.status, late.code()), (412, "changed_meanwhile"));
    let fresh = tag(&changed);
    assert_eq!(guarded(&site, &ada, "/v1/users/otto", &fresh, &change).await.status, 200);
    let me = tag(&site.send(&ada, "GET /v1/me", None).await);
    site.world.pass(1);
    assert_eq!(guarded(&site, &ada, "/v1/me", &me, &json!({ "name": "Ada" })).await.status, 200);
    assert_eq!(guarded(&site, &ada, "/v1/me", &me, &json!({ "name": "Adah" })).await.status, 412);
}

#[tokio::test]
async fn what_one_signs_in_with_is_taken_or_malformed_or_new() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    site.world.user("bea", "2", &["admin"]).await;
    for (body, status) in [
        (json!({ "email": "bea@example.com" }), 409),
        (json!({ "email": "nonsense" }), 422),
        (json!({ "username": "other" }), 422),
        (json!({ "name": "" }), 422),
        (json!({ "email": "ada@example.org" }), 200),
        (json!({ "email": "" }), 200),
    ] {
        let answered = site.send(&ada, "PATCH /v1/me", Some(body.clone())).await;
        assert_eq!(answered.status, status, "{body}: {answered:?}");
    }
    assert_eq!(site.send(&ada, "GET /v1/me", None).await.body["email"], Value::Null);
    site.world.pass(3600);
    let answered = site.send(&ada, "PATCH /v1/me", Some(json!({ "email": "ada@example.org" }))).await;
    assert_eq!((answered.status, answered.code()), (403, "proof_needed"));
}

#[tokio::test]
async fn why_a_user_was_removed_stands_in_the_audit() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    site.world.user("otto", "1", &["member"]).await;
    let removed = site.send(&ada, "DELETE /v1/users/otto?reason=has%20left", None).await;
    assert_eq!(removed.status, NO_CONTENT, "{removed:?}");
    let audit = site.send(&ada, "GET /v1/audit?action=user.remove", None).await;
    assert_eq!(audit.body["items"][0]["reason"], "has left");
}

#[tokio::test]
async fn accounts_and_roles_are_changed_as_the_caller_knows_them() {
    let site = Site::new().await;
    let ada = site.member("ada", "1", &["admin"]).await;
    let account = site.send(&ada, "GET /v1/accounts/1", None).await;
    let required = json!({ "second_factor": "required" });
    let optional = json!({ "second_factor": "optional" });
    let same = guarded(&site, &ada, "/v1/accounts/1", &tag(&account), &optional).await;
    assert_eq!((same.status, tag(&same)), (200, tag(&account)), "nothing is changed");
    for wrong in ["nonsense", "\"nonsense\"", "W/\"1\""] {
        let late = guarded(&site, &ada, "/v1/accounts/1", wrong, &required).await;
        assert_eq!((late.status, late.code()), (412, "changed_meanwhile"), "{wrong}");
    }
    assert_eq!(site.send(&ada, "GET /v1/accounts/2", None).await.status, 404);

    let role = |name: &str| json!({ "name": name, "access": { "scope": "read_only" } });
    let put = async |tag: Option<&str>, name: &str| {
        let request = http::Request::builder().method("PUT").uri("/v1/roles/clerk");
        let request = request.header("authorization", format!("Bearer {ada}"));
        let mut request = request.header("content-type", "application/json");
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        site.raw(request.body(role(name).to_string().into()).unwrap()).await
    };
    assert_eq!(put(Some("\"0\""), "Clerk").await.status, 412, "there is none yet");
    let made = tag(&put(None, "Clerk").await);
    assert_eq!(tag(&site.send(&ada, "GET /v1/roles/clerk", None).await), made);
    let changed = put(Some(&made), "Clerks").await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_ne!(tag(&changed), made);
    assert_eq!(put(Some(&made), "Late").await.status, 412);
    assert_eq!(site.send(&ada, "GET /v1/roles/admin", None).await.body["name"], "Admin");
    assert_eq!(site.send(&ada, "GET /v1/roles/nobody", None).await.status, 404);
}
