use claviger_credential::{Body, Claim, NotPresented, Parts, Proof, Protocol, present, strip};
use claviger_model::{Scheme, SignatureRules};
use http::header::{AUTHORIZATION, DATE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

/// Where each line of an input stands; an empty line stands nowhere.
const PLACES: [HeaderName; 11] = [
    HeaderName::from_static("signature-input"),
    HeaderName::from_static("signature"),
    AUTHORIZATION,
    DATE,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-timestamp"),
    HeaderName::from_static("x-nonce"),
    HeaderName::from_static("x-signature"),
    HeaderName::from_static("signature-input"),
];

/// Every form of signed requests: reads the lines of the input as values of the headers that make them.
///
/// # Panics
/// If two signatures make one, a text does not hold what it is said to cover, or something of a signature stays.
pub fn signatures(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (line, name) in data.split(|byte| *byte == b'\n').zip(&PLACES) {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        if !line.is_empty() {
            headers.append(name, value);
        }
    }
    let schemes = [Scheme::Signature(SignatureRules::default())];
    if let Ok(presented) = present(&headers, None, &schemes)
        && let Proof::Signature(claim) = presented.proof()
    {
        assert_sound(claim, &headers);
    }
    strip(&mut headers, &schemes);
    let missing = present(&headers, None, &schemes).err();
    assert_eq!(missing, Some(NotPresented::Missing), "something of a signature stays");
}

fn assert_sound(claim: &Claim<'_>, headers: &HeaderMap) {
    let (method, authority, target) = (&Method::POST, "a.example:8000", "/calls?page=2&page=3");
    let body = Body::Read(b"body");
    let (host, protocol) = ("a.example", Protocol::Http);
    let parts = Parts { method, host, authority, protocol, target, headers, body };
    let all = |parts: &Parts<'_>| (0..claim.readings()).map(|one| claim.text(parts, b"body", one)).collect();
    let Ok::<Vec<_>, _>(texts) = all(&parts) else { return };
    assert!(!texts.is_empty(), "nothing can have been signed");
    if claim.check_coverage(body).is_err() {
        return;
    }
    for text in &texts {
        assert!(text.to_ascii_lowercase().contains("post"), "the method is not signed");
        assert!(text.contains("/calls") && text.contains("page=2&page=3"), "the target is not signed");
    }
    let other = Parts { target: "/calls?page=2", ..parts };
    assert_ne!(all(&other).ok(), Some(texts), "two targets have one text");
    let _ = claim.body_fits(&parts, b"body");
}
