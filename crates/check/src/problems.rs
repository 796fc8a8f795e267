//! Refusals of the doors themselves: of calls that are no question.

use axum::body::Body;
use axum::response::Response;
use claviger_model::{Format, Reason, RequestId};
use claviger_policy::Problem;
use http::{HeaderName, HeaderValue};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The reason's code, for proxies that hand on no body.
pub(crate) const REASON: HeaderName = HeaderName::from_static("x-claviger-reason");

/// A problem that has no decision behind it. `detail` is a sentence without capital and full stop.
pub(crate) fn answer(status: u16, reason: Reason, detail: &str, id: RequestId) -> Response {
    let (code, title) = reason.code_and_title();
    problem(status, (code, title), Some(sentence(detail)), id)
}

/// A body that cannot be verified, with the gateway's code and title for that.
pub(crate) fn unread(status: u16, words: (&'static str, &'static str), id: RequestId) -> Response {
    problem(status, words, None, id)
}

fn problem(
    status: u16,
    (code, title): (&'static str, &'static str),
    detail: Option<String>,
    id: RequestId,
) -> Response {
    let problem = Problem { status, code, title, detail, string_to_sign: None, request_id: id.to_string() };
    with_code(claviger_door::problem(&problem, Format::Json).map(Body::from), code, id)
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// The same answer, with the reason and the id of the request in headers.
pub(crate) fn with_reason(answer: Response, reason: Reason, id: RequestId) -> Response {
    with_code(answer, reason.code(), id)
}

fn with_code(mut answer: Response, code: &'static str, id: RequestId) -> Response {
    answer.headers_mut().insert(REASON, HeaderValue::from_static(code));
    answer.headers_mut().insert(REQUEST_ID, id_value(id));
    answer
}

/// The id as the value of a header.
pub(crate) fn id_value(id: RequestId) -> HeaderValue {
    // Ids are visible ASCII, so the default is never taken.
    HeaderValue::from_str(&id.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
