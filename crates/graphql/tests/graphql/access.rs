//! Who may ask for what.

use axum::body::Body;
use claviger_app::{AuditFilter, Command, Outcome};
use http::header::WWW_AUTHENTICATE;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

const CREATE: &str = r#"mutation { createApiKey(data: { name: "CI" }) { id key } }"#;

async fn key_of(world: &World, token: &str) -> (String, String) {
    let made = world.query(token, CREATE).await;
    let made = &made.data()["createApiKey"];
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

#[tokio::test]
async fn a_stranger_can_sign_in_and_do_nothing_else() {
    let world = World::new().await;
    for query in [
        "{ whoAmI { id } }",
        "{ __typename }",
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"Key\") { name } }",
        "mutation { __typename }",
        "mutation { login(data: { username: \"a\", password: \"b\" }) { token } signOut { id } }",
        "mutation { login(data: { username: \"a\", password: \"b\" }) { token } __schema { types { name } } }",
        "subscription { login }",
        "{ nothing }",
        CREATE,
    ] {
        let answer = world.stranger(query).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNAUTHORIZED, "missing_credential"),
            "{query}"
        );
        assert!(answer.headers.contains_key(WWW_AUTHENTICATE));
        assert_eq!(answer.body["data"], Value::Null);
        assert!(answer.body["errors"][0]["extensions"]["request_id"].is_string());
    }
    let guesses = AuditFilter { action: Some("sign_in.fail".to_owned()), ..AuditFilter::default() };
    let guesses = world.operate(Command::AuditList(guesses)).await;
    assert!(matches!(guesses, Outcome::Audit(entries) if entries.is_empty()), "a guess was made");
    let login =
        format!("mutation {{ login(data: {{ username: \"max\", password: \"{PASSWORD}\" }}) {{ token }} }}");
    let token = world.stranger(&login).await.data()["login"]["token"].as_str().unwrap().to_owned();
    assert_eq!(world.query(&token, "{ whoAmI { username } }").await.data()["whoAmI"]["username"], "max");
}

#[tokio::test]
async fn a_credential_that_is_none_is_refused_before_anything_is_read() {
    let world = World::new().await;
    let login =
        json!({ "query": "mutation { login(data: { username: \"a\", password: \"b\" }) { token } }" });
    for credential in ["nonsense", "Bearer nonsense", "Basic bWF4Og=="] {
        let answer = world.post("/api/", Some(credential), &login).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unknown_credential"));
    }
    let ada = world.token("ada").await;
    let twice =
        Request::builder().method(Method::POST).uri("/api/").header("content-type", "application/json");
    let twice = twice.header("authorization", &ada).header("authorization", &ada);
    let answer = world.send(twice.body(Body::from(login.to_string())).unwrap()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "ambiguous_credential"));
}

#[tokio::test]
async fn signing_in_does_not_sign_in_the_rest_of_a_batch() {
    let world = World::new().await;
    let login =
        format!("mutation {{ login(data: {{ username: \"bea\", password: \"{PASSWORD}\" }}) {{ token }} }}");
    let who = json!({ "query": "{ whoAmI { username } }" });
    let batch = json!([{ "query": login }, who]);
    let answer = world.post("/api/", None, &batch).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body[0]["data"]["login"]["token"].is_string());
    assert_eq!(answer.body[1]["errors"][0]["extensions"]["code"], "missing_credential");
    // Whoever is somebody stays who they are.
    let ada = world.token("ada").await;
    let answer = world.post("/api/", Some(&ada), &batch).await;
    assert_eq!(answer.body[1]["data"]["whoAmI"]["username"], "ada");
    // And is nobody once they are signed out.
    let batch = json!([{ "query": "mutation { signOut { id } }" }, who]);
    let answer = world.post("/api/", Some(&ada), &batch).await;
    assert_eq!(answer.body[1]["errors"][0]["extensions"]["code"], "unknown_credential");
}

