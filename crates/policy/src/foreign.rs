//! Keys that were made elsewhere: they look like anything, and of some there is nothing but a digest that others made.

use claviger_credential::{KeyFormatError, Presented, key};
use claviger_model::{Credential, CredentialId, CredentialState, Digest, KeyOrigin};
use imbl::{HashMap, HashSet, OrdMap};

use crate::Snapshot;
use crate::credentials::Entry;

/// Where foreign keys are accepted. Elsewhere nothing but what looks like a key of ours is looked up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreign {
    /// The environments with keys that look like anything.
    any: HashSet<u32>,
    /// Those with keys of which nothing but the SHA-256 is known.
    hashed: HashSet<u32>,
    /// The slow digests.
    pub(crate) slow: Slow,
}

/// The credentials with a slow digest, until it is replaced or they are revoked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slow {
    /// The environment of each, and what it is found by.
    places: HashMap<CredentialId, (u32, Digest)>,
    /// The same by place: keyed digests, so that their order tells nothing.
    users: OrdMap<(u32, Digest), CredentialId>,
}

impl Slow {
    fn insert(&mut self, credential: &Credential, environment: u32) {
        let place = (environment, credential.digest);
        self.places.insert(credential.id, place);
        self.users.insert(place, credential.id);
    }

    fn remove(&mut self, id: CredentialId) -> Option<Digest> {
        let place = self.places.remove(&id)?;
        self.users.remove(&place);
        Some(place.1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The user with whose slow digest the password of a user that there is not is compared: the next one. It is
    /// always the same, because two users may have digests of different costs.
    pub(crate) fn stand_in(&self, environment: u32, user: Digest) -> Option<CredentialId> {
        let until = (environment, Digest([u8::MAX; 32]));
        let mut from = self.users.range((environment, user)..=until);
        let mut around = self.users.range((environment, Digest([0; 32]))..=until);
        from.next().or_else(|| around.next()).map(|(_, id)| *id)
    }
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
            KeyOrigin::ImportedSlow => self.slow.insert(credential, environment),
            KeyOrigin::Imported | KeyOrigin::Own => return self.slow.remove(credential.id),
        }
        None
    }
}

impl Snapshot {
    /// Takes a replaced slow digest's place away: what ends there can never be found again.
    pub(crate) fn note_foreign(&mut self, credential: &Credential, environment: u32) {
        if let Some(void) = self.foreign.note(credential, environment)
            && let Some(ended) = self.credentials.get(&void).map(Entry::ended)
        {
            self.credentials.put(ended);
        }
        let known = self.credentials.get(&credential.digest).map(|known| known.state);
        if [Some(credential.state), known].contains(&Some(CredentialState::Revoked)) {
            self.foreign.slow.remove(credential.id);
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
}
