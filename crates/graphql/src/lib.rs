//! Management over GraphQL, and the sign-in that goes with it (contract C).
//!
//! A request comes in by `answer`, which reads it, holds it against the limits and has it run; a field of
//! the schema makes a command of its arguments and shows what comes of it. No rule is here: use cases hold them.

mod answer;
mod limits;
mod login;
mod measure;
mod nulls;
mod refused;
mod scan;
mod schema;
mod sign_in;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::post;
use claviger_model::Via;
use claviger_web::Web;

use crate::answer::{answer, other_method};
use crate::schema::Schema;

pub use crate::limits::{Limit, TIME};

/// What the handlers share.
#[derive(Clone)]
struct Shared {
    web: Arc<Web>,
    schema: Schema,
}

impl FromRef<Shared> for Arc<Web> {
    fn from_ref(shared: &Shared) -> Self {
        Self::clone(&shared.web)
    }
}

/// `/api/` and `/v2/api/login`.
pub fn router(web: &Arc<Web>) -> Router {
    let shared = Shared { web: Arc::clone(web), schema: schema::schema() };
    let routes = Router::new()
        .route("/api", post(answer).fallback(other_method))
        .route("/api/", post(answer).fallback(other_method))
        .route("/v2/api/login", post(login::login).fallback(login::other_method))
        .with_state(shared);
    web.layer(Via::GraphQl, routes)
}
