//! Signed requests: who is let through, once, and what everyone else learns.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_credential::SigningKey;
use claviger_model::{
    Change, CredentialKind, CredentialState, KeyType, Reason, Scheme, Sealed, SignatureAlgorithm,
    SignatureRules, Signer, Span, Time,
};
use claviger_policy::{Body, Decision, Opener, Parts, body_wanted};
use http::HeaderName;

use crate::fixture::{ApiFixture, Ask, KeyFixture, NOW, World, api, ask, digest_key, key_of};

/// In these tests a sealed secret is the secret.
#[derive(Debug)]
struct Unsealed;

impl Opener for Unsealed {
    fn open(&self, signer: &Signer) -> Option<SigningKey> {
        Some(SigningKey::new(signer.algorithm, &signer.sealed.0))
    }
}

fn pair(name: &str, place: &str) -> KeyFixture {
    let mut pair = key_of(name, "100042", place);
    pair.credential.digest = digest_key().digest_of_public_id(&pair.credential.id.to_string());
    pair.credential.key_type = "pair".parse().unwrap();
    pair
}

fn signer(pair: &KeyFixture, algorithm: SignatureAlgorithm, debug_until: Option<Time>) -> Change {
    let sealed = Sealed(pair.secret.clone().into_bytes());
    Change::Signer(Signer { credential: pair.credential.id, algorithm, sealed, debug_until })
}

fn signed_api(slug: &str, rules: SignatureRules) -> ApiFixture {
    api(slug)
        .version("v1", &["GET /calls calls:read", "POST /calls calls:create"])
        .environment("production", "http://up", &[&format!("/{slug}/{{version}}")])
        .policy(|policy| {
            policy.schemes = vec![Scheme::Signature(rules), Scheme::Bearer {}];
            let kind = CredentialKind::KeyPair;
            policy.key_types.push(KeyType { slug: "pair".parse().unwrap(), name: "Pair".into(), kind });
        })
}

fn hour() -> SignatureRules {
    SignatureRules { window: Span::from_secs(3600), ..SignatureRules::default() }
}

fn world() -> World {
    let place = |slug| signed_api(slug, SignatureRules::default());
    let mut world = World::empty()
        .opening_with(Arc::new(Unsealed))
        .account("100042")
        .api(place("signed"))
        .api(place("other"))
        .key("key", key_of("key", "100042", "signed/production"));
    let known = [
        ("good", pair("good", "signed/production"), SignatureAlgorithm::HmacSha512, None),
        ("short", pair("short", "signed/production"), SignatureAlgorithm::HmacSha256, None),
        ("told", pair("told", "signed/production"), SignatureAlgorithm::HmacSha512, Some(minutes(60))),
        ("elsewhere", pair("elsewhere", "other/production"), SignatureAlgorithm::HmacSha512, None),
        (
            "near",
            pair("near", "signed/production").from(&["10.0.0.0/8"]),
            SignatureAlgorithm::HmacSha512,
            None,
        ),
        (
            "off",
            pair("off", "signed/production").state(CredentialState::Disabled),
            SignatureAlgorithm::HmacSha512,
            None,
        ),
    ];
    for (name, pair, algorithm, debug_until) in known {
        world = world.with(signer(&pair, algorithm, debug_until)).key(name, pair);
    }
    world
}

fn minutes(minutes: i64) -> Time {
    Time::from_micros(NOW.as_micros() + minutes * 60_000_000)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn tag(algorithm: SignatureAlgorithm, secret: &str, text: &str) -> hmac::Tag {
    let hash = match algorithm {
        SignatureAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
        SignatureAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
    };
    hmac::sign(&hmac::Key::new(hash, secret.as_bytes()), text.as_bytes())
}

/// How a request is signed in the plain form.
struct Plain<'a> {
    id: String,
    secret: &'a str,
    algorithm: SignatureAlgorithm,
    at: Time,
    nonce: &'a str,
}

