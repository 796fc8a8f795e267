//! A provider's keys (RFC 7517).

use claviger_app::SsoFailure;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::Address;
use crate::wire::{Sent, Wire};

/// More than any provider has at one time.
const MOST: usize = 100;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// Keys with which a provider signs.
pub(crate) struct Keys(Vec<Known>);

struct Known {
    id: Option<String>,
    /// The only algorithm that it is for, if it is for one.
    algorithm: Option<String>,
    key: DecodingKey,
}

pub(crate) async fn fetch(wire: &Wire, address: &Address) -> Result<Keys, SsoFailure> {
    let unusable = |why: String| SsoFailure::Unavailable(format!("{address}: {why}"));
    let answer = wire.send(Sent { to: address, form: None, authorization: None }).await?;
    if !answer.status.is_success() {
        return Err(unusable(format!("the keys are answered with {}", answer.status)));
    }
    let document: Document =
        serde_json::from_slice(&answer.body).map_err(|_| unusable("the keys cannot be read".to_owned()))?;
    Ok(Keys::read(document.keys))
}

impl Keys {
    /// Those that can be used. A provider may have others, for something else.
    fn read(keys: Vec<Value>) -> Self {
        Self(keys.into_iter().take(MOST).filter_map(|key| known(serde_json::from_value(key).ok()?)).collect())
    }

    /// Those that may have signed what names this key, or none, and this algorithm.
    pub(crate) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&DecodingKey> {
        let fits = |known: &&Known| {
            id.is_none_or(|id| known.id.as_deref() == Some(id))
                && known.key.family() == algorithm.family()
                && known.algorithm.as_ref().is_none_or(|only| *only == format!("{algorithm:?}"))
        };
        self.0.iter().filter(fits).map(|known| &known.key).collect()
    }
}

/// Never one that two have: whoever verifies with it could sign with it.
fn known(jwk: Jwk) -> Option<Known> {
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
    if !signs || matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_)) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    if key.family() == AlgorithmFamily::Hmac {
        return None;
    }
    let algorithm = jwk.common.key_algorithm.map(|only| only.to_string());
    Some(Known { id: jwk.common.key_id, algorithm, key })
}
