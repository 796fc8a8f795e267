//! Who signed in, and what they may do in their accounts. It is asked for management; calls are decided elsewhere.

use std::net::IpAddr;

use claviger_model::{
    AccountId, CredentialId, LoginTokens, Permission, PermissionSet, Right, RoleAccess, SecondFactorRule,
    Standing, Time, User, UserId, UserState,
};

use crate::Snapshot;
use crate::credentials::Entry;
use crate::environments::PEOPLE;
use crate::people::Held;

/// With what somebody comes who manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameWith {
    /// What they got for signing in.
    Session,
    /// A key that stands for them.
    Key,
}

/// Somebody who signed in, or whose key stands for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    /// What they came with.
    pub token: CredentialId,
    /// Of which kind it is.
    pub with: CameWith,
    /// Who.
    pub user: UserId,
    /// For which of their accounts. For an operator who belongs to none, it names none.
    pub account: AccountId,
    /// Whether the provider that signed them in vouched for a second factor.
    pub vouched_factor: bool,
}

impl Snapshot {
    /// Who signed in and got this token, if it still works from this address.
    #[must_use]
    pub fn signed_in(&self, token: &str, client: IpAddr, now: Time) -> Option<SignedIn> {
        let entry = self.credentials.get(&self.digest_key.digest(token.as_bytes()))?;
        let works = entry.environment == PEOPLE && self.lets_in(entry, client, now);
        let user = self.people.get(entry.user)?;
        let account = self.accounts.get(entry.account).map(|account| account.account.id);
        (works && (self.stands_above(entry) || self.has_living_user(entry))).then_some(SignedIn {
            token: entry.id(),
            with: CameWith::Session,
            user: user.id,
            account: account.unwrap_or(AccountId::from_u128(0)),
            vouched_factor: entry.vouched_factor,
        })
    }

    /// Whether it belongs to somebody who stands above accounts.
    pub(crate) fn stands_above(&self, entry: &Entry) -> bool {
        let above = |user: &User| user.standing == Standing::Operator && user.state == UserState::Active;
        self.people.get(entry.user).is_some_and(above)
    }

    /// Who manages with this login token or key, if it works from this address now. A key stands for its user where it
    /// is used as a login token is (contract C): its API takes those too, and the key was not given less than all that
    /// its user may. Those above accounts have to sign in.
    #[must_use]
    pub fn manager(&self, credential: &str, client: IpAddr, now: Time) -> Option<SignedIn> {
        self.signed_in(credential, client, now).or_else(|| self.key_holder(credential, client, now))
    }

    fn key_holder(&self, key: &str, client: IpAddr, now: Time) -> Option<SignedIn> {
        let entry = self.credentials.get(&self.digest_key.digest(key.as_bytes()))?;
        let user = self.people.get(entry.user).filter(|user| user.standing != Standing::Operator)?;
        let account = self.accounts.get(entry.account)?.account.id;
        let api = self.api(self.environments.api(entry.environment)?)?;
        let alike = api.api.policy.login_tokens == LoginTokens::Accept;
        let whole = self.permissions.get(entry.permissions) == Some(&PermissionSet::Everything);
        let works = self.lets_in(entry, client, now) && self.has_living_user(entry);
        let signed_in = || SignedIn {
            token: entry.id(),
            with: CameWith::Key,
            user: user.id,
            account,
            vouched_factor: false,
        };
        (alike && whole && works).then(signed_in)
    }

    /// Whether somebody has to set a second factor up before they do anything else in an account: it asks its people
    /// for one, and they have none. Machines do not sign in.
    #[must_use]
    pub fn owes_factor(&self, user: &User, account: AccountId) -> bool {
        let asked = self.accounts.find(account).map(|account| account.second_factor);
        asked == Some(SecondFactorRule::Required)
            && user.standing != Standing::Service
            && user.second_factor_since.is_none()
            && user.belongs_to(account)
    }

    /// Whether this was given to somebody for signing in who has to set a second factor up first. Keys go on, and so does
    /// what a provider gave who vouched for a second factor.
    pub(crate) fn is_held_back(&self, entry: &Entry) -> bool {
        let owes = || {
            let account = self.accounts.get(entry.account)?.account.id;
            Some(self.owes_factor(self.people.get(entry.user)?, account))
        };
        entry.environment == PEOPLE && !entry.vouched_factor && owes().unwrap_or(false)
    }

    /// The id of the key with this text.
    #[must_use]
    pub fn key_id(&self, key: &str) -> Option<CredentialId> {
        let entry = self.credentials.get(&self.digest_key.digest(key.as_bytes()))?;
        (entry.environment != PEOPLE).then(|| entry.id())
    }

    /// What a user's roles let them do in an account.
    #[must_use]
    pub fn rights(&self, user: &User, account: AccountId) -> Vec<Right> {
        let mut rights: Vec<_> = self.people.held(user, account).flat_map(Held::rights).copied().collect();
        rights.sort_unstable();
        rights.dedup();
        rights
    }

    /// What a user's roles let them call in an account.
    #[must_use]
    pub fn accesses(&self, user: &User, account: AccountId) -> Vec<RoleAccess> {
        self.people.held(user, account).map(Held::access).collect()
    }

    /// Whether a user may call what needs this permission, in an account.
    #[must_use]
    pub fn user_may(&self, user: &User, account: AccountId, needed: &Permission) -> bool {
        self.people.may(user, account, needed)
    }
}
