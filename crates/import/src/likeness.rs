//! What a list of keys looks like that is none: each of its lines would be a key from then on, and whoever has seen
//! the file could call with it.

use crate::{ImportError, Likeness, line_number};

/// Finds the first line, or value, that looks like that of another file.
pub(crate) fn check(lines: impl Iterator<Item = (usize, String)>) -> Result<(), ImportError> {
    let mut found = lines.filter_map(|(index, text)| Some((index, of(&text)?)));
    match found.next() {
        None => Ok(()),
        Some((index, like)) => Err(ImportError::Looks { line: line_number(index), like }),
    }
}

/// What a line, or the value of a cell, looks like.
fn of(text: &str) -> Option<Likeness> {
    match text.trim() {
        text if is_sha256(text) => Some(Likeness::Sha256),
        text if is_password(text) => Some(Likeness::Htpasswd),
        text if is_tree(text) => Some(Likeness::Tree),
        _ => None,
    }
}

/// 64 hexadecimal digits, or 32 bytes in base64 with its padding. Without it, that is how many keys are written.
fn is_sha256(text: &str) -> bool {
    let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let base64 = text.len() == 44 && text.strip_suffix('=').is_some_and(|digits| digits.bytes().all(letter));
    hex || base64
}

/// A digest as `htpasswd` and `crypt` write them, alone or behind a user name.
fn is_password(text: &str) -> bool {
    let digest = text.split_once(':').map_or(text, |(_, digest)| digest);
    let marks = ["$1$", "$2a$", "$2b$", "$2x$", "$2y$", "$5$", "$6$", "$y$", "$apr1$", "{SHA}", "{SSHA}"];
    marks.iter().any(|mark| digest.starts_with(mark))
}

/// A line of YAML or JSON.
fn is_tree(text: &str) -> bool {
    let begins = ["- ", "{\"", "[{", "[\"", "\"", "{}", "[]"].iter().any(|mark| text.starts_with(mark));
    begins || text.ends_with([':', '{', '[']) || matches!(text, "---" | "{" | "[" | "}" | "]" | "}," | "],")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_kinds_are_known_by_a_line() {
        let bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let table = [
            // SHA-256 of `abc` (FIPS 180-4, example).
            ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Likeness::Sha256),
            ("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", Likeness::Sha256),
            ("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", Likeness::Sha256),
            ("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=", Likeness::Sha256),
            (bcrypt, Likeness::Htpasswd),
            (&format!("luka:{bcrypt}"), Likeness::Htpasswd),
            ("luka:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", Likeness::Htpasswd),
            ("luka:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", Likeness::Htpasswd),
            ("  keyauth_credentials:", Likeness::Tree),
            ("  - key: 4174348a-9222", Likeness::Tree),
            ("{\"hash\":\"nonsense\"}", Likeness::Tree),
            ("\"keys\":[", Likeness::Tree),
        ];
        for (line, like) in table {
            assert_eq!(of(line), Some(like), "{line}");
        }
    }

    #[test]
    fn keys_look_like_keys() {
        for key in [
            "4174348a-9222-4e81-b33e-5d72d2fd7f1e",
            // As `secrets.token_urlsafe(32)` of Python, `openssl rand -hex 20` and `openssl rand -base64 24` write them.
            "o6Rm2mTn1jYlJHsUWwJNPf0LHoOa4dZ6Jc1pS7J2Qk8",
            "8ee1bdbdd4e4ab5cd0f5a3d9a5c1bd2ff37b3a6a",
            "rqXexS6ZhobKAsnOqpTzWcYkVxG4mB0e",
            "shop_3ZZ7jq2mVQ8mGZQ4",
            "user:password-of-theirs",
            "$ecret-of-theirs",
        ] {
            assert_eq!(of(key), None, "{key}");
        }
    }
}
