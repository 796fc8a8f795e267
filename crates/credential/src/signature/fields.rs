use std::borrow::Cow;

use http::header::HeaderValue;
use http::{HeaderMap, HeaderName};

use super::SignatureFault;

/// The longest value that is looked into.
const LONGEST: usize = 4096;

/// The lines of a header as one value (RFC 9110 section 5.2); none if it is not there.
pub(crate) fn joined<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    shown: &'static str,
) -> Result<Option<Cow<'h, [u8]>>, SignatureFault> {
    let mut values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let Some(first) = values.next() else { return Ok(None) };
    let mut whole = Cow::Borrowed(first);
    for value in values {
        let text = whole.to_mut();
        text.extend_from_slice(b", ");
        text.extend_from_slice(value);
        if text.len() > LONGEST {
            break;
        }
    }
    if whole.len() > LONGEST { Err(SignatureFault::TooLong(shown)) } else { Ok(Some(whole)) }
}
