use std::fmt;
use std::sync::{Arc, OnceLock};

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};

use crate::pool::Pool;

/// A server that requests are forwarded to: scheme and authority, read once. Share it: connections are kept with it.
///
/// It belongs to the first gateway that forwards to it.
pub struct Upstream {
    pub(crate) kind: Kind,
    pub(crate) authority: Authority,
    pub(crate) host: HeaderValue,
    pub(crate) pool: OnceLock<Arc<Pool>>,
}

/// How an upstream is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// HTTP/1.1 in the clear.
    Http,
    /// TLS; HTTP/2 or HTTP/1.1 by ALPN.
    Https,
    /// HTTP/2 in the clear with prior knowledge (RFC 9113 section 3.3).
    H2c,
}

impl Kind {
    pub(crate) const fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::H2c => "h2c",
        }
    }

    pub(crate) const fn port(self) -> u16 {
        match self {
            Self::Http | Self::H2c => 80,
            Self::Https => 443,
        }
    }

    /// The scheme in the `:scheme` of a forwarded request.
    pub(crate) fn wire_scheme(self) -> Scheme {
        if self == Self::Https { Scheme::HTTPS } else { Scheme::HTTP }
    }
}

/// Why a URL does not name an upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// It is no URL with a host.
    #[error("`{0}` is not a URL with a scheme and a host")]
    NotAUrl(String),
    /// Its scheme is not one that the gateway speaks.
    #[error("`{0}` is not a scheme of an upstream: write http, https or h2c")]
    Scheme(String),
    /// It carries a user name or password.
    #[error("the URL of an upstream cannot carry a user name or password")]
    UserInfo,
}

impl Upstream {
    /// Reads scheme, host and port of an `http`, `https` or `h2c` URL; its path is not looked at.
    pub fn parse(url: &str) -> Result<Self, UpstreamError> {
        let not_a_url = || UpstreamError::NotAUrl(url.chars().take(200).collect());
        let uri: Uri = url.parse().map_err(|_| not_a_url())?;
        let kind = match uri.scheme_str().ok_or_else(not_a_url)? {
            "http" => Kind::Http,
            "https" => Kind::Https,
            "h2c" => Kind::H2c,
            other => return Err(UpstreamError::Scheme(other.chars().take(32).collect())),
        };
        let authority =
            uri.authority().filter(|authority| !authority.host().is_empty()).ok_or_else(not_a_url)?;
        if authority.as_str().contains('@') {
            return Err(UpstreamError::UserInfo);
        }
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| not_a_url())?;
        Ok(Self { kind, authority: authority.clone(), host, pool: OnceLock::new() })
    }

    /// The port connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(self.kind.port())
    }

    /// The host connected to, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.kind.scheme(), self.authority)
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_schemes_hosts_and_ports() {
        let read = |url: &str| {
            let upstream = Upstream::parse(url).unwrap();
            (upstream.to_string(), upstream.host().to_owned(), upstream.port())
        };
        assert_eq!(read("http://a.example/x"), ("http://a.example".into(), "a.example".into(), 80));
        assert_eq!(
            read("https://a.example:8443"),
            ("https://a.example:8443".into(), "a.example".into(), 8443)
        );
        assert_eq!(read("h2c://[::1]:50051/"), ("h2c://[::1]:50051".into(), "::1".into(), 50051));
    }

    #[test]
    fn refuses_what_it_cannot_connect_to() {
        assert!(matches!(Upstream::parse("/only/a/path"), Err(UpstreamError::NotAUrl(_))));
        assert!(matches!(Upstream::parse("ftp://a.example"), Err(UpstreamError::Scheme(_))));
        assert!(matches!(Upstream::parse("http://me:pw@a.example"), Err(UpstreamError::UserInfo)));
    }
}
