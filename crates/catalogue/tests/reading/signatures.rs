//! Signed requests, and the key pairs that sign them.

use claviger_catalogue::read;
use claviger_model::{CredentialKind, Scheme, SignatureAlgorithm, SignatureForm, SignatureRules, Span};

use crate::{GOOD, after, bundle};

const SCHEMES: &str = "schemes: [{ scheme: basic }]";
const WITH_TYPES: &str = "schemes: [{ scheme: basic }], key_types: [{ slug: full, name: Full }]";
const PAIR: &str = "{ slug: full, name: Full, kind: key_pair }";

fn policy(schemes: &str, key_types: &str) -> String {
    format!("schemes: [{schemes}], key_types: [{key_types}]")
}

/// The mistakes of an API with one kind of key, the pair, and these rules for signatures.
fn rules(rules: &str) -> String {
    after(WITH_TYPES, &policy(&format!("{{ scheme: signature, {rules} }}"), PAIR))
}

fn read_rules(schemes: &str) -> SignatureRules {
    let desired = read(&bundle(&GOOD.replace(WITH_TYPES, &policy(schemes, PAIR)))).unwrap();
    let policy = &desired.apis[1].policy;
    assert_eq!(policy.key_types[0].kind, CredentialKind::KeyPair);
    match &policy.schemes[0] {
        Scheme::Signature(rules) => rules.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rules_are_read_with_their_defaults() {
    assert_eq!(read_rules("{ scheme: signature }"), SignatureRules::default());
    let read = read_rules(
        "{ scheme: signature, forms: [plain], algorithms: [hmac-sha256, hmac-sha512], window: 1h, \
         body_bytes: 67108864, tag: an-app }",
    );
    let wanted = SignatureRules {
        forms: vec![SignatureForm::Plain],
        algorithms: vec![SignatureAlgorithm::HmacSha256, SignatureAlgorithm::HmacSha512],
        window: Span::from_secs(3600),
        body_bytes: 64 << 20,
        tag: Some("an-app".into()),
    };
    assert_eq!(read, wanted);
}

#[test]
fn rules_are_in_range() {
    let window =
        "c.yaml:46:68: the window of signatures is a second at least and an hour at most (such as `5m`)";
    let body = "c.yaml:46:72: a signed body has 1 to 67108864 bytes at most (such as `1048576`)";
    let tag = "c.yaml:46:65: a tag has 1 to 64 visible ASCII characters, without `\"` and `\\` (such as `example-api`)";
    let long = format!("tag: {}", "t".repeat(65));
    let cases = [
        ("window: 999ms", window),
        ("window: 61m", window),
        ("body_bytes: 0", body),
        ("body_bytes: 67108865", body),
        ("tag: ''", tag),
        ("tag: a b", tag),
        ("tag: 'a\"b'", tag),
        ("tag: 'a\\b'", tag),
        (&long, tag),
        ("forms: []", "c.yaml:46:67: at least one form is needed"),
        ("algorithms: []", "c.yaml:46:72: at least one algorithm is needed"),
        ("forms: [plain, plain]", "c.yaml:46:75: the form `plain` is already given in line 46"),
        (
            "algorithms: [hmac-sha512, hmac-sha512]",
            "c.yaml:46:86: the algorithm `hmac-sha512` is already given in line 46",
        ),
    ];
    for (changed, wanted) in cases {
        assert_eq!(rules(changed), wanted, "{changed}");
    }
    assert!(rules("algorithms: [hmac-sha1]").contains("`hmac-sha1` is not known here"));
    assert!(rules("form: plain").contains("the field `form` is not known here"));
}

#[test]
fn kinds_and_schemes_belong_together() {
    let signature = "{ scheme: signature }";
    let both = "{ scheme: signature }, { scheme: bearer }";
    let plain = "{ slug: plain, name: Plain }";
    let cases = [
        (signature, PAIR, "none"),
        (both, &format!("{PAIR}, {plain}"), "none"),
        (
            "{ scheme: basic }",
            PAIR,
            "c.yaml:46:103: no scheme of this API takes what a key pair signs (add `scheme: signature`)",
        ),
        (both, plain, "c.yaml:46:49: no key type of this API can sign (a key type with `kind: key_pair`)"),
        (
            signature,
            &format!("{PAIR}, {plain}"),
            "c.yaml:46:119: the API takes signatures only, and this is no key pair (write `kind: key_pair`, or add \
             another scheme)",
        ),
    ];
    for (schemes, key_types, wanted) in cases {
        assert_eq!(after(WITH_TYPES, &policy(schemes, key_types)), wanted, "{schemes} {key_types}");
    }
    assert!(after(SCHEMES, "schemes: [{ scheme: signature }]").contains("this is no key pair"));
}

#[test]
fn no_header_is_read_in_two_ways() {
    let with = |forms: &str, name: &str| {
        let schemes = format!("{{ scheme: signature{forms} }}, {{ scheme: header, name: {name} }}");
        after(WITH_TYPES, &policy(&schemes, &format!("{PAIR}, {{ slug: plain, name: Plain }}")))
    };
    for name in ["X-API-Key", "x_api.key", "X-Timestamp", "X_Nonce", "x-signature"] {
        let mistake = with("", name);
        let wanted = format!(
            "the header `{name}` would be read in two ways: as a key, and as part of a signature (another name, or \
             `forms` without `plain`)"
        );
        assert!(mistake.ends_with(&wanted), "{mistake}");
        assert_eq!(with(", forms: [rfc9421, cavage]", name), "none");
    }
    for name in ["Signature", "signature_input", "Digest", "X-Date"] {
        assert!(with(", forms: [plain]", name).ends_with("as part of a signature (another name)"), "{name}");
    }
    assert_eq!(with("", "X-Service-Key"), "none");
}
