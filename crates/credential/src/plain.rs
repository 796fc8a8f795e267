//! A key that is presented as it is.

use crate::Malformed;

/// The key, of which nothing is known but that every character of it can be seen.
pub(crate) fn text(value: &[u8]) -> Result<&str, Malformed> {
    if value.is_empty() {
        return Err(Malformed::Empty);
    }
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err(Malformed::NotVisible);
    }
    str::from_utf8(value).map_err(|_| Malformed::NotVisible)
}

/// What follows the word of an Authorization header: a key of the characters that RFC 9110 section 11.2 allows there
/// (`token68`, which is the `b64token` of RFC 6750 section 2.1).
pub(crate) fn after_word(value: &[u8]) -> Result<&str, Malformed> {
    if value.is_empty() {
        return Err(Malformed::NoCredentials);
    }
    // A list is a mistake of its own, and worth its own sentence.
    if value.contains(&b',') {
        return Err(Malformed::SeveralCredentials);
    }
    let end = value.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let (body, _) = value.split_at_checked(end).unwrap_or_default();
    let fits = |byte: &u8| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if body.is_empty() || !body.iter().all(fits) {
        return Err(Malformed::NotToken);
    }
    text(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_word_is_a_token68() {
        for good in ["a", "mF_9.B5f-4.1JqM", "a+/~b==", "0"] {
            assert_eq!(after_word(good.as_bytes()), Ok(good));
        }
        for bad in ["=", "a=b", "a b", "a\"", "a%41", "a;b", "\u{e9}"] {
            assert_eq!(after_word(bad.as_bytes()), Err(Malformed::NotToken), "{bad}");
        }
        assert_eq!(after_word(b""), Err(Malformed::NoCredentials));
        assert_eq!(after_word(b"a, Bearer b"), Err(Malformed::SeveralCredentials));
    }
}
