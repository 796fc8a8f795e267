//! The library that knows WebAuthn, and the one place where it is used.
//!
//! It draws its challenges itself and wants its state kept from one request to the next. Here a challenge is made of
//! what is random for the whole product, and is all that has to come back: the state is made anew, and given it.

use claviger_model::User;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, Url, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::challenge::GOOD_FOR;
use super::{PasskeyAnswer, PasskeyError, PasskeyMade, PasskeyOptions};
use crate::{AppError, SignInError};

/// What is shown where a passkey is made or used.
const NAME: &str = "Claviger";
/// Where the library keeps the challenge in its states.
const REGISTERING: &str = "/rs/challenge";
const AUTHENTICATING: &str = "/ast/challenge";
/// The longest name of a passkey that a device may choose (WebAuthn level 3, section 5.8.3).
const LONGEST_ID: usize = 1023;

/// Whom passkeys are for: the name of a host, and the pages that may ask for them (WebAuthn's *relying party*).
#[derive(Debug, Clone)]
pub struct RelyingParty(Webauthn);

/// Why nothing can be the relying party that was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelyingPartyError {
    /// An origin is none.
    #[error(
        "`{0}` is no origin: write a scheme, the name of a host and maybe a port, as https://keys.example.com"
    )]
    Origin(String),
    /// An origin is not safe.
    #[error("`{0}` is not safe: passkeys work with https, and with http on localhost alone")]
    Unsafe(String),
    /// A page that is nowhere below the host.
    #[error("`{origin}` is not at `{id}`, nor below it")]
    Beyond {
        /// The page's.
        origin: String,
        /// The host's name.
        id: String,
    },
    /// There is no origin.
    #[error("no origin is said")]
    None,
}

/// A passkey that was made: what its device calls it, and what is kept of it.
pub(super) struct Made {
    pub(super) credential_id: Vec<u8>,
    pub(super) credential: String,
}

fn origin(text: &str) -> Result<Url, RelyingPartyError> {
    let wrong = || RelyingPartyError::Origin(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let host = url.domain().ok_or_else(wrong)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if host == "localhost" || host.ends_with(".localhost") => Ok(url),
        _ => Err(RelyingPartyError::Unsafe(text.to_owned())),
    }
}

fn is_within(origin: &Url, id: &str) -> bool {
    origin.domain().is_some_and(|host| host == id || host.ends_with(&format!(".{id}")))
}

impl RelyingParty {
    /// The relying party of this name; that of the first origin's host, if none is said. Passkeys work on pages of these
    /// origins.
    ///
    /// # Errors
    /// Where browsers would not take it.
    pub fn new(id: Option<&str>, origins: &[String]) -> Result<Self, RelyingPartyError> {
        let origins = origins.iter().map(|one| origin(one)).collect::<Result<Vec<_>, _>>()?;
        let first = origins.first().ok_or(RelyingPartyError::None)?;
        let id = id.or_else(|| first.domain()).unwrap_or_default();
        let beyond = |one: &Url| RelyingPartyError::Beyond {
            origin: one.origin().ascii_serialization(),
            id: id.to_owned(),
        };
        if let Some(outside) = origins.iter().find(|one| !is_within(one, id)) {
            return Err(beyond(outside));
        }
        let patience = std::time::Duration::from_micros(GOOD_FOR.as_micros().unsigned_abs());
        let builder = WebauthnBuilder::new(id, first).map_err(|_| beyond(first))?;
        let builder = origins.iter().skip(1).fold(builder, WebauthnBuilder::append_allowed_origin);
        let built = builder.rp_name(NAME).timeout(patience).build();
        built.map(Self).map_err(|_| beyond(first))
    }

    /// The origin of a page.
    ///
    /// # Errors
    /// [`RelyingPartyError::Origin`] if it has none.
    pub fn origin_of(page: &str) -> Result<String, RelyingPartyError> {
        let url = Url::parse(page).ok().filter(|url| url.origin().is_tuple());
        let origin = url.map(|url| url.origin().ascii_serialization());
        origin.ok_or_else(|| RelyingPartyError::Origin(page.to_owned()))
    }

