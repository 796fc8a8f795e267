//! The components of a request that a signature of RFC 9421 can cover (section 2).

use http::HeaderName;
use http::header::HOST;
use sfv::{BareItem, Item};

use super::SignatureFault;
use super::text::{carries_credentials, path, push_field, query};
use crate::query::{form_decoded, form_encoded, form_same, parameters};
use crate::{Parts, Protocol};

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

/// The port that goes without saying.
const fn default_port(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Https => ":443",
        Protocol::Http => ":80",
    }
}

impl Component {
    /// Reads a component identifier.
    pub(crate) fn read(item: &Item) -> Result<Self, SignatureFault> {
        let BareItem::String(name) = &item.bare_item else { return Err(SignatureFault::UnknownComponent) };
        match (name.as_str(), item.params.len()) {
            (name, _) if carries_credentials(name) => Err(SignatureFault::CredentialCovered),
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

    /// Whether its value differs between HTTP and HTTPS. TLS may end in front of this side.
    pub(crate) fn depends_on_protocol(&self) -> bool {
        matches!(self, Self::TargetUri | Self::Authority | Self::Scheme) || *self == Self::Field(HOST)
    }

    /// Appends its value.
    pub(crate) fn push(
        &self,
        parts: &Parts<'_>,
        protocol: Protocol,
        text: &mut String,
    ) -> Result<(), SignatureFault> {
        match self {
            Self::Method => text.push_str(parts.method.as_str()),
            Self::TargetUri => {
                text.push_str(protocol.as_str());
                text.push_str("://");
                push_authority(parts.authority, protocol, text);
                text.push_str(parts.target);
            }
            Self::Authority => push_authority(parts.authority, protocol, text),
            Self::Scheme => text.push_str(protocol.as_str()),
            Self::RequestTarget => text.push_str(parts.target),
            Self::Path => text.push_str(path(parts.target)),
            Self::Query => {
                text.push('?');
                text.push_str(query(parts.target).unwrap_or_default());
            }
            Self::QueryParam(name) => text.push_str(&query_parameter(parts, name)?),
            Self::Field(name) => push_field(parts, name, text)?,
        }
        Ok(())
    }
}

/// In lower case, without the port that goes without saying (section 2.2.3).
fn push_authority(authority: &str, protocol: Protocol, text: &mut String) {
    let bare = authority.strip_suffix(default_port(protocol)).unwrap_or(authority);
    text.extend(bare.trim_end_matches(':').chars().map(|letter| letter.to_ascii_lowercase()));
}

/// The value of the one parameter with this name, encoded again (section 2.2.8).
fn query_parameter(parts: &Parts<'_>, name: &str) -> Result<String, SignatureFault> {
    let mut found = parameters(query(parts.target).unwrap_or_default())
        .filter(|parameter| form_same(parameter.name, name));
    match (found.next(), found.next()) {
        (Some(parameter), None) => Ok(form_encoded(&form_decoded(parameter.value))),
        _ => Err(SignatureFault::QueryParameter),
    }
}
