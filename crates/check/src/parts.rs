use std::net::IpAddr;

use claviger_credential::{credential_parameters, without_credentials};
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
        let (path, query) = self.path_and_query();
        match without_credentials(query, schemes) {
            Some(query) => format!("{path}?{query}").parse().ok(),
            None => path.parse().ok(),
        }
    }

    /// The names of what carries a credential in the query, as they are spelt there: Envoy does not decode them.
    pub(crate) fn query_credentials(&self, schemes: &[Scheme]) -> Vec<String> {
        let (_, query) = self.path_and_query();
        credential_parameters(query.unwrap_or_default(), schemes).map(str::to_owned).collect()
    }

    fn path_and_query(&self) -> (&str, Option<&str>) {
        match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (&self.target, None),
        }
    }

    pub(crate) fn asked<'a>(&'a self, id: RequestId, headers: &'a HeaderMap, peer: IpAddr) -> Asked<'a> {
        Asked { id, parts: self.parts(headers, announced_body(&self.method, headers)), peer }
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

/// Whoever asks here sends no body along: the headers say whether the request has one. They do not always, because of
/// HTTP/2 or because a proxy left its length out: a signed request could then be given a body that nobody signed.
fn announced_body(method: &Method, headers: &HeaderMap) -> Body<'static> {
    if headers.contains_key(TRANSFER_ENCODING) || has_length(headers) {
        Body::Unread
    } else if headers.contains_key(CONTENT_LENGTH) || is_bare(method) {
        Body::None
    } else {
        Body::Unknown
    }
}

/// Whether the headers say that there is a byte.
pub(crate) fn has_length(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_LENGTH).iter().any(|length| length != "0")
}

/// Whether requests of this method have no body, unless they say so.
pub(crate) fn is_bare(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

fn read_host(text: &str) -> Result<String, &'static str> {
    Host::read(text).map(|host| host.lower().into_owned()).ok_or("the host is not one")
}
