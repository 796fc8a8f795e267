//! Texts with a grammar of their own.

use claviger_spec::yaml::shown;

use crate::cursor::Cursor;
use crate::mistake::Found;

const MAX_NAME: usize = 200;

/// A name for people.
pub(crate) fn check_name(name: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    if name.trim().is_empty() {
        found.add(at.place(), "a name is not empty");
    } else if name.chars().count() > MAX_NAME {
        found.add(at.place(), "a name has at most 200 characters");
    } else if name.chars().any(char::is_control) {
        found.add(at.place(), "a name has no control characters");
    }
}

/// The method of a request (RFC 9110 section 9.1).
pub(crate) fn check_method(method: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    if !is_token(method) {
        found.add_with_help(
            at.place(),
            &format!("`{}` is not an HTTP method", shown(method)),
            "such as `GET`",
        );
    } else if method.bytes().any(|byte| byte.is_ascii_lowercase()) {
        let help = format!("write `{}`", method.to_ascii_uppercase());
        found.add_with_help(at.place(), &format!("the method `{}` is not in capitals", shown(method)), &help);
    }
}

/// A media type without parameters and wildcards (RFC 9110 section 8.3.1).
pub(crate) fn check_media_type(text: &str, at: Cursor<'_>, found: &mut Found<'_>) {
    let concrete = |part: &str| is_token(part) && !part.contains('*');
    if !text.split_once('/').is_some_and(|(kind, subtype)| concrete(kind) && concrete(subtype)) {
        let message = format!("`{}` is not a media type", shown(text));
        found.add_with_help(at.place(), &message, "write `type/subtype`, such as `application/json`");
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let help = format!("write `{}`", text.to_ascii_lowercase());
        found.add_with_help(
            at.place(),
            &format!("the media type `{}` is not in lower case", shown(text)),
            &help,
        );
    }
}

/// RFC 9110 section 5.6.2; at most 127 characters, as in RFC 6838 section 4.2.
fn is_token(text: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=127).contains(&text.len()) && text.bytes().all(token)
}