#[tokio::test]
async fn a_key_of_another_account_is_answered_like_one_that_is_not_there() {
    let world = World::new().await;
    let (ada, bea) = (world.token("ada").await, world.token("bea").await);
    let (id, key) = key_of(&world, &ada).await;
    let gone = format!("{}{}", &id[..id.len() - 4], "0000");
    let fields = [
        "query($id: ID!) { key(id: $id) { id } }",
        "mutation($id: ID!) { deleteApiKey(where: { id: $id }) { id } }",
        "mutation($id: ID!) { revokeKey(id: $id) { id } }",
        "mutation($id: ID!) { disableKey(id: $id) { id } }",
        "mutation($id: ID!) { revealKey(id: $id) { id } }",
        "mutation($id: ID!) { rotateKey(id: $id) { id } }",
        "mutation($id: ID!) { allowKey(id: $id, addresses: []) { id } }",
    ];
    for field in fields {
        let words = |answer: crate::world::Answer, id: &str| {
            assert_eq!(answer.code(), "not_found", "{field}: {answer:?}");
            answer.message().replace(id, "…")
        };
        let foreign = words(world.ask(&bea, field, json!({ "id": id })).await, &id);
        assert_eq!(foreign, words(world.ask(&bea, field, json!({ "id": gone })).await, &gone));
    }
    let by_text = "mutation($key: String!) { deleteApiKey(where: { key: $key }) { id } }";
    let foreign = world.ask(&bea, by_text, json!({ "key": key })).await;
    let unknown = world.ask(&bea, by_text, json!({ "key": "thg0_live_nonsense" })).await;
    let token = world.ask(&bea, by_text, json!({ "key": ada })).await;
    for answer in [&foreign, &unknown, &token] {
        assert_eq!((answer.code(), answer.message()), ("not_found", "There is no such key."));
    }
    assert_eq!(world.query(&key, "{ whoAmI { username } }").await.data()["whoAmI"]["username"], "ada");
}

#[tokio::test]
async fn a_member_without_the_right_is_forbidden() {
    let world = World::new().await;
    let (ada, max) = (world.token("ada").await, world.token("max").await);
    let (id, key) = key_of(&world, &ada).await;
    for (query, variables) in [
        (CREATE, json!({})),
        ("{ keys { keys { id } } }", json!({})),
        ("query($id: ID!) { key(id: $id) { id } }", json!({ "id": id })),
        ("mutation($key: String!) { deleteApiKey(where: { key: $key }) { id } }", json!({ "key": key })),
        ("{ users { id } }", json!({})),
        ("{ audit { next } }", json!({})),
        ("mutation { createUser(data: { username: \"new\" }) { id } }", json!({})),
        ("mutation { putRole(data: { id: \"new\", access: { scope: READ_ONLY } }) { id } }", json!({})),
        ("mutation { createAccount(number: \"3\", realm: \"three\", name: \"Three\") { id } }", json!({})),
    ] {
        let answer = world.ask(&max, query, variables).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::OK, "forbidden"), "{query}: {answer:?}");
    }
    let told = world.query(&max, "{ admins { name email } accounts { number } }").await;
    assert_eq!(told.data()["admins"], json!([{ "name": "ada", "email": "ada@example.com" }]));
    assert_eq!(told.data()["accounts"], json!([{ "number": "1" }]));
}

#[tokio::test]
async fn a_field_that_is_refused_takes_nothing_from_those_done_before() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let query = r#"mutation { a: createApiKey(data: { name: "a" }) { name }
        b: createApiKey(data: { name: "b", api: "nothing" }) { name } }"#;
    let answer = world.query(&ada, query).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::OK, "not_found"));
    assert_eq!(answer.body["errors"][0]["path"], json!(["b"]));
    let listed = world.query(&ada, "{ keys { keys { name } next } }").await;
    assert_eq!(listed.data()["keys"], json!({ "keys": [{ "name": "a" }], "next": null }));
}
