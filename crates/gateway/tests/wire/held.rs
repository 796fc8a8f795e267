//! Bodies that are read before the judgement. The judge of these tests wants 16 bytes at most below `/held`.

use claviger_gateway::GatewayLimits;
use claviger_model::Span;

use crate::harness::{Setup, counting, gateway, mirror, upstream};

fn post(body: &str) -> String {
    format!("POST /held HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{body}")
}

#[tokio::test]
async fn a_held_body_goes_up_whole() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let answer = gateway.exchange(post("Content-Length: 16\r\n\r\n0123456789abcdef").as_bytes()).await;
    assert!(answer.contains("content-length: 16\n"), "{answer}");
    assert!(answer.contains("x-has-body: yes\n") && answer.ends_with("\n0123456789abcdef"), "{answer}");
    let chunked = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\nx-unsigned: t\r\n\r\n";
    let answer = gateway.exchange(post(chunked).as_bytes()).await;
    assert!(answer.contains("content-length: 6\n") && answer.ends_with("\nabcdef"), "{answer}");
    let empty = gateway.exchange(post("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").as_bytes()).await;
    assert!(empty.contains("x-has-body: no\n"), "{empty}");
}

#[tokio::test]
async fn what_is_too_long_or_ends_early_never_reaches_the_upstream() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    for body in [
        "Content-Length: 17\r\n\r\n0123456789abcdefg",
        "Transfer-Encoding: chunked\r\n\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n1\r\ng\r\n0\r\n\r\n",
        "Content-Length: 17000000000\r\nExpect: 100-continue\r\n\r\n",
    ] {
        let answer = gateway.exchange(post(body).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{body}: {answer}");
    }
    let answer = gateway.exchange(post("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nz").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_is_awaited_with_a_continue_and_not_for_ever() {
    let limits = GatewayLimits { idle: Span::from_millis(50), ..crate::harness::limits() };
    let (address, seen) = counting().await;
    let gateway = Setup::limited(limits).before(&address).await;
    let mut caller = gateway.connect().await;
    caller.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n\r\n").as_bytes()).await;
    caller.until("HTTP/1.1 100 Continue\r\n\r\n").await;
    caller.send(b"he").await;
    let answer = caller.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_room_a_body_is_not_read() {
    let limits =
        GatewayLimits { held_bytes: 1024, connect: Span::from_millis(20), ..crate::harness::limits() };
    let (address, seen) = counting().await;
    let gateway = Setup::limited(limits).before(&address).await;
    let mut slow = gateway.connect().await;
    slow.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n\r\n").as_bytes()).await;
    slow.until("HTTP/1.1 100 Continue\r\n\r\n").await;
    let other = post("Content-Length: 2\r\n\r\nab");
    let answer = gateway.exchange(other.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "what is only announced takes no room: {answer}");
    slow.send(b"hell").await;
    let mut refused = None;
    // Until what was sent has been read.
    for _ in 0..1000 {
        refused =
            refused.or(Some(gateway.exchange(other.as_bytes()).await).filter(|it| !it.contains(" 200 ")));
        if refused.is_some() {
            break;
        }
    }
    assert!(refused.is_some_and(|answer| answer.starts_with("HTTP/1.1 503 ")));
    let before = seen.lock().unwrap().len();
    slow.send(b"o").await;
    assert!(slow.rest().await.starts_with("HTTP/1.1 200 "));
    assert_eq!(seen.lock().unwrap().len(), before + 1);
}

#[tokio::test]
async fn a_body_that_trickles_in_is_not_awaited_for_ever() {
    let limits = GatewayLimits { held: Span::from_millis(50), ..crate::harness::limits() };
    let (address, seen) = counting().await;
    let gateway = Setup::limited(limits).before(&address).await;
    let mut caller = gateway.connect().await;
    caller.send(post("Content-Length: 5\r\n\r\nhe").as_bytes()).await;
    let answer = caller.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(seen.lock().unwrap().is_empty());
}
