//! An ID token is what it says it is, or it is nothing (OpenID Connect Core 1.0, section 3.1.3.7).

use claviger_model::{Span, Time};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::keys::Keys;

/// How far two clocks may be apart.
const DRIFT: Span = Span::from_secs(60);
/// Characters of a subject (section 2).
const LONGEST_SUBJECT: usize = 255;

/// Nothing by which two could have signed: neither `none` nor HMAC.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What a token has to fit.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Time,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unproven {
    #[error("the ID token cannot be read, or is signed in a way that proves nothing")]
    Unreadable,
    /// Another one may be there by now.
    #[error("the ID token is signed by a key that the provider does not have")]
    NoKey,
    #[error("the signature of the ID token is wrong")]
    Signature,
    #[error("the ID token is of another issuer")]
    Issuer,
    #[error("the ID token is for another client")]
    Audience,
    #[error("the ID token has expired, or says nothing of when it does")]
    Expired,
    #[error("the ID token is of a time to come")]
    NotYet,
    #[error("the ID token belongs to another sign-in")]
    Nonce,
    #[error("the ID token names nobody")]
    Subject,
}

pub(crate) type Claims = Map<String, Value>;

/// What a token says, once everything about it is verified.
pub(crate) fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, Unproven> {
    let header = decode_header(token).map_err(|_| Unproven::Unreadable)?;
    if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
        return Err(Unproven::Unreadable);
    }
    let claims = signed(token, &header, keys)?;
    check_claims(&claims, expected)?;
    Ok(claims)
}

fn signed(token: &str, header: &Header, keys: &Keys) -> Result<Claims, Unproven> {
    let candidates = keys.candidates(header.kid.as_deref(), header.alg);
    // What names no key is of the only one that it can be of.
    let (Some(key), 1) = (candidates.first(), candidates.len()) else { return Err(Unproven::NoKey) };
    let mut validation = Validation::new(header.alg);
    // The signature alone: what is said is looked at below, by our own clock.
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    let decoded = decode::<Claims>(token, key, &validation);
    let renewed = if header.kid.is_none() { Unproven::NoKey } else { Unproven::Signature };
    decoded.map(|decoded| decoded.claims).map_err(|_| renewed)
}

fn check_claims(claims: &Claims, expected: &Expected<'_>) -> Result<(), Unproven> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Unproven::Issuer);
    }
    check_audience(claims, expected.client_id)?;
    check_times(claims, expected.now)?;
    if text("nonce") != Some(expected.nonce) {
        return Err(Unproven::Nonce);
    }
    subject(claims).map(drop).ok_or(Unproven::Subject)
}

/// Where it is for others too, it says that we asked for it.
fn check_audience(claims: &Claims, client_id: &str) -> Result<(), Unproven> {
    let ours = |value: &Value| value.as_str() == Some(client_id);
    let (is_for_us, is_for_us_alone) = match claims.get("aud") {
        Some(Value::Array(list)) => (list.iter().any(ours), list.len() == 1),
        Some(value) => (ours(value), true),
        None => (false, false),
    };
    let asked = match claims.get("azp") {
        Some(party) => ours(party),
        None => is_for_us_alone,
    };
    if is_for_us && asked { Ok(()) } else { Err(Unproven::Audience) }
}

fn check_times(claims: &Claims, now: Time) -> Result<(), Unproven> {
    let at = |name: &str| claims.get(name).map(seconds);
    // What is there and is no time is no reason to go on.
    let ends = at("exp").flatten().ok_or(Unproven::Expired)?;
    if ends.after(DRIFT) <= now {
        return Err(Unproven::Expired);
    }
    let begun = |name: &str| match at(name) {
        None => true,
        Some(at) => at.is_some_and(|at| at <= now.after(DRIFT)),
    };
    if at("iat").is_some() && begun("iat") && begun("nbf") { Ok(()) } else { Err(Unproven::NotYet) }
}

fn seconds(value: &Value) -> Option<Time> {
    let whole = value.as_i64().or_else(|| {
        // Some providers write fractions.
        #[expect(clippy::cast_possible_truncation, reason = "it saturates, and is bounded below")]
        value.as_f64().map(|seconds| seconds as i64)
    })?;
    (0..1 << 40).contains(&whole).then(|| Time::from_secs(whole))
}

/// What the provider calls somebody.
pub(crate) fn subject(claims: &Claims) -> Option<&str> {
    let subject = claims.get("sub")?.as_str()?;
    let fits = (1..=LONGEST_SUBJECT).contains(&subject.len()) && !subject.chars().any(char::is_control);
    fits.then_some(subject)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn check(change: &[(&str, Value)]) -> Result<(), Unproven> {
        let claims = json!({
            "iss": "https://a", "aud": "us", "nonce": "n", "sub": "s", "iat": NOW, "exp": NOW + 300,
        });
        let Value::Object(mut claims) = claims else { panic!("no object") };
        for (name, value) in change {
            match value {
                Value::Null => drop(claims.remove(*name)),
                value => drop(claims.insert((*name).to_owned(), value.clone())),
            }
        }
        let now = Time::from_secs(NOW);
        check_claims(&claims, &Expected { issuer: "https://a", client_id: "us", nonce: "n", now })
    }

    #[test]
    fn each_claim_has_to_fit() {
        assert_eq!(check(&[]), Ok(()));
        let wrong = [
            ("iss", json!("https://a/"), Unproven::Issuer),
            ("iss", Value::Null, Unproven::Issuer),
            ("aud", json!("others"), Unproven::Audience),
            ("aud", json!([]), Unproven::Audience),
            ("aud", json!(["us", "others"]), Unproven::Audience),
            ("aud", Value::Null, Unproven::Audience),
            ("azp", json!("others"), Unproven::Audience),
            ("azp", json!(1), Unproven::Audience),
            ("exp", json!(NOW - 60), Unproven::Expired),
            ("exp", json!("later"), Unproven::Expired),
            ("exp", Value::Null, Unproven::Expired),
            ("exp", json!(f64::MAX), Unproven::Expired),
            ("iat", json!(NOW + 61), Unproven::NotYet),
            ("iat", Value::Null, Unproven::NotYet),
            ("nbf", json!(NOW + 61), Unproven::NotYet),
            ("nbf", json!("x"), Unproven::NotYet),
            ("nonce", json!("m"), Unproven::Nonce),
            ("nonce", Value::Null, Unproven::Nonce),
            ("sub", json!(""), Unproven::Subject),
            ("sub", json!("a\u{0}b"), Unproven::Subject),
            ("sub", json!("x".repeat(256)), Unproven::Subject),
            ("sub", json!(7), Unproven::Subject),
        ];
        for (name, value, why) in wrong {
            assert_eq!(check(&[(name, value.clone())]), Err(why), "{name} {value}");
        }
    }

    #[test]
    fn clocks_drift_and_providers_name_themselves_twice() {
        for (name, value) in [
            ("exp", json!(NOW - 59)),
            ("iat", json!(NOW + 60)),
            ("exp", json!(1_800_000_300.5)),
            ("aud", json!(["us"])),
            ("azp", json!("us")),
        ] {
            assert_eq!(check(&[(name, value.clone())]), Ok(()), "{name} {value}");
        }
        assert_eq!(check(&[("aud", json!(["us", "others"])), ("azp", json!("us"))]), Ok(()));
    }
}
