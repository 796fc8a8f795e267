use std::fmt;

use aws_lc_rs::hmac;
use claviger_model::SignatureAlgorithm;

/// The secret of a key pair, ready to sign with: the hash states after the padded secret are kept.
pub struct SigningKey {
    algorithm: SignatureAlgorithm,
    key: hmac::Key,
}

impl SigningKey {
    /// The key for this secret: its text as shown, in UTF-8 bytes.
    #[must_use]
    pub fn new(algorithm: SignatureAlgorithm, secret: &[u8]) -> Self {
        let hash = match algorithm {
            SignatureAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
            SignatureAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
        };
        Self { algorithm, key: hmac::Key::new(hash, secret) }
    }

    /// How it signs.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Whether the signature is that of the text. Takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.key, text, signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
