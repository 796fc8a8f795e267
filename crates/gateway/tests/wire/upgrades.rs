use std::sync::atomic::Ordering;

use claviger_gateway::{Ending, Failure, GatewayLimits};
use claviger_model::Span;
use http::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Body, Setup, full, gateway, limits, upstream};

/// Turns to an echo if asked for a WebSocket.
async fn echo(mut request: http::Request<hyper::body::Incoming>) -> Response<Body> {
    if request.headers().get("upgrade").is_none_or(|protocol| protocol != "websocket") {
        return Response::new(full("no upgrade"));
    }
    let turning = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut io = TokioIo::new(turning.await.unwrap());
        let mut space = [0; 64];
        loop {
            let length = io.read(&mut space).await.unwrap();
            if length == 0 {
                return io.shutdown().await.unwrap();
            }
            io.write_all(&space[..length]).await.unwrap();
        }
    });
    let builder = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    builder.header("upgrade", "websocket").header("connection", "upgrade").body(full("")).unwrap()
}

const ASK: &str =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";

#[tokio::test]
async fn a_websocket_is_joined_and_bytes_pass_as_they_are() {
    let mut gateway = gateway(&format!("http://{}", upstream(echo).await)).await;
    let mut caller = gateway.connect().await;
    // The first bytes of the other protocol come with the head.
    caller.send(format!("{ASK}\0first\n\n").as_bytes()).await;
    let head = caller.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101 ") && head.contains("upgrade: websocket\r\n"), "{head}");
    assert!(head.contains("x-request-id: req_"), "{head}");
    assert_eq!(caller.until("\n\n").await, "\0first\n\n");
    caller.send(b"GET / HTTP/1.1\r\n\r\n\r\n").await;
    assert_eq!(caller.until("\r\n\r\n\r\n").await, "GET / HTTP/1.1\r\n\r\n\r\n");
    caller.tcp.shutdown().await.unwrap();
    assert_eq!(caller.rest().await, "");
    let (status, ending) = gateway.ends.recv().await.unwrap();
    assert_eq!((status, ending), (Some(StatusCode::SWITCHING_PROTOCOLS), Ending::Upgraded));
}

#[tokio::test]
async fn without_an_upgrade_what_follows_is_not_a_request() {
    let gateway = gateway(&format!("http://{}", upstream(echo).await)).await;
    let second = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
    for upgrade in ["x", "h2c", "HTTP/2.0"] {
        let ask =
            format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\n\r\n{second}");
        let answer = gateway.exchange(ask.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("no upgrade"), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
    assert_eq!(gateway.judge.judged.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_refused_upgrade_is_refused() {
    let gateway = gateway(&format!("http://{}", upstream(echo).await)).await;
    let answer = gateway.exchange(ASK.replace("/ws", "/refuse").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_stop_cuts_what_was_upgraded_after_the_grace() {
    let limits = GatewayLimits { grace: Span::from_millis(50), ..limits() };
    let mut gateway = Setup::limited(limits).before(&format!("http://{}", upstream(echo).await)).await;
    let mut caller = gateway.connect().await;
    caller.send(format!("{ASK}first\n").as_bytes()).await;
    caller.until("first\n").await;
    gateway.stop.cancel();
    assert_eq!(caller.rest().await, "");
    assert_eq!(gateway.ending().await, Ending::Upgraded);
    gateway.task.await.unwrap();
}

#[tokio::test]
async fn an_upgraded_connection_in_which_nothing_moves_is_cut() {
    let limits = GatewayLimits { idle: Span::from_millis(50), ..limits() };
    let mut gateway = Setup::limited(limits).before(&format!("http://{}", upstream(echo).await)).await;
    let mut caller = gateway.connect().await;
    caller.send(ASK.as_bytes()).await;
    caller.until("\r\n\r\n").await;
    assert_eq!(caller.rest().await, "");
    assert_eq!(gateway.ending().await, Ending::Cut(Failure::UpstreamTimeout));
}

#[tokio::test]
async fn an_upgraded_connection_ends_when_its_request_would_no_longer_be_let_through() {
    let mut gateway = gateway(&format!("http://{}", upstream(echo).await)).await;
    let mut caller = gateway.connect().await;
    caller.send(format!("{ASK}first\n").as_bytes()).await;
    caller.until("first\n").await;
    gateway.judge.withdrawn.store(true, Ordering::Release);
    assert_eq!(caller.rest().await, "");
    assert_eq!(gateway.ending().await, Ending::Withdrawn);
}