fn plain<'a>(world: &'a World, name: &str) -> Plain<'a> {
    let KeyFixture { credential, secret, .. } = world.known(name);
    let algorithm =
        if name == "short" { SignatureAlgorithm::HmacSha256 } else { SignatureAlgorithm::HmacSha512 };
    Plain { id: credential.id.to_string(), secret, algorithm, at: NOW, nonce: "once-and-for-all" }
}

impl Plain<'_> {
    fn sign(&self, line: &str, body: &[u8]) -> Ask {
        let (method, target) = line.split_once(' ').unwrap();
        let at = (self.at.as_micros() / 1_000_000).to_string();
        let body_hash = hex(digest::digest(&digest::SHA256, body).as_ref());
        let text = [method, target, &at, self.nonce, &body_hash].join("\n");
        let signature = hex(tag(self.algorithm, self.secret, &text).as_ref());
        let mut signed = ask(line)
            .header("x-api-key", &self.id)
            .header("x-timestamp", &at)
            .header("x-nonce", self.nonce)
            .header("x-signature", &signature);
        signed.body = (!body.is_empty()).then(|| body.to_vec());
        signed
    }
}

/// Signed as RFC 9421 has it, with the body's digest.
fn standard(world: &World, name: &str, line: &str, body: &str) -> Ask {
    let KeyFixture { credential, secret, .. } = world.known(name);
    let (method, target) = line.split_once(' ').unwrap();
    let sha256 = BASE64_STANDARD.encode(digest::digest(&digest::SHA256, body.as_bytes()));
    let seconds = NOW.as_micros() / 1_000_000;
    let input =
        format!(r#"("@method" "@target-uri" "content-digest");created={seconds};keyid="{}""#, credential.id);
    let text = format!(
        "\"@method\": {method}\n\"@target-uri\": https://gateway.test{target}\n\
         \"content-digest\": sha-256=:{sha256}:\n\"@signature-params\": {input}"
    );
    let signature = BASE64_STANDARD.encode(tag(SignatureAlgorithm::HmacSha512, secret, &text));
    let mut signed = ask(line)
        .header("content-digest", &format!("sha-256=:{sha256}:"))
        .header("signature-input", &format!("s={input}"))
        .header("signature", &format!("s=:{signature}:"));
    signed.body = Some(body.as_bytes().to_vec());
    signed
}

/// The reason of a refusal, with what was told of it.
fn refused(world: &World, ask: &Ask) -> (Reason, Option<String>, Option<String>) {
    match world.decide(ask) {
        Decision::Allow(_) => panic!("it is let through: {ask:?}"),
        Decision::Deny(denial) => (denial.reason, denial.detail, denial.string_to_sign),
    }
}

const CALLS: &str = "GET /signed/v1/calls?page=2";
const POST: &str = "POST /signed/v1/calls";

#[test]
fn a_signed_request_is_let_through_once() {
    let world = world();
    for name in ["good", "short"] {
        let signed = plain(&world, name).sign(CALLS, b"");
        let Decision::Allow(grant) = world.decide(&signed) else { panic!("{name} is refused") };
        assert_eq!((grant.scheme.name(), grant.target.as_str()), ("signature", "/calls?page=2"));
        let own: Vec<_> = grant.credential_headers().iter().map(HeaderName::as_str).collect();
        assert!(
            ["signature", "signature-input", "x-api-key", "x-signature"]
                .iter()
                .all(|name| own.contains(name))
        );
        assert_eq!(refused(&world, &signed).0, Reason::Replayed);
    }
    let another = Plain { nonce: "another-one", ..plain(&world, "good") };
    assert!(matches!(world.decide(&another.sign(CALLS, b"")), Decision::Allow(_)));
    let later = Plain { at: minutes(4), ..plain(&world, "good") };
    assert_eq!(refused(&world, &later.sign(CALLS, b"")).0, Reason::Replayed, "the same nonce");
}

#[test]
fn of_a_hundred_at_once_one_is_let_through() {
    let world = world();
    let signed = plain(&world, "good").sign(CALLS, b"");
    let allowed = || (0..25).filter(|_| matches!(world.decide(&signed), Decision::Allow(_))).count();
    let total: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(allowed)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(total, 1);
}

#[test]
fn a_wrong_signature_and_an_unknown_pair_are_one_to_a_stranger() {
    let world = world();
    let wrong = Plain { secret: "another", ..plain(&world, "good") }.sign(CALLS, b"");
    let unknown = Plain { id: "key_00000000000000000000000000".into(), ..plain(&world, "good") };
    let no_id = Plain { id: "no-id".into(), ..plain(&world, "good") };
    let disabled = Plain { secret: "another", ..plain(&world, "off") };
    let other_algorithm =
        Plain { algorithm: SignatureAlgorithm::HmacSha256, ..plain(&world, "good") }.sign(CALLS, b"");
    let expected = (Reason::BadSignature, None, None);
    for asked in
        [wrong, unknown.sign(CALLS, b""), no_id.sign(CALLS, b""), disabled.sign(CALLS, b""), other_algorithm]
    {
        assert_eq!(refused(&world, &asked), expected, "{asked:?}");
    }
}

#[test]
fn every_part_of_the_request_is_signed() {
    let world = world();
    let good = plain(&world, "good").sign(POST, b"{}");
    let change = |change: fn(&mut Ask)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    let set = |ask: &mut Ask, name: &'static str, value: &str| {
        ask.headers.insert(HeaderName::from_static(name), value.parse().unwrap());
    };
    let mut other_nonce = good.clone();
    set(&mut other_nonce, "x-nonce", "another-nonce");
    let mut other_time = good.clone();
    set(&mut other_time, "x-timestamp", "1800000001");
    for changed in [
        change(|ask| ask.method = http::Method::PUT),
        change(|ask| ask.target = "/signed/v1/calls?".into()),
        change(|ask| ask.target = "/signed/v2/calls".into()),
        change(|ask| ask.body = Some(b"{ }".to_vec())),
        change(|ask| ask.body = None),
        other_nonce,
        other_time,
    ] {
        assert_eq!(refused(&world, &changed).0, Reason::BadSignature, "{changed:?}");
    }
    assert!(matches!(world.decide(&good), Decision::Allow(_)));
}

