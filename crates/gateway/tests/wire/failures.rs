use std::sync::Arc;

use claviger_gateway::{Ending, Failure, GatewayLimits};
use claviger_model::Span;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::harness::{GET, Setup, counting, full, gateway, limits, raw_upstream, upstream};

/// Reads a request's head.
async fn head(tcp: &mut TcpStream) {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        assert_ne!(tcp.read_buf(&mut read).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn an_upstream_that_is_down_is_502() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let mut gateway = gateway(&format!("http://{address}")).await;
    let answer = gateway.exchange(GET).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(answer.contains("x-request-id: req_") && answer.contains("x-api-version: 1\r\n"), "{answer}");
    assert_eq!(gateway.ending().await, Ending::Failed(Failure::UpstreamUnreachable));
}

#[tokio::test]
async fn an_upstream_that_hangs_up_is_502() {
    let address = raw_upstream(|mut tcp| async move { head(&mut tcp).await }).await;
    let mut gateway = gateway(&format!("http://{address}")).await;
    assert!(gateway.exchange(GET).await.starts_with("HTTP/1.1 502 "));
    assert_eq!(gateway.ending().await, Ending::Failed(Failure::UpstreamBroken));
}

#[tokio::test]
async fn an_upstream_that_speaks_no_http_is_502() {
    let address = raw_upstream(|mut tcp| async move {
        head(&mut tcp).await;
        tcp.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    })
    .await;
    assert!(gateway(&format!("http://{address}")).await.exchange(GET).await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test]
async fn a_silent_upstream_is_504() {
    let address = raw_upstream(|mut tcp| async move {
        head(&mut tcp).await;
        std::future::pending::<()>().await;
    })
    .await;
    let limits = GatewayLimits { answer: Span::from_millis(50), ..limits() };
    let mut gateway = Setup::limited(limits).before(&format!("http://{address}")).await;
    assert!(gateway.exchange(GET).await.starts_with("HTTP/1.1 504 "));
    assert_eq!(gateway.ending().await, Ending::Failed(Failure::UpstreamTimeout));
}

#[tokio::test]
async fn the_total_time_bounds_a_request() {
    let address = raw_upstream(|mut tcp| async move {
        head(&mut tcp).await;
        std::future::pending::<()>().await;
    })
    .await;
    let limits = GatewayLimits { total: Span::from_millis(50), ..limits() };
    let gateway = Setup::limited(limits).before(&format!("http://{address}")).await;
    assert!(gateway.exchange(GET).await.starts_with("HTTP/1.1 504 "));
}

#[tokio::test]
async fn an_upgrade_that_nobody_asked_for_is_502() {
    let address = raw_upstream(|mut tcp| async move {
        head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    assert!(gateway(&format!("http://{address}")).await.exchange(GET).await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test]
async fn a_body_that_is_cut_is_not_ended() {
    for head_of in ["Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "Content-Length: 10\r\n\r\nhello"] {
        let address = raw_upstream(move |mut tcp| async move {
            head(&mut tcp).await;
            tcp.write_all(format!("HTTP/1.1 200 OK\r\n{head_of}").as_bytes()).await.unwrap();
        })
        .await;
        let mut gateway = gateway(&format!("http://{address}")).await;
        let answer = gateway.exchange(GET).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("hello") && !answer.contains("0\r\n\r\n"), "{answer}");
        assert_eq!(gateway.ending().await, Ending::Cut(Failure::UpstreamBroken));
    }
}

#[tokio::test]
async fn a_body_that_pauses_too_long_is_cut() {
    let address = raw_upstream(|mut tcp| async move {
        head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let limits = GatewayLimits { idle: Span::from_millis(50), ..limits() };
    let mut gateway = Setup::limited(limits).before(&format!("http://{address}")).await;
    assert!(gateway.exchange(GET).await.ends_with("hello"));
    assert_eq!(gateway.ending().await, Ending::Cut(Failure::UpstreamTimeout));
}

#[tokio::test]
async fn a_caller_that_stops_sending_is_408() {
    let (address, _) = counting().await;
    let limits = GatewayLimits { idle: Span::from_millis(50), ..limits() };
    let mut gateway = Setup::limited(limits).before(&address).await;
    let answer = gateway.exchange(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(gateway.ending().await, Ending::Failed(Failure::BodyTimeout));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_413() {
    let (address, _) = counting().await;
    let gateway = Setup::limited(GatewayLimits { body_bytes: Some(4), ..limits() }).before(&address).await;
    for body in
        ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
    {
        let answer = gateway.exchange(format!("POST / HTTP/1.1\r\nHost: a\r\n{body}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_caller_that_leaves_is_noted_and_its_request_dropped() {
    let (told, mut gone) = tokio::sync::mpsc::unbounded_channel();
    let address = raw_upstream(move |mut tcp| {
        let told = told.clone();
        async move {
            head(&mut tcp).await;
            told.send("asked").unwrap();
            let _ = tcp.read_u8().await;
            told.send("dropped").unwrap();
        }
    })
    .await;
    let mut gateway = gateway(&format!("http://{address}")).await;
    let mut caller = gateway.connect().await;
    caller.send(GET).await;
    assert_eq!(gone.recv().await, Some("asked"));
    drop(caller);
    assert_eq!(gone.recv().await, Some("dropped"));
    assert_eq!(gateway.ending().await, Ending::Abandoned);
}

/// An upstream that holds each request to `/held` until it is let go.
async fn holding(go: Arc<Semaphore>) -> String {
    let address = upstream(move |request| {
        let go = go.clone();
        async move {
            if request.uri().path() == "/held" {
                go.acquire().await.unwrap().forget();
            }
            Response::new(full("done"))
        }
    })
    .await;
    format!("http://{address}")
}

fn one_connection(connect: Span) -> Setup {
    Setup::limited(GatewayLimits { upstream_connections: 1, connect, ..limits() })
}

const HELD: &[u8] = b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn an_upstream_that_has_no_connection_left_is_503() {
    let go = Arc::new(Semaphore::new(0));
    let mut gateway = one_connection(Span::from_millis(50)).before(&holding(go.clone()).await).await;
    let mut first = gateway.connect().await;
    first.send(HELD).await;
    // Whichever comes second is refused: that it is the other one would need a sign from the upstream.
    let mut second = gateway.connect().await;
    second.send(HELD).await;
    assert_eq!(gateway.ending().await, Ending::Failed(Failure::UpstreamBusy));
    go.add_permits(1);
    assert_eq!(gateway.ending().await, Ending::Complete);
}

#[tokio::test]
async fn a_request_that_waits_is_given_the_connection_of_another() {
    let go = Arc::new(Semaphore::new(0));
    let gateway = one_connection(Span::from_secs(20)).before(&holding(go.clone()).await).await;
    let mut callers = Vec::new();
    for _ in 0..3 {
        let mut caller = gateway.connect().await;
        caller.send(HELD).await;
        callers.push(caller);
    }
    go.add_permits(3);
    for caller in &mut callers {
        assert!(caller.until("done").await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn an_idle_connection_makes_room_for_one_to_upgrade() {
    let gateway =
        one_connection(Span::from_secs(20)).before(&holding(Arc::new(Semaphore::new(0))).await).await;
    let mut caller = gateway.connect().await;
    for more in ["", "Connection: upgrade\r\nUpgrade: x\r\n"] {
        caller.send(format!("GET / HTTP/1.1\r\nHost: a\r\n{more}\r\n").as_bytes()).await;
        assert!(caller.until("done").await.starts_with("HTTP/1.1 200 "));
    }
}
