use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Says for what the key is, so that it is no other key.
const PURPOSE: &str = "claviger 2026-11 audit chain";

/// What chains the entries of the audit. Whoever can write to the database and has not the master key has not this.
///
/// It follows from the data key that digests credentials, which is one for good: with another, no entry would fit.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct AuditKey([u8; 32]);

impl AuditKey {
    pub(crate) fn of(digest: &[u8; 32]) -> Self {
        Self(blake3::derive_key(PURPOSE, digest))
    }

    /// The keyed hash of a message: BLAKE3 in keyed mode.
    #[must_use]
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, message).as_bytes()
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_the_key_that_it_follows_from() {
        let key = AuditKey::of(&[7; 32]);
        assert_ne!(key.mac(b"x"), *blake3::keyed_hash(&[7; 32], b"x").as_bytes());
        assert_ne!(key.mac(b"x"), AuditKey::of(&[8; 32]).mac(b"x"));
        assert_eq!(format!("{key:?}"), "AuditKey(…)");
    }
}
