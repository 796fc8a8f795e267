use http::{HeaderMap, Method};

use crate::Body;

/// The parts of a request that everything else is read from.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The host it names: lower case, without a port.
    pub host: &'a str,
    /// The same as written, with its port if one was.
    pub authority: &'a str,
    /// How the caller came, as far as the door knows.
    pub protocol: Protocol,
    /// Its target in origin form, as received.
    pub target: &'a str,
    /// Its header fields.
    pub headers: &'a HeaderMap,
    /// Its body. Whether there is one is told by the transport: not every body has a length in the headers.
    pub body: Body<'a>,
}

/// How a caller came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Protocol {
    /// The scheme of a URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}
