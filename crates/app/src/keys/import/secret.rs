use claviger_credential::{DigestKey, key};
use claviger_import::{Owner, Secret};
use claviger_model::{Account, BasicUser, CredentialId, Digest, KeyOrigin, Scheme};

use super::Place;
use crate::AppError;

/// From how many characters on the last four give nothing away.
const LONG_ENOUGH: usize = 20;

/// What a foreign key is found by.
pub(super) struct Found {
    pub(super) digest: Digest,
    /// What it would be found by if it had been imported in another form.
    pub(super) also: Option<Digest>,
    pub(super) origin: KeyOrigin,
    pub(super) hint: String,
}

pub(super) fn found(
    key: &DigestKey,
    secret: &Secret,
    owner: &Owner,
    account: &Account,
    place: &Place,
) -> Result<Found, AppError> {
    let schemes = &place.api.policy.schemes;
    let (digest, also, origin, hint) = match secret {
        Secret::Plain(text) if !schemes.iter().any(|scheme| carries(scheme, text)) => {
            return Err(refused("no scheme of this API can carry a key with these characters"));
        }
        Secret::Plain(text) if is_own(text) => {
            return Err(refused(
                "it is the id of a key or a key of the kind that is made here, and nobody else's key",
            ));
        }
        Secret::Plain(text) => {
            let bytes = text.as_bytes();
            (key.digest(bytes), Some(key.digest_through_sha256(bytes)), KeyOrigin::Imported, hint(text))
        }
        Secret::Sha256(sha256) => {
            (key.digest_of_sha256(sha256), None, KeyOrigin::ImportedSha256, String::new())
        }
        Secret::Bcrypt(_) => {
            let user = basic_user(schemes, owner, account)?;
            (key.digest_of_slow(place.environment.id, user), None, KeyOrigin::ImportedSlow, String::new())
        }
    };
    Ok(Found { digest, also, origin, hint })
}

fn refused(why: &str) -> AppError {
    AppError::Invalid(why.to_owned())
}

/// Whether a text is an id that others may know, or looks like somebody's key in every digit.
fn is_own(text: &str) -> bool {
    text.parse::<CredentialId>().is_ok() || key::check(text).is_ok()
}

/// The last characters, where they are a small part of the whole.
fn hint(text: &str) -> String {
    let length = text.chars().count();
    if length < LONG_ENOUGH { String::new() } else { text.chars().skip(length - 4).collect() }
}

/// Whether a key can be presented in a scheme.
fn carries(scheme: &Scheme, key: &str) -> bool {
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    match scheme {
        Scheme::Basic { .. } => true,
        Scheme::Query { .. } | Scheme::Raw {} | Scheme::Header { .. } => visible,
        Scheme::Bearer {} | Scheme::ApiToken { .. } => is_token68(key),
        Scheme::Signature(_) => false,
    }
}

/// RFC 9110 section 11.2.
fn is_token68(key: &str) -> bool {
    let body = key.trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(fits)
}

/// The user name of a password has to be the one that the API wants to see beside it.
fn basic_user<'o>(schemes: &[Scheme], owner: &'o Owner, account: &Account) -> Result<&'o str, AppError> {
    let wanted = schemes.iter().find_map(|scheme| match scheme {
        Scheme::Basic { user } => Some(*user),
        _ => None,
    });
    let own = match wanted {
        None => return Err(refused("this API takes no Basic authentication, and so no passwords")),
        Some(BasicUser::KeyId) => {
            return Err(refused("the user name of this API is the id of the key, which a new key gets here"));
        }
        Some(BasicUser::AccountNumber) => account.number.as_str(),
        Some(BasicUser::AccountRealm) => account.realm.as_str(),
    };
    match owner {
        Owner::Account(user) if user == own => Ok(user),
        _ if wanted == Some(BasicUser::AccountRealm) => {
            Err(refused("the user name has to be the realm of an account"))
        }
        _ => Err(refused("the user name has to be the number of an account")),
    }
}
