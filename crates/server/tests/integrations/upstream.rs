//! An upstream that answers with what reached it.

use std::net::SocketAddr;
use std::sync::mpsc::channel;

use axum::extract::Request;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts it on a free port; it ends with the process.
pub(crate) fn start() -> SocketAddr {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
            let _ = tell.send(listener.local_addr().expect("a bound socket has an address"));
            drop(axum::serve(listener, Router::new().fallback(echo)).await);
        });
    });
    told.recv().expect("the upstream starts")
}

pub(crate) async fn echo(request: Request) -> Json<Value> {
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
    let headers: Vec<_> = headers.collect();
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    Json(json!({ "method": method, "target": target, "headers": headers, "body": body }))
}
