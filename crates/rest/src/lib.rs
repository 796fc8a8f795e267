//! Management over REST, under `/v1`.

use std::sync::Arc;

use axum::Router;
use claviger_model::Via;
use claviger_web::Web;

/// Everything under `/v1`.
pub fn router(web: &Arc<Web>) -> Router {
    web.layer(Via::Rest, Router::new())
}
