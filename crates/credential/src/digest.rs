use std::fmt;

use claviger_model::{CredentialId, Digest, EnvironmentId};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Mark;

/// What stands before a text that is no secret. A secret holds no control character.
const PUBLIC_ID: &[u8] = b"\0public id\0";
const SHA256: &[u8] = b"\0sha-256\0";
const NONCE: &[u8] = b"\0nonce\0";
const SIGNATURE: &[u8] = b"\0signature\0";
const SLOW: &[u8] = b"\0slow\0";
const NOBODY: &[u8] = b"\0nobody\0";
const PASSWORD: &[u8] = b"\0password\0";
const CHALLENGE: &[u8] = b"\0challenge\0";

/// What digests of secrets are made with. Whoever has the stored digests and not this can test no guess.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DigestKey([u8; 32]);

impl DigestKey {
    /// The key with these 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What a secret is looked up by: BLAKE3 in keyed mode.
    #[must_use]
    pub fn digest(&self, secret: &[u8]) -> Digest {
        Digest(*blake3::keyed_hash(&self.0, secret).as_bytes())
    }

    /// What a key pair is looked up by. No presented secret has this digest, so that a public id is never a key.
    #[must_use]
    pub fn digest_of_public_id(&self, id: &str) -> Digest {
        self.digest_of(PUBLIC_ID, id.as_bytes())
    }

    /// What an imported key is looked up by of which nothing is known but its SHA-256.
    #[must_use]
    pub fn digest_of_sha256(&self, sha256: &[u8; 32]) -> Digest {
        self.digest_of(SHA256, sha256)
    }

    /// The same, from the key as it was presented.
    #[must_use]
    pub fn digest_through_sha256(&self, secret: &[u8]) -> Digest {
        let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret);
        self.digest_of(SHA256, sha256.as_ref())
    }

    /// What a signed request of this pair is remembered by. Among four million, a new one is like another once in four
    /// million million times.
    #[must_use]
    pub fn mark(&self, pair: CredentialId, mark: Mark<'_>) -> u64 {
        let (what, bytes) = match mark {
            Mark::Nonce(bytes) => (NONCE, bytes),
            Mark::Signature(bytes) => (SIGNATURE, bytes),
        };
        let of = blake3::keyed_hash(&self.0, &[what, &pair.as_u128().to_be_bytes(), bytes].concat());
        let first = of.as_bytes().first_chunk().copied().unwrap_or_default();
        u64::from_be_bytes(first)
    }

    /// A secret that belongs to nobody, and that nobody knows: what is signed is verified with it where there is no pair.
    #[must_use]
    pub fn secret_of_nobody(&self) -> Digest {
        self.digest_of(NOBODY, b"")
    }

    /// What a credential is found by of whose secret there is nothing but a slow digest: where it was made for, and
    /// the user name that it is presented with. No presented secret has this digest.
    #[must_use]
    pub fn digest_of_slow(&self, environment: EnvironmentId, user: &str) -> Digest {
        self.digest_of(SLOW, &[&environment.as_u128().to_be_bytes(), user.as_bytes()].concat())
    }

    /// What a password is looked up by that others chose: two users may have chosen the same. A user name that is
    /// presented holds no control character.
    #[must_use]
    pub fn digest_of_password(&self, environment: EnvironmentId, user: &str, password: &str) -> Digest {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(PASSWORD).update(&environment.as_u128().to_be_bytes());
        hasher.update(user.as_bytes()).update(b"\0").update(password.as_bytes());
        Digest(*hasher.finalize().as_bytes())
    }

    /// What shows that a challenge is from here: nobody makes one for something else. No presented secret has this digest.
    #[must_use]
    pub fn digest_of_challenge(&self, what_for: &[u8]) -> Digest {
        self.digest_of(CHALLENGE, what_for)
    }

    fn digest_of(&self, what: &[u8], bytes: &[u8]) -> Digest {
        self.digest(&[what, bytes].concat())
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the test vectors of the BLAKE3 authors: the length of the input, whose bytes are the place modulo 251,
    /// and the first 32 bytes of its keyed hash.
    const VECTORS: [(u8, &str); 2] = [
        (0, "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26"),
        (1, "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b"),
    ];
    /// The same for 1,025 bytes, which is more than one chunk.
    const LONG: &str = "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69";

    /// 32 bytes of hexadecimal digits.
    fn bytes(hex: &str) -> Digest {
        Digest(std::array::from_fn(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap()))
    }

    #[test]
    fn digests_are_those_of_the_official_vectors() {
        let key = DigestKey::new(*b"whats the Elvish word for friend");
        for (length, expected) in VECTORS {
            assert_eq!(key.digest(&(0..length).collect::<Vec<u8>>()), bytes(expected));
        }
        let long: Vec<u8> = (0..=250).cycle().take(1025).collect();
        assert_eq!(key.digest(&long), bytes(LONG));
    }

    #[test]
    fn a_key_is_found_by_its_sha_256() {
        let key = DigestKey::new([7; 32]);
        // SHA-256 of `abc` (FIPS 180-4, example).
        let abc = bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(key.digest_through_sha256(b"abc"), key.digest_of_sha256(&abc.0));
        assert_ne!(key.digest(&abc.0), key.digest_of_sha256(&abc.0));
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", DigestKey::new([0xab; 32])), "DigestKey(…)");
    }
}
