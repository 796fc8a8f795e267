//! Which server: an origin, and the path below which it is.

use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use claviger_fetch::{Origin, OriginError};
use http::Uri;
use serde::{Deserialize, Serialize};

/// Where the management API of a server is. Two texts that mean one place are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::cli) struct Server {
    pub(super) origin: Origin,
    /// Empty, or with a stroke in front and none at its end.
    base: String,
}

/// What is no address of a server. The text is not repeated: somebody may have put a password into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum ServerError {
    #[error("write the address of a server, such as https://keys.example.com")]
    NotAnAddress,
    #[error("the address of a server has no user name, query or fragment")]
    TooMuch,
}

/// Reads the address on the command line. clap's own error would repeat it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerParser;

impl TypedValueParser for ServerParser {
    type Value = Server;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Server, clap::Error> {
        let read = value.to_str().ok_or(ServerError::NotAnAddress).and_then(str::parse);
        read.map_err(|error| command.clone().error(ErrorKind::ValueValidation, format!("--server: {error}")))
    }
}

impl From<OriginError> for ServerError {
    fn from(error: OriginError) -> Self {
        match error {
            OriginError::NotAnAddress => Self::NotAnAddress,
            OriginError::UserName => Self::TooMuch,
        }
    }
}

impl FromStr for Server {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let uri: Uri = text.parse().map_err(|_| ServerError::NotAnAddress)?;
        let origin = Origin::of(&uri)?;
        if text.contains(['?', '#']) {
            return Err(ServerError::TooMuch);
        }
        Ok(Self { origin, base: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl Server {
    /// The target of a request.
    pub(super) fn target(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.base)
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
            ("https://Keys.example.com:443", "https://keys.example.com"),
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
}
