use std::net::IpAddr;

use claviger_credential::without_credentials;
use claviger_door::{Asked, Host};
use claviger_model::{RequestId, Scheme};
use claviger_policy::{Body, Parts, Protocol};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};

/// A request as it came to whoever asks about it.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    pub(crate) method: Method,
    /// In lower case, without a port.
    pub(crate) host: String,
    /// As named, with a port if one was.
    pub(crate) authority: String,
    /// In origin form.
    pub(crate) target: String,
}

/// Whether both are the same request. The port is none of what a decision depends on.
impl PartialEq for Original {
    fn eq(&self, other: &Self) -> bool {
        (&self.method, &self.host, &self.target) == (&other.method, &other.host, &other.target)
    }
}

impl Original {
    /// Reads the three parts; the error is a sentence without its full stop.
    pub(crate) fn read(method: &str, host: &str, target: &str) -> Result<Self, &'static str> {
        Ok(Self {
            method: Method::from_bytes(method.as_bytes()).map_err(|_| "the method is not one")?,
            host: read_host(host)?,
            authority: host.to_owned(),
            target: target.to_owned(),
        })
    }

    /// The target without what carries a credential in these schemes.
    pub(crate) fn without_credentials(&self, schemes: &[Scheme]) -> Option<PathAndQuery> {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.target.as_str(), None),
        };
        match without_credentials(query, schemes) {
            Some(query) => format!("{path}?{query}").parse().ok(),
            None => path.parse().ok(),
        }
    }

    pub(crate) fn asked<'a>(&'a self, id: RequestId, headers: &'a HeaderMap, peer: IpAddr) -> Asked<'a> {
        let body = if may_have_body(&self.method, headers) { Body::Unread } else { Body::None };
        Asked { id, parts: self.parts(headers, body), peer }
    }

    fn parts<'a>(&'a self, headers: &'a HeaderMap, body: Body<'a>) -> Parts<'a> {
        Parts {
            method: &self.method,
            host: &self.host,
            authority: &self.authority,
            protocol: Protocol::Https,
            target: &self.target,
            headers,
            body,
        }
    }
}

/// Whoever asks here sends no body along: the headers say whether the request has one. Where they do not, because of
/// HTTP/2 or because a proxy left its length out, methods that are meant to have one count as having it: a signed request
/// could else be given a body that nobody signed.
fn may_have_body(method: &Method, headers: &HeaderMap) -> bool {
    headers.get(CONTENT_LENGTH).map_or_else(
        || {
            headers.contains_key(TRANSFER_ENCODING)
                || [Method::POST, Method::PUT, Method::PATCH].contains(method)
        },
        |length| length != "0",
    )
}

fn read_host(text: &str) -> Result<String, &'static str> {
    Host::read(text).map(|host| host.lower().into_owned()).ok_or("the host is not one")
}
