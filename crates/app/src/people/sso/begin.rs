use claviger_model::{Slug, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SsoAsked, SsoClient, SsoError, SsoFailure, SsoLanding, SsoProvider};
use crate::{App, AppError, Shown};

/// A provider, as everybody is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SsoProviderView {
    /// What it is called in addresses.
    pub slug: Slug,
    /// What people are shown.
    pub name: String,
}

/// What somebody needs to sign in with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SsoBegun {
    /// Where their browser goes.
    pub address: String,
    /// What they finish with. It is for whoever began alone, and is in no address.
    pub handle: Shown,
    /// From then on it is too late.
    pub ends_at: Time,
}

impl App {
    /// The providers by which one can sign in.
    #[must_use]
    pub fn sso_providers(&self) -> Vec<SsoProviderView> {
        self.sso
            .iter()
            .map(|one| SsoProviderView { slug: one.slug.clone(), name: one.name.clone() })
            .collect()
    }

    /// Begins to sign somebody in by a provider.
    ///
    /// # Errors
    /// [`AppError::NotFound`] and [`AppError::Sso`].
    pub async fn begin_sso(&self, provider: &Slug, landing: SsoLanding) -> Result<SsoBegun, AppError> {
        let (provider, client) = self.sso_provider(provider)?;
        let handle = self.new_handle(landing);
        let asked =
            SsoAsked { state: &handle.state, nonce: &handle.nonce, verifier: &handle.verifier, landing };
        let address = client.address(&provider.slug, asked, self.now()).await;
        let address = address.map_err(|failure| failed(provider, failure))?;
        let ends_at = handle.ends_at;
        Ok(SsoBegun { address, handle: self.seal_handle(&provider.slug, &handle)?, ends_at })
    }

    pub(super) fn sso_provider(&self, slug: &Slug) -> Result<(&SsoProvider, &dyn SsoClient), AppError> {
        self.sso.find(slug).ok_or_else(|| AppError::not_found("provider", slug))
    }
}

/// What is told of a failure. Why a provider cannot be used, whoever runs this reads in the log.
pub(super) fn failed(provider: &SsoProvider, failure: SsoFailure) -> SsoError {
    match failure {
        SsoFailure::Unavailable(why) => {
            tracing::warn!(provider = provider.slug.as_str(), why, "a provider cannot be used to sign in");
            SsoError::Unavailable
        }
        SsoFailure::Refused(why) => SsoError::Refused(super::SsoRefusal::Unproven(why)),
        SsoFailure::NoLanding(landing) => SsoError::NoLanding(landing),
    }
}
