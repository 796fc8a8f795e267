//! Short texts that people choose and that appear in URLs, headers and keys: each kind with its own rule.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a name of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {rule}")]
pub struct NameError {
    /// The text as given, cut to 64 characters.
    pub text: String,
    /// What it should have been.
    pub what: &'static str,
    /// The rule, for people.
    pub rule: &'static str,
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $pattern:literal, $rule:literal, $test:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let test: fn(&[u8]) -> bool = $test;
                if test(text.as_bytes()) {
                    return Ok(Self(text.into()));
                }
                Err(NameError { text: text.chars().take(64).collect(), what: $what, rule: $rule })
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "description": $rule })
            }
        }
    )*};
}

/// The words of the schemes that have one of their own.
const TAKEN_WORDS: [&[u8]; 4] = [b"basic", b"bearer", b"hmac", b"signature"];

fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

names! {
    /// What an object is called in URLs, catalogues and keys.
    Slug: "a slug", "^[a-z][a-z0-9-]{0,62}$",
        "1 to 63 lower-case letters, digits and hyphens, a letter first",
        |text| matches!(text, [first, rest @ ..] if first.is_ascii_lowercase() && rest.len() < 63
            && rest.iter().all(|byte| lower_or_digit(*byte) || *byte == b'-'));

    /// An account's number: the Basic user name of contract T. It can contain no colon (RFC 7617 section 2).
    AccountNumber: "an account number", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        "1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first",
        |text| matches!(text, [first, rest @ ..] if first.is_ascii_alphanumeric() && rest.len() < 64
            && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte)));

    /// What a version of an API is called, as it stands for `{version}` in a path.
    VersionName: "a version name", "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$",
        "1 to 32 letters, digits, dots, hyphens and underscores, a letter or digit first; not `latest`",
        |text| matches!(text, [first, rest @ ..] if first.is_ascii_alphanumeric() && rest.len() < 32
            && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))) && text != b"latest";

    /// What the keys of an API start with.
    KeyPrefix: "a key prefix", "^[a-z][a-z0-9]{1,15}$",
        "2 to 16 lower-case letters and digits, a letter first",
        |text| matches!(text, [first, rest @ ..] if first.is_ascii_lowercase() && (1..16).contains(&rest.len())
            && rest.iter().all(|byte| lower_or_digit(*byte)));

    /// The word with which an Authorization header begins (`auth-scheme`, RFC 9110 section 11.1).
    SchemeWord: "a scheme word", "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$",
        "1 to 64 letters, digits and characters of !#$%&'*+-.^_`|~; not that of another scheme",
        |text| is_token(text) && !TAKEN_WORDS.iter().any(|taken| text.eq_ignore_ascii_case(taken));

    /// The name of a parameter in a query. It is made of characters that mean themselves there (RFC 3986 section 2.3).
    ParameterName: "the name of a query parameter", "^[A-Za-z0-9._~-]{1,64}$",
        "1 to 64 letters, digits, dots, hyphens, underscores and tildes",
        |text| (1..=64).contains(&text.len())
            && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte));

    /// The e-mail address of somebody who answers for a credential: the plain form of RFC 5321, with no quoted words,
    /// comments or addresses of networks. It is kept as it was written.
    EmailAddress: "an e-mail address",
        "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*$",
        "something like `name@example.com`, of at most 254 characters",
        is_email_address;

    /// What a user signs in with. Case does not tell users apart.
    UserName: "a user name", "^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$",
        "1 to 128 letters, digits and characters of ._@+-, a letter or digit first",
        |text| matches!(text, [first, rest @ ..] if first.is_ascii_alphanumeric() && rest.len() < 128
            && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(byte)));

    /// The name of a tag.
    TagName: "the name of a tag", "^[a-z0-9][a-z0-9._-]{0,62}$",
        "1 to 63 lower-case letters, digits, dots, hyphens and underscores, a letter or digit first",
        |text| matches!(text, [first, rest @ ..] if lower_or_digit(*first) && rest.len() < 63
            && rest.iter().all(|byte| lower_or_digit(*byte) || b"._-".contains(byte)));

    /// The name of a header that carries credentials (`field-name`, RFC 9110 section 5.1).
    FieldName: "the name of a header", "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$",
        "1 to 64 letters, digits and characters of !#$%&'*+-.^_`|~",
        is_token;
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &[u8]) -> bool {
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    (1..=64).contains(&text.len()) && text.iter().all(token)
}

