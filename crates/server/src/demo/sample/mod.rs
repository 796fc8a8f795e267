//! The sample upstream: what stands behind the gateway in `claviger demo` and in tests.
//!
//! It serves the APIs of the examples with realistic answers, and says in each, under
//! `received`, what reached it. Below `_sample`, at the root and within each API, are endpoints that do what
//! business answers do not: stream, count, upgrade, and never answer.
//!
//! It checks no credential: that is the gateway's work.

mod answer;
mod block;
mod format;
mod helpers;
mod intake;
mod received;
mod table;
#[cfg(test)]
mod tests;
mod upgrade;
mod xml;

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawPathParams, Request};
use axum::routing::{MethodFilter, MethodRouter, on};

use table::Endpoint;

/// Where the helper endpoints are found besides `/_sample`: within each API, so that they can be reached
/// through the gateway.
const HELPER_MOUNTS: [&str; 4] = [
    "/_sample",
    "/{api}/{version}/_sample",
    "/sandbox/{api}/{version}/_sample",
    "/signed/{api}/{version}/_sample",
];

/// The whole sample upstream. It keeps no state and opens nothing.
///
/// # Panics
/// Never in a build whose tests pass: only if the answers embedded in the program are not well formed.
pub fn router() -> Router {
    let router = HELPER_MOUNTS.iter().fold(Router::new(), |router, at| router.nest(at, helpers::router()));
    table::endpoints()
        .into_iter()
        .fold(router, |router, endpoint| router.route(&endpoint.path.clone(), serve(endpoint)))
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed)
}

fn serve(endpoint: Endpoint) -> MethodRouter {
    // A method of the table is one that axum knows, or a test fails.
    let filter = MethodFilter::try_from(endpoint.method.clone()).unwrap_or(MethodFilter::GET);
    let endpoint = Arc::new(endpoint);
    on(filter, async move |params: RawPathParams, request: Request| {
        answer::answer(&endpoint, &params, request).await
    })
}
