use std::sync::Arc;

use axum::Router;
use axum::routing::{any, post};
use envoy_types::ext_authz::v3::pb::AuthorizationServer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::ext_authz::ExtAuthz;
use crate::verify::Verify;
use crate::{CheckLimits, Doors, forward_auth, listener, verify};

/// All doors. Requests need the address of their sender: serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(doors: Doors) -> Router {
    let doors = Arc::new(doors);
    let forward_auth = Router::new()
        .route("/v1/forward-auth", any(forward_auth::by_headers))
        .route("/v1/forward-auth/path", any(forward_auth::by_path))
        .route("/v1/forward-auth/path/", any(forward_auth::by_path))
        .route("/v1/forward-auth/path/{*rest}", any(forward_auth::by_path))
        .with_state(Arc::clone(&doors));
    let verify = Router::new()
        .route("/v1/verify", post(verify::one))
        .route("/v1/verify:batch", post(verify::many))
        .with_state(Arc::new(Verify::new(Arc::clone(&doors))));
    let grpc = Routes::new(AuthorizationServer::new(ExtAuthz(doors))).into_axum_router();
    Router::new().merge(forward_auth).merge(verify).merge(grpc)
}

/// Answers over HTTP/1.1 and HTTP/2 without TLS until the stop, then finishes what was asked.
pub async fn serve(socket: TcpListener, doors: Doors, limits: CheckLimits, stop: CancellationToken) {
    listener::run(socket, router(doors), limits, stop).await;
}
