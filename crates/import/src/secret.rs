use std::fmt;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::RowError;

/// The fewest characters of a key. Services that made keys made longer ones; what is shorter was chosen by a person.
pub(crate) const SHORTEST: usize = 8;
/// The most bytes of a key: with a user name it has to fit into Basic credentials.
pub(crate) const LONGEST: usize = 256;

/// What is known of a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The key itself.
    Plain(Zeroizing<String>),
    /// Its SHA-256.
    Sha256([u8; 32]),
    /// A bcrypt digest of a password, well formed and of a bearable cost.
    Bcrypt(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

const INDIFFERENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, INDIFFERENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, INDIFFERENT);

impl Secret {
    /// A key as it is.
    pub(crate) fn plain(text: &str) -> Result<Self, RowError> {
        if text.is_empty() {
            return Err(RowError::NoKey);
        }
        if text.starts_with("{vault://") || text.starts_with("${") {
            return Err(RowError::Reference);
        }
        if text.len() > LONGEST {
            return Err(RowError::Long);
        }
        if text.chars().any(char::is_control) || text.trim() != text {
            return Err(RowError::Unseen);
        }
        if text.chars().count() < SHORTEST {
            return Err(RowError::Short);
        }
        Ok(Self::Plain(Zeroizing::new(text.to_owned())))
    }

    /// A SHA-256 in hexadecimal, or in either alphabet of base64.
    pub(crate) fn sha256(text: &str) -> Result<Self, RowError> {
        let bytes = if text.len() == 64 { hex(text) } else { base64(text) };
        bytes.map(Self::Sha256).ok_or(RowError::NotSha256)
    }
}

fn hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn base64(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 33];
    let read = |engine: &GeneralPurpose, bytes: &mut [u8]| engine.decode_slice(text, bytes).ok();
    let length = read(&STANDARD, &mut bytes).or_else(|| read(&URL_SAFE, &mut bytes))?;
    if length == 32 { bytes.first_chunk().copied() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc` (FIPS 180-4, example), in hexadecimal and as `openssl base64` writes it.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const ABC_BASE64: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

    #[test]
    fn one_digest_in_every_spelling() {
        let wanted = Secret::sha256(ABC).unwrap();
        let url_safe = ABC_BASE64.replace('+', "-").replace('/', "_");
        for text in [&ABC.to_uppercase(), ABC_BASE64, ABC_BASE64.trim_end_matches('='), &url_safe] {
            assert_eq!(Secret::sha256(text), Ok(wanted.clone()), "{text}");
        }
        for text in
            ["", "abc", &ABC[1..], &format!("{ABC}0"), &ABC.replace('b', "g"), "ungWv48B", &"A".repeat(44)]
        {
            assert_eq!(Secret::sha256(text), Err(RowError::NotSha256), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_says_why() {
        assert_eq!(Secret::plain(""), Err(RowError::NoKey));
        assert_eq!(Secret::plain("1234567"), Err(RowError::Short));
        assert_eq!(Secret::plain(&"a".repeat(257)), Err(RowError::Long));
        assert_eq!(Secret::plain("12345678 "), Err(RowError::Unseen));
        assert_eq!(Secret::plain("1234\u{7}5678"), Err(RowError::Unseen));
        assert_eq!(Secret::plain("{vault://env/key}"), Err(RowError::Reference));
        assert!(Secret::plain("12345678").is_ok());
        assert_eq!(format!("{:?}", Secret::plain("12345678")), "Ok(Secret(…))");
    }
}
