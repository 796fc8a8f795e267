//! The components of a request that a signature of RFC 9421 can cover (section 2).

use http::HeaderName;
use http::header::HOST;
use sfv::BareItemFromInput;

use super::SignatureFault;
use super::input::push_string;
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

/// How a component is named: by a string, and parameters.
pub(super) struct Identifier<'d> {
    pub(super) name: BareItemFromInput<'d>,
    pub(super) parameter: Parameter<'d>,
}

/// The parameters of a component.
pub(super) enum Parameter<'d> {
    None,
    /// `name`, alone.
    Name(BareItemFromInput<'d>),
    /// Others, which are not served.
    Other,
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
    pub(super) fn read(identifier: &Identifier<'_>) -> Result<Self, SignatureFault> {
        let BareItemFromInput::String(name) = &identifier.name else {
            return Err(SignatureFault::UnknownComponent);
        };
        match (name.as_str(), &identifier.parameter) {
            (name, _) if carries_credentials(name) => Err(SignatureFault::CredentialCovered),
            ("@query-param", Parameter::Name(BareItemFromInput::String(name))) => {
                Ok(Self::QueryParam(name.as_str().to_owned()))
            }
            (name, Parameter::None) => Self::named(name).ok_or(SignatureFault::UnknownComponent),
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

    /// Appends its identifier (section 2.5).
    pub(super) fn push_identifier(&self, text: &mut String) {
        let name = match self {
            Self::Method => "@method",
            Self::TargetUri => "@target-uri",
            Self::Authority => "@authority",
            Self::Scheme => "@scheme",
            Self::RequestTarget => "@request-target",
            Self::Path => "@path",
            Self::Query => "@query",
            Self::QueryParam(_) => "@query-param",
            Self::Field(name) => name.as_str(),
        };
        push_string(name, text);
        if let Self::QueryParam(name) = self {
            text.push_str(";name=");
            push_string(name, text);
        }
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
    let start = text.len();
    text.push_str(bare.trim_end_matches(':'));
    if let Some(pushed) = text.get_mut(start..) {
        pushed.make_ascii_lowercase();
    }
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
