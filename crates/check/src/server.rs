use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use claviger_listen::Listening;
use claviger_model::Reason;
use envoy_types::ext_authz::v3::pb::AuthorizationServer;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::ext_authz::ExtAuthz;
use crate::verify::Verify;
use crate::{Doors, forward_auth, problems, verify};

/// Where Envoy asks. Only this one call of its service is there.
const EXT_AUTHZ: &str = "/envoy.service.auth.v3.Authorization/Check";

/// All doors. Requests need the address of their sender: serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
///
/// Whatever is not a question is refused: a proxy that asks at a path where nothing is must not take the answer for a
/// yes.
pub fn router(doors: Doors) -> Router {
    let doors = Arc::new(doors);
    let forward_auth = Router::new()
        .route("/v1/forward-auth", any(forward_auth::by_headers))
        .route("/v1/forward-auth/", any(forward_auth::by_headers))
        .route("/v1/forward-auth/path", any(forward_auth::by_path))
        .route("/v1/forward-auth/path/", any(forward_auth::by_path))
        .route("/v1/forward-auth/path/{*rest}", any(forward_auth::by_path))
        .with_state(Arc::clone(&doors));
    let verify = Router::new()
        .route("/v1/verify", post(verify::one))
        .route("/v1/verify:batch", post(verify::many))
        .with_state(Arc::new(Verify::new(Arc::clone(&doors))));
    let grpc =
        Grpc { doors: Arc::clone(&doors), server: AuthorizationServer::new(ExtAuthz(Arc::clone(&doors))) };
    let ext_authz = Router::new().route(EXT_AUTHZ, post(ext_authz)).with_state(grpc);
    Router::new().merge(forward_auth).merge(verify).merge(ext_authz).fallback(nothing).with_state(doors)
}

/// Answers over HTTP/1.1 and HTTP/2 until the stop, then finishes what was asked.
pub async fn serve(listening: Listening, doors: Doors, stop: CancellationToken) {
    claviger_listen::serve(listening, router(doors), stop).await;
}

#[derive(Clone)]
struct Grpc {
    doors: Arc<Doors>,
    server: AuthorizationServer<ExtAuthz>,
}

/// Calls over gRPC are answered with 200 whatever comes of them, so that nothing else may get there.
async fn ext_authz(State(grpc): State<Grpc>, request: Request) -> Response {
    if !is_grpc(request.headers()) {
        return no_question(&grpc.doors);
    }
    match grpc.server.oneshot(request).await {
        Ok(answer) => answer.into_response(),
        Err(never) => match never {},
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    kind.starts_with(b"application/grpc")
}

async fn nothing(State(doors): State<Arc<Doors>>) -> Response {
    no_question(&doors)
}

fn no_question(doors: &Doors) -> Response {
    problems::answer(404, Reason::UnknownEndpoint, "nothing is asked at this path", doors.request_id())
}
