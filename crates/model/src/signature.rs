//! Signed requests: how an API takes them, and what is kept of a key pair.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CredentialId, Span, Time};

/// How requests are signed with the secret of a key pair (contract row S5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignatureRules {
    /// The forms on the wire that are taken. At least one.
    pub forms: Vec<SignatureForm>,
    /// The algorithms that a pair may have; the first is that of pairs for which none is named. At least one.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// How far the time of signing may be from now, in either direction. At most an hour.
    pub window: Span,
    /// The longest body of a signed request, in bytes: it is held in memory until it is verified. At most 64 MiB.
    pub body_bytes: u32,
    /// The `tag` that a signature of RFC 9421 has to have; those with another one are passed over. Without it, any.
    pub tag: Option<String>,
}

impl Default for SignatureRules {
    fn default() -> Self {
        Self {
            forms: SignatureForm::ALL.to_vec(),
            algorithms: vec![SignatureAlgorithm::HmacSha512],
            window: Span::from_secs(300),
            body_bytes: 1 << 20,
            tag: None,
        }
    }
}

/// A form that signed requests have on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureForm {
    /// `Signature-Input` and `Signature` (RFC 9421), with `Content-Digest` (RFC 9530).
    Rfc9421,
    /// `Authorization: hmac username=…` or `Authorization: Signature keyId=…` (draft-cavage-http-signatures), with
    /// `Digest` (RFC 3230).
    Cavage,
    /// `X-API-Key`, `X-Timestamp`, `X-Nonce` and `X-Signature`.
    Plain,
}

impl SignatureForm {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Rfc9421, Self::Cavage, Self::Plain];

    /// The word for it, as in catalogues.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9421 => "rfc9421",
            Self::Cavage => "cavage",
            Self::Plain => "plain",
        }
    }
}

/// How a pair signs. It belongs to the pair: a request cannot choose another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// HMAC (RFC 2104) with SHA-512.
    #[default]
    HmacSha512,
    /// HMAC with SHA-256.
    HmacSha256,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 2] = [Self::HmacSha512, Self::HmacSha256];

    /// The word for it, as stored, shown and named on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha512 => "hmac-sha512",
            Self::HmacSha256 => "hmac-sha256",
        }
    }

    /// The algorithm with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == word)
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a key pair signs with. The secret in it is sealed: without the master key it is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Whose it is. The id of the credential is the pair's public id.
    pub credential: CredentialId,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
    /// The signing secret, sealed by the vault and bound to the credential.
    pub sealed: Sealed,
    /// Until then, a refused signature is answered with the text that should have been signed.
    pub debug_until: Option<Time>,
}

/// Sealed bytes. They are no secret, and are still shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl Serialize for Sealed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(|_| serde::de::Error::custom("sealed bytes are base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_survive_json_and_show_nothing() {
        let sealed = Sealed(vec![0xab; 5]);
        let json = serde_json::to_string(&sealed).unwrap();
        assert_eq!(serde_json::from_str::<Sealed>(&json).unwrap(), sealed);
        assert_eq!(format!("{sealed:?}"), "Sealed(…)");
    }

    #[test]
    fn each_word_is_the_one_of_catalogues() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
            assert_eq!(SignatureAlgorithm::from_word(algorithm.as_str()), Some(algorithm));
        }
        for form in SignatureForm::ALL {
            assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
        }
    }
}
