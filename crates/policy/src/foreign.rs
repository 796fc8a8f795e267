//! Keys that were made elsewhere: they look like anything, and of some there is nothing but a digest that others made.

use std::fmt;

use claviger_credential::{KeyFormatError, Presented, key, present};
use claviger_model::{BasicUser, Credential, CredentialId, CredentialState, Digest, KeyOrigin, Scheme};
use imbl::{HashMap, HashSet};
use zeroize::Zeroizing;

use crate::accounts::CompiledAccount;
use crate::credentials::Entry;
use crate::{Request, Snapshot, Target};

/// Where foreign keys are accepted. Elsewhere nothing but what looks like a key of ours is looked up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreign {
    /// The environments with keys that look like anything.
    any: HashSet<u32>,
    /// Those with keys of which nothing but the SHA-256 is known.
    hashed: HashSet<u32>,
    /// The credentials with a slow digest, with what they are found by until it is replaced.
    slow: HashMap<CredentialId, Digest>,
}

impl Foreign {
    /// Notes what a credential is. If its slow digest was replaced, what it was found by until then is answered.
    pub(crate) fn note(&mut self, credential: &Credential, environment: u32) -> Option<Digest> {
        if credential.origin == KeyOrigin::Own {
            return None;
        }
        self.any.insert(environment);
        match credential.origin {
            KeyOrigin::ImportedSha256 => {
                self.hashed.insert(environment);
            }
            KeyOrigin::ImportedSlow => {
                self.slow.insert(credential.id, credential.digest);
            }
            KeyOrigin::Imported | KeyOrigin::Own => return self.slow.remove(&credential.id),
        }
        None
    }
}

/// A password to be held against a slow digest before anything is decided.
pub struct SlowCandidate {
    /// Whose slow digest it is to be held against.
    pub credential: CredentialId,
    /// The password's own digest, keyed: it takes the slow one's place if the password is right.
    pub digest: Digest,
    /// The password.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for SlowCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlowCandidate").field("credential", &self.credential).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Takes a replaced slow digest's place away: what ends there can never be found again.
    pub(crate) fn note_foreign(&mut self, credential: &Credential, environment: u32) {
        let Some(void) = self.foreign.note(credential, environment) else { return };
        if let Some(ended) = self.credentials.get(&void).map(Entry::ended) {
            self.credentials.put(ended);
        }
    }

    /// Whether a text can be a key for this environment.
    pub(crate) fn check_form(&self, secret: &str, environment: u32) -> Result<(), KeyFormatError> {
        if self.foreign.any.contains(&environment) { Ok(()) } else { key::check(secret) }
    }

    /// The credential that was presented. What others chose is looked up only where there are keys of others:
    /// passwords, which need not differ from user to user, and keys known by their SHA-256.
    pub(crate) fn find(&self, presented: &Presented<'_, '_>, environment: u32) -> Option<&Entry> {
        let (key, secret) = (&self.digest_key, presented.secret().as_bytes());
        if !self.foreign.any.contains(&environment) {
            return self.credentials.get(&key.digest(secret));
        }
        let of_user = || {
            let (user, id) = (presented.user()?, self.environments.id(environment)?);
            self.credentials.get(&key.digest_of_password(id, user, presented.secret()))
        };
        let hashed = || {
            let any = self.foreign.hashed.contains(&environment);
            any.then(|| self.credentials.get(&key.digest_through_sha256(secret))).flatten()
        };
        of_user().or_else(|| self.credentials.get(&key.digest(secret))).or_else(hashed)
    }

    /// What has to be held against a slow digest before this request can be decided: an unknown password of a user of
    /// whose password there is nothing else. For almost every request there is none, and that costs nothing.
    #[must_use]
    pub fn slow_candidate(&self, request: &Request<'_>) -> Option<SlowCandidate> {
        if self.foreign.slow.is_empty() {
            return None;
        }
        let target = Target::read(request.parts.target).ok()?;
        let routed = self.router.route(request.parts.host, target.path())?;
        let presented =
            present(request.parts.headers, target.query(), &routed.api.api.policy.schemes).ok()?;
        let Scheme::Basic { user: named } = presented.scheme else { return None };
        let user = presented.user()?;
        let known = self.find(&presented, routed.environment.number);
        if known
            .and_then(|known| self.accounts.get(known.account))
            .is_some_and(|of| is_user(of, *named, user))
        {
            return None;
        }
        let environment = routed.environment.environment.id;
        let found = self.credentials.get(&self.digest_key.digest_of_slow(environment, user))?;
        (found.state != CredentialState::Revoked).then(|| SlowCandidate {
            credential: found.id(),
            digest: self.digest_key.digest_of_password(environment, user, presented.secret()),
            password: Zeroizing::new(presented.secret().to_owned()),
        })
    }
}

fn is_user(account: &CompiledAccount, named: BasicUser, user: &str) -> bool {
    match named {
        BasicUser::AccountNumber => account.account.number.as_str() == user,
        BasicUser::AccountRealm => account.account.realm.as_str() == user,
        // A key's id is its own: whoever presents it has the key, or another one.
        BasicUser::KeyId => true,
    }
}
