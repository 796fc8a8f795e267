use claviger_credential::{NotPresented, present, strip};
use claviger_model::{BasicUser, Scheme};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

const KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Every scheme of the Authorization header and of a header of its own: reads the lines of the input as values, the
/// first as that of `X-API-Key` unless it is empty, the others as those of Authorization.
///
/// # Panics
/// If two credentials make one, the order of the schemes matters, or something that was presented stays.
pub fn schemes(data: &[u8]) {
    let Some(schemes) = all() else { return };
    let mut headers = HeaderMap::new();
    for (place, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        let name = if place == 0 { KEY_HEADER } else { AUTHORIZATION };
        if place > 0 || !line.is_empty() {
            headers.append(name, value);
        }
    }
    let found = present(&headers, None, &schemes);
    match &found {
        Ok(presented) => {
            assert_eq!(headers.len(), 1, "one of several is presented");
            assert!(!presented.secret().is_empty(), "nothing is presented");
            assert_taken_from(&headers, presented.scheme, presented.secret());
        }
        Err(NotPresented::Missing) => assert!(headers.is_empty(), "a credential is overlooked"),
        Err(NotPresented::Ambiguous) => assert!(headers.len() > 1, "one credential is ambiguous"),
        Err(NotPresented::Malformed(_)) => assert_eq!(headers.len(), 1, "one of several is judged"),
    }
    let reversed: Vec<_> = schemes.iter().cloned().rev().collect();
    let again = present(&headers, None, &reversed).map(|presented| presented.secret().to_owned());
    assert_eq!(
        found.map(|presented| presented.secret().to_owned()),
        again,
        "the order of the schemes matters"
    );
    strip(&mut headers, &schemes);
    assert!(headers.is_empty(), "something that was presented stays");
}

fn all() -> Option<[Scheme; 5]> {
    Some([
        Scheme::Raw {},
        Scheme::ApiToken { word: "apiToken".parse().ok()? },
        Scheme::Bearer {},
        Scheme::Header { name: "X-API-Key".parse().ok()? },
        Scheme::Basic { user: BasicUser::KeyId },
    ])
}

/// A key that is not encoded is the end of its header.
fn assert_taken_from(headers: &HeaderMap, scheme: &Scheme, secret: &str) {
    let value = headers.values().next().map(HeaderValue::as_bytes).unwrap_or_default();
    match scheme {
        Scheme::Basic { .. } | Scheme::Signature(_) => {}
        Scheme::Raw {} | Scheme::Header { .. } => assert_eq!(value, secret.as_bytes(), "another key"),
        Scheme::ApiToken { .. } | Scheme::Query { .. } | Scheme::Bearer {} => {
            assert!(value.ends_with(secret.as_bytes()) && value.len() > secret.len(), "another key");
        }
    }
}
