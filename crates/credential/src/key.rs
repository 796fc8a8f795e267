//! The format of a key: `<prefix>_<environment>_<43 digits><6 digits>`, the digits in base 62.
//!
//! The 43 digits are 256 random bits, the 6 are the CRC-32 (IEEE 802.3) of everything before them. The checksum is
//! no protection: it tells a mistyped key, or a text that only looks like one, from a real key without a look-up.

use std::fmt;

use claviger_model::{KeyPrefix, Slug};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_DIGITS: usize = 43;
const CHECKSUM_DIGITS: usize = 6;
const DIGITS: usize = RANDOM_DIGITS + CHECKSUM_DIGITS;
const HINT_LEN: usize = 4;

/// The regular expression that finds the keys of any API.
///
/// It uses nothing but classes, counts and `\b`, so that the engines of secret scanners take it as it is.
pub const ANY_KEY_PATTERN: &str = r"\b[a-z][a-z0-9]{1,15}_[a-z][a-z0-9-]{0,62}_[0-9A-Za-z]{49}\b";

/// A key in the clear. It is shown once, and wiped from memory when dropped.
pub struct Key(SecretString);

/// Why a text is not a key. The text itself is never repeated: it may be most of a real key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFormatError {
    /// The text does not have the shape of a key.
    #[error("a key is a prefix, an environment and 49 letters and digits, joined by underscores")]
    NotAKey,
    /// The shape is right, and at least one character is wrong.
    #[error("the checksum of the key is wrong: a character was changed, or the end was cut off")]
    Checksum,
}

impl Key {
    /// The key itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The last four characters, by which a person tells keys apart. They belong to the checksum.
    #[must_use]
    pub fn hint(&self) -> String {
        let key = self.expose();
        key.get(key.len().saturating_sub(HINT_LEN)..).unwrap_or_default().to_owned()
    }

    /// The key as the secret that it is.
    #[must_use]
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Makes the key that these 32 random bytes give.
#[must_use]
pub fn generate(prefix: &KeyPrefix, environment: &Slug, random: [u8; 32]) -> Key {
    let digits = Zeroizing::new(random_digits(random));
    let names = prefix.as_str().len() + environment.as_str().len() + 2;
    // The exact size: growing, or shrinking at the end, would leave copies of the key in freed memory.
    let mut text = String::with_capacity(names + DIGITS);
    for part in [prefix.as_str(), "_", environment.as_str(), "_"] {
        text.push_str(part);
    }
    text.extend(digits.iter().copied().map(char::from));
    text.extend(checksum(text.as_bytes()).map(char::from));
    Key(SecretString::from(text))
}

/// Whether a text has the format of a key, checksum included. Allocates nothing.
///
/// # Errors
/// [`KeyFormatError::NotAKey`] for a wrong shape, [`KeyFormatError::Checksum`] for a wrong checksum.
pub fn check(text: &str) -> Result<(), KeyFormatError> {
    if !parts(text).is_some_and(are_fitting) {
        return Err(KeyFormatError::NotAKey);
    }
    let (covered, sum) = text.as_bytes().split_last_chunk().ok_or(KeyFormatError::NotAKey)?;
    if checksum(covered) == *sum { Ok(()) } else { Err(KeyFormatError::Checksum) }
}

/// The regular expression that finds the keys of the API with this prefix.
#[must_use]
pub fn pattern(prefix: &KeyPrefix) -> String {
    format!(r"\b{prefix}_[a-z][a-z0-9-]{{0,62}}_[0-9A-Za-z]{{{DIGITS}}}\b")
}

/// Prefix, environment and digits, if the text has underscores where a key has them.
fn parts(text: &str) -> Option<[&str; 3]> {
    let (names, digits) = text.split_at_checked(text.len().checked_sub(DIGITS)?)?;
    let (prefix, environment) = names.strip_suffix('_')?.split_once('_')?;
    Some([prefix, environment, digits])
}

fn are_fitting([prefix, environment, digits]: [&str; 3]) -> bool {
    is_prefix(prefix.as_bytes())
        && is_environment(environment.as_bytes())
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The rule of [`KeyPrefix`], whose own parser would allocate.
fn is_prefix(text: &[u8]) -> bool {
    (2..=16).contains(&text.len()) && starts_with_letter(text) && text.iter().copied().all(is_lower_or_digit)
}

/// The rule of [`Slug`], whose own parser would allocate.
fn is_environment(text: &[u8]) -> bool {
    text.len() <= 63
        && starts_with_letter(text)
        && text.iter().all(|byte| is_lower_or_digit(*byte) || *byte == b'-')
}

fn starts_with_letter(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_lowercase)
}

fn is_lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// 256 bits, the first byte the most significant, as 43 digits with leading zeros.
fn random_digits(random: [u8; 32]) -> [u8; RANDOM_DIGITS] {
    let mut number = Zeroizing::new(random);
    let mut digits = [0; RANDOM_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::from(divide_by_62(&mut number))];
    }
    digits
}

/// Divides a big-endian number in place and returns the remainder.
fn divide_by_62(number: &mut [u8; 32]) -> u8 {
    let mut remainder = 0u16;
    for byte in number {
        let part = (remainder << 8) | u16::from(*byte);
        // The remainder of the step before is at most 61, so the quotient fits in a byte, as does the remainder.
        [*byte, _] = (part / 62).to_le_bytes();
        remainder = part % 62;
    }
    let [low, _] = remainder.to_le_bytes();
    low
}

