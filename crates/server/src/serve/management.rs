//! The ways in for people and their programs.

use std::sync::Arc;

use axum::{Extension, Router};
use claviger_app::App;
use claviger_door::RequestIds;
use claviger_model::Via;
use claviger_policy::TrustedProxies;
use claviger_web::{Code, Problem, Received, Web};

use super::Ambient;
use crate::config::Config;

/// Everything that people and their programs are answered.
pub(super) fn router(config: &Config, app: &Arc<App>, ambient: &Ambient) -> Router {
    let web = Arc::new(Web {
        app: Arc::clone(app),
        trusted: TrustedProxies::new(config.management.trusted_proxies.clone()),
        ids: RequestIds::new(&*ambient.entropy),
        clock: Arc::clone(&ambient.clock),
    });
    Router::new()
        .merge(claviger_rest::router(&web))
        .merge(claviger_graphql::router(&web))
        .merge(web.layer(Via::Rest, Router::new().fallback(nothing)))
}

async fn nothing(Extension(received): Extension<Received>) -> Problem {
    Problem::new(Code::NoEndpoint).of(received.id)
}
