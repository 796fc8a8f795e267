//! The request target, read once, in the one way that the rest of the product and the upstream share.
//!
//! A target that two readers could take for different paths is refused rather than repaired: dot segments, empty
//! segments, encoded slashes, backslashes and control characters. What remains is put into the canonical form of
//! RFC 3986 section 6.2.2 (unreserved characters decoded, hexadecimal digits in capitals) and forwarded as such.

use std::borrow::Cow;

/// Why a target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It does not start with a slash.
    #[error("the target does not start with a slash")]
    NotAPath,
    /// It is longer than 8,192 bytes.
    #[error("the target is longer than 8,192 bytes")]
    TooLong,
    /// A segment is `.` or `..`, encoded or not.
    #[error("the path contains a dot segment")]
    DotSegment,
    /// Two slashes follow each other.
    #[error("the path contains an empty segment")]
    EmptySegment,
    /// A slash or backslash, encoded, or a plain backslash.
    #[error("the path contains an encoded slash or a backslash")]
    HiddenSlash,
    /// A byte that cannot stand in a path or, plain, in a query; or the encoding of a control character.
    #[error("the target contains a character that cannot stand there")]
    Forbidden,
    /// `%` without two hexadecimal digits.
    #[error("the path contains a percent sign without two hexadecimal digits")]
    BrokenEncoding,
}

const MAX_LEN: usize = 8192;

/// A target that can be read in one way only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    path: Cow<'a, str>,
    query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Reads an origin-form target (RFC 9112 section 3.2.1).
    pub fn read(target: &'a str) -> Result<Self, TargetError> {
        if target.len() > MAX_LEN {
            return Err(TargetError::TooLong);
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let path = canonical(path)?;
        check_segments(&path)?;
        check_query(query.unwrap_or_default())?;
        Ok(Self { path, query })
    }

    /// The path in canonical form; starts with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What follows the first `?`, as received.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        self.query
    }
}

fn canonical(path: &str) -> Result<Cow<'_, str>, TargetError> {
    if path.bytes().all(is_plain) {
        return Ok(Cow::Borrowed(path));
    }
    let bytes = path.as_bytes();
    let mut clean = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let digits = bytes.get(at + 1..at + 3).ok_or(TargetError::BrokenEncoding)?;
                push_encoded(&mut clean, digits)?;
                at += 3;
            }
            b'\\' => return Err(TargetError::HiddenSlash),
            plain if is_plain(plain) => {
                clean.push(char::from(plain));
                at += 1;
            }
            _ => return Err(TargetError::Forbidden),
        }
    }
    Ok(Cow::Owned(clean))
}

fn push_encoded(clean: &mut String, digits: &[u8]) -> Result<(), TargetError> {
    let [high, low] = digits else { return Err(TargetError::BrokenEncoding) };
    let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(TargetError::BrokenEncoding);
    let byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).map_err(|_| TargetError::BrokenEncoding)?;
    match byte {
        b'/' | b'\\' => Err(TargetError::HiddenSlash),
        0..0x20 | 0x7f => Err(TargetError::Forbidden),
        unreserved if is_unreserved(unreserved) => {
            clean.push(char::from(unreserved));
            Ok(())
        }
        _ => {
            clean.push('%');
            clean.extend([high, low].map(|digit| char::from(digit.to_ascii_uppercase())));
            Ok(())
        }
    }
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `pchar` of RFC 3986 section 3.3 without percent-encodings, and the slash.
fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte as usize] = matches!(byte,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'('
            | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@' | b'/');
        byte += 1;
    }
    table
};

fn check_segments(path: &str) -> Result<(), TargetError> {
    let segments = path.strip_prefix('/').ok_or(TargetError::NotAPath)?;
    let mut rest = segments.split('/').peekable();
    while let Some(segment) = rest.next() {
        if segment.is_empty() && rest.peek().is_some() {
            return Err(TargetError::EmptySegment);
        }
        if is_dots(segment) {
            return Err(TargetError::DotSegment);
        }
    }
    Ok(())
}

/// Some servers cut path parameters off first and then see the dots of `..;a=b`, or of `..%3Ba=b` once they have
/// decoded it.
fn is_dots(segment: &str) -> bool {
    let after = segment.strip_prefix("..").or_else(|| segment.strip_prefix('.'));
    after.is_some_and(|after| after.is_empty() || after.starts_with(';') || after.starts_with("%3B"))
}

/// A query is forwarded as it came, so that nothing in it may end the line or start a fragment.
fn check_query(query: &str) -> Result<(), TargetError> {
    let fits = |byte: u8| byte > b' ' && byte != 0x7f && byte != b'#';
    if query.bytes().all(fits) { Ok(()) } else { Err(TargetError::Forbidden) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_path_and_query() {
        let target = Target::read("/a/b?x=/../y").unwrap();
        assert_eq!((target.path(), target.query()), ("/a/b", Some("x=/../y")));
        assert_eq!(Target::read("/").unwrap().path(), "/");
        assert_eq!(Target::read("/a/").unwrap().path(), "/a/");
        assert_eq!(Target::read("/a?q=\u{e9}\"{}%0a").unwrap().query(), Some("q=\u{e9}\"{}%0a"));
        for dots in ["/.well-known/..a", "/...", "/..%3Fa", "/a;..", "/.%3A"] {
            assert_eq!(Target::read(dots).unwrap().path(), dots);
        }
    }

    #[test]
    fn decodes_unreserved_characters_and_keeps_the_others() {
        assert_eq!(Target::read("/%63ustomers/a%20b%3ac").unwrap().path(), "/customers/a%20b%3Ac");
    }

    #[test]
    fn refuses_whatever_two_readers_could_take_for_different_paths() {
        for (target, error) in [
            ("", TargetError::NotAPath),
            ("*", TargetError::NotAPath),
            ("/a/../b", TargetError::DotSegment),
            ("/a/%2e%2E/b", TargetError::DotSegment),
            ("/a/.", TargetError::DotSegment),
            ("/a/..;x=1/b", TargetError::DotSegment),
            ("/a/..%3bx=1/b", TargetError::DotSegment),
            ("/a/%2e%3B", TargetError::DotSegment),
            ("//a", TargetError::EmptySegment),
            ("/a//b", TargetError::EmptySegment),
            ("/a%2fb", TargetError::HiddenSlash),
            ("/a%5Cb", TargetError::HiddenSlash),
            ("/a\\b", TargetError::HiddenSlash),
            ("/a%00", TargetError::Forbidden),
            ("/a%0d%0a", TargetError::Forbidden),
            ("/a b", TargetError::Forbidden),
            ("/a\u{e9}", TargetError::Forbidden),
            ("/a#b", TargetError::Forbidden),
            ("/a?b#c", TargetError::Forbidden),
            ("/a?b c", TargetError::Forbidden),
            ("/a?b\r\nc", TargetError::Forbidden),
            ("/a?\u{7f}", TargetError::Forbidden),
            ("/a%4", TargetError::BrokenEncoding),
            ("/a%zz", TargetError::BrokenEncoding),
        ] {
            assert_eq!(Target::read(target), Err(error), "{target}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own(text in "[/a-c.%2eEfF5;]{0,24}") {
            if let Ok(target) = Target::read(&format!("/{text}")) {
                let again = Target::read(target.path()).unwrap();
                prop_assert_eq!(again.path(), target.path());
                prop_assert!(!target.path().contains("//"));
            }
        }
    }
}
