use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use http::StatusCode;
use http::header::{CONTENT_TYPE, TRAILER};
use serde::Deserialize;
use serde_json::json;

use super::block::Blocks;
use super::{intake, upgrade};

/// The endpoints below `_sample`. They take any method.
pub(super) fn router() -> Router {
    Router::new()
        .route("/echo", any(echo))
        .route("/bytes/{n}", any(bytes))
        .route("/sink", any(sink))
        .route("/slow-header/never", any(never))
        .route("/websocket", any(upgrade::answer))
}

/// Streams the body back as it comes, trailers included. HTTP/1 sends only trailers that were announced
/// (RFC 9110 section 6.6.2), so the announcement goes back too.
async fn echo(request: Request) -> Response {
    let (head, body) = request.into_parts();
    let mut response = Response::new(body);
    for name in [CONTENT_TYPE, TRAILER] {
        for value in head.headers.get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    response
}

/// Only what is asked for: under an API there are more parameters in the path.
#[derive(Deserialize)]
struct Size {
    n: u64,
}

async fn bytes(Path(Size { n }): Path<Size>) -> Response {
    ([(CONTENT_TYPE, "application/octet-stream")], Body::new(Blocks::new(n))).into_response()
}

async fn sink(request: Request) -> Response {
    match intake::read(request.into_body()).await {
        Ok(intake) => Json(json!({ "bytes": intake.bytes, "crc32": intake.crc32 })).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn never() -> Response {
    std::future::pending().await
}
