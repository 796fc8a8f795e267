use axum::body::{Body, Bytes};
use http::header::{ACCEPT, ALLOW, CONNECTION, CONTENT_TYPE, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::router;

mod documents;
mod wire;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.headers[CONTENT_TYPE], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    fn xml(&self) -> &str {
        assert_eq!(self.headers[CONTENT_TYPE], "application/xml");
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn send(request: Request<Body>) -> Answer {
    let response = router().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    Answer { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn get(target: &str, accept: &str) -> Answer {
    send(Request::get(target).header(ACCEPT, accept).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn shows_what_was_received() {
    let request = Request::post("/customers/v1/customers?dry=1&x=%20")
        .header(ACCEPT, "application/json")
        .header("x-note", HeaderValue::from_bytes(b"caf\xe9").unwrap())
        .body(Body::from(r#"{"name":"Nine & Co","id":"mine","unknown":1}"#))
        .unwrap();
    let answer = send(request).await.json();
    assert_eq!((&answer["name"], &answer["id"]), (&json!("Nine & Co"), &json!("C-1004")));
    assert_eq!(answer.get("unknown"), None);
    assert_eq!(
        answer["received"],
        json!({
            "method": "POST", "target": "/customers/v1/customers?dry=1&x=%20", "body_bytes": 44,
            "headers": [
                { "name": "accept", "value": "application/json" },
                { "name": "x-note", "value": "caf\u{FFFD}" },
            ],
        })
    );
}

#[tokio::test]
async fn the_format_is_xml_unless_json_is_asked_for_and_always_json_at_cloudstore() {
    let xml = get("/customers/v2/customers/C-7", "*/*").await;
    assert!(xml.xml().contains("<id>C-7</id>") && xml.xml().contains("<header name=\"accept\">*/*</header>"));
    assert_eq!(get("/customers/v2/customers/C-7", "application/json").await.json()["id"], "C-7");
    assert_eq!(get("/cloudstore/v2/orders/O-1", "application/xml").await.json()["id"], "O-1");
}

#[tokio::test]
async fn what_does_not_exist_is_json_and_shows_what_was_received() {
    for target in ["/", "/customers/v3/customers", "/customers/v1", "/sandbox/customers/v1/customers"] {
        let answer = get(target, "application/xml").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.json()["received"]["target"], target);
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_it_takes() {
    let answer = send(Request::delete("/customers/v1/customers").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.headers[ALLOW].to_str().unwrap().contains("POST"));
    assert_eq!(answer.json()["error"], "method_not_allowed");
}

#[tokio::test]
async fn helpers_are_found_under_any_api() {
    for at in ["", "/customers/v1", "/sandbox/billing/v2", "/other/v9"] {
        let answer =
            send(Request::post(format!("{at}/_sample/sink")).body(Body::from("123456789")).unwrap()).await;
        assert_eq!(answer.json(), json!({ "bytes": 9, "crc32": 0xCBF4_3926_u32 }));
        let answer = get(&format!("{at}/_sample/bytes/70000"), "*/*").await;
        assert_eq!((answer.body.len(), answer.body[65_536]), (70_000, 0));
    }
}

#[tokio::test]
async fn echo_gives_back_body_and_trailers() {
    let trailers = HeaderMap::from_iter([("x-check".parse().unwrap(), HeaderValue::from_static("42"))]);
    let sent = trailers.clone();
    let body = Full::new(Bytes::from("hello")).with_trailers(async move { Some(Ok(sent)) });
    let request = Request::post("/_sample/echo").header("trailer", "x-check").body(Body::new(body)).unwrap();
    let response = router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["trailer"], "x-check");
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(collected.to_bytes(), "hello");
}

#[tokio::test]
async fn an_upgrade_must_be_asked_for() {
    let answer = get("/_sample/websocket", "*/*").await;
    assert_eq!(answer.status, StatusCode::UPGRADE_REQUIRED);
    let asking = Request::get("/billing/v1/_sample/websocket").header(UPGRADE, "websocket");
    let answer = send(asking.header(CONNECTION, "upgrade").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status, &answer.headers[UPGRADE]),
        (StatusCode::SWITCHING_PROTOCOLS, &"websocket".parse().unwrap())
    );
}

#[tokio::test]
async fn never_does_not_answer() {
    let call = get("/_sample/slow-header/never", "*/*");
    tokio::pin!(call);
    tokio::select! {
        biased;
        _ = &mut call => panic!("it answered"),
        () = async { for _ in 0..100 { tokio::task::yield_now().await } } => {}
    }
}
