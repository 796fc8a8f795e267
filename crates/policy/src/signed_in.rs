//! Who signed in, and what they may do in their accounts. It is asked for management; calls are decided elsewhere.

use std::net::IpAddr;

use claviger_model::{
    AccountId, BuiltInRole, CredentialId, CredentialState, Permission, Right, RoleAccess, Standing, Time,
    User, UserId, UserState,
};

use crate::Snapshot;
use crate::environments::PEOPLE;

/// Somebody who signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// What they got for it.
    pub token: CredentialId,
    /// Who.
    pub user: UserId,
    /// For which of their accounts. For an operator who belongs to none, it names none.
    pub account: AccountId,
}

impl Snapshot {
    /// Who signed in and got this token, if it still works from this address.
    #[must_use]
    pub fn signed_in(&self, token: &str, client: IpAddr, now: Time) -> Option<SignedIn> {
        let entry = self.credentials.get(&self.digest_key.digest(token.as_bytes()))?;
        let works = entry.environment == PEOPLE
            && entry.state == CredentialState::Active
            && entry.not_before() <= now
            && now < entry.expires_at();
        let allowed = self.allowlists.get(entry.allowlist).is_some_and(|list| list.allows(client));
        let user = self.people.get(entry.user)?;
        let account = self.accounts.get(entry.account).map(|account| account.account.id);
        let stands_above = user.standing == Standing::Operator && user.state == UserState::Active;
        (works && allowed && (stands_above || self.has_living_user(entry))).then_some(SignedIn {
            token: entry.id(),
            user: user.id,
            account: account.unwrap_or(AccountId::from_u128(0)),
        })
    }

    /// What a user's roles let them do in an account.
    #[must_use]
    pub fn rights(&self, user: &User, account: AccountId) -> Vec<Right> {
        let memberships = user.memberships.iter().filter(|membership| membership.account == account);
        let roles = memberships.flat_map(|membership| &membership.roles);
        let mut rights: Vec<Right> = roles
            .flat_map(|slug| match BuiltInRole::from_slug(slug.as_str()) {
                Some(role) => role.rights().to_vec(),
                None => self.role(account, slug).map(|role| role.rights.clone()).unwrap_or_default(),
            })
            .collect();
        rights.sort_unstable();
        rights.dedup();
        rights
    }

    /// What a user's roles let them call in an account.
    #[must_use]
    pub fn accesses(&self, user: &User, account: AccountId) -> Vec<RoleAccess> {
        self.people.accesses(user, account).collect()
    }

    /// Whether a user may call what needs this permission, in an account.
    #[must_use]
    pub fn user_may(&self, user: &User, account: AccountId, needed: &Permission) -> bool {
        self.people.may(user, account, needed)
    }
}
