use http::request::Parts;
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

/// What reached the upstream, so that anyone can see what the gateway passes on.
pub(super) fn received(head: &Parts, body_bytes: u64) -> Value {
    let target = head.uri.path_and_query().map_or_else(|| head.uri.path(), |target| target.as_str());
    let headers: Vec<_> = head.headers.iter().map(header).collect();
    json!({
        "method": head.method.as_str(),
        "target": target,
        "headers": headers,
        "body_bytes": body_bytes,
    })
}

/// A header's value need not be UTF-8 (RFC 9110 section 5.5); what is not is shown as U+FFFD.
fn header((name, value): (&HeaderName, &HeaderValue)) -> Value {
    json!({ "name": name.as_str(), "value": String::from_utf8_lossy(value.as_bytes()) })
}
