//! What is sent to a provider.

use std::time::Duration;

use bytes::Bytes;
use claviger_app::SsoFailure;
use claviger_fetch::{Answer, Bounds, Fetcher, Scheme, Trust, TrustError};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use http_body_util::Full;

use crate::address::Address;

/// An answer has many times what documents, keys and tokens have.
const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(10),
    total: Duration::from_secs(10),
    head_bytes: 32 << 10,
    body_bytes: 256 << 10,
};

/// What is sent.
pub(crate) struct Sent<'a> {
    pub(crate) to: &'a Address,
    /// Sent by POST.
    pub(crate) form: Option<String>,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<String>,
}

/// Sends requests to a provider.
pub(crate) struct Wire(Fetcher);

impl Wire {
    /// For this issuer. One on this machine, in the clear, needs nobody to vouch for it.
    pub(crate) fn new(issuer: &Address, trust: &Trust) -> Result<Self, String> {
        match (issuer.origin.scheme, trust) {
            (Scheme::Http, Trust::System) => Ok(Self(Fetcher::in_the_clear(BOUNDS))),
            _ => Fetcher::new(trust, BOUNDS).map(Self).map_err(|error| match error {
                TrustError::Nobody => format!("{error}; `roots` names a file"),
                other => other.to_string(),
            }),
        }
    }

    /// Sends one request, and has the whole answer.
    pub(crate) async fn send(&self, sent: Sent<'_>) -> Result<Answer, SsoFailure> {
        let failed = |why: String| SsoFailure::Unavailable(format!("{}: {why}", sent.to.origin.authority()));
        let request = request(&sent).map_err(|error| failed(error.to_string()))?;
        self.0.fetch(&sent.to.origin, request).await.map_err(|error| failed(error.to_string()))
    }
}

fn request(sent: &Sent<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder().uri(&sent.to.target).header(ACCEPT, "application/json");
    if let Some(authorization) = &sent.authorization {
        let mut value = HeaderValue::try_from(authorization)?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    match &sent.form {
        None => request.method(Method::GET).body(Full::default()),
        Some(form) => request
            .method(Method::POST)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form.clone())),
    }
}
