use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_credential::basic::decode;
use claviger_credential::{BasicCredentials, present};
use claviger_model::{BasicUser, Scheme};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

/// Basic authentication: reads the input as what follows the word, as what base64 encodes, and as a whole header.
///
/// # Panics
/// If accepted credentials are not what RFC 7617 says, or two texts give the same.
pub fn basic(data: &[u8]) {
    if let Ok(credentials) = decode(data) {
        assert_credentials(data, &credentials);
    }
    let encoded = BASE64_STANDARD.encode(data);
    if let Ok(credentials) = decode(encoded.as_bytes()) {
        assert_credentials(encoded.as_bytes(), &credentials);
    }
    assert_presented(data);
    assert_presented(&[b"Basic ", data].concat());
}

fn assert_credentials(given: &[u8], credentials: &BasicCredentials) {
    let (user, password) = (credentials.user(), credentials.password());
    assert!(!user.contains(':'), "the user name contains a colon");
    assert!(!password.is_empty(), "the password is empty");
    assert!(
        !user.chars().chain(password.chars()).any(|c| c.is_ascii_control()),
        "there is a control character"
    );
    let again = BASE64_STANDARD.encode(format!("{user}:{password}"));
    // Padding is all in which two texts with the same meaning may differ.
    assert_eq!(
        without_padding(given),
        without_padding(again.as_bytes()),
        "two texts give the same credentials"
    );
    let again = decode(again.as_bytes());
    assert!(
        again.is_ok_and(|again| again.user() == user && again.password() == password),
        "it does not come back"
    );
}

fn without_padding(text: &[u8]) -> &[u8] {
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    &text[..text.len() - padding]
}

/// A header is accepted only if its word is `Basic` and the rest is accepted too, and gives the same.
fn assert_presented(value: &[u8]) {
    let Ok(header) = HeaderValue::from_bytes(value) else { return };
    let mut headers = HeaderMap::from_iter([(AUTHORIZATION, header.clone())]);
    let accepted = [Scheme::Basic { user: BasicUser::AccountNumber }];
    if let Ok(presented) = present(&headers, None, &accepted) {
        let (word, rest) = value.split_at(5);
        assert!(word.eq_ignore_ascii_case(b"basic"), "another scheme is accepted");
        let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
        let same = decode(&rest[spaces..]).is_ok_and(|basic| {
            presented.user() == Some(basic.user()) && presented.secret() == basic.password()
        });
        assert!(spaces > 0 && same, "the header gives other credentials than its value");
    }
    headers.append(AUTHORIZATION, header);
    assert!(present(&headers, None, &accepted).is_err(), "two headers are accepted");
}
