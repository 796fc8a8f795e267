use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_gateway::Ending;
use http::Response;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{full, gateway, raw_upstream, upstream};

const LENGTH: usize = 64 << 20;
const PIECE: usize = 64 << 10;
/// What sockets and buffers between two ends may hold.
const IN_FLIGHT: u64 = 24 << 20;

#[tokio::test]
async fn a_great_upload_arrives_in_full() {
    let address = upstream(|request| async {
        let mut body = request.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame.unwrap().into_data().map_or(0, |data| data.len());
        }
        Response::new(full(length.to_string()))
    })
    .await;
    let gateway = gateway(&format!("http://{address}")).await;
    let mut caller = gateway.connect().await;
    caller.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes()).await;
    for _ in 0..LENGTH / PIECE {
        caller.send(&vec![b'x'; PIECE]).await;
    }
    assert!(caller.until(&LENGTH.to_string()).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_slow_caller_slows_the_upstream_down() {
    let sent = Arc::new(AtomicU64::new(0));
    let count = sent.clone();
    let address = raw_upstream(move |mut tcp| {
        let count = count.clone();
        async move {
            let mut space = [0; 4096];
            let _ = tcp.read(&mut space).await.unwrap();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
            tcp.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..LENGTH / PIECE {
                tcp.write_all(&vec![b'x'; PIECE]).await.unwrap();
                count.fetch_add(PIECE as u64, Ordering::AcqRel);
            }
        }
    })
    .await;
    let mut gateway = gateway(&format!("http://{address}")).await;
    let mut caller = gateway.connect().await;
    caller.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    caller.until("\r\n\r\n").await;
    let (mut received, mut space) = (0u64, vec![0; PIECE]);
    while received < LENGTH as u64 - PIECE as u64 {
        received += caller.tcp.read(&mut space).await.unwrap() as u64;
        let ahead = sent.load(Ordering::Acquire).saturating_sub(received);
        assert!(ahead <= IN_FLIGHT, "{ahead} bytes are in flight");
    }
    assert_eq!(gateway.ending().await, Ending::Complete);
}

#[tokio::test]
async fn a_slow_upstream_slows_the_caller_down() {
    let address = raw_upstream(|tcp| async move {
        let _tcp = tcp;
        std::future::pending::<()>().await;
    })
    .await;
    let gateway = gateway(&format!("http://{address}")).await;
    let mut caller = gateway.connect().await;
    caller.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes()).await;
    let (mut sent, piece) = (0u64, vec![b'x'; PIECE]);
    // Nobody reads: when the buffers are full the runtime has nothing left to do, and a write stays pending.
    loop {
        let write = tokio::time::timeout(std::time::Duration::from_millis(300), caller.tcp.write(&piece));
        match write.await {
            Ok(written) => sent += written.unwrap() as u64,
            Err(_) => break,
        }
    }
    assert!(sent <= IN_FLIGHT, "{sent} bytes are in flight");
}
