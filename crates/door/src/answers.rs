//! What callers are told of a decision, in the terms of HTTP.

use claviger_credential::www_authenticate;
use claviger_model::{Format, Reason, Refused, RequestId};
use claviger_policy::{Denial, Grant, Problem};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};

/// Says to the caller which version answered.
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-claviger-api-version");
/// Says to the caller that its credential called another version a short time ago (contract row T13).
const MIXED_HEADER: HeaderName = HeaderName::from_static("x-claviger-version-mixed");

/// What goes with the answer to a request that was let through.
#[must_use]
pub fn response_headers(grant: &Grant<'_>) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![(VERSION_HEADER, grant.version_header().clone())];
    let mixed = grant.mixed_with.and_then(|other| HeaderValue::from_str(other.as_str()).ok());
    headers.extend(mixed.map(|other| (MIXED_HEADER, other)));
    if !grant.is_cacheable() {
        headers.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    }
    headers
}

/// The answer to a request that is refused, with `status`: not every door can answer each that a refusal may have.
#[must_use]
pub fn refusal(denial: &Denial<'_>, id: RequestId, status: u16) -> Response<Vec<u8>> {
    let mut answer = problem(&Problem { status, ..Problem::of(denial, id.to_string()) }, denial.format);
    let headers = answer.headers_mut();
    if denial.reason.refused() == Refused::Authentication
        && let Some(api) = denial.api
    {
        for challenge in www_authenticate(&api.api.policy.schemes, api.api.slug.as_str()) {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
    }
    if denial.reason == Reason::NotFresh {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if denial.reason == Reason::MethodNotAllowed {
        let methods: Vec<_> = denial.allow.iter().map(Method::as_str).collect();
        if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
            headers.insert(ALLOW, methods);
        }
    }
    answer
}

/// Problem details as an answer that nobody keeps.
#[must_use]
pub fn problem(problem: &Problem, format: Format) -> Response<Vec<u8>> {
    let rendered = problem.render(format);
    let mut answer = Response::new(rendered.body);
    *answer.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::FORBIDDEN);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(rendered.content_type));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
