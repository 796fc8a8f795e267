use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_model::{Scheme, SignatureAlgorithm, SignatureForm, SignatureRules};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;

use super::*;
use crate::{NotPresented, Parts, Proof, Protocol, present};

/// RFC 9421 appendix B.1.5.
const SHARED: &str =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

struct Sent {
    method: Method,
    authority: &'static str,
    target: &'static str,
    headers: HeaderMap,
}

fn sent(method: &str, authority: &'static str, target: &'static str, headers: &[(&str, &str)]) -> Sent {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let headers = headers.iter().map(pair).collect();
    Sent { method: method.parse().unwrap(), authority, target, headers }
}

fn rules() -> [Scheme; 1] {
    [Scheme::Signature(SignatureRules::default())]
}

/// Every text that may have been signed, where two are not alike.
fn texts(claim: &Claim<'_>, parts: &Parts<'_>, body: &[u8]) -> Result<Vec<String>, SignatureFault> {
    let mut all: Vec<_> =
        (0..claim.readings()).map(|one| claim.text(parts, body, one)).collect::<Result<_, _>>()?;
    all.dedup();
    Ok(all)
}

impl Sent {
    fn parts(&self) -> Parts<'_> {
        Parts {
            method: &self.method,
            host: "unused",
            authority: self.authority,
            protocol: Protocol::Https,
            target: self.target,
            headers: &self.headers,
            body: Body::None,
        }
    }

    /// What is made of the claim in it.
    fn claimed<R>(&self, ask: impl FnOnce(&Claim<'_>) -> R) -> Result<R, NotPresented> {
        let rules = rules();
        let query = self.target.split_once('?').map(|(_, query)| query);
        let presented = present(&self.headers, query, &rules)?;
        match presented.proof() {
            Proof::Signature(claim) => Ok(ask(claim)),
            Proof::Secret(_) => panic!("no claim"),
        }
    }

    fn texts(&self, body: &[u8]) -> Vec<String> {
        self.claimed(|claim| texts(claim, &self.parts(), body).unwrap()).unwrap()
    }

    fn is_signed_by(&self, key: &SigningKey, body: &[u8]) -> bool {
        let texts = self.texts(body);
        self.claimed(|claim| {
            let signed = texts.iter().any(|text| key.verifies(text.as_bytes(), claim.signature()));
            claim.admits(key.algorithm()) && signed && claim.body_fits(&self.parts(), body).unwrap()
        })
        .unwrap()
    }

    fn fault(&self) -> SignatureFault {
        match self.claimed(|claim| claim.check_coverage(Body::None)) {
            Err(NotPresented::Malformed(crate::Malformed::Signature(fault))) | Ok(Err(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }
}

fn sha256_of(secret: &[u8]) -> SigningKey {
    SigningKey::new(SignatureAlgorithm::HmacSha256, secret)
}

#[test]
fn rfc_9421_b_2_5() {
    let request = sent(
        "POST",
        "example.com",
        "/foo?param=Value&Pet=dog",
        &[
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            (
                "signature-input",
                r#"sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
            ),
            ("signature", "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:"),
        ],
    );
    let expected = concat!(
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\"content-type\": application/json\n",
        "\"@signature-params\": (\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\""
    );
    assert_eq!(request.texts(b""), [expected]);
    let secret = STANDARD.decode(SHARED).unwrap();
    assert!(request.is_signed_by(&sha256_of(&secret), b""));
    assert!(!request.is_signed_by(&sha256_of(&secret[1..]), b""));
    // What the example leaves unsigned is needed here.
    assert_eq!(request.fault(), SignatureFault::NotCovered("`@method`"));
}

#[test]
fn target_uri_and_content_digest() {
    let request = sent(
        "POST",
        "example.com",
        "/foo?param=Value&Pet=dog",
        &[
            ("content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
            (
                "signature-input",
                r#"sig1=("@method" "@target-uri" "content-digest");created=1618884473;keyid="test-shared-secret";alg="hmac-sha256""#,
            ),
            ("signature", "sig1=:2BJc1KEYrDqzTt6WElJpvaF76MnLZkqV7PqxBM0apzw=:"),
        ],
    );
    let key = sha256_of(&STANDARD.decode(SHARED).unwrap());
    assert!(request.is_signed_by(&key, br#"{"hello": "world"}"#));
    assert!(!request.is_signed_by(&key, br#"{"hello": "World"}"#));
    assert_eq!(request.claimed(|claim| claim.check_coverage(Body::Unread)), Ok(Ok(())));
}

fn kong(target: &'static str, algorithm: &str, names: &str, signature: &str, more: &[(&str, &str)]) -> Sent {
    let authorization = format!(
        "hmac username=\"alice123\", algorithm=\"{algorithm}\", headers=\"{names}\", signature=\"{signature}\""
    );
    sent("GET", "localhost:8000", target, &[&[("authorization", authorization.as_str())], more].concat())
}

const JUNE: (&str, &str) = ("date", "Thu, 22 Jun 2017 17:15:21 GMT");

#[test]
fn the_requests_of_kongs_documentation() {
    let first = "ujWCGHeec9Xd6UD2zlyxiNMCiXnDOWeVFMu5VeRUxtw=";
    let plain = kong("/requests", "hmac-sha256", "date request-line", first, &[JUNE]);
    assert_eq!(plain.texts(b"")[0], "date: Thu, 22 Jun 2017 17:15:21 GMT\nGET /requests HTTP/1.1");
    assert!(plain.is_signed_by(&sha256_of(b"secret"), b""));
    let body = [
        ("date", "Thu, 22 Jun 2017 21:12:36 GMT"),
        ("digest", "SHA-256=SBH7QEtqnYUpEcIhDbmStNd1MxtHg2+feBfWc1105MA="),
    ];
    let second = "gaweQbATuaGmLrUr3HE0DzU1keWGCt3H96M28sSHTG8=";
    let with_body = kong("/requests", "hmac-sha256", "date request-line digest", second, &body);
    assert!(with_body.is_signed_by(&sha256_of(b"secret"), b"A small body"));
    assert!(!with_body.is_signed_by(&sha256_of(b"secret"), b"A smaller body"));
}

#[test]
fn kongs_form_with_sha_512_and_with_its_request_target() {
    let third = "fGQAJ3L7KH4ldMsVNVc+TpjdAm+9WbxN/Kzhs/VxHYdY08I5kxcjyWGKhBn6XClxUR6rTu8QaVW6ZkHKHM9pcQ==";
    let request = kong("/requests", "hmac-sha512", "date request-line", third, &[JUNE]);
    assert!(request.is_signed_by(&SigningKey::new(SignatureAlgorithm::HmacSha512, b"secret"), b""));
    let fourth = "FfApiB8x2vF/DZ2SkZOMt2m6zdY8QhMbJVnc5qMPfvM=";
    let request = kong("/request?name=foo", "hmac-sha256", "date @request-target", fourth, &[JUNE]);
    assert!(request.is_signed_by(&sha256_of(b"secret"), b""));
    let other = kong("/request?name=bar", "hmac-sha256", "date @request-target", fourth, &[JUNE]);
    assert!(!other.is_signed_by(&sha256_of(b"secret"), b""));
}

#[test]
fn an_algorithm_that_is_not_the_pairs_is_not_admitted() {
    let admitted = |word: &str| {
        let request = kong("/", word, "date request-line", "AAAA", &[JUNE]);
        SignatureAlgorithm::ALL.map(|algorithm| request.claimed(|claim| claim.admits(algorithm)).unwrap())
    };
    assert_eq!(admitted("hmac-sha512"), [true, false]);
    assert_eq!(admitted("HMAC-SHA256"), [false, true]);
    assert_eq!(admitted("hs2019"), [true, true]);
    for word in ["hmac-sha1", "rsa-sha256", "", "none"] {
        assert_eq!(admitted(word), [false, false], "{word}");
    }
}

/// Computed with `openssl dgst -sha512 -hmac`.
#[test]
fn the_plain_form() {
    let request = sent(
        "POST",
        "a.example",
        "/calls?page=2",
        &[
            ("x-api-key", "key_1"),
            ("x-timestamp", "1700000000"),
            ("x-nonce", "0123456789abcdef"),
            ("x-signature", "00ff"),
        ],
    );
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let expected = format!("POST\n/calls?page=2\n1700000000\n0123456789abcdef\n{digest}");
    assert_eq!(request.texts(b"hello"), [expected]);
    let mark = request.claimed(|claim| match claim.mark() {
        Mark::Nonce(nonce) => nonce.to_vec(),
        Mark::Signature(_) => panic!("the nonce is the mark"),
    });
    assert_eq!(mark.unwrap(), b"0123456789abcdef");
}

#[test]
fn each_component_has_the_value_of_the_standard() {
    let components = r#"("@method" "@target-uri" "@authority" "@scheme" "@request-target" "@path" "@query" "@query-param";name="a" "x-two");created=1;keyid="k""#;
    let headers = [
        ("signature-input", &*format!("s={components}")),
        ("signature", "s=:AAAA:"),
        ("x-two", " one "),
        ("x-two", "two"),
    ];
    let request = sent("GET", "WWW.Example.com:443", "/p%20q?a=x+%7ey&b", &headers);
    let text = &request.texts(b"")[0];
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "\"@method\": GET",
            "\"@target-uri\": https://www.example.com/p%20q?a=x+%7ey&b",
            "\"@authority\": www.example.com",
            "\"@scheme\": https",
            "\"@request-target\": /p%20q?a=x+%7ey&b",
            "\"@path\": /p%20q",
            "\"@query\": ?a=x+%7ey&b",
            "\"@query-param\";name=\"a\": x%20%7Ey",
            "\"x-two\": one, two",
            &format!("\"@signature-params\": {components}"),
        ]
    );
    assert!(request.texts(b"")[1].contains("\"@target-uri\": http://www.example.com:443/p%20q"));
}

fn standard(components: &str, parameters: &str) -> Sent {
    let input = format!("s=({components}){parameters}");
    sent("GET", "a", "/", &[("signature-input", &input), ("signature", "s=:AAAA:"), ("x-a", "b")])
}

#[test]
fn what_must_be_signed_is_named() {
    const WHOLE: &str = r#";created=1;keyid="k""#;
    let target = SignatureFault::NotCovered("`@target-uri`, or `@authority`, `@path` and `@query`");
    for (components, fault) in [
        (r#""@target-uri""#, SignatureFault::NotCovered("`@method`")),
        (r#""@method""#, target),
        (r#""@method" "@path" "@query""#, target),
        (r#""@method" "@authority" "@path""#, target),
        (r#""@method" "@method" "@target-uri""#, SignatureFault::RepeatedComponent),
        (r#""@method" "@target-uri" "@status""#, SignatureFault::UnknownComponent),
        (r#""@method" "@target-uri" "x-a";bs"#, SignatureFault::UnknownComponent),
        (r#""@method" "@target-uri" "X-A""#, SignatureFault::UnknownComponent),
        (r#""@method" "@target-uri" x-a"#, SignatureFault::UnknownComponent),
    ] {
        assert_eq!(standard(components, WHOLE).fault(), fault, "{components}");
    }
    let good = r#""@method" "@target-uri""#;
    for (parameters, fault) in [
        (r#";keyid="k""#, SignatureFault::ParameterMissing("created")),
        (";created=1", SignatureFault::ParameterMissing("keyid")),
        (r#";created="1";keyid="k""#, SignatureFault::Parameter("created")),
        (r#";created=-1;keyid="k""#, SignatureFault::Parameter("created")),
        (";created=1;keyid=k", SignatureFault::Parameter("keyid")),
        (r#";created=1;keyid="k";nonce=1"#, SignatureFault::Parameter("nonce")),
        (r#";created=1;keyid="k";expires=x"#, SignatureFault::Parameter("expires")),
    ] {
        assert_eq!(standard(good, parameters).fault(), fault, "{parameters}");
    }
    let body = standard(good, WHOLE).claimed(|claim| claim.check_coverage(Body::Read(b"x")));
    assert!(matches!(body, Ok(Err(SignatureFault::NotCovered(_)))));
}

#[test]
fn query_parameters_are_covered_by_name_eight_times_at_most() {
    let named = |count: usize| {
        let names = (0..count).map(|place| format!(r#""@query-param";name="p{place}""#));
        names.chain([r#""@method" "@target-uri""#.to_owned()]).collect::<Vec<_>>().join(" ")
    };
    let coverage = |count| standard(&named(count), r#";created=1;keyid="k""#);
    assert_eq!(coverage(9).fault(), SignatureFault::TooManyComponents);
    assert_eq!(coverage(8).claimed(|claim| claim.check_coverage(Body::None)), Ok(Ok(())));
}

#[test]
fn headers_with_credentials_are_not_covered() {
    for name in
        ["authorization", "proxy-authorization", "cookie", "signature", "signature-input", "x-signature"]
    {
        let components = format!(r#""@method" "@target-uri" "{name}""#);
        let fault = standard(&components, r#";created=1;keyid="k""#).fault();
        assert_eq!(fault, SignatureFault::CredentialCovered, "{name}");
        let names = format!("date request-line {}", name.to_uppercase());
        let fault = kong("/", "hmac-sha256", &names, "AAAA", &[JUNE]).fault();
        assert_eq!(fault, SignatureFault::CredentialCovered, "{name}");
    }
}

#[test]
fn kongs_form_has_to_sign_date_target_and_digest() {
    let fault = |names: &str| kong("/", "hmac-sha256", names, "AAAA", &[JUNE]).fault();
    assert_eq!(fault("request-line"), SignatureFault::NotCovered("`date` or `x-date`"));
    assert_eq!(
        fault("x-date request-line"),
        SignatureFault::FieldAbsent((&HeaderName::from_static("x-date")).into())
    );
    assert!(matches!(fault("date"), SignatureFault::NotCovered(_)));
    let body = kong("/", "hmac-sha256", "date request-line", "AAAA", &[JUNE]);
    let covered = body.claimed(|claim| claim.check_coverage(Body::Unread));
    assert!(matches!(covered, Ok(Err(SignatureFault::NotCovered(_)))));
}

#[test]
fn two_signatures_are_ambiguous() {
    let whole = r#"("@method" "@target-uri");created=1;keyid="k""#;
    let two = [("signature-input", &*format!("a={whole}, b={whole}")), ("signature", "a=:AAAA:, b=:AAAA:")];
    let plain = [("x-api-key", "k"), ("signature-input", &*format!("a={whole}")), ("signature", "a=:AAAA:")];
    let twice = [("x-signature", "00"), ("x-signature", "00")];
    let both = [("authorization", "hmac username=\"a\""), ("proxy-authorization", "hmac username=\"a\"")];
    for headers in [&two[..], &plain, &twice, &both] {
        let refused = sent("GET", "a", "/", headers).claimed(|_| ()).unwrap_err();
        assert!(!matches!(refused, NotPresented::Missing), "{headers:?}");
        if headers != &twice[..] {
            assert_eq!(refused, NotPresented::Ambiguous, "{headers:?}");
        }
    }
}

#[test]
fn a_tag_chooses_the_signature() {
    let tagged =
        [Scheme::Signature(SignatureRules { tag: Some("ours".into()), ..SignatureRules::default() })];
    let of = |tag: &str| format!("(\"@method\" \"@target-uri\");created=1;keyid=\"{tag}\";tag=\"{tag}\"");
    let key_id = |inputs: &str| {
        let request =
            sent("GET", "a", "/", &[("signature-input", inputs), ("signature", "a=:AAAA:, b=:AAAA:")]);
        let presented = present(&request.headers, None, &tagged)?;
        match presented.proof() {
            Proof::Signature(claim) => Ok(claim.key_id().to_owned()),
            Proof::Secret(_) => panic!("no claim"),
        }
    };
    let both = |first: &str, second: &str| format!("a={}, b={}", of(first), of(second));
    assert_eq!(key_id(&both("theirs", "ours")).as_deref(), Ok("ours"));
    assert_eq!(key_id(&both("theirs", "others")), Err(NotPresented::Missing));
    assert_eq!(key_id(&both("ours", "ours")), Err(NotPresented::Ambiguous));
}

#[test]
fn a_form_that_is_not_taken_is_not_looked_for() {
    let only = [Scheme::Signature(SignatureRules {
        forms: vec![SignatureForm::Plain],
        ..SignatureRules::default()
    })];
    let request = standard("\"@method\"", "");
    assert_eq!(present(&request.headers, None, &only).unwrap_err(), NotPresented::Missing);
}

proptest! {
    #[test]
    fn anything_is_read_or_refused(
        input in "s=\\((\"(@method|@path|@query|date|@query-param)\"(;name=\"a\")? ?){0,4}\\)(;(created|keyid|nonce|alg)=(1|\"k\"))*",
        signature in "(s=:[A-Za-z]{0,8}:)?\\PC{0,4}",
        authorization in "(hmac|Signature) ((username|keyId|headers|signature|algorithm|created)=\"[a-z ()-]{0,12}\",? ?){0,6}",
    ) {
        for (name, value) in [("signature-input", &input), ("authorization", &authorization)] {
            let Ok(value) = HeaderValue::from_str(value) else { continue };
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), value);
            if let Ok(signature) = HeaderValue::from_str(&signature) {
                headers.insert("signature", signature);
            }
            let request = Sent { method: Method::GET, authority: "a", target: "/?a=b", headers };
            let _ = request.claimed(|claim| (claim.check_coverage(Body::Unread), texts(claim, &request.parts(), b"")));
        }
    }
}
