//! The components of a request that a signature of RFC 9421 can cover (section 2).

use http::HeaderName;
use http::header::HOST;
use sfv::{BareItem, Item};

use super::{Message, SignatureFault};
use crate::query::{form_decoded, form_encoded, parameters};

/// A component, as far as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Component {
    Method,
    TargetUri,
    Authority,
    Scheme,
    RequestTarget,
    Path,
    Query,
    QueryParam(String),
    Field(HeaderName),
}

/// How the signer called: this side cannot know, because TLS may end in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Web {
    Https,
    Http,
}

impl Web {
    const fn scheme(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    const fn port(self) -> &'static str {
        match self {
            Self::Https => ":443",
            Self::Http => ":80",
        }
    }
}

impl Component {
    /// Reads a component identifier.
    pub(crate) fn read(item: &Item) -> Result<Self, SignatureFault> {
        let BareItem::String(name) = &item.bare_item else { return Err(SignatureFault::UnknownComponent) };
        match (name.as_str(), item.params.len()) {
            ("@query-param", 1) => match item.params.get("name") {
                Some(BareItem::String(name)) => Ok(Self::QueryParam(name.as_str().to_owned())),
                _ => Err(SignatureFault::UnknownComponent),
            },
            (name, 0) => Self::named(name).ok_or(SignatureFault::UnknownComponent),
            _ => Err(SignatureFault::UnknownComponent),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "@method" => Self::Method,
            "@target-uri" => Self::TargetUri,
            "@authority" => Self::Authority,
            "@scheme" => Self::Scheme,
            "@request-target" => Self::RequestTarget,
            "@path" => Self::Path,
            "@query" => Self::Query,
            name if name.bytes().any(|byte| byte.is_ascii_uppercase()) => return None,
            name => Self::Field(HeaderName::from_bytes(name.as_bytes()).ok()?),
        })
    }

    pub(crate) fn depends_on_web(&self) -> bool {
        matches!(self, Self::TargetUri | Self::Authority | Self::Scheme) || *self == Self::Field(HOST)
    }

    /// Appends its value.
    pub(crate) fn push(
        &self,
        message: &Message<'_>,
        web: Web,
        text: &mut String,
    ) -> Result<(), SignatureFault> {
        match self {
            Self::Method => text.push_str(message.method.as_str()),
            Self::TargetUri => {
                text.push_str(web.scheme());
                text.push_str("://");
                push_authority(message.authority, web, text);
                text.push_str(message.target);
            }
            Self::Authority => push_authority(message.authority, web, text),
            Self::Scheme => text.push_str(web.scheme()),
            Self::RequestTarget => text.push_str(message.target),
            Self::Path => text.push_str(message.path()),
            Self::Query => {
                text.push('?');
                text.push_str(message.query().unwrap_or_default());
            }
            Self::QueryParam(name) => text.push_str(&query_parameter(message, name)?),
            Self::Field(name) => message.push_field(name, text)?,
        }
        Ok(())
    }
}

/// In lower case, without the port that goes without saying (section 2.2.3).
fn push_authority(authority: &str, web: Web, text: &mut String) {
    let bare = authority.strip_suffix(web.port()).unwrap_or(authority);
    text.extend(bare.trim_end_matches(':').chars().map(|letter| letter.to_ascii_lowercase()));
}

/// The value of the one parameter with this name, encoded again (section 2.2.8).
fn query_parameter(message: &Message<'_>, name: &str) -> Result<String, SignatureFault> {
    let wanted = form_decoded(name);
    let mut found = parameters(message.query().unwrap_or_default())
        .filter(|parameter| form_decoded(parameter.name) == wanted);
    match (found.next(), found.next()) {
        (Some(parameter), None) => Ok(form_encoded(&form_decoded(parameter.value))),
        _ => Err(SignatureFault::QueryParameter),
    }
}
