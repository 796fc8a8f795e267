//! Signing in by an OpenID Connect provider: whom its claims stand for, and what they may.
//!
//! The provider is asked by an [`SsoClient`], which verifies what it says. The rules are here: who begins gets a handle
//! that only they have, and only with it an answer is taken; what is not mapped is refused; and nobody is told why.

mod begin;
mod claims;
mod client;
mod finish;
mod handle;
mod newcomer;
mod place;
mod provider;
mod who;

pub use begin::{SsoBegun, SsoProviderView};
pub use claims::SsoClaims;
pub use client::{SsoAnswered, SsoAsked, SsoClient, SsoFailure, SsoLanding, Waiting};
pub use finish::SsoFinish;
pub use provider::{AccountName, AccountOf, EmailLinks, Newcomers, RolesOf, Sso, SsoProvider, VouchedFactor};

use super::sign_in::LoginKind;

/// Why signing in by a provider did not work. Whoever tried is not told more than this; the audit has the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// Nobody is signed in.
    #[error("this did not sign you in; begin again, and if it stays so, ask whoever gives access here")]
    Refused(#[source] SsoRefusal),
    /// The provider did not answer, or not as it should.
    #[error("the provider does not answer at this time; try again later")]
    Unavailable,
    /// The provider is not set up to send people there.
    #[error("this provider does not send people {0}")]
    NoLanding(SsoLanding),
}

/// Why nobody is signed in, for the audit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoRefusal {
    /// The handle is none of this provider.
    #[error("the handle is none that was given for this provider")]
    Handle,
    /// It is too late.
    #[error("the handle is too old")]
    Late,
    /// The answer belongs to another beginning.
    #[error("the state is not the one that belongs to the handle")]
    State,
    /// The handle was used.
    #[error("the handle was used before")]
    Used,
    /// The provider's answer proves nothing.
    #[error("{0}")]
    Unproven(String),
    /// The claims name no account.
    #[error("the claims name no account that people of this provider have a place in")]
    NoAccount,
    /// The claims name no role.
    #[error("the claims name no role")]
    NoRole,
    /// There is no such user, and none is made.
    #[error("there is no user for this subject, and the provider's people are not made users")]
    Unknown,
    /// There is a user with this address who cannot be taken for them.
    #[error(
        "there is a user with this e-mail address who belongs to another account, to several, or to none"
    )]
    Foreign,
    /// The user is disabled.
    #[error("the user is disabled")]
    Disabled,
    /// Who stands above accounts, and machines, are none of a provider's.
    #[error("the user stands above accounts, or is a machine")]
    Standing,
    /// The user became another one meanwhile.
    #[error("the user was changed meanwhile")]
    Changed,
}
