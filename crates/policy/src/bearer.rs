//! What a credential can do, for whoever has it. Of a call, [`crate::decide`] says so; here is no call.

use std::net::IpAddr;
use std::sync::Arc;

use claviger_model::{
    Account, AccountId, Allowlist, CredentialId, Endpoint, Environment, LoginTokens, Permission,
    PermissionSet, Slug, Time, User, VersionName,
};

use crate::credentials::Entry;
use crate::environments::PEOPLE;
use crate::{CompiledApi, Snapshot};

/// A credential that works.
#[derive(Debug)]
pub struct Bearer<'s> {
    /// Its id.
    pub credential: CredentialId,
    /// Its kind.
    pub key_type: &'s Slug,
    /// Whose account it belongs to; none for what those above accounts got for signing in.
    pub account: Option<&'s Account>,
    /// Whose it is within the account.
    pub user: Option<&'s User>,
    /// For which API and environment it was made; none, if it was given for signing in.
    pub place: Option<(&'s Arc<CompiledApi>, &'s Environment)>,
    /// What it was given.
    pub permissions: &'s PermissionSet,
    /// From where it works.
    pub allowlist: &'s Allowlist,
    /// Until when.
    pub expires_at: Option<Time>,
    entry: &'s Entry,
}

/// An endpoint that can be called.
#[derive(Debug, Clone, Copy)]
pub struct Callable<'s> {
    /// Of this API.
    pub api: &'s Arc<CompiledApi>,
    /// Of this version.
    pub version: &'s VersionName,
    /// The endpoint.
    pub endpoint: &'s Endpoint,
}

impl Snapshot {
    /// The key, login token or session with this text, if it works from this address now. The public id of a key pair is
    /// none: everybody may know it.
    #[must_use]
    pub fn bearer(&self, secret: &str, client: IpAddr, now: Time) -> Option<Bearer<'_>> {
        let (key, secret) = (&self.digest_key, secret.as_bytes());
        let own = self.credentials.get(&key.digest(secret));
        let hashed = || self.credentials.get(&key.digest_through_sha256(secret));
        let entry = own.or_else(hashed)?;
        (self.lets_in(entry, client, now) && self.belongs(entry)).then(|| self.bearer_of(entry)).flatten()
    }

    /// Whether there is still somebody whom a credential acts for.
    fn belongs(&self, entry: &Entry) -> bool {
        let above = || entry.environment == PEOPLE && self.stands_above(entry);
        (self.accounts.get(entry.account).is_some() && self.has_living_user(entry)) || above()
    }

    fn bearer_of<'s>(&'s self, entry: &'s Entry) -> Option<Bearer<'s>> {
        let expires_at = Some(entry.expires_at()).filter(|end| *end != Entry::FOREVER);
        Some(Bearer {
            credential: entry.id(),
            key_type: self.key_types.get(entry.key_type)?,
            account: self.accounts.get(entry.account).map(|account| &account.account),
            user: self.people.get(entry.user),
            place: self.environments.id(entry.environment).and_then(|id| self.environment(id)),
            permissions: self.permissions.get(entry.permissions)?,
            allowlist: self.allowlists.get(entry.allowlist)?,
            expires_at,
            entry,
        })
    }

    /// Every endpoint that a credential can call: of its API or, if it was given for signing in, of those that take it.
    #[must_use]
    pub fn callable<'s>(&'s self, bearer: &Bearer<'s>) -> Vec<Callable<'s>> {
        let Some(account) = bearer.account.map(|account| account.id) else { return Vec::new() };
        if self.is_held_back(bearer.entry) {
            return Vec::new();
        }
        let taken = self.apis().filter(|api| match bearer.place {
            Some((own, _)) => own.api.id == api.api.id,
            None => api.api.policy.login_tokens == LoginTokens::Accept,
        });
        let all = taken.flat_map(|api| {
            let versions = api.api.versions.iter();
            versions.flat_map(move |version| {
                let of = move |endpoint| Callable { api, version: &version.name, endpoint };
                version.endpoints.iter().map(of)
            })
        });
        let may = |one: &Callable<'_>| {
            one.endpoint.permissions.iter().all(|needed| self.allows(bearer.entry, account, needed))
        };
        all.filter(may).collect()
    }

    /// Whether a credential of an account may do what needs this: it was given it, and what belongs to a user does not
    /// do more than they may, now.
    pub(crate) fn allows(&self, entry: &Entry, account: AccountId, needed: &Permission) -> bool {
        let given = self.permissions.get(entry.permissions).is_some_and(|set| set.allows(needed));
        let user = || self.people.get(entry.user).is_some_and(|user| self.people.may(user, account, needed));
        given && (entry.user == 0 || user())
    }
}
