use std::borrow::Cow;

use claviger_door::{HostError, named_host};
use http::request::Parts;
use http::uri::Scheme;
use http::{Method, Uri};

use crate::failure::Malformed;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named<'a> {
    /// The host in lower case, without port.
    pub(crate) host: Cow<'a, str>,
    /// The host as written, with its port if it has one.
    pub(crate) authority: &'a str,
    /// Path and query.
    pub(crate) target: &'a str,
}

/// Reads host and target. A proxy's forms of target are not served.
pub(crate) fn read(head: &Parts) -> Result<Named<'_>, Malformed> {
    let target = head.uri.path_and_query().ok_or(Malformed::TargetForm)?.as_str();
    if head.method == Method::CONNECT || target == "*" {
        return Err(Malformed::TargetForm);
    }
    if !target.starts_with('/') || !is_web(&head.uri) {
        return Err(Malformed::Target);
    }
    let host = named_host(&head.uri, &head.headers)?;
    Ok(Named { host: host.lower(), authority: host.text, target })
}

/// Whether the target, if it names a scheme, names one that is served here (RFC 9110 section 7.4).
fn is_web(uri: &Uri) -> bool {
    uri.scheme().is_none_or(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme))
}

impl From<HostError> for Malformed {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Missing => Self::HostMissing,
            HostError::Repeated => Self::HostRepeated,
            HostError::Malformed => Self::Host,
            HostError::Contradiction => Self::TargetHost,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::HOST;

    use super::*;

    fn request(method: &str, uri: &str, hosts: &[&str]) -> Parts {
        let builder = Request::builder().method(method).uri(uri);
        hosts
            .iter()
            .fold(builder, |builder, host| builder.header(HOST, *host))
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    #[test]
    fn takes_paths_and_urls_of_the_same_host() {
        for (uri, hosts) in [
            ("/a?b", &["API.example:8000"][..]),
            ("http://api.example/a?b", &["API.EXAMPLE:80"]),
            ("https://api.example:443/a?b", &["api.example"]),
            ("http://API.example/a?b", &[]),
        ] {
            let request = request("GET", uri, hosts);
            let named = read(&request).unwrap();
            assert_eq!((&*named.host, named.target), ("api.example", "/a?b"), "{uri}");
            assert!(named.authority.to_ascii_lowercase().starts_with("api.example"), "{uri}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for (method, uri, hosts, kind) in [
            ("GET", "/", &[][..], Malformed::HostMissing),
            ("GET", "/", &["a", "a"], Malformed::HostRepeated),
            ("GET", "/", &["a b"], Malformed::Host),
            ("GET", "http://a/", &["b"], Malformed::TargetHost),
            ("GET", "http://a/", &["a:8080"], Malformed::TargetHost),
            ("GET", "http://u@a/", &["a"], Malformed::Host),
            ("GET", "http://a?b", &["a"], Malformed::Target),
            ("GET", "a", &["a"], Malformed::TargetForm),
            ("OPTIONS", "*", &["a"], Malformed::TargetForm),
            ("CONNECT", "a:443", &["a"], Malformed::TargetForm),
        ] {
            assert_eq!(read(&request(method, uri, hosts)), Err(kind), "{method} {uri} {hosts:?}");
        }
    }
}
