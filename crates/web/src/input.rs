//! What callers send, read with errors that name what was wrong, and without telling values back.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use claviger_door::without_values;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{Code, Problem, Received};

/// Bytes of a body.
pub(crate) const MOST: usize = 1 << 20;
/// Bytes of one in which files are.
const MOST_OF_FILES: usize = 16 << 20;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body in JSON. An empty one is an empty object.
pub struct Input<T>(pub T);

/// A body in which whole files are, in JSON.
pub struct LongInput<T>(pub T);

/// A body in JSON that need be no object.
pub struct AnyInput<T>(pub T);

/// The parameters of a query, each at most once.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, MOST, check_object).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for LongInput<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, MOST_OF_FILES, check_object).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for AnyInput<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, MOST, |_| Ok(())).await.map(Self)
    }
}

/// Whether a body is of the kind that is wanted.
type Check = fn(&[u8]) -> Result<(), Problem>;

async fn read<T: DeserializeOwned>(request: Request, most: usize, check: Check) -> Result<T, Problem> {
    let received = request.extensions().get::<Received>().copied();
    json(request, most, check).await.map_err(|problem| match received {
        Some(received) => problem.of(received.id),
        None => problem,
    })
}

async fn json<T: DeserializeOwned>(request: Request, most: usize, check: Check) -> Result<T, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    let body = whole(request.into_body(), most).await?;
    if body.is_empty() {
        return parse(b"{}");
    }
    let json = kind.as_ref().and_then(|kind| kind.to_str().ok()).is_some_and(is_json);
    if !json {
        return Err(Problem::saying(Code::MediaType, "The body has to be `application/json`."));
    }
    check(&body)?;
    parse(&body)
}

/// All of a body of at most so many bytes.
pub(crate) async fn whole(body: Body, most: usize) -> Result<Bytes, Problem> {
    let arrived = tokio::time::timeout(PATIENCE, to_bytes(body, most)).await;
    let late = |_| Problem::new(Code::Slow);
    let long = |_| Problem::saying(Code::Long, format!("The body broke off or is longer than {most} bytes."));
    arrived.map_err(late)?.map_err(long)
}

fn is_json(kind: &str) -> bool {
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Nobody's name or text has it, and PostgreSQL takes none (U+0000).
fn no_nul(text: &[u8], spelt: &[u8]) -> Result<(), Problem> {
    if text.windows(spelt.len()).any(|part| part == spelt) {
        return Err(Problem::saying(Code::Invalid, "The character U+0000 is not taken in any text."));
    }
    Ok(())
}

/// By position, a list would do as well as an object, and nobody could tell what was meant.
fn check_object(body: &[u8]) -> Result<(), Problem> {
    let is_object = body.trim_ascii_start().starts_with(b"{");
    if is_object || serde_json::from_slice::<IgnoredAny>(body).is_err() {
        return Ok(());
    }
    Err(Problem::saying(Code::Invalid, "The body has to be a JSON object."))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    no_nul(body, br"\u0000")?;
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("The body cannot be read: {}.", without_values(&error));
        Problem::saying(if error.is_data() { Code::Invalid } else { Code::Malformed }, detail)
    })
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        from_query(parts).map(Self).map_err(|problem| match parts.extensions.get::<Received>() {
            Some(received) => problem.of(received.id),
            None => problem,
        })
    }
}

fn from_query<T: DeserializeOwned>(parts: &Parts) -> Result<T, Problem> {
    no_nul(parts.uri.query().unwrap_or_default().as_bytes(), b"%00")?;
    axum::extract::Query::try_from_uri(&parts.uri).map(|query| query.0).map_err(|error| {
        let why = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
        Problem::saying(Code::Invalid, format!("The query cannot be read: {why}."))
    })
}
