//! Changes of what is as the caller knows it (RFC 9110 sections 8.8.3 and 13.1.1).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use claviger_app::Tag;
use claviger_model::Time;
use claviger_web::Problem;
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

/// What is shown, with a tag of everything that is shown.
pub(crate) struct Marked<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Marked<T> {
    fn into_response(self) -> Response {
        let tag = Tag::of(&self.0).ok().and_then(|tag| HeaderValue::try_from(format!("\"{tag}\"")).ok());
        let mut answer = Json(self.0).into_response();
        if let Some(tag) = tag {
            answer.headers_mut().insert(ETAG, tag);
        }
        answer
    }
}

/// What a caller says about what is there.
enum Said<'a> {
    /// Any will do.
    Nothing,
    /// This; empty for what is no tag, or several, which is that of nothing.
    Tag(&'a str),
}

fn said(parts: &Parts) -> Said<'_> {
    let mut values = parts.headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else { return Said::Nothing };
    let text = value.to_str().unwrap_or_default().trim();
    let tag = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match (text, tag, values.next()) {
        ("*", ..) => Said::Nothing,
        (_, Some(tag), None) => Said::Tag(tag),
        _ => Said::Tag(""),
    }
}

/// The tag of everything that is shown, as the caller knows it; none, if any will do.
pub(crate) struct IfSame(pub(crate) Option<Tag>);

impl<S: Send + Sync> FromRequestParts<S> for IfSame {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(match said(parts) {
            Said::Nothing => Self(None),
            Said::Tag(tag) => Self(Some(Tag::said(tag))),
        })
    }
}

/// The moment of the last change as the caller knows it; none, if any will do.
pub(crate) struct IfMatch(pub(crate) Option<Time>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // A tag that was never given out is one of nothing that is there.
        let known = |tag: &str| tag.parse().map_or(Time::from_micros(i64::MIN), Time::from_micros);
        Ok(match said(parts) {
            Said::Nothing => Self(None),
            Said::Tag(tag) => Self(Some(known(tag))),
        })
    }
}
