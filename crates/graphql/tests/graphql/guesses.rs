//! Many guesses in one request are many guesses.

use claviger_graphql::Limit;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

fn guess(alias: &str, code: &str) -> String {
    format!(
        r#"{alias}: login(data: {{ username: "ada", password: "{PASSWORD}", code: "{code}" }}) {{ token }} "#
    )
}

/// A query with this many guesses, none of which is right.
fn guesses(world: &World, secret: &str, count: usize) -> Value {
    let right: usize = world.code(secret).parse().unwrap();
    // None is near the right one, or equal to that of a step before or after.
    let wrong = |number: usize| format!("{:06}", (right + 1_000 + number) % 1_000_000);
    let all: String = (0..count).map(|number| guess(&format!("g{number}"), &wrong(number))).collect();
    json!({ "query": format!("mutation {{ {all} }}") })
}

fn codes(answer: &Value, into: &mut Vec<String>) {
    assert!(!answer.to_string().contains("login_user_"), "somebody got in");
    for error in answer["errors"].as_array().unwrap() {
        into.push(error["extensions"]["code"].as_str().unwrap().to_owned());
    }
}

#[tokio::test]
async fn a_thousand_wrong_codes_in_one_request_count_and_do_not_get_in() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let secret = world.enrol(&ada).await;
    world.pass(30);
    let batch = json!(vec![guesses(&world, &secret, Limit::RootFields.most()); Limit::Batch.most()]);
    let answer = world.post("/api/", None, &batch).await;
    let mut seen = Vec::new();
    answer.body.as_array().unwrap().iter().for_each(|one| codes(one, &mut seen));
    let wrong = seen.iter().filter(|code| *code == "second_factor_wrong").count();
    assert!((1..=6).contains(&wrong), "{wrong} were looked at");
    let blocked = seen.iter().filter(|code| *code == "too_many_attempts").count();
    assert_eq!(wrong + blocked, seen.len());
    // The right one has to wait too, and is let in afterwards.
    let query = |code: &str| format!("mutation {{ {} }}", guess("g", code));
    let right = world.stranger(&query(&world.code(&secret))).await;
    assert_eq!(right.code(), "too_many_attempts");
    assert!(right.body["errors"][0]["extensions"]["retry_at"].is_string());
    world.pass(3600);
    let right = world.stranger(&query(&world.code(&secret))).await;
    assert!(right.data()["g"]["token"].is_string());
}

#[tokio::test]
async fn guesses_over_both_ways_are_counted_together() {
    let world = World::new().await;
    let secret = world.enrol(&world.token("ada").await).await;
    world.pass(30);
    world.post("/api/", None, &guesses(&world, &secret, 20)).await;
    let code = world.code(&secret);
    let body = json!({ "username": "ada", "password": PASSWORD, "source": "LOCAL", "code": code });
    let answer = world.post("/v2/api/login", None, &body).await;
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (429, Some("too_many_attempts")));
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_thousand_under_as_many_names_are_not_looked_at() {
    let world = World::new().await;
    let secret = world.enrol(&world.token("ada").await).await;
    world.pass(30);
    let answer = world.post("/api/", None, &guesses(&world, &secret, 1000)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid"));
    let right = world.stranger(&format!("mutation {{ {} }}", guess("g", &world.code(&secret)))).await;
    assert!(right.data()["g"]["token"].is_string());
}
