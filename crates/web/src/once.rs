//! Requests that a caller may send again, and that are done once: they name an `Idempotency-Key`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use claviger_app::{Once, OnceKey};
use http::{HeaderMap, HeaderName, Method};

use crate::input::{MOST, whole};
use crate::{Code, Problem, Received, Web};

/// The header in which the key is.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Has what a `POST` asks for done once for each key. Everything that is asked for counts: path, query and body.
pub async fn do_once(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let received = request.extensions().get::<Received>().copied();
    match read(&web, request).await {
        Ok((request, None)) => next.run(request).await,
        Ok((request, Some(once))) => once.scope(next.run(request)).await,
        Err(problem) => received.map_or(problem.clone(), |received| problem.of(received.id)).into_response(),
    }
}

async fn read(web: &Web, request: Request) -> Result<(Request, Option<Once>), Problem> {
    let key = if request.method() == Method::POST { key(request.headers())? } else { None };
    let Some(key) = key else { return Ok((request, None)) };
    let (head, body) = request.into_parts();
    let body = whole(body, MOST).await?;
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let once = web.app.once(key, &[target.as_bytes(), &body]);
    Ok((Request::from_parts(head, body.into()), Some(once)))
}

fn key(headers: &HeaderMap) -> Result<Option<OnceKey>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let wrong = |why: &str| Problem::saying(Code::Malformed, format!("`Idempotency-Key`: {why}."));
    if values.next().is_some() {
        return Err(wrong("it may be there once"));
    }
    let key = value.to_str().unwrap_or_default().parse::<OnceKey>();
    key.map(Some).map_err(|error| wrong(&error.to_string()))
}
