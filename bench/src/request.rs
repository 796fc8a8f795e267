use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_policy::{Body, Parts, Protocol, Request, Snapshot};
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};

use crate::population::Issued;
use crate::shapes::{self, APIS, CLIENT, RESOURCES, VERSIONS};

/// A request as an ordinary client sends it, with one credential.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its target.
    pub target: String,
    host: &'static str,
}

impl Prepared {
    /// A request that this credential may make.
    #[must_use]
    pub fn of(issued: &Issued) -> Self {
        let pair = format!("{}:{}", shapes::account_number(issued.account), issued.key.expose());
        let mut headers = unsigned();
        if let Ok(value) = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair))) {
            headers.insert(AUTHORIZATION, value);
        }
        Self { headers, target: target(issued), host: "api.example.test" }
    }

    /// As decisions take it.
    #[must_use]
    pub fn request<'a>(&'a self, snapshot: &'a Snapshot) -> Request<'a> {
        let Self { headers, target, host } = self;
        let (authority, protocol) = (host, Protocol::Http);
        let parts =
            Parts { method: &Method::GET, host, authority, protocol, target, headers, body: Body::None };
        Request { parts, client: CLIENT, uses: snapshot.uses(), replays: snapshot.replays() }
    }

    /// The same in memory of its own: a clone would share the values of its header fields.
    #[must_use]
    pub fn afresh(&self) -> Self {
        let copy = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes()).ok();
        let fields = self.headers.iter().filter_map(|(name, value)| Some((name.clone(), copy(value)?)));
        Self { headers: fields.collect(), target: self.target.clone(), host: self.host }
    }

    /// The same without its credential.
    #[must_use]
    pub fn without_credential(mut self) -> Self {
        self.headers.remove(AUTHORIZATION);
        self
    }
}

fn unsigned() -> HeaderMap {
    let pairs = [
        (HOST, "api.example.test"),
        (USER_AGENT, "example-client/2.32.3 (linux; x86_64)"),
        (ACCEPT_ENCODING, "gzip, deflate, br"),
        (ACCEPT, "application/json"),
        (CONNECTION, "keep-alive"),
    ];
    pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

/// A credential keeps to one version.
fn target(issued: &Issued) -> String {
    let number = issued.number;
    let pick = |from: &[&'static str]| from[usize::try_from(number).unwrap_or(0) % from.len()];
    let (slug, prefix) = (APIS[issued.api].0, shapes::route_prefix(issued.environment));
    let (version, resource) = (pick(&VERSIONS), pick(&RESOURCES));
    format!("{prefix}/{slug}/{version}/{resource}/{}?expand=lines&limit=20", number % 99_991)
}
