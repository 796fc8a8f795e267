//! Which server: an origin, and the path below which it is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use serde::{Deserialize, Serialize};

/// Where the management API of a server is. Two texts that mean one place are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::cli) struct Server {
    pub(super) scheme: Scheme,
    /// A name or an address, an address of IPv6 without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Empty, or with a stroke in front and none at its end.
    base: String,
}

/// Whether others on the way can read what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn word_and_port(self) -> (&'static str, u16) {
        match self {
            Self::Http => ("http", 80),
            Self::Https => ("https", 443),
        }
    }
}

/// What is no address of a server. The text is not repeated: somebody may have put a password into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum ServerError {
    #[error("write the address of a server, such as https://keys.example.com")]
    NotAnAddress,
    #[error("the address of a server has no user name, query or fragment")]
    TooMuch,
}

impl FromStr for Server {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let uri: Uri = text.parse().map_err(|_| ServerError::NotAnAddress)?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err(ServerError::NotAnAddress),
        };
        let authority = uri.authority().ok_or(ServerError::NotAnAddress)?.as_str();
        if authority.contains('@') || text.contains(['?', '#']) {
            return Err(ServerError::TooMuch);
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(ServerError::NotAnAddress)?;
        let port = match authority.strip_prefix(host) {
            Some("") => scheme.word_and_port().1,
            rest => {
                let number = rest.and_then(|rest| rest.strip_prefix(':')?.parse().ok());
                number.ok_or(ServerError::NotAnAddress)?
            }
        };
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        Ok(Self { scheme, host, port, base: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl Server {
    /// The host and, unless it is the usual one, the port.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.word_and_port().1 { host } else { format!("{host}:{}", self.port) }
    }

    /// The target of a request.
    pub(super) fn target(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Whether nobody else can read what is sent there.
    pub(super) fn is_private(&self) -> bool {
        let here = || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        self.scheme == Scheme::Https || self.host == "localhost" || here()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, _) = self.scheme.word_and_port();
        write!(f, "{word}://{}{}", self.authority(), self.base)
    }
}

impl From<Server> for String {
    fn from(server: Server) -> Self {
        server.to_string()
    }
}

impl TryFrom<String> for Server {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_text() {
        for (text, canonical) in [
            ("http://LocalHost:80/", "http://localhost"),
            ("https://keys.example.com:443", "https://keys.example.com"),
            ("https://keys.example.com/claviger/", "https://keys.example.com/claviger"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(text.parse::<Server>().map(|server| server.to_string()), Ok(canonical.to_owned()));
        }
        let below: Server = "https://a.example/keys/".parse().unwrap();
        assert_eq!(below.target("/v1/me"), "/keys/v1/me");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for text in ["", "keys.example.com", "/v1", "ftp://a", "http://", "http://a:", "http://a:99999"] {
            assert_eq!(text.parse::<Server>(), Err(ServerError::NotAnAddress), "{text}");
        }
        for text in ["http://ada:secret@a", "http://a?b", "http://a/#b"] {
            assert_eq!(text.parse::<Server>(), Err(ServerError::TooMuch), "{text}");
        }
    }

    #[test]
    fn only_loopback_is_private_in_the_clear() {
        for (text, private) in [
            ("http://127.0.0.1:8080", true),
            ("http://127.8.8.8", true),
            ("http://[::1]", true),
            ("http://localhost", true),
            ("https://192.0.2.1", true),
            ("http://192.0.2.1", false),
            ("http://keys.example.com", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(text.parse::<Server>().map(|server| server.is_private()), Ok(private), "{text}");
        }
    }
}
