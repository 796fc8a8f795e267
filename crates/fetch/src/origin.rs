use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// Where a request is sent to. Two texts that mean one place are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// A name in lower case, or an address, of IPv6 without its brackets.
    pub host: String,
    /// The port, also where it is the usual one.
    pub port: u16,
}

/// Whether others on the way can read what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// They can.
    Http,
    /// They cannot.
    Https,
}

/// Why an address names no place. The text is not repeated: somebody may have put a password into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It has no scheme, host or port that could be one.
    #[error("it is no address such as https://keys.example.com")]
    NotAnAddress,
    /// A user name is for nobody to read.
    #[error("it has a user name")]
    UserName,
}

impl Scheme {
    const fn word_and_port(self) -> (&'static str, u16) {
        match self {
            Self::Http => ("http", 80),
            Self::Https => ("https", 443),
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Http, Self::Https].into_iter().find(|scheme| scheme.word_and_port().0 == word)
    }
}

impl Origin {
    /// The place that an absolute address names, whatever its path is.
    ///
    /// # Errors
    /// [`OriginError`].
    pub fn of(uri: &Uri) -> Result<Self, OriginError> {
        let scheme = uri.scheme_str().and_then(Scheme::read).ok_or(OriginError::NotAnAddress)?;
        let authority = uri.authority().ok_or(OriginError::NotAnAddress)?.as_str();
        if authority.contains('@') {
            return Err(OriginError::UserName);
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(OriginError::NotAnAddress)?;
        let port = match authority.strip_prefix(host) {
            Some("") => scheme.word_and_port().1,
            rest => {
                let digits = rest.and_then(|rest| rest.strip_prefix(':'));
                let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
                digits.and_then(|digits| digits.parse().ok()).ok_or(OriginError::NotAnAddress)?
            }
        };
        Ok(Self { scheme, host: host.trim_matches(['[', ']']).to_ascii_lowercase(), port })
    }

    /// The host and, unless it is the usual one, the port, as `Host` has them.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.word_and_port().1 { host } else { format!("{host}:{}", self.port) }
    }

    /// Whether nobody else can read what is sent there: it is encrypted, or stays on this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let here = || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        self.scheme == Scheme::Https || self.host == "localhost" || here()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.word_and_port().0, self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Origin, OriginError> {
        text.parse::<Uri>().map_err(|_| OriginError::NotAnAddress).and_then(|uri| Origin::of(&uri))
    }

    #[test]
    fn one_place_has_one_text() {
        for (text, canonical) in [
            ("http://LocalHost:80/", "http://localhost"),
            ("https://keys.example.com:443/a?b", "https://keys.example.com"),
            ("https://keys.example.com:80", "https://keys.example.com:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(read(text).map(|origin| origin.to_string()), Ok(canonical.to_owned()));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "keys.example.com",
            "/v1",
            "ftp://a",
            "http://",
            "http://a:",
            "http://a:99999",
            "http://a:+8",
            "a:b",
        ] {
            assert_eq!(read(text), Err(OriginError::NotAnAddress), "{text}");
        }
        assert_eq!(read("http://ada:secret@a"), Err(OriginError::UserName));
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
            assert_eq!(read(text).map(|origin| origin.is_private()), Ok(private), "{text}");
        }
    }
}
