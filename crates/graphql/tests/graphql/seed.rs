//! What contract C asks word for word.

use axum::body::Body;
use http::header::{ALLOW, CACHE_CONTROL};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, World};

const CREATE: &str = "mutation createApiKey($name: String!) { createApiKey(data: { name: $name }) { id key roles { id preset }}}";
const DELETE: &str = "mutation deleteApiKey($key: String!) { deleteApiKey(where: { key: $key }) { id } }";

async fn login(world: &World, body: &Value) -> Answer {
    world.post("/v2/api/login", None, body).await
}

#[tokio::test]
async fn the_calls_of_the_seed_are_served_word_for_word() {
    let world = World::new().await;
    let body = json!({ "username": "ada", "password": PASSWORD, "source": "LOCAL" });
    let answer = login(&world, &body).await;
    assert_eq!(
        (answer.status, &answer.headers[CACHE_CONTROL]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
    let token = answer.body["data"]["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.body, json!({ "task_id": null, "data": { "token": token } }));

    let made = world.ask(&token, CREATE, json!({ "name": "CI" })).await;
    let made = made.data()["createApiKey"].clone();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert_eq!(made, json!({ "id": id, "key": key, "roles": [{ "id": "admin", "preset": "ADMIN" }] }));

    // A key is used in the same way as a token, after its word as well.
    for credential in [key.to_owned(), format!("Bearer {key}")] {
        let me = world.query(&credential, "{ whoAmI { username } }").await;
        assert_eq!(me.data(), &json!({ "whoAmI": { "username": "ada" } }));
    }

    let deleted = world.ask(&token, DELETE, json!({ "key": key })).await;
    assert_eq!(deleted.data(), &json!({ "deleteApiKey": { "id": id } }));
    let dead = world.query(key, "{ whoAmI { username } }").await;
    assert_eq!((dead.status, dead.code()), (StatusCode::UNAUTHORIZED, "unknown_credential"));
    let shown =
        world.ask(&token, "query($id: ID!) { key(id: $id) { name state key } }", json!({ "id": id })).await;
    assert_eq!(shown.data()["key"], json!({ "name": "CI", "state": "REVOKED", "key": null }));
}

#[tokio::test]
async fn a_key_is_deleted_by_its_id_too_and_by_one_of_both() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let made = world.ask(&ada, CREATE, json!({ "name": "CI" })).await;
    let made = &made.data()["createApiKey"];
    let delete = "mutation($where: KeyWhere!) { deleteApiKey(where: $where) { id state } }";
    for wrong in [json!({}), json!({ "id": made["id"], "key": made["key"] }), json!({ "id": "nonsense" })] {
        assert_eq!(world.ask(&ada, delete, json!({ "where": wrong })).await.code(), "invalid");
    }
    let deleted = world.ask(&ada, delete, json!({ "where": { "id": made["id"] } })).await;
    assert_eq!(deleted.data()["deleteApiKey"], json!({ "id": made["id"], "state": "REVOKED" }));
}

#[tokio::test]
async fn without_an_api_it_is_the_one_that_takes_login_tokens() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    world.offer(&[("things", "thg"), ("others", "oth")]).await;
    let several = world.ask(&ada, CREATE, json!({ "name": "CI" })).await;
    assert_eq!((several.status, several.code()), (StatusCode::OK, "invalid"));
    assert!(several.message().contains("others, things"), "{several:?}");
    let named = r#"mutation { createApiKey(data: { name: "CI", api: "others" }) { api environment } }"#;
    let made = world.query(&ada, named).await;
    assert_eq!(made.data()["createApiKey"], json!({ "api": "others", "environment": "live" }));
}

#[tokio::test]
async fn with_two_factors_a_password_alone_gives_no_token_and_the_answer_says_why() {
    let world = World::new().await;
    let secret = world.enrol(&world.token("ada").await).await;
    world.pass(30);
    let mut body = json!({ "username": "ada", "password": PASSWORD, "source": "LOCAL" });
    let refused = login(&world, &body).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.body["code"], "second_factor_needed");
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("one-time code") && detail.contains("`code`"), "{detail}");
    assert!(refused.body.get("data").is_none());
    let query =
        format!(r#"mutation {{ login(data: {{ username: "ada", password: "{PASSWORD}" }}) {{ token }} }}"#);
    let refused = world.stranger(&query).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::OK, "second_factor_needed"));
    assert!(refused.message().contains("`recoveryCode`"), "{refused:?}");

    body["code"] = json!(world.code(&secret));
    assert!(login(&world, &body).await.body["data"]["token"].is_string());
    // It worked once.
    assert_eq!(login(&world, &body).await.body["code"], "second_factor_wrong");
}

#[tokio::test]
async fn what_does_not_fit_a_login_is_named() {
    let world = World::new().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "username": "ada", "password": PASSWORD, "source": "LOCAL" });
        body[name] = value;
        body
    };
    let table = [
        (with("password", json!("wrong")), 401, "wrong_password", None),
        (with("username", json!("nobody")), 401, "wrong_password", None),
        (with("source", json!("LDAP")), 422, "invalid", Some("LDAP")),
        (with("account", json!("no such number")), 422, "invalid", Some("account")),
        (with("account", json!("2")), 401, "wrong_password", None),
        (json!({ "username": "ada" }), 422, "invalid", Some("password")),
        (json!([]), 422, "invalid", None),
    ];
    for (body, status, code, word) in table {
        let answer = login(&world, &body).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (status, Some(code)), "{body}");
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        assert!(word.is_none_or(|word| detail.contains(word)), "{detail}");
        assert!(answer.body["request_id"].is_string());
    }
    let fits = with("account", json!("1"));
    assert_eq!(login(&world, &fits).await.status, StatusCode::OK);
    let without = json!({ "username": "ada@example.com", "password": PASSWORD });
    assert_eq!(login(&world, &without).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_is_run_by_another_method() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    for path in
        ["/api?query=%7BwhoAmI%7Bid%7D%7D", "/api/?query=mutation%7BsignOut%7Bid%7D%7D", "/v2/api/login"]
    {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let request = Request::builder().method(method).uri(path).header("authorization", &ada);
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(answer.headers[ALLOW], "POST");
        }
    }
    assert_eq!(world.query(&ada, "{ whoAmI { username } }").await.data()["whoAmI"]["username"], "ada");
}
