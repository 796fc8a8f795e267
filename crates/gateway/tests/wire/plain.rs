use std::sync::atomic::Ordering;

use claviger_gateway::{Ending, GatewayLimits};
use http::StatusCode;

use crate::harness::{GET, Setup, counting, gateway, limits, mirror, upstream};

#[tokio::test]
async fn a_request_goes_up_and_its_answer_comes_back() {
    let mut gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let answer = gateway.exchange(GET).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("GET /a?b\n"), "{answer}");
    assert!(answer.contains("x-asked-host: api.example"), "{answer}");
    assert!(answer.contains("x-api-version: 1\r\n"), "{answer}");
    assert!(answer.contains("\r\nx-request-id: req_00000000000000000000000001\r\n"), "{answer}");
    assert_eq!(gateway.ends.recv().await, Some((Some(StatusCode::OK), Ending::Complete)));
}

#[tokio::test]
async fn a_body_goes_up() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    let answer = gateway.exchange(format!("{head}Content-Length: 5\r\n\r\nhello").as_bytes()).await;
    assert!(answer.contains("content-length: 5\n") && answer.ends_with("\nhello"), "{answer}");
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    let answer = gateway.exchange(chunked.as_bytes()).await;
    assert!(answer.ends_with("\nhello"), "{answer}");
}

#[tokio::test]
async fn a_refusal_does_not_reach_the_upstream() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    let answer = gateway.exchange(b"GET /refuse HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.ends_with("refused"), "{answer}");
    assert!(answer.contains("x-request-id: req_"), "{answer}");
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_on_one_connection() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    let one = |path: &str, last: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{last}\r\n");
    let all = [one("/1", ""), one("/refuse", ""), one("/3", "Connection: close\r\n")].concat();
    let answer = gateway.exchange(all.as_bytes()).await;
    let statuses: Vec<_> = answer.split("HTTP/1.1 ").skip(1).map(|part| &part[..3]).collect();
    assert_eq!(statuses, ["200", "401", "200"], "{answer}");
    assert_eq!(*seen.lock().unwrap(), ["/1", "/3"]);
}

#[tokio::test]
async fn connections_to_the_upstream_are_used_again() {
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = connections.clone();
    let address = crate::harness::raw_upstream(move |tcp| {
        count.fetch_add(1, Ordering::Relaxed);
        crate::harness::converse(tcp, mirror)
    })
    .await;
    let gateway = gateway(&format!("http://{address}")).await;
    let mut caller = gateway.connect().await;
    for _ in 0..10 {
        caller.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        caller.until("x-request-id").await;
        caller.until("acc_1").await;
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_refused_upload_gets_its_refusal_and_no_continue() {
    let (address, _) = counting().await;
    let gateway = gateway(&address).await;
    let head = "POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n";
    let answer = gateway.exchange(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn an_accepted_upload_is_told_to_continue() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let mut caller = gateway.connect().await;
    caller.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n").await;
    assert_eq!(caller.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    caller.send(b"hello").await;
    let answer = caller.until("hello").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("expect"), "{answer}");
}

#[tokio::test]
async fn a_head_request_keeps_the_length_of_what_it_would_get() {
    let gateway = gateway(&format!("http://{}", upstream(mirror).await)).await;
    let answer = gateway.exchange(b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.contains("content-length: ") && answer.ends_with("\r\n\r\n"), "{answer}");
}

/// A request after a PROXY protocol header that names the client 192.0.2.`end`.
fn named(end: u8) -> Vec<u8> {
    [proxied(end).as_slice(), GET].concat()
}

fn proxied(end: u8) -> Vec<u8> {
    let header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";
    [header.as_slice(), &[192, 0, 2, end, 127, 0, 0, 1, 0x80, 0, 0, 80]].concat()
}

#[tokio::test]
async fn a_trusted_sender_names_the_client() {
    let address = upstream(mirror).await;
    let setup = Setup { proxies: vec!["127.0.0.0/8".parse().unwrap()], ..Setup::default() };
    let gateway = setup.before(&format!("http://{address}")).await;
    let answer = gateway.exchange(&named(7)).await;
    assert!(answer.contains("x-forwarded-for: 192.0.2.7\n"), "{answer}");
    assert_eq!(gateway.exchange(GET).await, "");
}

#[tokio::test]
async fn a_client_that_a_trusted_sender_names_has_a_share_of_its_own() {
    let address = upstream(mirror).await;
    let limits = GatewayLimits { connections: 8, ..limits() };
    let proxies = ["127.0.0.0/8", "192.0.2.9/32"].map(|network| network.parse().unwrap()).to_vec();
    let gateway = Setup { limits, proxies, ..Setup::default() }.before(&format!("http://{address}")).await;
    let mut held = Vec::new();
    // Another trusted proxy has no share either.
    for end in [7, 7, 9, 9, 9] {
        let mut caller = gateway.connect().await;
        caller.send(&[proxied(end).as_slice(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"].concat()).await;
        caller.until(&format!("x-forwarded-for: 192.0.2.{end}\n")).await;
        held.push(caller);
    }
    assert_eq!(gateway.exchange(&named(7)).await, "", "a quarter of the places are two");
    assert!(gateway.exchange(&named(8)).await.contains("x-forwarded-for: 192.0.2.8\n"));
    drop(held);
}

#[tokio::test]
async fn others_cannot_name_the_client() {
    let (address, seen) = counting().await;
    let gateway = gateway(&address).await;
    let answer = gateway.exchange(&named(7)).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_without_a_miss() {
    let gateway = std::sync::Arc::new(gateway(&format!("http://{}", upstream(mirror).await)).await);
    let callers = (0..32).map(|number| {
        let gateway = gateway.clone();
        tokio::spawn(async move {
            let mut caller = gateway.connect().await;
            for round in 0..50 {
                let body = format!("<{number}.{round}>");
                let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
                caller.send(format!("{head}{body}").as_bytes()).await;
                assert!(caller.until(&body).await.starts_with("HTTP/1.1 200 "));
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_eq!(gateway.judge.judged.load(Ordering::Relaxed), 32 * 50);
}
