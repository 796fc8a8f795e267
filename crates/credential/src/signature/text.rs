use claviger_model::Time;
use http::header::HOST;
use http::{HeaderName, HeaderValue};

use super::SignatureFault;
use crate::Parts;

/// The headers that are never among what is signed. The text that was signed can be shown to whoever sends a request, and
/// these are nobody's to be shown; of a signature, the text would hold the signature itself.
const CREDENTIALS: [&str; 6] =
    ["authorization", "proxy-authorization", "cookie", "signature", "signature-input", "x-signature"];

/// Whether the header of this name, in lower case, carries credentials.
pub(crate) fn carries_credentials(name: &str) -> bool {
    CREDENTIALS.contains(&name)
}

/// The path of a target; of none, the root.
pub(crate) fn path(target: &str) -> &str {
    target.split('?').next().filter(|path| !path.is_empty()).unwrap_or("/")
}

/// The query of a target, without the question mark.
pub(crate) fn query(target: &str) -> Option<&str> {
    target.split_once('?').map(|(_, query)| query)
}

/// Appends the value of a header: its lines joined, without the spaces around each (RFC 9421 section 2.1).
pub(crate) fn push_field(
    parts: &Parts<'_>,
    name: &HeaderName,
    text: &mut String,
) -> Result<(), SignatureFault> {
    let mut values = parts.headers.get_all(name).iter();
    match values.next() {
        // HTTP/2 names the host elsewhere.
        None if *name == HOST => text.push_str(parts.authority),
        None => return Err(absent(name)),
        Some(first) => {
            text.push_str(trimmed(name, first)?);
            for value in values {
                text.push_str(", ");
                text.push_str(trimmed(name, value)?);
            }
        }
    }
    Ok(())
}

pub(crate) fn absent(name: &HeaderName) -> SignatureFault {
    SignatureFault::FieldAbsent(name.into())
}

fn trimmed<'v>(name: &HeaderName, value: &'v HeaderValue) -> Result<&'v str, SignatureFault> {
    let text = str::from_utf8(value.as_bytes()).map_err(|_| absent(name))?;
    Ok(text.trim_matches([' ', '\t']))
}

/// A time in whole seconds since 1970, until the year 9999.
pub(crate) fn time(seconds: i64) -> Option<Time> {
    (0..=253_402_300_799).contains(&seconds).then(|| Time::from_secs(seconds))
}
