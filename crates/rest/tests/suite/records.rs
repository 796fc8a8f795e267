use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn an_accounts_audit_is_of_this_account() {
    let site = Site::new().await;
    let tokens = [site.member("ada", "1", &["admin"]).await, site.member("bob", "2", &["admin"]).await];
    for (token, label) in tokens.iter().zip(["Own", "Foreign"]) {
        site.send(token, "POST /v1/keys", Some(json!({ "api": "things", "label": label }))).await;
    }
    let [ada, _] = &tokens;
    let own = site.send(ada, "GET /v1/accounts", None).await.body["items"][0]["id"].clone();
    let audit = site.send(ada, "GET /v1/audit", None).await;
    let entries = audit.body["items"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["account"] == own), "{entries:#?}");
    let made = entries.iter().find(|entry| entry["action"] == "key.create").unwrap();
    assert_eq!((&made["via"], &made["from"]), (&json!("rest"), &json!("127.0.0.1")));
    assert!(made["request_id"].as_str().unwrap().starts_with("req_"));
    assert!(!audit.body.to_string().contains("Foreign"));
    let next = audit.body["next"].as_str().unwrap();
    let rest = site.send(ada, &format!("GET /v1/audit?after={next}"), None).await;
    assert_eq!(rest.body["items"], json!([]));
}

#[tokio::test]
async fn a_refusal_of_management_stands_in_the_audit() {
    let site = Site::new().await;
    let member = site.member("ada", "1", &["member"]).await;
    assert_eq!(site.send(&member, "POST /v1/keys", Some(json!({ "api": "things" }))).await.status, 403);
    let trail = site.world.trail().await;
    assert!(trail.iter().any(|(action, _)| action == "forbidden"), "{trail:?}");
}
