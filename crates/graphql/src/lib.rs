//! Management over GraphQL, and the sign-in that goes with it (contract C).

use std::sync::Arc;

use axum::Router;
use claviger_model::Via;
use claviger_web::Web;

/// `/api/` and `/v2/api/login`.
pub fn router(web: &Arc<Web>) -> Router {
    web.layer(Via::GraphQl, Router::new())
}
