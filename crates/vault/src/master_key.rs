use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use zeroize::Zeroizing;

/// The key that seals all others: 256 random bits, wiped from memory when dropped.
pub struct MasterKey(SecretBox<[u8; 32]>);

/// The text is not a master key. It is not repeated, for it may be most of a real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes, written as 44 characters of base64 or as 64 hexadecimal digits")]
pub struct MasterKeyError;

impl MasterKey {
    /// The master key that these 32 random bytes are.
    #[must_use]
    pub fn generate(random: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(random)))
    }

    /// Reads 44 characters of base64 (RFC 4648 section 4) or 64 hexadecimal digits, with white space around them.
    pub fn from_text(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim_ascii();
        let mut bytes = Zeroizing::new([0; 32]);
        match text.len() {
            44 => read_base64(text, &mut bytes)?,
            64 => read_hex(text, &mut bytes)?,
            _ => return Err(MasterKeyError),
        }
        Ok(Self::generate(*bytes))
    }

    /// The key as base64, for the place where it is kept.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        SecretString::from(BASE64_STANDARD.encode(self.bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

/// The master key in the value of an environment variable, which is wiped.
///
/// The variable itself stays readable to whoever may look into the process; a file is the better place.
pub fn from_environment_value(value: String) -> Result<MasterKey, MasterKeyError> {
    MasterKey::from_text(&Zeroizing::new(value))
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

fn read_base64(text: &str, bytes: &mut [u8; 32]) -> Result<(), MasterKeyError> {
    match BASE64_STANDARD.decode_slice(text, bytes) {
        Ok(32) => Ok(()),
        _ => Err(MasterKeyError),
    }
}

fn read_hex(text: &str, bytes: &mut [u8; 32]) -> Result<(), MasterKeyError> {
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digits.iter().try_fold(0, |value, digit| Ok((value << 4) | hex_digit(*digit)?))?;
    }
    Ok(())
}

fn hex_digit(digit: u8) -> Result<u8, MasterKeyError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(MasterKeyError),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The bytes 0 to 31, encoded by another implementation.
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const HEX: &str = "000102030405060708090a0B0c0D0e0f101112131415161718191a1b1C1D1e1F";

    fn counted() -> [u8; 32] {
        std::array::from_fn(|index| u8::try_from(index).unwrap())
    }

    #[test]
    fn both_forms_are_read_and_base64_is_written() {
        for text in [BASE64, HEX, &format!(" {BASE64}\r\n")] {
            assert_eq!(MasterKey::from_text(text).unwrap().bytes(), &counted());
        }
        assert_eq!(MasterKey::generate(counted()).to_text().expose_secret(), BASE64);
        assert_eq!(from_environment_value(HEX.to_owned()).unwrap().bytes(), &counted());
    }

    #[test]
    fn other_texts_are_refused() {
        let unpadded = BASE64.trim_end_matches('=');
        let long = format!("{unpadded}A");
        let no_hex = HEX.replace('B', "g");
        // The last has bits set that encode nothing.
        for text in ["", unpadded, &long, &HEX[1..], &no_hex, &"€".repeat(16), &BASE64.replace("8=", "9=")]
        {
            assert!(MasterKey::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", MasterKey::generate([7; 32])), "MasterKey(…)");
        assert!(!format!("{:?}", MasterKey::generate([7; 32]).to_text()).contains("Bwc"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(\\PC{0,70}|[0-9A-Za-z+/]{43}=|[0-9a-f]{64})") {
            if let Ok(key) = MasterKey::from_text(&text) {
                let again = MasterKey::from_text(key.to_text().expose_secret()).unwrap();
                prop_assert_eq!(key.bytes(), again.bytes());
            }
        }
    }
}
