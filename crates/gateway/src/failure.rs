use http::StatusCode;

/// Why the gateway answers in an upstream's or a judge's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Failure {
    /// The request can be read in more than one way, or not at all.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The request line and headers are more or longer than allowed.
    #[error("the request's headers are too many or too long")]
    HeadTooLarge,
    /// The request line and headers did not arrive in time.
    #[error("the request's headers did not arrive in time")]
    HeadTimeout,
    /// The body is longer than allowed.
    #[error("the request's body is too long")]
    BodyTooLarge,
    /// The caller stopped sending the body.
    #[error("the request's body did not arrive in time")]
    BodyTimeout,
    /// The caller's connection broke while the body was awaited.
    #[error("the request's body ended early")]
    BodyBroken,
    /// As many bodies wait to be verified as may be, and none became free in time.
    #[error("too many bodies of signed requests are held")]
    TooManyBodies,
    /// No connection to the upstream could be made.
    #[error("the upstream cannot be reached")]
    UpstreamUnreachable,
    /// As many connections to the upstream are open as may be, and none became free in time.
    #[error("too many requests to the upstream go on")]
    UpstreamBusy,
    /// The upstream's answer was no HTTP or ended early.
    #[error("the upstream's answer is broken")]
    UpstreamBroken,
    /// The upstream did not answer, or stopped answering.
    #[error("the upstream did not answer in time")]
    UpstreamTimeout,
}

impl Failure {
    /// The status that the caller is given.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::HeadTimeout | Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UpstreamUnreachable | Self::UpstreamBroken => StatusCode::BAD_GATEWAY,
            Self::TooManyBodies | Self::UpstreamBusy => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

macro_rules! malformed {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What makes a request ambiguous or unreadable. Each is refused with 400, and an HTTP/1 connection closed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        #[repr(u8)]
        pub enum Malformed {
            $($(#[$doc])* #[error($text)] $name,)*
        }

        impl Malformed {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

malformed! {
    /// Not `METHOD SP target SP HTTP/1.x` (RFC 9112 section 3).
    RequestLine = "the request line is malformed";
    /// The target holds a character that no URL may, or a fragment (RFC 3986).
    Target = "the request target is malformed";
    /// `CONNECT`, or `*`, which a reverse proxy does not serve.
    TargetForm = "this form of request target is not served";
    /// The target names another host than the `Host` header.
    TargetHost = "the request target and the Host header name different hosts";
    /// A line that does not end with CR LF.
    LineEnd = "a line does not end with CR LF";
    /// A header continued on the next line (RFC 9112 section 5.2).
    Folding = "a header is folded over several lines";
    /// A header name that is no token, such as one followed by a space.
    HeaderName = "a header name is malformed";
    /// A header value with a control character.
    HeaderValue = "a header value holds a control character";
    /// No `Host`.
    HostMissing = "the Host header is missing";
    /// More than one `Host`.
    HostRepeated = "there is more than one Host header";
    /// A `Host` that is no host and port.
    Host = "the Host header is malformed";
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 section 6.1).
    LengthAndEncoding = "the request has both Content-Length and Transfer-Encoding";
    /// `Content-Length` that is not digits only, or is too great.
    Length = "the Content-Length header is malformed";
    /// More than one `Content-Length`.
    LengthRepeated = "there is more than one Content-Length header";
    /// `Transfer-Encoding` other than exactly one `chunked`, or in HTTP/1.0.
    Encoding = "the Transfer-Encoding header is not exactly chunked";
    /// A chunked body that does not keep to RFC 9112 section 7.1.
    Chunk = "the chunked body is malformed";
}