    /// What to ask a browser for, to make a passkey of a user who has these already.
    pub(super) fn creation(
        &self,
        user: &User,
        known: Vec<CredentialID>,
        challenge: &[u8],
    ) -> Result<PasskeyOptions, AppError> {
        let (asked, _) = self.register(user, known)?;
        let mut asked = serde_json::to_value(asked)?;
        put(&mut asked, "/publicKey/challenge", text(challenge))?;
        // It is found without a user name: that is what makes it one.
        put(&mut asked, "/publicKey/authenticatorSelection/residentKey", "required".into())?;
        put(&mut asked, "/publicKey/authenticatorSelection/requireResidentKey", true.into())?;
        options(&asked)
    }

    /// A passkey that was made, if it was made as asked.
    pub(super) fn made(&self, user: &User, answer: &PasskeyMade, challenge: &[u8]) -> Result<Made, AppError> {
        let (_, state) = self.register(user, Vec::new())?;
        let state: PasskeyRegistration = with_challenge(&state, REGISTERING, challenge)?;
        let answer = translated(answer).ok_or(PasskeyError::Unreadable)?;
        let passkey = self.0.finish_passkey_registration(&answer, &state).map_err(|error| why(&error))?;
        let credential_id = passkey.cred_id().clone();
        if credential_id.len() > LONGEST_ID {
            return Err(PasskeyError::Unreadable.into());
        }
        Ok(Made { credential_id, credential: serde_json::to_string(&passkey)? })
    }

    fn register(
        &self,
        user: &User,
        known: Vec<CredentialID>,
    ) -> Result<(impl Serialize, PasskeyRegistration), AppError> {
        let handle = webauthn_rs::prelude::Uuid::from_u128(user.id.as_u128());
        let begun =
            self.0.start_passkey_registration(handle, user.username.as_str(), &user.name, Some(known));
        begun.map_err(|error| why(&error).into())
    }

    /// What to ask a browser for, to use one of these passkeys; whichever there is, if none is named.
    pub(super) fn request(&self, known: &[Vec<u8>], challenge: &[u8]) -> Result<PasskeyOptions, AppError> {
        let (asked, _) = self.0.start_discoverable_authentication().map_err(|error| why(&error))?;
        let mut asked = serde_json::to_value(asked)?;
        let named = |id: &Vec<u8>| json!({ "type": "public-key", "id": text(id) });
        put(&mut asked, "/publicKey/challenge", text(challenge))?;
        put(&mut asked, "/publicKey/allowCredentials", known.iter().map(named).collect())?;
        options(&asked)
    }

    /// A passkey with its counter as an answer leaves it, if the answer is right.
    ///
    /// # Errors
    /// [`SignInError`] if it is not.
    pub(super) fn answered(
        &self,
        answer: &PasskeyAnswer,
        challenge: &[u8],
        credential: &str,
    ) -> Result<String, AppError> {
        let (_, state) = self.0.start_discoverable_authentication().map_err(|error| why(&error))?;
        let state: DiscoverableAuthentication = with_challenge(&state, AUTHENTICATING, challenge)?;
        let mut passkey: Passkey = serde_json::from_str(credential)?;
        let answer = translated(answer).ok_or(SignInError::PasskeyWrong)?;
        match self.0.finish_discoverable_authentication_v2(&answer, state, &passkey) {
            Ok(result) if result.user_verified() => {
                passkey.update_credential(&result);
                Ok(serde_json::to_string(&passkey)?)
            }
            Err(WebauthnError::CredentialPossibleCompromise) => Err(SignInError::PasskeyCloned.into()),
            Ok(_) | Err(_) => Err(SignInError::PasskeyWrong.into()),
        }
    }
}

fn text(bytes: &[u8]) -> Value {
    BASE64URL_NOPAD.encode(bytes).into()
}

/// Puts a value where the library has one.
fn put(whole: &mut Value, place: &'static str, value: Value) -> Result<(), AppError> {
    let changed = whole.pointer_mut(place).map(|there| *there = value);
    let missing = || serde::de::Error::custom(format!("the library's data have no `{place}`"));
    Ok(changed.ok_or_else::<serde_json::Error, _>(missing)?)
}

fn with_challenge<T: Serialize + DeserializeOwned>(
    state: &T,
    place: &'static str,
    challenge: &[u8],
) -> Result<T, AppError> {
    let mut state = serde_json::to_value(state)?;
    put(&mut state, place, text(challenge))?;
    Ok(serde_json::from_value(state)?)
}

