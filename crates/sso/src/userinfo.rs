//! What a provider says beside the ID token (OpenID Connect Core 1.0, section 5.3).

use claviger_app::SsoFailure;
use secrecy::{ExposeSecret, SecretString};

use crate::Address;
use crate::id_token::{Claims, subject};
use crate::wire::{Sent, Wire};

/// An address and whether it is theirs belong together.
const EMAIL: [&str; 2] = ["email", "email_verified"];

pub(crate) async fn fetch(
    wire: &Wire,
    address: &Address,
    access_token: &SecretString,
) -> Result<Claims, SsoFailure> {
    let authorization = Some(format!("Bearer {}", access_token.expose_secret()));
    let answer = wire.send(Sent { to: address, form: None, authorization }).await?;
    if !answer.status.is_success() {
        let why = format!("it answers the question for more claims with {}", answer.status);
        return Err(SsoFailure::Unavailable(why));
    }
    let unreadable = |_| SsoFailure::Unavailable("its further claims cannot be read".to_owned());
    serde_json::from_slice(&answer.body).map_err(unreadable)
}

/// Adds what the ID token does not say.
pub(crate) fn add(claims: &mut Claims, more: Claims) -> Result<(), SsoFailure> {
    // Else it could be about somebody else (section 5.3.2).
    if subject(claims).is_none() || subject(claims) != subject(&more) {
        return Err(SsoFailure::Refused("the further claims are about somebody else".to_owned()));
    }
    let own_email = claims.contains_key("email");
    if !own_email {
        claims.remove("email_verified");
    }
    for (name, value) in more {
        if !(own_email && EMAIL.contains(&name.as_str())) {
            claims.entry(name).or_insert(value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else { panic!("no object") };
        claims
    }

    #[test]
    fn what_the_token_says_stays_and_addresses_are_not_mixed() {
        let mut own = claims(json!({ "sub": "s", "acr": "1", "email": "a@example.com" }));
        let more = json!({ "sub": "s", "acr": "9", "email": "b@example.com", "email_verified": true, "groups": ["g"] });
        add(&mut own, claims(more)).unwrap();
        assert_eq!(own, claims(json!({ "sub": "s", "acr": "1", "email": "a@example.com", "groups": ["g"] })));
        let mut own = claims(json!({ "sub": "s", "email_verified": true }));
        add(&mut own, claims(json!({ "sub": "s", "email": "b@example.com" }))).unwrap();
        assert_eq!(own, claims(json!({ "sub": "s", "email": "b@example.com" })));
    }

    #[test]
    fn claims_about_somebody_else_are_none() {
        for more in [json!({ "sub": "t" }), json!({})] {
            assert!(add(&mut claims(json!({ "sub": "s" })), claims(more)).is_err());
        }
    }
}
