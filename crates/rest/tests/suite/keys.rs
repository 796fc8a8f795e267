use serde_json::{Value, json};

use crate::site::Site;

async fn made(site: &Site, token: &str, body: Value) -> Value {
    let answered = site.send(token, "POST /v1/keys", Some(body)).await;
    assert_eq!(answered.status, 201, "{answered:?}");
    answered.body
}

#[tokio::test]
async fn a_key_has_its_whole_life_here() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let tags = json!({ "team": "export" });
    let key = made(&site, &token, json!({ "api": "things", "label": "Export", "tags": tags })).await;
    let secret = key["key"].as_str().unwrap();
    assert_eq!((&key["account"], &key["user"], &key["tags"]), (&json!("1"), &json!("ada"), &tags));
    let id = key["id"].as_str().unwrap();
    let shown = site.send(&token, &format!("GET /v1/keys/{id}"), None).await;
    assert!(!shown.body.to_string().contains(secret), "a key is shown to whoever asks for it");
    let revealed = site.send(&token, &format!("POST /v1/keys/{id}/reveal"), None).await;
    assert_eq!(revealed.body["key"].as_str(), Some(secret));
    for (event, state) in [("disable", "disabled"), ("enable", "active")] {
        let answered = site.send(&token, &format!("POST /v1/keys/{id}/{event}"), None).await;
        assert_eq!(answered.body["state"].as_str(), Some(state));
    }
    let line = format!("POST /v1/keys/{id}/rotate");
    let successor = site.send(&token, &line, Some(json!({ "overlap": "1d" }))).await;
    assert_eq!((successor.status, successor.body["predecessor"].as_str()), (201, Some(id)));
    let line = format!("POST /v1/keys/{id}/cancel-rotation");
    assert_eq!(site.send(&token, &line, None).await.body["successor"], Value::Null);
    let why = json!({ "reason": "leaked" });
    let revoked = site.send(&token, &format!("POST /v1/keys/{id}/revoke"), Some(why)).await;
    assert_eq!(revoked.body["revoked_reason"].as_str(), Some("leaked"));
    let again = site.send(&token, &format!("POST /v1/keys/{id}/enable"), None).await;
    assert_eq!((again.status, again.code()), (409, "conflict"));
}

#[tokio::test]
async fn a_change_is_whole_and_made_to_what_the_caller_knows() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let key = made(&site, &token, json!({ "api": "things", "label": "Export" })).await;
    let line = format!("PATCH /v1/keys/{}", key["id"].as_str().unwrap());
    let wrong = json!({ "label": "Import", "addresses": ["nowhere"] });
    assert_eq!(site.send(&token, &line, Some(wrong)).await.code(), "invalid");
    let get = line.replace("PATCH", "GET");
    let shown = site.send(&token, &get, None).await;
    assert_eq!(shown.body["label"].as_str(), Some("Export"), "nothing was changed");
    site.world.pass(1);
    let change = json!({
        "label": "Import", "memo": "Nightly", "addresses": ["192.0.2.0/24"], "set_tags": { "team": "import" },
    });
    let changed = site.send(&token, &line, Some(change)).await;
    assert_eq!(changed.body["memo"].as_str(), Some("Nightly"));
    assert_eq!(changed.body["allowlist"], json!(["192.0.2.0/24"]));
    assert_ne!(changed.headers["etag"], shown.headers["etag"]);
    for (tag, status) in [(&shown.headers["etag"], 412), (&changed.headers["etag"], 200)] {
        let request = http::Request::builder().method("PATCH").uri(line.split_once(' ').unwrap().1);
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/json").header("if-match", tag);
        let answered = site.raw(request.body(r#"{"label":""}"#.into()).unwrap()).await;
        assert_eq!(answered.status, status, "{answered:?}");
    }
}

#[tokio::test]
async fn the_use_of_keys_is_listed_with_them_and_in_parts() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    for label in ["One", "Two", "Three"] {
        made(&site, &token, json!({ "api": "things", "label": label })).await;
        site.world.pass(1);
    }
    let first = site.send(&token, "GET /v1/usage?api=things&limit=2", None).await;
    let labels: Vec<_> = first.body["items"].as_array().unwrap().iter().map(|one| &one["label"]).collect();
    assert_eq!(labels, ["Three", "Two"]);
    let unused = &first.body["items"][0];
    assert_eq!((&unused["last_used_at"], &unused["versions"]), (&Value::Null, &json!([])));
    let next = first.body["next"].as_str().unwrap();
    let rest = site.send(&token, &format!("GET /v1/usage?limit=2&after={next}"), None).await;
    assert_eq!(rest.body["items"][0]["label"].as_str(), Some("One"));
    assert_eq!(rest.body["next"], Value::Null);
    let wrong = site.send(&token, "GET /v1/usage?after=nowhere", None).await;
    assert_eq!((wrong.status, wrong.code()), (422, "invalid"));
}

#[tokio::test]
async fn lists_go_on_where_they_ended() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let mut made_ids = Vec::new();
    for number in 0..5 {
        let label = format!("Key {number}");
        let key = made(&site, &token, json!({ "api": "things", "label": label })).await;
        made_ids.push(key["id"].clone());
        site.world.pass(1);
    }
    made_ids.reverse();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let answered = site.send(&token, &format!("GET /v1/keys?limit=2{after}"), None).await;
        seen.extend(answered.body["items"].as_array().unwrap().iter().map(|key| key["id"].clone()));
        let Some(next) = answered.body["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, made_ids);
    let found = site.send(&token, "GET /v1/keys?search=key%203", None).await;
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
    for wrong in ["limit=0", "limit=1001", "limit=x", "unknown=1", "state=dead", "tag=%20", "limit=1&limit=2"]
    {
        let answered = site.send(&token, &format!("GET /v1/keys?{wrong}"), None).await;
        assert_eq!((answered.status, answered.code()), (422, "invalid"), "{wrong}");
    }
}

#[tokio::test]
async fn a_key_is_used_as_a_token_where_its_api_says_so() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    let key = made(&site, &token, json!({ "api": "things" })).await;
    let secret = key["key"].as_str().unwrap();
    assert_eq!(site.send(secret, "GET /v1/me", None).await.body["username"].as_str(), Some("ada"));
    let narrow = json!({ "api": "things", "access": { "scope": "read_only" } });
    let narrow = made(&site, &token, narrow).await;
    let refused = site.send(narrow["key"].as_str().unwrap(), "GET /v1/me", None).await;
    assert_eq!(refused.code(), "unknown_credential", "a key that was given less manages nothing");
    site.send(&token, "POST /v1/users/ada/disable", None).await;
    assert_eq!(site.send(secret, "GET /v1/me", None).await.code(), "unknown_credential");
}

#[tokio::test]
async fn many_keys_change_together_or_none() {
    let site = Site::new().await;
    let token = site.member("ada", "1", &["admin"]).await;
    for label in ["One", "Two"] {
        made(&site, &token, json!({ "api": "things", "label": label })).await;
    }
    let bulk = |mode: &str| json!({ "keys": { "where": {} }, "event": "disable", "mode": mode });
    let dry = site.send(&token, "POST /v1/keys/bulk", Some(bulk("dry_run"))).await;
    assert_eq!(dry.body["items"].as_array().unwrap().len(), 2);
    let list = "GET /v1/keys?state=disabled";
    assert_eq!(site.send(&token, list, None).await.body["items"], json!([]));
    site.send(&token, "POST /v1/keys/bulk", Some(bulk("commit"))).await;
    assert_eq!(site.send(&token, list, None).await.body["items"].as_array().unwrap().len(), 2);
}
