//! Changes of what is as the caller knows it (RFC 9110 sections 8.8.3 and 13.1.1).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use claviger_model::Time;
use claviger_web::{Code, Problem, Received};
use http::HeaderValue;
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use serde::Serialize;

/// What is shown, with the moment of its last change as its tag.
pub(crate) struct Tagged<T>(pub(crate) Time, pub(crate) T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut answer = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.0.as_micros())) {
            answer.headers_mut().insert(ETAG, tag);
        }
        answer
    }
}

/// The tag that the caller knows; none, if any will do.
pub(crate) struct IfMatch(pub(crate) Option<Time>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(IF_MATCH).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let tag = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let tag = tag.and_then(|tag| tag.parse().ok()).filter(|_| values.next().is_none());
        // A tag that was never given out is one of nothing that is there.
        let known = tag.map_or(Time::from_micros(i64::MIN), Time::from_micros);
        match parts.extensions.get::<Received>() {
            Some(_) => Ok(Self(Some(known))),
            None => Err(Problem::new(Code::Internal)),
        }
    }
}
