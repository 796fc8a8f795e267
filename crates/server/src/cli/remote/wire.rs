//! What is sent to a server, and what is made of its answer.

use std::time::Duration;

use bytes::Bytes;
use claviger_fetch::{Answer, Bounds, FetchError, Fetcher, Scheme, Trust, TrustError};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::Value;

use super::error::{Problem, RemoteError};
use super::profiles::Token;
use super::server::Server;

/// The longest answer, a list with all of its parts, in bytes: as much as fits through the control socket.
pub(super) const MOST_BYTES: usize = 64 << 20;

const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(10),
    // Some answers go along the whole audit.
    total: Duration::from_mins(2),
    head_bytes: 64 << 10,
    body_bytes: MOST_BYTES,
};

/// What is sent.
pub(super) struct Sent<'a> {
    pub(super) method: &'a Method,
    /// Path and query, encoded.
    pub(super) target: &'a str,
    pub(super) body: Option<&'a Value>,
    pub(super) token: Option<&'a Token>,
}

/// Sends one request to a server. An answer that comes back was no refusal.
pub(super) async fn send(server: &Server, sent: &Sent<'_>) -> Result<Answer, RemoteError> {
    let unreachable = |why| RemoteError::Unreachable { server: server.clone(), why };
    let request = request(server, sent).map_err(|error| unreachable(error.to_string()))?;
    let fetcher = fetcher(server).map_err(unreachable)?;
    let answer = fetcher.fetch(&server.origin, request).await.map_err(|error| match error {
        FetchError::Unreachable(why) => unreachable(why),
        FetchError::NoAnswer(why) => RemoteError::NoAnswer { server: server.clone(), why },
    })?;
    judged(server, answer)
}

fn fetcher(server: &Server) -> Result<Fetcher, String> {
    match server.origin.scheme {
        Scheme::Http => Ok(Fetcher::in_the_clear(BOUNDS)),
        Scheme::Https => Fetcher::new(&Trust::System, BOUNDS).map_err(|error| match error {
            TrustError::Nobody => format!("{error} on this system; SSL_CERT_FILE names a file"),
            other => other.to_string(),
        }),
    }
}

fn request(server: &Server, sent: &Sent<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder()
        .method(sent.method)
        .uri(server.target(sent.target))
        .header(ACCEPT, "application/json");
    if let Some(token) = sent.token {
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let Some(body) = sent.body else { return request.body(Full::default()) };
    request.header(CONTENT_TYPE, "application/json").body(Full::from(body.to_string()))
}

fn judged(server: &Server, answer: Answer) -> Result<Answer, RemoteError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) if !problem.is_about_the_path() => Err(RemoteError::Refused(answer.status, problem)),
        _ => Err(RemoteError::Strange { server: server.clone(), status: answer.status }),
    }
}
