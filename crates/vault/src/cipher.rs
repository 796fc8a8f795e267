//! AES-256-GCM (NIST SP 800-38D) over one layout: nonce, ciphertext, tag.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// A key of the cipher, ready for use. The library wipes it.
pub(crate) struct Cipher(LessSafeKey);

/// The library refused the key or the length, or the tag does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Refused> {
        UnboundKey::new(&AES_256_GCM, key).map(|key| Self(LessSafeKey::new(key))).map_err(|_| Refused)
    }

    /// Returns the head, the nonce, and the secret sealed in the given context. A nonce serves once.
    pub(crate) fn seal(
        &self,
        head: &[u8],
        context: &[u8],
        secret: &[u8],
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, Refused> {
        let start = head.len() + NONCE_LEN;
        // The exact size, so that the secret is never in memory that grew and moved.
        let mut sealed = Vec::with_capacity(start + secret.len() + AES_256_GCM.tag_len());
        for part in [head, &nonce, secret] {
            sealed.extend_from_slice(part);
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(context), &mut sealed[start..]);
        sealed.extend_from_slice(tag.map_err(|_| Refused)?.as_ref());
        Ok(sealed)
    }

    /// Opens what follows the head of sealed bytes.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let (nonce, ciphertext) = sealed.split_first_chunk().ok_or(Refused)?;
        let mut secret = Zeroizing::new(ciphertext.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.0.open_in_place(nonce, Aad::from(context), &mut secret).map_err(|_| Refused)?.len();
        secret.truncate(length);
        Ok(secret)
    }
}

/// What sealed bytes are bound to, as one text of bytes: each part after its length, so that no two lists of parts
/// give the same.
pub(crate) fn context<const PARTS: usize>(parts: [&[u8]; PARTS]) -> Vec<u8> {
    let mut context = Vec::new();
    for part in parts {
        context.extend_from_slice(&(part.len() as u64).to_be_bytes());
        context.extend_from_slice(part);
    }
    context
}

/// The bytes that hexadecimal digits stand for: sealed bytes that other implementations have made.
#[cfg(test)]
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(context([b"ab", b"c"]), context([b"a", b"bc"]));
        assert_ne!(context([b"a", b""]), context([b"", b"a"]));
        assert_eq!(context([b"ab", b""]), b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\0");
    }

    #[test]
    fn too_few_bytes_do_not_open() {
        let cipher = Cipher::new(&[1; 32]).unwrap();
        for length in 0..40 {
            assert_eq!(cipher.open(b"", &vec![0; length]).unwrap_err(), Refused);
        }
    }
}
