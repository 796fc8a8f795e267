use std::fmt;
use std::pin::Pin;

use claviger_model::{Slug, Time};
use serde::{Deserialize, Serialize};

use super::SsoClaims;
use crate::Shown;

/// Something that takes a while.
pub type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, SsoFailure>> + Send + 'a>>;

/// Speaks with providers, and believes nothing that is not proved.
pub trait SsoClient: Send + Sync + 'static {
    /// The address at which somebody signs in with a provider.
    fn address<'a>(&'a self, provider: &'a Slug, asked: SsoAsked<'a>, now: Time) -> Waiting<'a, String>;

    /// What a provider says of whoever signed in with it. Verified: it is meant for us, for this beginning and for now.
    fn redeem<'a>(
        &'a self,
        provider: &'a Slug,
        answered: SsoAnswered<'a>,
        now: Time,
    ) -> Waiting<'a, SsoClaims>;
}

/// Where the browser goes from the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SsoLanding {
    /// To the address that the configuration says.
    Configured,
    /// To a program on the person's own machine that listens at this port (RFC 8252 section 7.3).
    Loopback(u16),
}

impl fmt::Display for SsoLanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configured => "to a page",
            Self::Loopback(_) => "to a program on their own machine",
        })
    }
}

/// What a beginning is made of.
#[derive(Debug, Clone, Copy)]
pub struct SsoAsked<'a> {
    /// Comes back with the code.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// Proves to the provider that who redeems the code is who began (RFC 7636).
    pub verifier: &'a Shown,
    /// Where the browser goes.
    pub landing: SsoLanding,
}

/// What came back from a provider by way of the browser, and what it has to fit.
#[derive(Debug, Clone, Copy)]
pub struct SsoAnswered<'a> {
    /// The code.
    pub code: &'a Shown,
    /// Who says to have given it (RFC 9207), if anybody does.
    pub issuer: Option<&'a str>,
    /// The nonce of the beginning.
    pub nonce: &'a str,
    /// The verifier of the beginning.
    pub verifier: &'a Shown,
    /// Where the browser was sent.
    pub landing: SsoLanding,
}

/// Why a provider said nothing that is proved. The texts hold no secret and no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoFailure {
    /// It cannot be reached, is too slow, or speaks no OpenID Connect.
    #[error("{0}")]
    Unavailable(String),
    /// It refused the code, or what it says is not proved.
    #[error("{0}")]
    Refused(String),
    /// It is not set up to send people there.
    #[error("the provider does not send people {0}")]
    NoLanding(SsoLanding),
}
