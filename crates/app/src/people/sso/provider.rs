use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use claviger_model::{AccountNumber, Slug};

use super::{SsoClaims, SsoClient};

/// The providers by which people sign in, and what speaks with them.
#[derive(Clone, Default)]
pub struct Sso {
    providers: BTreeMap<Slug, Arc<SsoProvider>>,
    client: Option<Arc<dyn SsoClient>>,
}

impl fmt::Debug for Sso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.providers.keys()).finish()
    }
}

impl Sso {
    /// These providers, spoken with by this client.
    #[must_use]
    pub fn new(providers: Vec<SsoProvider>, client: Arc<dyn SsoClient>) -> Self {
        let providers = providers.into_iter().map(|one| (one.slug.clone(), Arc::new(one)));
        Self { providers: providers.collect(), client: Some(client) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &SsoProvider> {
        self.providers.values().map(AsRef::as_ref)
    }

    pub(super) fn find(&self, slug: &Slug) -> Option<(&SsoProvider, &dyn SsoClient)> {
        Some((self.providers.get(slug)?, self.client.as_deref()?))
    }
}

/// A provider: what it is called, and whom its people are here.
#[derive(Debug, Clone)]
pub struct SsoProvider {
    /// What it is called in addresses.
    pub slug: Slug,
    /// What people are shown.
    pub name: String,
    /// Who it is. People are known by it: what another issuer says under the same slug is about others.
    pub issuer: String,
    /// In which account its people have a place.
    pub account: AccountOf,
    /// Which roles they have there.
    pub roles: RolesOf,
    /// Whether those who were never here are made users.
    pub newcomers: Newcomers,
    /// Whether those who were made otherwise are known by their address.
    pub email_links: EmailLinks,
    /// What of its word counts as a second factor.
    pub factor: VouchedFactor,
}

/// In which account people have a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountOf {
    /// All of them in this one.
    One(AccountNumber),
    /// In the one that a claim names.
    Claim {
        /// Which claim.
        claim: String,
        /// What of an account it has.
        by: AccountName,
        /// No other account than these, by number; any, if there is none.
        only: Vec<AccountNumber>,
    },
}

/// What of an account names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountName {
    /// Its number.
    Number,
    /// Its realm.
    Realm,
}

/// Which roles people have in their account. These roles are the provider's to give and to take; others stay.
#[derive(Debug, Clone, Default)]
pub struct RolesOf {
    /// The claim that says it.
    pub claim: Option<String>,
    /// The roles for each value of it.
    pub values: BTreeMap<String, Vec<Slug>>,
    /// The roles of those for whom no value says any.
    pub default: Vec<Slug>,
}

/// What becomes of those who were never here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newcomers {
    /// A user is made for them.
    Made,
    /// They do not get in.
    Refused,
}

/// Whether people who were made otherwise are known by their e-mail address, if the provider says that it is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailLinks {
    /// They are, once.
    Verified,
    /// They are not.
    Never,
}

/// What of a provider's word counts as a second factor.
#[derive(Debug, Clone, Default)]
pub struct VouchedFactor {
    /// One of these methods (`amr`).
    pub methods: Vec<String>,
    /// One of these classes (`acr`).
    pub classes: Vec<String>,
}

impl VouchedFactor {
    pub(super) fn is_in(&self, claims: &SsoClaims) -> bool {
        claims.methods.iter().any(|method| self.methods.contains(method))
            || claims.class.as_ref().is_some_and(|class| self.classes.contains(class))
    }
}

impl RolesOf {
    /// What these claims say, each role once.
    pub(super) fn of(&self, claims: &SsoClaims) -> Vec<Slug> {
        let said = self.claim.as_deref().map(|claim| claims.texts(claim)).unwrap_or_default();
        let mapped = said.iter().filter_map(|value| self.values.get(value)).flatten();
        let mut roles: Vec<Slug> = mapped.cloned().collect();
        if roles.is_empty() {
            roles.clone_from(&self.default);
        }
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// Whether a role is the provider's to give and to take.
    pub(super) fn governs(&self, role: &Slug) -> bool {
        self.default.contains(role) || self.values.values().any(|roles| roles.contains(role))
    }
}
