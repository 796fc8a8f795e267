//! A client of OpenID Connect providers: authorization code with PKCE (RFC 6749, RFC 7636), discovery, and ID tokens
//! that are verified (OpenID Connect Core 1.0, section 3.1.3.7).
//!
//! What a provider sends is bounded in size and time, no redirect is followed, and plain HTTP goes nowhere but to this
//! machine. Rules are not here: [`Providers`] tells the use cases who signed in, and they say what that means.

mod address;
mod discovery;
mod id_token;
mod keys;
mod known;
mod provider;
mod query;
mod settings;
mod token;
mod userinfo;
mod wire;

use std::collections::BTreeMap;

use claviger_app::{SsoAnswered, SsoAsked, SsoClaims, SsoClient, SsoFailure, Waiting};
use claviger_model::{Slug, Time};

pub use address::{Address, AddressError};
pub use claviger_fetch::Trust;
pub use settings::{ProviderSettings, SettingsError, UserInfo};

use provider::Provider;

/// The providers of an installation.
pub struct Providers(BTreeMap<Slug, Provider>);

impl Providers {
    /// Providers with these settings. None of them is asked for anything yet.
    ///
    /// # Errors
    /// [`SettingsError`] if certificate authorities cannot be read.
    pub fn new(settings: Vec<ProviderSettings>) -> Result<Self, SettingsError> {
        let made = settings.into_iter().map(|one| Ok((one.slug.clone(), Provider::new(one)?)));
        made.collect::<Result<_, _>>().map(Self)
    }

    fn find(&self, slug: &Slug) -> Result<&Provider, SsoFailure> {
        self.0.get(slug).ok_or_else(|| SsoFailure::Unavailable("it has no settings".to_owned()))
    }
}

impl SsoClient for Providers {
    fn address<'a>(&'a self, provider: &'a Slug, asked: SsoAsked<'a>, now: Time) -> Waiting<'a, String> {
        Box::pin(async move { self.find(provider)?.address(asked, now).await })
    }

    fn redeem<'a>(
        &'a self,
        provider: &'a Slug,
        answered: SsoAnswered<'a>,
        now: Time,
    ) -> Waiting<'a, SsoClaims> {
        Box::pin(async move { self.find(provider)?.redeem(answered, now).await })
    }
}
