//! Paths that are the product's own. The door of these tests is below `/own` and takes 16 bytes.

use claviger_gateway::GatewayLimits;
use claviger_model::Span;
use http::{Request, StatusCode};
use http_body_util::BodyExt;

use crate::harness::{Setup, counting, full, gateway};
use crate::http2::h2c;

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let mut lines = answer.split("\r\n\r\n").next().unwrap().lines();
    let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    found.unwrap_or_else(|| panic!("no {name} in {answer}"))
}

#[tokio::test]
async fn it_is_answered_here_with_the_whole_body_and_one_id() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    let ask = "POST /own?b=c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
               3\r\nabc\r\n3\r\ndef\r\n0\r\nx-late: t\r\n\r\n";
    let answer = gateway.exchange(ask.as_bytes()).await;
    let id = header(&answer, "x-request-id");
    assert!(id.starts_with("req_") && id != "req_other", "{answer}");
    assert!(answer.ends_with(&format!("POST /own?b=c {id} 127.0.0.1 no more\nabcdef")), "{answer}");
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_goes_on_after_it() {
    let gateway = gateway(&counting().await.0).await;
    let mut caller = gateway.connect().await;
    for _ in 0..2 {
        caller.send(b"POST /own HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").await;
        let head = caller.until("\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 200 ") && !head.contains("connection: close"), "{head}");
        caller.until("no more\nhi").await;
    }
    caller.send(b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(caller.rest().await.ends_with("ok"));
}

#[tokio::test]
async fn of_an_answer_to_head_its_own_length_is_told() {
    let gateway = gateway(&counting().await.0).await;
    let ask = |method| format!("{method} /own HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let head = gateway.exchange(ask("HEAD").as_bytes()).await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
    assert_ne!(header(&head, "content-length"), "0");
    let request = Request::builder().method("HEAD").uri("http://a/own").body(full("")).unwrap();
    let answer = h2c(&gateway).await.send_request(request).await.unwrap();
    assert_ne!(answer.headers()["content-length"], "0");
    assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn http2_is_answered_alike() {
    let gateway = gateway(&counting().await.0).await;
    let request = Request::builder().method("POST").uri("http://a/own?b").body(full("hello")).unwrap();
    let answer = h2c(&gateway).await.send_request(request).await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(text, format!("POST /own?b {id} 127.0.0.1 no more\nhello"));
    let request = Request::builder().method("POST").uri("http://a/own").body(full("a".repeat(17))).unwrap();
    let answer = h2c(&gateway).await.send_request(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_read() {
    let gateway = gateway(&counting().await.0).await;
    for body in [
        "Content-Length: 17\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n",
    ] {
        let ask = format!("POST /own HTTP/1.1\r\nHost: a\r\n{body}");
        let answer = gateway.exchange(ask.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("connection: close"), "{answer}");
    }
    let limits = GatewayLimits { body_bytes: Some(4), ..crate::harness::limits() };
    let gateway = Setup::limited(limits).before(&counting().await.0).await;
    let ask = "POST /own HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    assert!(gateway.exchange(ask.as_bytes()).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn a_body_that_is_broken_or_late_never_arrives() {
    let limits = GatewayLimits { held: Span::from_millis(50), ..crate::harness::limits() };
    let gateway = Setup::limited(limits).before(&counting().await.0).await;
    let ask = "POST /own HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nz";
    assert!(gateway.exchange(ask.as_bytes()).await.starts_with("HTTP/1.1 400 "));
    let ask = "POST /own HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe";
    assert!(gateway.exchange(ask.as_bytes()).await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test]
async fn its_connection_is_not_turned_to_another_protocol() {
    let gateway = gateway(&counting().await.0).await;
    let ask = "GET /own HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let second = "GET /own HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = gateway.exchange(format!("{ask}{second}").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(answer.ends_with("no more\n"), "{answer}");
}

#[tokio::test]
async fn it_is_not_awaited_for_ever() {
    let limits = GatewayLimits { answer: Span::from_millis(50), ..crate::harness::limits() };
    let gateway = Setup::limited(limits).before(&counting().await.0).await;
    let answer = gateway.exchange(b"GET /own/never HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
}
