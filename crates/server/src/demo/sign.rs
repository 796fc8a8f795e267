//! Signs requests as callers of the example of contract S do, in two of the forms.

use std::collections::BTreeMap;
use std::fmt::Write;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_model::{Entropy, Time};
use data_encoding::HEXLOWER;

/// A key pair in use.
#[derive(Clone, Copy)]
pub(super) struct Pair<'p> {
    /// Its public id.
    pub(super) id: &'p str,
    /// Its signing secret.
    pub(super) secret: &'p str,
}

/// What is signed.
#[derive(Clone, Copy)]
pub(super) struct Signed<'r> {
    pub(super) method: &'r str,
    /// Such as `http://127.0.0.1:8000`.
    pub(super) origin: &'r str,
    /// Path and query.
    pub(super) target: &'r str,
    /// Empty for none.
    pub(super) body: &'r str,
    /// When it is signed.
    pub(super) at: Time,
}

type Headers = BTreeMap<&'static str, String>;

/// An HTTP message signature (RFC 9421), with the digest of the body if there is one (RFC 9530).
pub(super) fn message(pair: Pair<'_>, request: Signed<'_>, entropy: &dyn Entropy) -> Headers {
    let Signed { method, origin, target, body, .. } = request;
    let mut headers = Headers::new();
    let mut base = format!("\"@method\": {method}\n\"@target-uri\": {origin}{target}\n");
    let mut covered = "\"@method\" \"@target-uri\"".to_owned();
    if !body.is_empty() {
        let digest = format!("sha-256=:{}:", STANDARD.encode(sha256(body)));
        // Writing to a text cannot fail.
        let _ = writeln!(base, "\"content-digest\": {digest}");
        covered.push_str(" \"content-digest\"");
        headers.insert("Content-Digest", digest);
    }
    let (created, nonce) = (seconds(request.at), nonce(entropy));
    let params = format!("({covered});created={created};keyid=\"{}\";nonce=\"{nonce}\"", pair.id);
    let _ = write!(base, "\"@signature-params\": {params}");
    headers.insert("Signature", format!("sig1=:{}:", STANDARD.encode(hmac_sha512(pair.secret, &base))));
    headers.insert("Signature-Input", format!("sig1={params}"));
    headers
}

/// The plain form: four headers over five lines.
pub(super) fn plain(pair: Pair<'_>, request: Signed<'_>, entropy: &dyn Entropy) -> Headers {
    let Signed { method, target, body, .. } = request;
    let (timestamp, nonce) = (seconds(request.at).to_string(), nonce(entropy));
    let text = format!("{method}\n{target}\n{timestamp}\n{nonce}\n{}", hex(sha256(body).as_ref()));
    Headers::from([
        ("X-API-Key", pair.id.to_owned()),
        ("X-Timestamp", timestamp),
        ("X-Nonce", nonce),
        ("X-Signature", hex(hmac_sha512(pair.secret, &text).as_ref())),
    ])
}

/// The form of Kong's plugin, over date, first line and digest.
pub(super) fn cavage(pair: Pair<'_>, request: Signed<'_>, _: &dyn Entropy) -> Headers {
    let Signed { method, target, body, .. } = request;
    let date = http_date(request.at);
    let digest = format!("SHA-256={}", STANDARD.encode(sha256(body)));
    let text = format!("x-date: {date}\n{method} {target} HTTP/1.1\ndigest: {digest}");
    let signature = STANDARD.encode(hmac_sha512(pair.secret, &text));
    let covered = "x-date request-line digest";
    let id = pair.id;
    let authorization = format!(
        r#"hmac username="{id}", algorithm="hmac-sha512", headers="{covered}", signature="{signature}""#
    );
    Headers::from([("X-Date", date), ("Digest", digest), ("Authorization", authorization)])
}

/// As RFC 9110 section 5.6.7 prefers it.
fn http_date(at: Time) -> String {
    let since = std::time::Duration::from_secs(seconds(at).unsigned_abs());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

fn seconds(at: Time) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

fn nonce(entropy: &dyn Entropy) -> String {
    hex(&entropy.array::<16>())
}

fn sha256(body: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, body.as_bytes())
}

fn hmac_sha512(secret: &str, text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, secret.as_bytes()), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xab);
        }
    }

    const PAIR: Pair<'_> = Pair { id: "key_1", secret: "secret" };
    const REQUEST: Signed<'_> = Signed {
        method: "POST",
        origin: "http://127.0.0.1:8000",
        target: "/a?b=c",
        body: "{}",
        at: Time::from_secs(1_700_000_000),
    };

    /// The expected values are those of `openssl dgst` over the text that the form prescribes.
    #[test]
    fn signatures_are_those_that_openssl_makes() {
        let headers = plain(PAIR, REQUEST, &Fixed);
        assert_eq!(headers["X-Nonce"], "ab".repeat(16));
        let wanted = "3b1ebf77077425ed1b31a6facbb17efbf832d15bb842d8b65b7a390c8baeccc8\
                      14b0952ce793ca794ac1a577dbfcd23f6c0752a7416604b5e82ec9984d00292d";
        assert_eq!(headers["X-Signature"], wanted);
        let headers = message(PAIR, REQUEST, &Fixed);
        assert_eq!(headers["Content-Digest"], "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:");
        let params = format!(r#"created=1700000000;keyid="key_1";nonce="{}""#, "ab".repeat(16));
        let input = format!(r#"sig1=("@method" "@target-uri" "content-digest");{params}"#);
        assert_eq!(headers["Signature-Input"], input);
        let wanted = "sig1=:+2a2kBqjzyVpMZhA3zzd+LyT08VtElPYXEcNlInY4R1xf8KS5mdR9iEAoCQl\
                      JK3+rqYxV1WomkabB2zNXBPOZw==:";
        assert_eq!(headers["Signature"], wanted);
    }

    #[test]
    fn no_body_has_no_content_digest() {
        let headers = message(PAIR, Signed { body: "", ..REQUEST }, &Fixed);
        assert!(!headers.contains_key("Content-Digest") && !headers["Signature-Input"].contains("digest"));
    }
}
