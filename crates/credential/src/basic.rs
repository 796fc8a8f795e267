//! `Authorization: Basic` (RFC 7617).

use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use claviger_model::Scheme;
use zeroize::Zeroize;

use crate::Malformed;
use crate::places::Places;
use crate::present::{Answer, Presented};

/// More than the longest key with the longest user name.
const MAX_DECODED: usize = 384;
const MAX_ENCODED: usize = MAX_DECODED / 3 * 4;

/// Padding may be left out, as some clients do; bits that encode nothing must be zero, so that there is one text
/// for each credential.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A user name and a password, held on the stack and wiped when dropped.
///
/// Moving the value may leave the bytes behind on the stack, as moving any value does: use it where it was made.
pub struct BasicCredentials {
    bytes: [u8; MAX_DECODED],
    len: usize,
    colon: usize,
}

impl BasicCredentials {
    /// What stands before the first colon. It may be empty.
    #[must_use]
    pub fn user(&self) -> &str {
        self.text(0..self.colon)
    }

    /// What stands after the first colon. It is never empty.
    #[must_use]
    pub fn password(&self) -> &str {
        self.text(self.colon + 1..self.len)
    }

    fn text(&self, range: Range<usize>) -> &str {
        // `decode` has seen that the whole is UTF-8, and a colon is a character of its own.
        self.bytes.get(range).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Drop for BasicCredentials {
    fn drop(&mut self) {
        self.bytes[..self.len].zeroize();
    }
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BasicCredentials(…)")
    }
}

/// Reads what follows the word `Basic`.
///
/// # Errors
/// The reason why it is not base64 of `user:password`.
pub fn decode(credentials: &[u8]) -> Result<BasicCredentials, Malformed> {
    match credentials.len() {
        0 => return Err(Malformed::NoCredentials),
        1..=MAX_ENCODED => {}
        _ => return Err(Malformed::CredentialsTooLong),
    }
    // The whole buffer counts as used until decoding has succeeded, so that half a secret is wiped too.
    let mut decoded = BasicCredentials { bytes: [0; MAX_DECODED], len: MAX_DECODED, colon: 0 };
    let length = BASE64.decode_slice(credentials, &mut decoded.bytes);
    decoded.len = length.map_err(|_| not_base64(credentials))?;
    decoded.colon = colon(&decoded.bytes[..decoded.len])?;
    Ok(decoded)
}

/// `Basic a, Basic b` is a mistake of its own, and worth its own sentence.
fn not_base64(credentials: &[u8]) -> Malformed {
    if credentials.contains(&b',') { Malformed::SeveralCredentials } else { Malformed::NotBase64 }
}

/// Where the user name ends, if the bytes are a user name and a password.
fn colon(decoded: &[u8]) -> Result<usize, Malformed> {
    str::from_utf8(decoded).map_err(|_| Malformed::NotUtf8)?;
    if decoded.iter().any(u8::is_ascii_control) {
        return Err(Malformed::ControlCharacter);
    }
    let colon = decoded.iter().position(|byte| *byte == b':').ok_or(Malformed::NoColon)?;
    if colon + 1 == decoded.len() { Err(Malformed::EmptyPassword) } else { Ok(colon) }
}

/// Whether the request carries Basic credentials.
pub(crate) fn look<'r, 's>(scheme: &'s Scheme, places: &mut Places<'r>) -> Answer<'r, 's> {
    let credentials = places.take_authorization("Basic")?;
    Some(decode(credentials).map(|basic| Presented::basic(scheme, basic)).map_err(Into::into))
}

/// The challenge (RFC 7617 section 2.1) with a realm that is quoted already.
pub(crate) fn challenge(realm: &str) -> String {
    format!("Basic realm={realm}, charset=\"UTF-8\"")
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn reason(credentials: &[u8]) -> Malformed {
        decode(credentials).unwrap_err()
    }

    fn reason_of_decoded(decoded: &[u8]) -> Malformed {
        reason(BASE64_STANDARD.encode(decoded).as_bytes())
    }

    #[test]
    fn the_examples_of_rfc_7617() {
        let aladdin = decode(b"QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap();
        assert_eq!((aladdin.user(), aladdin.password()), ("Aladdin", "open sesame"));
        let test = decode(b"dGVzdDoxMjPCow==").unwrap();
        assert_eq!((test.user(), test.password()), ("test", "123£"));
    }

    #[test]
    fn the_first_colon_counts_and_the_user_name_may_be_empty() {
        let colons = decode(BASE64_STANDARD.encode("a:b:c:").as_bytes()).unwrap();
        assert_eq!((colons.user(), colons.password()), ("a", "b:c:"));
        let nobody = decode(BASE64_STANDARD.encode(":b").as_bytes()).unwrap();
        assert_eq!((nobody.user(), nobody.password()), ("", "b"));
    }

    #[test]
    fn padding_may_be_left_out() {
        for text in ["QWxhZGRpbjpvcGVuIHNlc2FtZQ", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] {
            assert_eq!(decode(text.as_bytes()).unwrap().password(), "open sesame");
        }
    }

    #[test]
    fn what_is_not_canonical_base64_is_refused() {
        for text in ["YTpi=", "YTpi====", "YT pi", " YTpi", "YTpi\n", "YTpi_w", "=", "Y"] {
            assert_eq!(reason(text.as_bytes()), Malformed::NotBase64, "{text}");
        }
        // The first example with bits set that encode nothing.
        assert_eq!(reason(b"QWxhZGRpbjpvcGVuIHNlc2FtZR=="), Malformed::NotBase64);
        assert_eq!(reason(b"YTpi, Basic YTpi"), Malformed::SeveralCredentials);
        assert_eq!(reason(b"YTpi,YTpi"), Malformed::SeveralCredentials);
        assert_eq!(reason(b""), Malformed::NoCredentials);
    }

    #[test]
    fn what_is_no_user_name_and_password_is_refused() {
        assert_eq!(reason_of_decoded(b"a:\xff"), Malformed::NotUtf8);
        assert_eq!(reason_of_decoded(b"a:\xc3"), Malformed::NotUtf8);
        assert_eq!(reason_of_decoded(b"abc"), Malformed::NoColon);
        assert_eq!(reason_of_decoded(b"a:"), Malformed::EmptyPassword);
        for text in ["a:b\0", "a\0:b", "a:b\r\nc", "a:\x7f", "\t:b"] {
            assert_eq!(reason_of_decoded(text.as_bytes()), Malformed::ControlCharacter, "{text:?}");
        }
    }

    #[test]
    fn the_longest_is_384_bytes() {
        let longest = BASE64_STANDARD.encode(format!("a:{}", "b".repeat(MAX_DECODED - 2)));
        assert_eq!(decode(longest.as_bytes()).unwrap().password().len(), MAX_DECODED - 2);
        let longer = format!("a:{}", "b".repeat(MAX_DECODED - 1));
        assert_eq!(reason_of_decoded(longer.as_bytes()), Malformed::CredentialsTooLong);
    }

    #[test]
    fn nothing_is_shown() {
        let shown = format!("{:?}", decode(b"QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap());
        assert_eq!(shown, "BasicCredentials(…)");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn any_encoded_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = decode(BASE64_STANDARD.encode(bytes).as_bytes());
        }

        #[test]
        fn what_is_encoded_is_read(user in "[^:\\p{Cc}]{0,40}", password in "\\P{Cc}{1,40}") {
            let basic = decode(BASE64_STANDARD.encode(format!("{user}:{password}")).as_bytes()).unwrap();
            prop_assert_eq!((basic.user(), basic.password()), (user.as_str(), password.as_str()));
        }
    }
}