fn checksum(covered: &[u8]) -> [u8; CHECKSUM_DIGITS] {
    let mut number = crc32fast::hash(covered);
    let mut digits = [0; CHECKSUM_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(number % 62) as usize];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    /// Keys made by another implementation of the format (integers without limit, the CRC-32 of zlib).
    const KEYS: [(&str, &str, [u8; 32], &str); 3] = [
        ("ab", "p", [0; 32], "ab_p_00000000000000000000000000000000000000000000FMtQB"),
        (
            "billing",
            "production",
            counted(),
            "billing_production_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf06nE1R",
        ),
        (
            "cloud",
            "eu-west-1",
            [0xff; 32],
            "cloud_eu-west-1_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12u6C3D",
        ),
    ];

    /// The bytes 0, 1, 2 and so on to 31.
    const fn counted() -> [u8; 32] {
        let mut bytes = [0; 32];
        let mut index = 0u8;
        while index < 32 {
            bytes[index as usize] = index;
            index += 1;
        }
        bytes
    }

    fn key(prefix: &str, environment: &str, random: [u8; 32]) -> Key {
        generate(&prefix.parse().unwrap(), &environment.parse().unwrap(), random)
    }

    prop_compose! {
        fn keys()(prefix in "[a-z][a-z0-9]{1,15}", environment in "[a-z][a-z0-9-]{0,62}", random: [u8; 32])
            -> (String, String, String) {
            let text = key(&prefix, &environment, random).expose().to_owned();
            (prefix, environment, text)
        }
    }

    proptest! {
        #[test]
        fn what_is_generated_is_accepted_and_found((prefix, environment, text) in keys()) {
            prop_assert_eq!(check(&text), Ok(()));
            prop_assert_eq!(text.len(), prefix.len() + environment.len() + 51);
            let log_line = format!("GET /?key={text} 200");
            for pattern in [ANY_KEY_PATTERN, pattern(&prefix.parse().unwrap()).as_str()] {
                let found = Regex::new(pattern).unwrap().find(&log_line).map(|found| found.as_str().to_owned());
                prop_assert_eq!(found.as_ref(), Some(&text));
            }
        }

        #[test]
        fn a_changed_character_is_refused((_, _, text) in keys(), place: prop::sample::Index, other: char) {
            let mut changed: Vec<char> = text.chars().collect();
            let place = place.index(changed.len());
            prop_assume!(changed[place] != other);
            changed[place] = other;
            prop_assert!(check(&changed.into_iter().collect::<String>()).is_err());
        }

        #[test]
        fn another_letter_or_digit_is_refused(
            (_, _, text) in keys(), place: prop::sample::Index, other in "[0-9A-Za-z]",
        ) {
            let place = place.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(place..=place, &other);
            prop_assert_eq!(check(&changed).is_ok(), changed == text);
        }

        #[test]
        fn any_text_is_accepted_or_refused(text: String) {
            let _ = check(&text);
        }

        #[test]
        fn the_rules_are_those_of_the_model(text in "([a-z0-9-]{0,4}|[ -~]{0,4}|\\PC{0,20})") {
            assert_same_rules(&text);
        }
    }

    fn assert_same_rules(text: &str) {
        assert_eq!(is_prefix(text.as_bytes()), text.parse::<KeyPrefix>().is_ok(), "{text}");
        assert_eq!(is_environment(text.as_bytes()), text.parse::<Slug>().is_ok(), "{text}");
    }

    #[test]
    fn the_lengths_are_those_of_the_model() {
        for length in 0..80 {
            assert_same_rules(&"a".repeat(length));
            assert_same_rules(&"a-1".repeat(length));
        }
    }

    #[test]
    fn the_checksum_is_crc_32() {
        // The check value that the catalogues of CRCs give for CRC-32/ISO-HDLC.
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum(b"123456789"), *b"3jZRME");
    }

    #[test]
    fn keys_are_those_of_another_implementation() {
        for (prefix, environment, random, text) in KEYS {
            assert_eq!(key(prefix, environment, random).expose(), text);
            assert_eq!(check(text), Ok(()));
        }
    }

    #[test]
    fn every_changed_character_of_one_key_is_refused() {
        let (_, _, _, text) = KEYS[1];
        for place in 0..text.len() {
            for other in (0x20..0x7f).map(char::from) {
                let mut changed = text.to_owned();
                changed.replace_range(place..=place, other.encode_utf8(&mut [0; 4]));
                assert_eq!(check(&changed).is_ok(), changed == text, "{place} {other}");
            }
        }
    }

    #[test]
    fn shape_and_checksum_are_told_apart() {
        let (_, _, _, good) = KEYS[2];
        let wrong_sum = format!("{}E", &good[..good.len() - 1]);
        assert_eq!(check(&wrong_sum), Err(KeyFormatError::Checksum));
        assert_eq!(check(&format!("c{good}")), Err(KeyFormatError::Checksum));
        for text in ["", "_", "cloud", "cloud__", "€", &"€".repeat(49), &good[..50], &format!("{good} ")]
        {
            assert_eq!(check(text), Err(KeyFormatError::NotAKey), "{text}");
        }
        for (part, other) in [("cloud", "Cloud"), ("cloud", "c"), ("eu-west-1", ""), ("-", "_"), ("_", "-")] {
            assert_eq!(check(&good.replace(part, other)), Err(KeyFormatError::NotAKey), "{part} {other}");
        }
    }

    #[test]
    fn a_key_shows_its_end_only() {
        let key = key("ab", "p", [7; 32]);
        assert_eq!(format!("{key:?}"), "Key(…)");
        assert_eq!(key.hint().len(), 4);
        assert!(key.expose().ends_with(&key.hint()));
    }
}
