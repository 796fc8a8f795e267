//! Management over REST, under `/v1`: translates requests to commands, and outcomes to answers.
//!
//! One table has every endpoint: it makes the routes and the OpenAPI document, and tests hold it against the use cases.

mod accounts;
mod apis;
mod catalogue;
mod credential;
mod endpoint;
mod etag;
mod invitations;
mod key_life;
mod keys;
mod me;
mod named;
mod openapi;
mod passkeys;
mod records;
mod roles;
mod sentences;
mod services;
mod sessions;
mod setup;
mod shown;
mod sso;
mod usage;
mod user_life;
mod users;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use claviger_model::Via;
use claviger_web::{Anyone, Code, Problem, Web, do_once};
use utoipa_swagger_ui::{Config, SwaggerUi};

pub use endpoint::{Access, Endpoint};
pub use openapi::document;

/// Every endpoint.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    let parts = [
        sessions::endpoints(),
        sso::endpoints(),
        me::endpoints(),
        credential::endpoints(),
        passkeys::endpoints(),
        accounts::endpoints(),
        users::endpoints(),
        user_life::endpoints(),
        invitations::endpoints(),
        setup::endpoints(),
        roles::endpoints(),
        apis::endpoints(),
        catalogue::endpoints(),
        keys::endpoints(),
        key_life::endpoints(),
        usage::endpoints(),
        services::endpoints(),
        records::endpoints(),
    ];
    parts.into_iter().flatten().collect()
}

/// Everything under `/v1`.
pub fn router(web: &Arc<Web>) -> Router {
    let all = endpoints();
    let document = Arc::new(document(&all));
    let served = get(move || {
        let document = Arc::clone(&document);
        async move { Json((*document).clone()) }
    });
    let mut routes = Router::new().route("/v1/openapi.json", served);
    for endpoint in all {
        let (path, route) = endpoint.into_route();
        routes = routes.route(path, route);
    }
    let routes = routes.layer(from_fn_with_state(Arc::clone(web), do_once));
    let pages = SwaggerUi::new("/v1/docs").config(Config::from("/v1/openapi.json"));
    let routes = routes
        .route("/v1/{*rest}", axum::routing::any(nothing))
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(web));
    web.layer(Via::Rest, routes.merge(pages))
}

async fn nothing(anyone: Anyone) -> Problem {
    Problem::new(Code::NoEndpoint).of(anyone.received.id)
}

async fn wrong_method(anyone: Anyone) -> Problem {
    Problem::new(Code::Method).of(anyone.received.id)
}