#[test]
fn the_clocks_may_be_apart_by_the_window() {
    let world = world();
    for (shift, allowed) in [(-5, true), (5, true), (-6, false), (6, false)] {
        let at = Plain {
            at: minutes(shift),
            nonce: &format!("nonce at {shift}").replace(' ', "-"),
            ..plain(&world, "good")
        };
        let signed = at.sign(CALLS, b"");
        if allowed {
            assert!(matches!(world.decide(&signed), Decision::Allow(_)), "{shift}");
        } else {
            let (reason, detail, _) = refused(&world, &signed);
            assert_eq!(reason, Reason::ClockSkew);
            assert!(detail.unwrap().contains(&NOW.to_string()), "the caller is told the time here");
        }
    }
}

#[test]
fn a_wider_window_makes_no_accepted_request_new() {
    let world = world();
    let signed = plain(&world, "good").sign(CALLS, b"");
    assert!(matches!(world.decide(&signed), Decision::Allow(_)));
    let world = world.api(signed_api("signed", hour()));
    for (passed, reason) in [(4, Reason::Replayed), (6, Reason::Replayed), (59, Reason::Replayed)] {
        assert_eq!(refused(&world, &signed.clone().at(minutes(passed))).0, reason, "{passed}");
    }
    let late = Plain { nonce: "another-one", ..plain(&world, "good") }.sign(CALLS, b"").at(minutes(59));
    assert!(matches!(world.decide(&late), Decision::Allow(_)));
}

#[test]
fn what_was_forgotten_before_a_wider_window_stays_refused() {
    let world = world();
    let signed = plain(&world, "good").sign(CALLS, b"");
    assert!(matches!(world.decide(&signed), Decision::Allow(_)));
    let world = world.api(signed_api("signed", hour()));
    assert_eq!(refused(&world, &signed.at(minutes(6))).0, Reason::ClockSkew);
}

