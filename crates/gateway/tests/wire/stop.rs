use claviger_gateway::GatewayLimits;
use claviger_model::Span;
use http::Response;
use tokio::sync::mpsc;

use crate::harness::{GET, Setup, counting, full, gateway, limits, upstream};

#[tokio::test]
async fn a_stop_lets_an_accepted_request_finish() {
    let (begun_in, mut begun) = mpsc::unbounded_channel();
    let (go, gone) = tokio::sync::watch::channel(());
    let address = upstream(move |_| {
        let (begun, mut gone) = (begun_in.clone(), gone.clone());
        async move {
            begun.send(()).unwrap();
            gone.changed().await.unwrap();
            Response::new(full("late"))
        }
    })
    .await;
    let gateway = gateway(&format!("http://{address}")).await;
    let mut caller = gateway.connect().await;
    caller.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    begun.recv().await.unwrap();
    gateway.stop.cancel();
    go.send(()).unwrap();
    let answer = caller.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("late"), "{answer}");
    gateway.task.await.unwrap();
}

#[tokio::test]
async fn a_stop_closes_idle_and_half_open_connections() {
    let (address, _) = counting().await;
    let gateway = gateway(&address).await;
    let mut idle = gateway.connect().await;
    idle.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    idle.until("ok").await;
    let mut half = gateway.connect().await;
    half.send(b"GET / HTTP/1.1\r\nHo").await;
    let silent = gateway.connect().await;
    gateway.stop.cancel();
    gateway.task.await.unwrap();
    for caller in [idle, half, silent] {
        assert_eq!(caller.rest().await, "");
    }
}

#[tokio::test]
async fn a_caller_that_does_not_finish_is_cut_after_the_grace() {
    let (address, _) = counting().await;
    let limits = GatewayLimits { grace: Span::from_millis(50), ..limits() };
    let gateway = Setup::limited(limits).before(&address).await;
    let mut caller = gateway.connect().await;
    caller.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n").await;
    caller.until("\r\n\r\n").await;
    gateway.stop.cancel();
    gateway.task.await.unwrap();
    assert!(!caller.rest().await.contains("200"));
}

#[tokio::test]
async fn an_old_connection_takes_no_more_requests() {
    let (address, _) = counting().await;
    let limits = GatewayLimits { connection_age: Span::from_millis(50), ..limits() };
    let gateway = Setup::limited(limits).before(&address).await;
    let mut caller = gateway.connect().await;
    caller.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(caller.rest().await.ends_with("ok"));
}

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let (address, _) = counting().await;
    let gateway = Setup::limited(GatewayLimits { connections: 1, ..limits() }).before(&address).await;
    let mut first = gateway.connect().await;
    first.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    first.until("ok").await;
    let mut second = gateway.connect().await;
    second.send(GET).await;
    drop(first);
    assert!(second.rest().await.ends_with("ok"));
}
