use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Allowlist, CredentialId, EnvironmentId, PermissionSet, Slug, Time, UserId};

/// The keyed BLAKE3 digest of a credential's secret: what it is looked up by. It is no secret, and is still shown
/// to nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a digest is 64 hexadecimal digits");
        let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| wrong())?;
        bytes.try_into().map(Self).map_err(|_| wrong())
    }
}

/// What a decision needs to know of a credential. Everything else about it stays in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// What it is looked up by.
    pub digest: Digest,
    /// Whose it is.
    pub account: AccountId,
    /// The environment, and so the API, that it was made for.
    pub environment: EnvironmentId,
    /// Its kind, one of the API's key types.
    pub key_type: Slug,
    /// Where it stands in its life.
    pub state: CredentialState,
    /// From where it may be used.
    pub allowlist: Allowlist,
    /// What it may do.
    pub permissions: PermissionSet,
    /// Before this moment it is refused.
    pub not_before: Option<Time>,
    /// From this moment on it is refused.
    pub expires_at: Option<Time>,
    /// Where the key was made.
    #[serde(default)]
    pub origin: KeyOrigin,
    /// Whose it is within the account: it never does more than they may, now and later. Of the account itself, if
    /// absent.
    #[serde(default)]
    pub user: Option<UserId>,
    /// The credential that takes its place, while both work or after.
    #[serde(default)]
    pub successor: Option<CredentialId>,
    /// Of a login token or session: whether the provider that signed its user in vouched for a second factor.
    #[serde(default, skip_serializing_if = "is_not")]
    pub vouched_factor: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is how serde asks")]
const fn is_not(value: &bool) -> bool {
    !*value
}

/// Where a key was made, and so what it looks like and what its digest is a digest of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyOrigin {
    /// Here, in the format of the API.
    #[default]
    Own,
    /// Elsewhere: it looks like anything.
    Imported,
    /// Elsewhere, and nothing is known of it but its SHA-256, of which the digest is made.
    ImportedSha256,
    /// Elsewhere, and nothing is known of it but a slow digest, which is replaced at the first use. Until then no
    /// look-up finds the credential.
    ImportedSlow,
}

impl KeyOrigin {
    /// Every origin.
    pub const ALL: [Self; 4] = [Self::Own, Self::Imported, Self::ImportedSha256, Self::ImportedSlow];

    /// The word for it, as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Imported => "imported",
            Self::ImportedSha256 => "imported_sha256",
            Self::ImportedSlow => "imported_slow",
        }
    }

    /// The origin with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }
}

/// Where a credential stands in its life. *Expired* and *not yet valid* follow from the clock and are no states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// Waits for an operator.
    Pending,
    /// Works.
    Active,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Dead for good, and remembered.
    Revoked,
}

/// The state that people are shown: where a credential stands in its life, by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShownState {
    /// Waits for an operator.
    Pending,
    /// Is active, and works from a later moment on.
    NotYetValid,
    /// Works.
    Active,
    /// Is active, and has ended.
    Expired,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Dead for good, and remembered.
    Revoked,
}

impl ShownState {
    /// Every state that is shown.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::NotYetValid, Self::Active, Self::Expired, Self::Disabled, Self::Revoked];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::NotYetValid => "not_yet_valid",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Credential {
    /// The state that people are shown at this moment.
    #[must_use]
    pub fn shown_state(&self, now: Time) -> ShownState {
        match self.state {
            CredentialState::Pending => ShownState::Pending,
            CredentialState::Disabled => ShownState::Disabled,
            CredentialState::Revoked => ShownState::Revoked,
            CredentialState::Active if self.expires_at.is_some_and(|end| now >= end) => ShownState::Expired,
            CredentialState::Active if self.not_before.is_some_and(|start| now < start) => {
                ShownState::NotYetValid
            }
            CredentialState::Active => ShownState::Active,
        }
    }
}

impl fmt::Display for ShownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can happen to a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifeEvent {
    /// An operator lets it work.
    Activate,
    /// Someone switches it off.
    Disable,
    /// Someone switches it on again.
    Enable,
    /// Someone ends it for good.
    Revoke,
}

/// An event that does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key that is {state} cannot be {event}")]
pub struct IllegalTransition {
    /// The state it is in.
    pub state: CredentialState,
    /// The event that does not fit.
    pub event: LifeEvent,
}

impl CredentialState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Disabled, Self::Revoked];

    /// The state after `event`. An event that would change nothing is legal, so that a command can be repeated.
    pub const fn after(self, event: LifeEvent) -> Result<Self, IllegalTransition> {
        match (self, event) {
            (_, LifeEvent::Revoke) => Ok(Self::Revoked),
            (Self::Pending | Self::Active, LifeEvent::Activate)
            | (Self::Disabled | Self::Active, LifeEvent::Enable) => Ok(Self::Active),
            (Self::Active | Self::Disabled, LifeEvent::Disable) => Ok(Self::Disabled),
            (state, event) => Err(IllegalTransition { state, event }),
        }
    }

    /// The word for it, as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl LifeEvent {
    /// Every event.
    pub const ALL: [Self; 4] = [Self::Activate, Self::Disable, Self::Enable, Self::Revoke];
}

impl fmt::Display for CredentialState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for LifeEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Activate => "activated",
            Self::Disable => "disabled",
            Self::Enable => "enabled",
            Self::Revoke => "revoked",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events() -> impl Strategy<Value = Vec<LifeEvent>> {
        proptest::collection::vec(proptest::sample::select(LifeEvent::ALL.to_vec()), 0..12)
    }

    proptest! {
        #[test]
        fn revoked_is_final(before in events(), later in events()) {
            let walk = |state, events: Vec<LifeEvent>| {
                events.into_iter().fold(state, |state: CredentialState, event| state.after(event).unwrap_or(state))
            };
            let revoked = walk(CredentialState::Pending, before).after(LifeEvent::Revoke).unwrap();
            prop_assert_eq!(walk(revoked, later), CredentialState::Revoked);
        }

        #[test]
        fn a_pending_credential_works_only_after_activation(events in events()) {
            let activated = events.contains(&LifeEvent::Activate);
            let mut state = CredentialState::Pending;
            for event in events {
                state = state.after(event).unwrap_or(state);
                prop_assert!(state != CredentialState::Active || activated);
            }
        }
    }

    #[test]
    fn the_whole_table() {
        use CredentialState::{Active, Disabled, Pending, Revoked};
        let table = [
            (Pending, [Some(Active), None, None, Some(Revoked)]),
            (Active, [Some(Active), Some(Disabled), Some(Active), Some(Revoked)]),
            (Disabled, [None, Some(Disabled), Some(Active), Some(Revoked)]),
            (Revoked, [None, None, None, Some(Revoked)]),
        ];
        for (state, expected) in table {
            for (event, next) in LifeEvent::ALL.into_iter().zip(expected) {
                assert_eq!(state.after(event).ok(), next, "{state} {event}");
            }
        }
    }

    #[test]
    fn the_words_of_origins_are_those_of_json() {
        for origin in KeyOrigin::ALL {
            assert_eq!(KeyOrigin::from_word(origin.as_str()), Some(origin));
            assert_eq!(serde_json::to_value(origin).unwrap(), origin.as_str());
        }
    }

    #[test]
    fn a_digest_survives_json_and_shows_nothing() {
        let digest = Digest([0xab; 32]);
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
        assert!(!format!("{digest:?}").contains("ab"));
    }
}
