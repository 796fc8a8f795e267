//! Nothing is done for a request that asks for too much, and it is told which limit it passed.

use axum::body::Body;
use claviger_graphql::Limit;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, World};

const KEY: &str = r#"k: createApiKey(data: { name: "CI" }) { id }"#;

/// A body that passes one limit by one. Each would make keys if it were run.
fn passing(limit: Limit) -> Value {
    let over = limit.most() + 1;
    let query = match limit {
        Limit::Batch => return json!(vec![json!({ "query": format!("mutation {{ {KEY} }}") }); over]),
        Limit::Tokens => format!("mutation {{ {KEY} {} }}", "id ".repeat(over)),
        Limit::Brackets => format!("mutation {{ {KEY} k(a: {}{}) }}", "[".repeat(over), "]".repeat(over)),
        Limit::Depth => format!("mutation {{ {KEY} {} k {} }}", "k { ".repeat(over), "}".repeat(over)),
        Limit::Complexity => format!("mutation {{ {KEY} signOut {{ {} }} }}", "id ".repeat(over)),
        Limit::RootFields => {
            format!("mutation {{ {} }}", r#"createApiKey(data: { name: "CI" }) "#.repeat(over))
        }
        Limit::Aliases => {
            let aliases = "a: id ".repeat(over);
            format!("mutation {{ createApiKey(data: {{ name: \"CI\" }}) {{ {aliases} }} }}")
        }
        Limit::Directives => format!("mutation {{ {KEY} signOut {{ id {} }} }}", "@a ".repeat(over)),
        Limit::Listed => {
            let lists: Vec<_> =
                (0..limit.most() / 1000).map(|n| format!("k{n}: keys(limit: 1000) {{ next }}")).collect();
            format!("{{ {} keys(limit: 1) {{ next }} }}", lists.join(" "))
        }
        Limit::Introspection => {
            let lists = "fields { type { ".repeat(over);
            format!("{{ __type(name: \"Key\") {{ {lists} name {} }} }}", "} }".repeat(over))
        }
    };
    json!({ "query": query })
}

/// What nobody can tell before variables are read is found when it is asked for, and nothing changes by lists.
const fn status(limit: Limit) -> StatusCode {
    match limit {
        Limit::Listed => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    }
}

async fn keys(world: &World, credential: &str) -> usize {
    let listed = world.query(credential, "{ keys { keys { id } } }").await;
    listed.data()["keys"]["keys"].as_array().unwrap().len()
}

#[tokio::test]
async fn each_limit_is_named_with_its_value() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    for limit in Limit::ALL {
        let answer = world.post("/api/", Some(&ada), &passing(limit)).await;
        assert_eq!((answer.status, answer.code()), (status(limit), "invalid"), "{limit:?}: {answer:?}");
        let (name, most) = (format!("`{}`", limit.words().0), limit.most().to_string());
        let message = answer.message();
        assert!(message.contains(&name) && message.contains(&most), "{limit:?}: {message}");
        assert!(answer.body["errors"][0]["extensions"]["request_id"].is_string());
    }
    assert_eq!(keys(&world, &ada).await, 0);
}

#[tokio::test]
async fn in_a_batch_only_the_request_that_asks_for_too_much_is_refused() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let fits = json!({ "query": format!("mutation {{ {KEY} }}") });
    let mut batch = vec![fits; Limit::Batch.most()];
    batch[3] = passing(Limit::Depth);
    batch[4] = json!({ "query": "{ keys { keys { id } }" });
    batch[5] = json!({ "query": "{ nothing }" });
    let answer = world.post("/api", Some(&ada), &json!(batch)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answers = answer.body.as_array().unwrap();
    let codes: Vec<_> =
        answers.iter().map(|one| one.pointer("/errors/0/extensions/code").and_then(Value::as_str)).collect();
    let mut expected = vec![None; Limit::Batch.most()];
    expected[3..6].copy_from_slice(&[Some("invalid"), Some("malformed_request"), Some("invalid")]);
    assert_eq!(codes, expected);
    assert_eq!(keys(&world, &ada).await, Limit::Batch.most() - 3);
    assert_eq!(world.post("/api", Some(&ada), &json!([])).await.status, StatusCode::BAD_REQUEST);
}

async fn raw(world: &World, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(Method::POST).uri("/api/").header("content-type", kind);
    world.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_why() {
    let world = World::new().await;
    let long = format!("{{\"query\":\"{}\"}}", " ".repeat(1 << 20));
    let table = [
        ("application/json", long, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        ("text/plain", "{}".into(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        ("application/json", "{".into(), StatusCode::BAD_REQUEST, "malformed_request"),
        ("application/json", "7".into(), StatusCode::BAD_REQUEST, "invalid"),
        ("application/json", "{}".into(), StatusCode::BAD_REQUEST, "invalid"),
        ("application/json", String::new(), StatusCode::BAD_REQUEST, "invalid"),
        ("application/json", r#"{"query":"secret {"}"#.into(), StatusCode::BAD_REQUEST, "malformed_request"),
        ("application/json", "[".repeat(100_000), StatusCode::BAD_REQUEST, "invalid"),
    ];
    for (kind, body, status, code) in table {
        let shown: String = body.chars().take(40).collect();
        let answer = raw(&world, kind, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{shown}");
        assert!(!answer.message().contains("secret"), "{answer:?}");
    }
}

#[tokio::test]
async fn nesting_and_cycles_end_before_the_stack_does() {
    let world = World::new().await;
    let ada = world.token("ada").await;
    let most = Limit::Brackets.most();
    let chain = |length: usize| {
        let links = (0..length).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1));
        format!("{{ ...f0 }} {} fragment f{length} on Query {{ __typename }}", links.collect::<String>())
    };
    let queries = [
        "{".repeat(1 << 19),
        format!("{{ a(b: {}", "[".repeat(1 << 19)),
        format!("query(: {}", "[".repeat(most - 1)),
        format!("query($a: {}Int{}) {{ a }}", "[".repeat(most), "]".repeat(most)),
        format!("{{ a(b: {}{}) }}", "[".repeat(most - 2), "]".repeat(most - 2)),
        format!("{{ a(b: {}1{}) }}", "{c: ".repeat(most - 2), "}".repeat(most - 2)),
        format!("{}a{}", "{ ... on Query ".repeat(most), "}".repeat(most)),
        format!("{{ {} a {} }}", "... {".repeat(most - 1), "}".repeat(most - 1)),
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
        chain(most - 2),
        chain(most),
        chain(1000),
        "\u{0}\u{1f}é{".to_owned(),
        format!("{{ key(id: \"{}", "\\".repeat(1001)),
    ];
    for query in queries {
        let shown: String = query.chars().take(40).collect();
        let answer = world.query(&ada, &query).await;
        let ran = answer.status == StatusCode::OK && answer.body["data"] == json!({ "__typename": "Query" });
        assert!(answer.status == StatusCode::BAD_REQUEST || ran, "{shown}: {answer:?}");
    }
    let cycle = "{ ...a } fragment a on Query { ...a }";
    assert!(world.query(&ada, cycle).await.message().contains("`a` contains itself"));
}

#[test]
fn the_guide_says_each_limit() {
    let guide = include_str!("../../../../docs/graphql.md");
    for limit in Limit::ALL {
        let row = format!("| `{}` | {} |", limit.words().0, limit.most());
        assert!(guide.contains(&row), "{row}");
    }
    assert!(guide.contains(&format!("has {} seconds", claviger_graphql::TIME.as_secs())));
}
