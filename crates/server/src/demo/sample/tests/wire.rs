//! What only shows on a connection: an upgrade, and trailers in HTTP/1. The connection is in memory.

use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::router;

fn connect() -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let service = TowerToHyperService::new(router());
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(theirs), service);
    tokio::spawn(connection.with_upgrades());
    ours
}

async fn read_head(stream: &mut DuplexStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn after_an_upgrade_raw_bytes_come_back() {
    let mut stream = connect();
    let request = "GET /customers/v1/_sample/websocket HTTP/1.1\r\nHost: a\r\n\
                   Connection: upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(read_head(&mut stream).await.starts_with("HTTP/1.1 101 "));
    stream.write_all(b"\x00\xff\r\nraw").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut back = Vec::new();
    stream.read_to_end(&mut back).await.unwrap();
    assert_eq!(back, b"\x00\xff\r\nraw");
}

#[tokio::test]
async fn announced_trailers_come_back() {
    let mut stream = connect();
    let request = "POST /_sample/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTE: trailers\r\n\
                   Trailer: x-check\r\nTransfer-Encoding: chunked\r\n\r\n\
                   5\r\nhello\r\n0\r\nx-check: 42\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut back = String::new();
    stream.read_to_string(&mut back).await.unwrap();
    assert!(back.ends_with("5\r\nhello\r\n0\r\nx-check: 42\r\n\r\n"), "{back}");
}
