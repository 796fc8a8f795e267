use claviger_fetch::Trust;
use claviger_model::Slug;
use secrecy::SecretString;

use crate::Address;

/// How a provider is spoken with.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// What it is called here.
    pub slug: Slug,
    /// Who it is, and where it says what it can do.
    pub issuer: Address,
    /// What we are called there.
    pub client_id: String,
    /// With what we prove that it is us; without one, the provider knows us as a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for; `openid` is always asked for.
    pub scopes: Vec<String>,
    /// Where the browser goes; nowhere but to programs on the person's own machine, if absent.
    pub redirect: Option<String>,
    /// The path at which such programs listen; none do, if absent.
    pub loopback_path: Option<&'static str>,
    /// Whether it is asked for more than the ID token has.
    pub userinfo: UserInfo,
    /// Who vouches that it is the provider.
    pub trust: Trust,
}

/// Whether a provider is asked for more than the ID token has (OpenID Connect Core 1.0, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserInfo {
    /// It is, if it can be.
    Asked,
    /// It is not.
    Ignored,
}

/// Why a provider cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// There is nobody to trust.
    #[error("`sso.{provider}.roots`: {why}")]
    Trust {
        /// Which provider.
        provider: Slug,
        /// Why.
        why: String,
    },
}
