//! Services that may verify, and their tokens.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_model::{Entropy, Slug};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// Who may verify.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What it is called, for people.
    pub name: String,
    /// The digest of its token.
    pub token_digest: TokenDigest,
    /// The slugs of the APIs that it may ask about.
    pub apis: Vec<Slug>,
}

/// The SHA-256 digest of a service's token. A token has 256 random bits, so that it needs no slow digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

/// A new token: 256 random bits in base64url after `clvs_`.
#[must_use]
pub fn new_token(entropy: &dyn Entropy) -> String {
    let random: [u8; 32] = entropy.array();
    format!("clvs_{}", URL_SAFE_NO_PAD.encode(random))
}

impl TokenDigest {
    /// The digest of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

impl<'de> Deserialize<'de> for TokenDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("the digest of a token is 64 hexadecimal digits"))
    }
}

impl JsonSchema for TokenDigest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TokenDigest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9a-fA-F]{64}$",
            "description": "The SHA-256 digest of a token, in hexadecimal digits."
        })
    }
}

impl Service {
    /// Whether it may hear about this API.
    pub(crate) fn sees(&self, api: &Slug) -> bool {
        self.apis.contains(api)
    }
}

/// The service whose token these headers carry: `Authorization: Bearer`, once.
pub(crate) fn identify<'s>(services: &'s [Service], headers: &HeaderMap) -> Option<&'s Service> {
    let mut values = headers.get_all(AUTHORIZATION).into_iter();
    let (first, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = first.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let presented = TokenDigest::of(token.trim());
    // Every service is looked at: which one it was takes no other time than none.
    services.iter().fold(
        None,
        |found, service| {
            if service.token_digest.is(&presented) { Some(service) } else { found }
        },
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// From FIPS 180-2 appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn digests_are_those_of_the_standard() {
        assert_eq!(TokenDigest::of("abc").to_string(), ABC);
        assert_eq!(TokenDigest::parse(ABC), Some(TokenDigest::of("abc")));
        for text in ["", "ba", &ABC.replace('b', "g"), &ABC.replacen("ba", "+a", 1), &format!("{ABC}00")] {
            assert_eq!(TokenDigest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_service_is_known_by_one_bearer_token() {
        let service = |name: &str, token: &str| Service {
            name: name.into(),
            token_digest: TokenDigest::of(token),
            apis: Vec::new(),
        };
        let services = [service("one", "abc"), service("two", "xyz")];
        let found = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            identify(&services, &headers).map(|service| service.name.clone())
        };
        assert_eq!(found(&["Bearer abc"]).as_deref(), Some("one"));
        assert_eq!(found(&["bearer xyz"]).as_deref(), Some("two"));
        for wrong in [&["Bearer abd"][..], &["Basic abc"], &["abc"], &[], &["Bearer abc", "Bearer abc"]] {
            assert_eq!(found(wrong), None, "{wrong:?}");
        }
    }
}
