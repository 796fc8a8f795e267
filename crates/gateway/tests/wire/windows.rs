//! Callers of HTTP/2 who do not take their answers.

use bytes::Bytes;
use claviger_gateway::{Ending, Failure, GatewayLimits};
use claviger_model::Span;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::harness::{Body, Running, Setup, full, limits, raw_upstream, upstream};

const LENGTH: usize = 8 << 20;

fn impatient() -> Setup {
    Setup::limited(GatewayLimits { idle: Span::from_millis(100), ..limits() })
}

/// A caller with this window for each of its streams.
async fn caller(gateway: &Running, window: u32) -> SendRequest<Body> {
    let tcp = TcpStream::connect(gateway.address).await.unwrap();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(window);
    let (sender, connection) = builder.handshake(TokioIo::new(tcp)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(target: &str) -> Request<Body> {
    Request::builder().uri(format!("http://a{target}")).body(full("")).unwrap()
}

/// An upstream that sends one great answer per connection, and tells when its connection is closed.
async fn great_upstream() -> (String, mpsc::UnboundedReceiver<()>) {
    let (close, closed) = mpsc::unbounded_channel();
    let address = raw_upstream(move |mut tcp| {
        let close = close.clone();
        async move {
            let mut space = [0; 4096];
            let _ = tcp.read(&mut space).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
            let _ = tcp.write_all(head.as_bytes()).await;
            let _ = tcp.write_all(&vec![b'x'; LENGTH]).await;
            while tcp.read(&mut space).await.is_ok_and(|length| length > 0) {}
            let _ = close.send(());
        }
    })
    .await;
    (format!("http://{address}"), closed)
}

#[tokio::test]
async fn an_answer_that_is_not_taken_lets_go_of_its_upstream() {
    for window in [0, 1, 100_000] {
        let (address, mut closed) = great_upstream().await;
        let mut gateway = impatient().before(&address).await;
        let mut sender = caller(&gateway, window).await;
        let answer = sender.send_request(get("/")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        closed.recv().await.unwrap();
        assert_eq!(gateway.ending().await, Ending::Abandoned, "window {window}");
        // The caller is told: the stream is reset, not ended.
        assert!(answer.into_body().collect().await.is_err());
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_taken_is_dropped() {
    let gateway = impatient().before("http://127.0.0.1:9").await;
    let mut sender = caller(&gateway, 0).await;
    let answer = sender.send_request(get("/refuse")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.into_body().collect().await.is_err());
}

#[tokio::test]
async fn an_answer_that_is_taken_slowly_arrives_in_full() {
    let address = upstream(|_| async { Response::new(full(vec![b'x'; LENGTH / 8])) }).await;
    let mut gateway = impatient().before(&format!("http://{address}")).await;
    let mut sender = caller(&gateway, 10_000).await;
    let mut body = sender.send_request(get("/")).await.unwrap().into_body();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame.unwrap().into_data().as_ref().map_or(0, Bytes::len);
    }
    assert_eq!(length, LENGTH / 8);
    assert_eq!(gateway.ending().await, Ending::Complete);
}

#[tokio::test]
async fn an_upstream_that_pauses_is_not_the_callers_fault() {
    let address = raw_upstream(|mut tcp| async move {
        let mut space = [0; 4096];
        let _ = tcp.read(&mut space).await;
        let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx").await;
        let _ = tcp.read(&mut space).await;
    })
    .await;
    let mut gateway = impatient().before(&format!("http://{address}")).await;
    let mut sender = caller(&gateway, 100).await;
    let body = sender.send_request(get("/")).await.unwrap().into_body();
    assert!(body.collect().await.is_err());
    assert_eq!(gateway.ending().await, Ending::Cut(Failure::UpstreamTimeout));
}
