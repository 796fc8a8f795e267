use std::net::IpAddr;

use claviger_policy::Body;
use http::header::{FORWARDED, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};

use crate::announced::{CONTRADICTION, announced, has_alias, single};
use crate::parts::{Original, is_bare};

/// Below this path stands the path of the request that is asked about, as Envoy's HTTP mode has it.
pub(crate) const PATH_MOUNT: &str = "/v1/forward-auth/path";
/// The client's address, where `X-Forwarded-For` has the proxy's own.
const ADDRESS: HeaderName = HeaderName::from_static("x-original-address");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How a proxy says what it asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mount {
    /// In headers.
    Headers,
    /// By its own method, host and path.
    Path,
}

impl Mount {
    /// The body, of which the headers of the question say this. Envoy's own have the length of the question, which is
    /// always zero.
    pub(crate) fn body<'b>(self, method: &Method, by_headers: Body<'b>) -> Body<'b> {
        match (self, by_headers) {
            (Self::Path, Body::None) if !is_bare(method) => Body::Unknown,
            _ => by_headers,
        }
    }
}

/// The request that a proxy asks about, and whose word about the client counts.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) original: Original,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: IpAddr,
}

impl Question {
    /// Reads a request of a proxy that may ask.
    pub(crate) fn read(parts: Parts, peer: IpAddr, mount: Mount) -> Result<Self, &'static str> {
        if has_alias(&parts.headers) {
            return Err("a header's name can be read as that of another one");
        }
        match mount {
            Mount::Headers => Self::from_headers(parts.headers, peer),
            Mount::Path => Self::from_path(parts),
        }
    }

    fn from_headers(headers: HeaderMap, peer: IpAddr) -> Result<Self, &'static str> {
        let original = announced(&headers)?.ok_or("no header says which request is meant")?;
        // Otherwise everyone would seem to come from the proxy's address.
        if !headers.contains_key(&FORWARDED_FOR) && !headers.contains_key(FORWARDED) {
            return Err("no header says from where the request came");
        }
        Ok(Self { original, headers, peer })
    }

    fn from_path(parts: Parts) -> Result<Self, &'static str> {
        let Parts { method, uri, mut headers, .. } = parts;
        let whole = uri.path_and_query().map_or("", |target| target.as_str());
        let target = whole.strip_prefix(PATH_MOUNT).unwrap_or_default();
        let host = match uri.authority() {
            Some(authority) => authority.as_str(),
            None => single(&headers, &HOST)?,
        };
        let original = Original::read(method.as_str(), host, target)?;
        if announced(&headers)?.is_some_and(|other| other != original) {
            return Err(CONTRADICTION);
        }
        let client = single(&headers, &ADDRESS)?.parse().map_err(|_| "the client's address is not one")?;
        headers.remove(FORWARDED);
        headers.remove(&FORWARDED_FOR);
        Ok(Self { original, headers, peer: client })
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn read(uri: &str, mount: Mount, headers: &[(&str, &str)]) -> Result<Question, &'static str> {
        let request = Request::builder().method("DELETE").uri(uri).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        for (name, value) in headers {
            parts.headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        Question::read(parts, PROXY, mount)
    }

    #[test]
    fn the_path_is_taken_as_it_stands() {
        let headers =
            [("host", "A.example:1"), ("x-original-address", "192.0.2.7"), ("x-forwarded-for", "10.0.0.1")];
        let question = read("/v1/forward-auth/path/a%2Fb//c?d=%20", Mount::Path, &headers).unwrap();
        let original = &question.original;
        assert_eq!((original.method.as_str(), original.host.as_str()), ("DELETE", "a.example"));
        assert_eq!(original.target, "/a%2Fb//c?d=%20");
        assert_eq!(question.peer.to_string(), "192.0.2.7");
        assert!(!question.headers.contains_key("x-forwarded-for"));
    }

    #[test]
    fn the_clients_address_has_to_be_said() {
        assert!(read("/v1/forward-auth/path/a", Mount::Path, &[("host", "a")]).is_err());
        let whole = [("x-forwarded-method", "GET"), ("x-forwarded-uri", "/"), ("x-forwarded-host", "a")];
        assert!(read("/v1/forward-auth", Mount::Headers, &whole).is_err());
        let with = [whole.as_slice(), &[("x-forwarded-for", "192.0.2.7")]].concat();
        assert_eq!(read("/v1/forward-auth", Mount::Headers, &with).unwrap().peer, PROXY);
    }

    #[test]
    fn path_and_headers_have_to_agree() {
        let headers = [
            ("host", "a"),
            ("x-original-address", "192.0.2.7"),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-uri", "/a"),
            ("x-forwarded-host", "a"),
        ];
        assert_eq!(read("/v1/forward-auth/path/a", Mount::Path, &headers).unwrap_err(), CONTRADICTION);
    }
}
