use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::format::{Format, choose};
use super::intake::{self, Intake};
use super::received::received;
use super::table::Endpoint;

/// Answers a call of a business endpoint.
pub(super) async fn answer(endpoint: &Endpoint, params: &RawPathParams, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let format = choose(&head.headers, endpoint.formats);
    let mut value = filled(&endpoint.answer, params);
    reply(&head, body, |intake| {
        overlay(&mut value, &intake.start);
        (endpoint.status, endpoint.root.as_str(), format, value)
    })
    .await
}

/// Answers a call of what does not exist.
pub(super) async fn not_found(request: Request) -> Response {
    refuse(request, StatusCode::NOT_FOUND, "not_found").await
}

/// Answers a call with a method that the endpoint does not take.
pub(super) async fn method_not_allowed(request: Request) -> Response {
    refuse(request, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").await
}

async fn refuse(request: Request, status: StatusCode, error: &str) -> Response {
    let (head, body) = request.into_parts();
    reply(&head, body, |_| (status, "error", Format::Json, json!({ "error": error }))).await
}

/// Reads the body to its end, then renders what `content` makes of it, with `received` added.
async fn reply<'a>(
    head: &Parts,
    body: Body,
    content: impl FnOnce(&Intake) -> (StatusCode, &'a str, Format, Value),
) -> Response {
    let Ok(intake) = intake::read(body).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (status, root, format, mut value) = content(&intake);
    if let Some(members) = value.as_object_mut() {
        members.insert("received".to_owned(), received(head, intake.bytes));
    }
    (status, format.render(root, &value)).into_response()
}

/// `template` with each `{parameter}` replaced by what stands for it in the path.
fn filled(template: &Value, params: &RawPathParams) -> Value {
    match template {
        Value::String(text) => Value::String(parameter(text, params).unwrap_or(text).to_owned()),
        Value::Array(items) => items.iter().map(|item| filled(item, params)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, params))).collect()
        }
        other => other.clone(),
    }
}

fn parameter<'a>(text: &str, params: &'a RawPathParams) -> Option<&'a str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    params.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Takes over what a caller sent for the members that the answer has, so that a creation shows what was
/// created. Ids are the server's to give.
fn overlay(answer: &mut Value, body: &[u8]) {
    let (Value::Object(members), Ok(Value::Object(sent))) = (answer, serde_json::from_slice(body)) else {
        return;
    };
    for (name, value) in sent.into_iter().filter(|(name, _)| name != "id") {
        if let Some(member) = members.get_mut(&name) {
            *member = value;
        }
    }
}
