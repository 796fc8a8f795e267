//! Passwords that have to be held against a slow digest before anything can be decided.

use std::fmt;
use std::net::IpAddr;

use claviger_credential::{Presented, present};
use claviger_model::{BasicUser, CredentialId, CredentialState, Digest, Scheme, Time};
use zeroize::Zeroizing;

use crate::router::Routed;
use crate::{Request, Snapshot, Target};

/// A password to be held against a slow digest before anything is decided.
pub struct SlowCandidate {
    /// The user, as a keyed digest of the environment and the name.
    pub user: Digest,
    /// Whose slow digest it is to be held against.
    pub credential: CredentialId,
    /// What the check can lead to.
    pub stake: Stake,
    /// The password's own digest, keyed: it takes the slow one's place if the password is right.
    pub digest: Digest,
    /// The password.
    pub password: Zeroizing<String>,
    /// Who presents it.
    pub client: IpAddr,
}

/// What the check of a password can lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stake {
    /// The right password lets its user in.
    Entry,
    /// The request is refused in any case: its address is not allowed, or the credential cannot be used now. The right
    /// password lets its user know why.
    Reason,
    /// Nothing: there is no such user, and the digest is somebody else's. To say so at once would tell who there is.
    Nothing,
}

impl fmt::Debug for SlowCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SlowCandidate");
        shown.field("credential", &self.credential).field("stake", &self.stake).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// What has to be held against a slow digest before this request can be decided: a password that is not known,
    /// where there are users of whose passwords there is nothing else. For almost every request there is none, and that
    /// costs nothing.
    #[must_use]
    pub fn slow_candidate(&self, request: &Request<'_>, now: Time) -> Option<SlowCandidate> {
        if self.foreign.slow.is_empty() {
            return None;
        }
        let target = Target::read(request.parts.target).ok()?;
        let routed = self.router.route(request.parts.host, target.path())?;
        let presented =
            present(request.parts.headers, target.query(), &routed.api.api.policy.schemes).ok()?;
        let Scheme::Basic { user: named } = presented.scheme else { return None };
        if self.has_key(&presented, *named, routed) {
            return None;
        }
        let (user, environment) = (presented.user()?, routed.environment.environment.id);
        let found_by = self.digest_key.digest_of_slow(environment, user);
        let (credential, stake) = self.slow_digest_for(found_by, routed, request.client, now)?;
        Some(SlowCandidate {
            user: found_by,
            credential,
            stake,
            digest: self.digest_key.digest_of_password(environment, user, presented.secret()),
            password: Zeroizing::new(presented.secret().to_owned()),
            client: request.client,
        })
    }

    /// Whether what is presented is known as this user's already.
    fn has_key(&self, presented: &Presented<'_, '_>, named: BasicUser, routed: Routed<'_, '_>) -> bool {
        let Some(found) = self.find(presented, routed.environment.number) else { return false };
        let Some(owner) = self.accounts.get(found.account) else { return false };
        let user = presented.user().unwrap_or_default();
        match named {
            BasicUser::AccountNumber => owner.account.number.as_str() == user,
            BasicUser::AccountRealm => owner.account.realm.as_str() == user,
            // A key's id is its own: whoever presents it has the key, or another one.
            BasicUser::KeyId => true,
        }
    }

    /// The user's own slow digest, or another one where there is none.
    fn slow_digest_for(
        &self,
        found_by: Digest,
        routed: Routed<'_, '_>,
        client: IpAddr,
        now: Time,
    ) -> Option<(CredentialId, Stake)> {
        match self.credentials.get(&found_by) {
            Some(own) if own.state != CredentialState::Revoked => {
                Some((own.id(), if self.lets_in(own, client, now) { Stake::Entry } else { Stake::Reason }))
            }
            _ => {
                let other = self.foreign.slow.stand_in(routed.environment.number, found_by)?;
                Some((other, Stake::Nothing))
            }
        }
    }
}