#[test]
fn who_signed_rightly_is_told_the_true_reason() {
    let world = world();
    let reason = |name: &str, line: &str| refused(&world, &plain(&world, name).sign(line, b"")).0;
    assert_eq!(reason("off", CALLS), Reason::Disabled);
    assert_eq!(reason("elsewhere", CALLS), Reason::WrongApi);
    assert_eq!(reason("near", CALLS), Reason::AddressNotAllowed);
    assert_eq!(reason("good", "GET /signed/v1/nothing"), Reason::UnknownEndpoint);
}

#[test]
fn a_public_id_is_no_key_and_a_signing_secret_neither() {
    let world = world();
    let KeyFixture { credential, secret, .. } = world.known("good");
    for (bearer, reason) in [
        (credential.id.to_string(), Reason::MalformedCredential),
        (secret.clone(), Reason::UnknownCredential),
    ] {
        let asked = ask(CALLS).header("authorization", &format!("Bearer {bearer}"));
        assert_eq!(refused(&world, &asked).0, reason);
    }
    let key = world.known("key");
    let as_pair = Plain { id: key.credential.id.to_string(), secret: &key.secret, ..plain(&world, "good") };
    assert_eq!(refused(&world, &as_pair.sign(CALLS, b"")).0, Reason::BadSignature);
    let both =
        plain(&world, "good").sign(CALLS, b"").header("authorization", &format!("Bearer {}", key.secret));
    assert_eq!(refused(&world, &both).0, Reason::AmbiguousCredential);
}

#[test]
fn whoever_asked_for_it_is_told_what_to_sign_for_an_hour_at_most() {
    let world = world();
    let wrong = |at: Time| Plain { secret: "another", at, ..plain(&world, "told") }.sign(CALLS, b"").at(at);
    let (reason, _, told) = refused(&world, &wrong(NOW));
    assert_eq!(reason, Reason::BadSignature);
    assert!(
        told.unwrap().starts_with("GET\n/signed/v1/calls?page=2\n1800000000\nonce-and-for-all\ne3b0c442")
    );
    assert_eq!(refused(&world, &wrong(minutes(60))).2, None);
}

#[test]
fn the_body_is_verified_and_wanted_where_it_decides() {
    let world = world();
    let signed = standard(&world, "good", POST, r#"{"a":1}"#);
    let unread = |ask: &Ask| {
        let request = ask.request(&world.uses, &world.replays);
        body_wanted(&world.snapshot, &Parts { body: Body::Unread, ..request.parts }, NOW)
    };
    assert_eq!(unread(&signed), Some(1 << 20));
    let mut changed = signed.clone();
    changed.body = Some(br#"{"a":2}"#.to_vec());
    assert_eq!(refused(&world, &changed).0, Reason::BadSignature);
    let mut forged = signed.clone();
    forged.headers.insert("signature", "s=:AAAA:".parse().unwrap());
    let plain_known = plain(&world, "good").sign(POST, b"{}");
    let plain_unknown = Plain { id: "nobody".into(), ..plain(&world, "good") }.sign(POST, b"{}");
    // Whoever they are of.
    assert_eq!([&forged, &plain_known, &plain_unknown].map(unread), [Some(1 << 20); 3]);
    let mut unsigned = signed.clone();
    let input = r#"s=("@method" "@target-uri");created=1800000000;keyid="k""#;
    unsigned.headers.insert("signature-input", input.parse().unwrap());
    let mut malformed = plain_known.clone();
    malformed.headers.remove("x-nonce");
    let stale = Plain { at: minutes(-6), ..plain(&world, "good") }.sign(POST, b"{}");
    assert_eq!([&unsigned, &malformed, &stale].map(unread), [None; 3], "what needs no body to be refused");
    let bearer = ask(POST).header("authorization", "Bearer x").body();
    assert_eq!(unread(&bearer), None);
    assert!(matches!(world.decide(&signed), Decision::Allow(_)));
    assert_eq!(refused(&world, &signed).0, Reason::Replayed);
}
