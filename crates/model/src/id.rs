//! Ids: 128 bits, the first 48 of which are the creation time in milliseconds, so that ids sort by age.
//!
//! As text: a prefix that says what the id names, `_`, and 26 characters of Crockford base 32 in lower case.

use serde::{Deserialize, Serialize};

use crate::Time;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LEN: usize = 26;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id that starts with `{prefix}_` and goes on with 26 characters of base 32")]
pub struct IdError {
    /// The text as given, cut to 64 characters.
    pub text: String,
    /// The prefix wanted.
    pub prefix: &'static str,
}

fn pack(now: Time, random: [u8; 10]) -> u128 {
    let millis = (now.as_micros() / 1000).max(0).cast_unsigned() & 0xffff_ffff_ffff;
    random.iter().fold(u128::from(millis), |value, byte| (value << 8) | u128::from(*byte))
}

fn encode(mut value: u128) -> [u8; TEXT_LEN] {
    let mut text = [b'0'; TEXT_LEN];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
    text
}

fn decode(text: &str) -> Option<u128> {
    // 26 characters hold 130 bits: the first one may only use its lower three.
    let bytes = text.as_bytes();
    if bytes.len() != TEXT_LEN || bytes[0] > b'7' {
        return None;
    }
    bytes.iter().try_fold(0u128, |value, byte| {
        let digit = DIGITS[usize::from(*byte)];
        (digit < 32).then_some((value << 5) | u128::from(digit))
    })
}

/// The value of each letter; 255 for what is none.
const DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 32 {
        digits[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(u128);

        impl $name {
            /// What the text form starts with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from the time and ten random bytes.
            #[must_use]
            pub fn new(now: Time, random: [u8; 10]) -> Self {
                Self(pack(now, random))
            }

            /// The 128 bits.
            #[must_use]
            pub const fn as_u128(self) -> u128 {
                self.0
            }

            /// The id with these 128 bits.
            #[must_use]
            pub const fn from_u128(value: u128) -> Self {
                Self(value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let text = encode(self.0);
                f.write_str(concat!($prefix, "_"))?;
                f.write_str(std::str::from_utf8(&text).map_err(|_| std::fmt::Error)?)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"),
                })
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_")).and_then(decode).map(Self).ok_or_else(|| IdError {
                    text: text.chars().take(64).collect(),
                    prefix: $prefix,
                })
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
    )*};
}

ids! {
    /// Names an account.
    AccountId = "acc";
    /// Names an API.
    ApiId = "api";
    /// Names an environment of an API.
    EnvironmentId = "env";
    /// Names a credential of whatever kind; it is no secret.
    CredentialId = "key";
    /// Names a user.
    UserId = "usr";
    /// Names a passkey of a user; it is no secret.
    PasskeyId = "psk";
    /// Names an invitation; it is no secret.
    InvitationId = "inv";
    /// Names one request, in answers, logs and `claviger explain`.
    RequestId = "req";
}

impl EnvironmentId {
    /// Where login tokens belong: to no API, and to every one that takes them.
    pub const PEOPLE: Self = Self::from_u128(0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_and_back(value: u128) {
            let id = CredentialId::from_u128(value);
            prop_assert_eq!(id.to_string().parse::<CredentialId>().unwrap(), id);
        }

        #[test]
        fn any_text_parses_or_is_refused(text: String) {
            if let Ok(id) = text.parse::<AccountId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn ids_sort_by_time_as_bits_and_as_text() {
        let early = CredentialId::new(Time::from_micros(1_000_000), [0xff; 10]);
        let late = CredentialId::new(Time::from_micros(1_001_000), [0; 10]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let account = AccountId::from_u128(7).to_string();
        assert!(account.parse::<CredentialId>().is_err());
    }
}
