use std::net::IpAddr;
use std::sync::Arc;

use claviger_credential::Parts;
use claviger_model::{
    Account, CredentialId, Digest, Endpoint, Format, PermissionSet, Reason, Scheme, Slug, VersionName,
};
use http::{HeaderName, HeaderValue, Method};

use crate::compiled::{CompiledApi, CompiledEnvironment, CompiledVersion};
use crate::{Negotiated, Replays, UpstreamAddress, UseMark, Uses};

/// A request, as every door gives it to [`crate::decide`].
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its parts.
    pub parts: Parts<'a>,
    /// From where it comes, after the rules on trusted proxies.
    pub client: IpAddr,
    /// What is known of earlier calls.
    pub uses: &'a Uses,
    /// What was signed and accepted lately.
    pub replays: &'a Replays,
}

/// Whether a request is let through.
#[derive(Debug)]
pub enum Decision<'s> {
    /// It is, and this is what it may do.
    Allow(Grant<'s>),
    /// It is not.
    Deny(Denial<'s>),
}

/// A request that is let through: who it acts for, and what it calls.
#[derive(Debug)]
pub struct Grant<'s> {
    /// Whose credential it is.
    pub account: &'s Account,
    /// The credential.
    pub credential: CredentialId,
    /// How it was presented.
    pub scheme: &'s Scheme,
    /// The credential's kind.
    pub key_type: &'s Slug,
    /// What the credential may do.
    pub permissions: &'s PermissionSet,
    /// The API.
    pub api: &'s Arc<CompiledApi>,
    /// The environment.
    pub environment: &'s CompiledEnvironment,
    /// The version.
    pub version: &'s CompiledVersion,
    /// The endpoint.
    pub endpoint: &'s Endpoint,
    /// The format of the answer.
    pub negotiated: Negotiated,
    /// Another version that the credential called a short time ago, if the API warns of that.
    pub mixed_with: Option<&'s VersionName>,
    /// The target to send upstream.
    pub target: String,
    /// What to ask later, if the request goes on for long.
    pub ticket: Ticket,
    pub(crate) account_number: &'s HeaderValue,
    pub(crate) slot: u32,
    pub(crate) replaced: bool,
}

/// What is needed to tell later whether a grant still stands: see [`crate::Snapshot::stands`]. No secret is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    pub(crate) digest: Digest,
    pub(crate) client: IpAddr,
}

impl Grant<'_> {
    /// Where the request goes.
    #[must_use]
    pub fn upstream(&self) -> &Arc<UpstreamAddress> {
        &self.environment.upstream
    }

    /// Under which slot and version the call is noted.
    #[must_use]
    pub fn use_mark(&self, now: claviger_model::Time) -> (u32, UseMark) {
        (self.slot, UseMark::new(self.version.number, now))
    }

    /// Whether the credential has a successor, so that its holder should have changed over.
    #[must_use]
    pub const fn is_replaced(&self) -> bool {
        self.replaced
    }

    /// Whether the answer may be kept by caches as the upstream says. Not where the credential stood in the URL, which
    /// caches keep answers by (RFC 6750 section 2.3).
    #[must_use]
    pub const fn is_cacheable(&self) -> bool {
        !matches!(self.scheme, Scheme::Query { .. })
    }

    /// The headers of the request that carry credentials and must not reach the upstream, besides `Authorization`.
    #[must_use]
    pub fn credential_headers(&self) -> &[HeaderName] {
        &self.api.credential_headers
    }

    /// The version's name as a header value.
    #[must_use]
    pub fn version_header(&self) -> &HeaderValue {
        &self.version.name
    }
}

/// A request that is refused.
#[derive(Debug)]
pub struct Denial<'s> {
    /// Why.
    pub reason: Reason,
    /// The API, if the request names one.
    pub api: Option<&'s Arc<CompiledApi>>,
    /// The name of the scheme that a credential was presented in, real or not, if one could be read.
    pub scheme: Option<&'static str>,
    /// The credential, if a real one was presented.
    pub credential: Option<CredentialId>,
    /// The format of the refusal.
    pub format: Format,
    /// The methods that would be taken, where the method is the reason.
    pub allow: Vec<Method>,
    /// A sentence more, for the caller.
    pub detail: Option<String>,
    /// The text that should have been signed, where the pair's owner wants to be told.
    pub string_to_sign: Option<String>,
}

impl Denial<'_> {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.reason.refused() {
            claviger_model::Refused::Request(status) => status,
            claviger_model::Refused::Authentication => {
                self.api.map_or(401, |api| api.api.policy.refusals.unauthenticated)
            }
        }
    }
}