/// `Dot-string "@" Domain` (RFC 5321 section 4.1.2), within the lengths of its section 4.5.3.1.
fn is_email_address(text: &[u8]) -> bool {
    let mut parts = text.rsplitn(2, |byte| *byte == b'@');
    let (Some(domain), Some(local)) = (parts.next(), parts.next()) else { return false };
    let atom = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(byte);
    let host = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
    };
    text.len() <= 254
        && local.len() <= 64
        && local.split(|byte| *byte == b'.').all(|word| !word.is_empty() && word.iter().all(atom))
        && domain.split(|byte| *byte == b'.').all(host)
}

macro_rules! known {
    ($($name:ident)*) => {$(
        impl $name {
            /// A text of the product's own, for which the rule is known to hold.
            pub(crate) fn known(text: &'static str) -> Self {
                Self(text.into())
            }
        }
    )*};
}

known! { SchemeWord ParameterName FieldName }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_at_its_edges() {
        assert!("a".parse::<Slug>().is_ok() && "a".repeat(63).parse::<Slug>().is_ok());
        assert!("a".repeat(64).parse::<Slug>().is_err() && "-a".parse::<Slug>().is_err());
        assert!("100042".parse::<AccountNumber>().is_ok() && "1:2".parse::<AccountNumber>().is_err());
        assert!("v1".parse::<VersionName>().is_ok() && "latest".parse::<VersionName>().is_err());
        assert!("ab".parse::<KeyPrefix>().is_ok() && "a_b".parse::<KeyPrefix>().is_err());
        assert!("apiToken".parse::<SchemeWord>().is_ok() && "a b".parse::<SchemeWord>().is_err());
        assert!("BEARER".parse::<SchemeWord>().is_err() && "Basic".parse::<SchemeWord>().is_err());
        assert!("api_key".parse::<ParameterName>().is_ok() && "a[]".parse::<ParameterName>().is_err());
        assert!("X-API-Key".parse::<FieldName>().is_ok() && "X:Y".parse::<FieldName>().is_err());
        assert!("a".parse::<TagName>().is_ok() && "0.a-b_c".parse::<TagName>().is_ok());
        assert!("A".parse::<TagName>().is_err() && "-a".parse::<TagName>().is_err());
        assert!("".parse::<FieldName>().is_err() && "a".repeat(65).parse::<FieldName>().is_err());
    }

    #[test]
    fn an_e_mail_address_is_one_that_mail_can_be_sent_to() {
        let (local, label) = ("a".repeat(64), "b".repeat(63));
        let long = format!("{local}@{label}.{label}.{}", "b".repeat(61));
        assert_eq!(long.len(), 254);
        for good in ["a@b", "Ops.Team+keys@mail.example.com", "o'neil@xn--bcher-kva.example", &long] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good}");
        }
        let bad = [
            "",
            "@",
            "a",
            "a@",
            "@b",
            "a@b.",
            "a@.b",
            "a..b@c",
            ".a@b",
            "a.@b",
            "a b@c",
            "a@b c",
            "a@@b",
            "a@-b",
            "a@b-",
            "a@b_c",
            "\"a b\"@c",
            "a@[192.0.2.1]",
            "<a@b>",
            "a@b,c@d",
            "a\n@b",
            "ä@b",
        ];
        for bad in bad.iter().copied().chain([format!("a{local}@b").as_str(), format!("{long}b").as_str()]) {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }
}
