use claviger_credential::{NotPresented, present, without_credentials};
use claviger_model::Scheme;
use http::HeaderMap;

/// A key in the query: reads the input as a query, and takes the credentials out of it.
///
/// # Panics
/// If a parameter with the name is overlooked, in whatever spelling, or something else is taken out.
pub fn query(data: &[u8]) {
    let Ok(query) = str::from_utf8(data) else { return };
    let Ok(name) = "apiToken".parse() else { return };
    let schemes = [Scheme::Query { name }];
    let headers = HeaderMap::new();
    let kept: Vec<_> = query.split('&').filter(|one| !is_credential(one)).collect();
    let count = query.split('&').count() - kept.len();
    match present(&headers, Some(query), &schemes) {
        Ok(presented) => {
            assert_eq!(count, 1, "what is presented is not the only one");
            assert!(
                presented.secret().bytes().all(|byte| byte.is_ascii_graphic()),
                "a key that cannot be seen"
            );
        }
        Err(NotPresented::Missing) => assert_eq!(count, 0, "a parameter is overlooked"),
        Err(NotPresented::Ambiguous) => assert!(count > 1, "one parameter is ambiguous"),
        Err(NotPresented::Malformed(_)) => assert_eq!(count, 1, "what is malformed is not the only one"),
    }
    let rest = without_credentials(Some(query), &schemes);
    let expected = Some(kept.join("&")).filter(|rest| count == 0 || !rest.is_empty());
    assert_eq!(rest.as_deref(), expected.as_deref(), "the rest is another one");
    assert!(!rest.unwrap_or_default().split('&').any(is_credential), "a credential stays");
}

/// Whether a parameter has the name, read without the product's own reader.
fn is_credential(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    let mut pieces = name.split('%');
    let mut decoded = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(byte);
            decoded.extend_from_slice(piece.as_bytes().get(2..).unwrap_or_default());
        } else {
            decoded.push(b'%');
            decoded.extend_from_slice(piece.as_bytes());
        }
    }
    decoded == b"apiToken"
}