fn options(asked: &Value) -> Result<PasskeyOptions, AppError> {
    // Whether to ask at once or to wait in a field's completion is for the page to say.
    Ok(serde_json::from_value(json!({ "publicKey": asked.get("publicKey") }))?)
}

/// An answer as the library reads it; nothing, if it cannot.
fn translated<T: DeserializeOwned>(answer: &impl Serialize) -> Option<T> {
    serde_json::to_value(answer).and_then(serde_json::from_value).ok()
}

const fn why(error: &WebauthnError) -> PasskeyError {
    match error {
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash => PasskeyError::Elsewhere,
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => PasskeyError::Unverified,
        WebauthnError::MismatchedChallenge => PasskeyError::NotAsked,
        _ => PasskeyError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Wrong = fn(&RelyingPartyError) -> bool;

    fn party(id: Option<&str>, origins: &[&str]) -> Result<RelyingParty, RelyingPartyError> {
        RelyingParty::new(id, &origins.iter().map(|&one| one.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_relying_party_is_a_host_and_pages_at_it_or_below() {
        for (id, origins) in [
            (None, &["https://keys.example.com"][..]),
            (None, &["https://keys.example.com:8443/"]),
            (None, &["http://localhost:8080"]),
            (Some("example.com"), &["https://keys.example.com", "https://example.com"]),
        ] {
            assert!(party(id, origins).is_ok(), "{id:?} {origins:?}");
        }
        let table: [(Option<&str>, &[&str], Wrong); 9] = [
            (None, &[], |error| *error == RelyingPartyError::None),
            (None, &["keys.example.com"], |error| matches!(error, RelyingPartyError::Origin(_))),
            (None, &["https://192.0.2.1"], |error| matches!(error, RelyingPartyError::Origin(_))),
            (None, &["https://keys.example.com/a"], |error| matches!(error, RelyingPartyError::Origin(_))),
            (None, &["https://me@keys.example.com"], |error| matches!(error, RelyingPartyError::Origin(_))),
            (None, &["http://keys.example.com"], |error| matches!(error, RelyingPartyError::Unsafe(_))),
            (None, &["ftp://localhost"], |error| matches!(error, RelyingPartyError::Unsafe(_))),
            (Some("ample.com"), &["https://example.com"], |error| {
                matches!(error, RelyingPartyError::Beyond { .. })
            }),
            (None, &["https://a.example.com", "https://b.example.com"], |error| {
                matches!(error, RelyingPartyError::Beyond { .. })
            }),
        ];
        for (id, origins, wrong) in table {
            let error = party(id, origins).unwrap_err();
            assert!(wrong(&error), "{id:?} {origins:?}: {error}");
        }
    }

    #[test]
    fn what_is_asked_has_our_challenge_and_names_passkeys_that_need_no_user_name() {
        let party = party(None, &["https://keys.example.com"]).unwrap();
        let user = User {
            id: claviger_model::UserId::from_u128(7),
            username: "mara".parse().unwrap(),
            email: None,
            name: "Mara".into(),
            state: claviger_model::UserState::Active,
            standing: claviger_model::Standing::Member,
            memberships: vec![],
            second_factor_since: None,
        };
        let asked = party.creation(&user, vec![vec![1, 2, 3]], &[9; 56]).unwrap().public_key;
        assert_eq!(asked["challenge"], BASE64URL_NOPAD.encode(&[9; 56]));
        assert_eq!(asked["rp"]["id"], "keys.example.com");
        assert_eq!(asked["user"]["id"], BASE64URL_NOPAD.encode(&7u128.to_be_bytes()));
        assert_eq!(asked["excludeCredentials"][0]["id"], "AQID");
        let chosen = &asked["authenticatorSelection"];
        assert_eq!(
            (&chosen["residentKey"], &chosen["userVerification"]),
            (&json!("required"), &json!("required"))
        );
        let asked = party.request(&[vec![1, 2, 3]], &[9; 56]).unwrap().public_key;
        assert_eq!(asked["challenge"], BASE64URL_NOPAD.encode(&[9; 56]));
        assert_eq!(
            (&asked["rpId"], &asked["userVerification"]),
            (&json!("keys.example.com"), &json!("required"))
        );
        assert_eq!(asked["allowCredentials"], json!([{ "type": "public-key", "id": "AQID" }]));
    }
}
