use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a request is refused. The text of each is stable: clients may depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The request can be read in two ways, or not at all: framing, host or target.
    MalformedRequest,
    /// No credential was presented.
    MissingCredential,
    /// What was presented cannot be a credential of the accepted schemes.
    MalformedCredential,
    /// More than one credential was presented.
    AmbiguousCredential,
    /// No such credential, or not with this user name.
    UnknownCredential,
    /// It waits for an operator.
    PendingActivation,
    /// It is switched off.
    Disabled,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It was ended for good.
    Revoked,
    /// Its user has no second factor, and their account asks everybody for one.
    SecondFactorRequired,
    /// It was made for another API.
    WrongApi,
    /// It was made for another environment of this API.
    WrongEnvironment,
    /// The realm named is not its account's.
    WrongRealm,
    /// It may not be used from this address.
    AddressNotAllowed,
    /// It lacks a permission that the endpoint needs.
    InsufficientPermission,
    /// The signature does not fit the request.
    BadSignature,
    /// The request was signed too long ago, or in the future.
    ClockSkew,
    /// The signed request was seen before.
    Replayed,
    /// It called another version of this API a short time ago.
    VersionMixed,
    /// The endpoint does not take this method.
    MethodNotAllowed,
    /// The API does not take this type of body.
    UnsupportedMediaType,
    /// There is no such endpoint, version or API.
    UnknownEndpoint,
    /// This node cannot know at present whether the credential is still good.
    NotFresh,
}

/// What a refusal is about, which decides the status that it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Who the caller is: an API chooses 401 or 403.
    Authentication,
    /// What the caller may do or did: this status always.
    Request(u16),
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 24] = [
        Self::MalformedRequest,
        Self::MissingCredential,
        Self::MalformedCredential,
        Self::AmbiguousCredential,
        Self::UnknownCredential,
        Self::PendingActivation,
        Self::Disabled,
        Self::Expired,
        Self::NotYetValid,
        Self::Revoked,
        Self::SecondFactorRequired,
        Self::WrongApi,
        Self::WrongEnvironment,
        Self::WrongRealm,
        Self::AddressNotAllowed,
        Self::InsufficientPermission,
        Self::BadSignature,
        Self::ClockSkew,
        Self::Replayed,
        Self::VersionMixed,
        Self::MethodNotAllowed,
        Self::UnsupportedMediaType,
        Self::UnknownEndpoint,
        Self::NotFresh,
    ];

    /// The stable code, and one sentence for the caller.
    #[must_use]
    pub const fn code_and_title(self) -> (&'static str, &'static str) {
        match self {
            Self::MalformedRequest => {
                ("malformed_request", "The request cannot be understood, or in more than one way.")
            }
            Self::MissingCredential => ("missing_credential", "The request carries no credential."),
            Self::MalformedCredential => ("malformed_credential", "The credential is not well formed."),
            Self::AmbiguousCredential => {
                ("ambiguous_credential", "The request carries more than one credential.")
            }
            Self::UnknownCredential => ("unknown_credential", "The credential is not known."),
            Self::PendingActivation => ("pending_activation", "The credential waits for its activation."),
            Self::Disabled => ("disabled", "The credential is disabled."),
            Self::Expired => ("expired", "The credential has expired."),
            Self::NotYetValid => ("not_yet_valid", "The credential is not valid yet."),
            Self::Revoked => ("revoked", "The credential was revoked."),
            Self::SecondFactorRequired => {
                ("second_factor_required", "The credential's user has to set a second factor up first.")
            }
            Self::WrongApi => ("wrong_api", "The credential was made for another API."),
            Self::WrongEnvironment => {
                ("wrong_environment", "The credential was made for another environment.")
            }
            Self::WrongRealm => ("wrong_realm", "The realm is not the credential's."),
            Self::AddressNotAllowed => {
                ("address_not_allowed", "The credential cannot be used from this address.")
            }
            Self::InsufficientPermission => ("insufficient_permission", "The credential lacks a permission."),
            Self::BadSignature => ("bad_signature", "The signature does not fit the request."),
            Self::ClockSkew => ("clock_skew", "The request was signed outside the accepted time."),
            Self::Replayed => ("replayed", "The signed request was seen before."),
            Self::VersionMixed => ("version_mixed", "The credential calls two versions of this API."),
            Self::MethodNotAllowed => ("method_not_allowed", "The endpoint does not take this method."),
            Self::UnsupportedMediaType => {
                ("unsupported_media_type", "The API does not take this type of body.")
            }
            Self::UnknownEndpoint => ("unknown_endpoint", "There is no such endpoint."),
            Self::NotFresh => ("not_fresh", "This node cannot check credentials at present."),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code_and_title().0
    }

    /// What the refusal is about.
    #[must_use]
    pub const fn refused(self) -> Refused {
        match self {
            Self::MissingCredential
            | Self::MalformedCredential
            | Self::AmbiguousCredential
            | Self::UnknownCredential
            | Self::PendingActivation
            | Self::Disabled
            | Self::Expired
            | Self::NotYetValid
            | Self::Revoked
            | Self::BadSignature
            | Self::ClockSkew
            | Self::Replayed => Refused::Authentication,
            Self::SecondFactorRequired
            | Self::WrongApi
            | Self::WrongEnvironment
            | Self::WrongRealm
            | Self::AddressNotAllowed
            | Self::InsufficientPermission => Refused::Request(403),
            Self::MalformedRequest => Refused::Request(400),
            Self::UnknownEndpoint => Refused::Request(404),
            Self::MethodNotAllowed => Refused::Request(405),
            Self::VersionMixed => Refused::Request(409),
            Self::UnsupportedMediaType => Refused::Request(415),
            Self::NotFresh => Refused::Request(503),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_json_form_and_differ() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{}\"", reason.code()));
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
