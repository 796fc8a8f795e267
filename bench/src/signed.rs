//! One API that takes signed requests and one that takes bearer keys, alike in everything else.

use std::fmt::Write;
use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use claviger_credential::{DigestKey, SigningKey, key};
use claviger_model::{
    Allowlist, Change, ChangeNumber, Credential, CredentialId, CredentialState, KeyOrigin, NumberedChange,
    PermissionSet, Scheme, Sealed, SignatureAlgorithm, SignatureRules, Signer,
};
use claviger_policy::{Body, Decision, Opener, Parts, Protocol, Request, Snapshot, body_wanted, decide};
use http::header::{AUTHORIZATION, DATE};
use http::{HeaderMap, HeaderName, Method};

use crate::NOW;
use crate::shapes::{self, CLIENT};

const SECRET: &str = "npr_production_a-secret-for-measurements";
const HOST: &str = "api.example.test";

/// How a request proves who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A key, as it is.
    Bearer,
    /// RFC 9421, with the body's digest.
    Rfc9421,
    /// The form of Kong's plugin.
    Cavage,
    /// The plain form.
    Plain,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Bearer, Self::Rfc9421, Self::Cavage, Self::Plain];
}

/// In measurements, a sealed secret is the secret.
#[derive(Debug)]
struct Unsealed;

impl Opener for Unsealed {
    fn open(&self, signer: &Signer) -> Option<SigningKey> {
        Some(SigningKey::new(signer.algorithm, &signer.sealed.0))
    }
}

/// The two APIs, a key and a pair.
#[derive(Debug)]
pub struct SignedWorld {
    snapshot: Snapshot,
    key: String,
    pair: CredentialId,
    body: Vec<u8>,
}

/// A request that was not sent yet.
#[derive(Debug)]
pub struct Sent {
    headers: HeaderMap,
    target: &'static str,
}

impl SignedWorld {
    /// With requests that have a body of so many bytes.
    ///
    /// # Panics
    /// If an API cannot be served.
    #[must_use]
    pub fn build(body: usize) -> Self {
        let digest_key = Arc::new(DigestKey::new([7; 32]));
        let mut snapshot = Snapshot::empty(Arc::clone(&digest_key)).opening_with(Arc::new(Unsealed));
        let key = key::generate(&parsed("ncu"), &parsed("production"), [1; 32]).expose().to_owned();
        let pair = CredentialId::from_u128(2);
        let algorithm = SignatureAlgorithm::HmacSha512;
        let sealed = Sealed(SECRET.as_bytes().to_vec());
        let credentials = [
            credential(CredentialId::from_u128(1), 0, digest_key.digest(key.as_bytes())),
            credential(pair, 1, digest_key.digest_of_public_id(&pair.to_string())),
        ];
        let apis = [Scheme::Bearer {}, Scheme::Signature(SignatureRules::default())];
        let apis = apis.into_iter().enumerate().map(|(place, scheme)| {
            let mut api = shapes::api(place, "http://127.0.0.1:9");
            api.policy.schemes = vec![scheme];
            Change::Api(Box::new(api))
        });
        let signer = Signer { credential: pair, algorithm, sealed, debug_until: None };
        let changes = std::iter::once(Change::Account(shapes::account(1)))
            .chain(apis)
            .chain([Change::Signer(signer)])
            .chain(credentials.map(Change::Credential));
        for (number, change) in changes.enumerate() {
            let number = ChangeNumber(number as u64 + 1);
            snapshot.apply(&NumberedChange { number, change }).unwrap_or_else(|error| panic!("{error}"));
        }
        Self { snapshot, key, pair, body: vec![b'a'; body] }
    }

    /// A request that was not sent before: the number makes it the one that it is.
    #[must_use]
    pub fn request(&self, form: Form, number: u64) -> Sent {
        let target = if form == Form::Bearer { "/customers/v1/invoices" } else { "/billing/v1/invoices" };
        let pairs = match form {
            Form::Bearer => vec![(AUTHORIZATION, format!("Bearer {}", self.key))],
            Form::Rfc9421 => self.rfc9421(target, number),
            Form::Cavage => self.cavage(target, number),
            Form::Plain => self.plain(target, number),
        };
        let mut headers = HeaderMap::new();
        headers.extend(pairs.into_iter().filter_map(|(name, value)| Some((name, value.parse().ok()?))));
        headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        headers.insert("host", http::HeaderValue::from_static(HOST));
        headers.insert("content-length", self.body.len().into());
        Sent { headers, target }
    }

    /// What a gateway asks for it: whether its body is needed, and the decision.
    ///
    /// # Panics
    /// If it is refused, for then something else is measured than what is meant.
    pub fn decide(&self, sent: &Sent) {
        let wanted = body_wanted(&self.snapshot, &self.asked(sent, Body::Unread).parts, NOW);
        let body = if wanted.is_some() { Body::Read(&self.body) } else { Body::Unread };
        if let Decision::Deny(denial) = decide(&self.snapshot, &self.asked(sent, body), NOW) {
            panic!("{:?}: {:?}", denial.reason, denial.detail);
        }
    }

    fn asked<'a>(&'a self, sent: &'a Sent, body: Body<'a>) -> Request<'a> {
        let (method, target, headers) = (&Method::POST, sent.target, &sent.headers);
        let parts =
            Parts { method, host: HOST, authority: HOST, protocol: Protocol::Https, target, headers, body };
        Request { parts, client: CLIENT, uses: self.snapshot.uses(), replays: self.snapshot.replays() }
    }

    fn sha256(&self) -> digest::Digest {
        digest::digest(&digest::SHA256, &self.body)
    }

    fn rfc9421(&self, target: &str, number: u64) -> Vec<(HeaderName, String)> {
        let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(self.sha256()));
        let (id, at) = (self.pair, NOW.as_micros() / 1_000_000);
        let input = format!(
            r#"("@method" "@target-uri" "content-digest");created={at};keyid="{id}";nonce="{number:016}""#
        );
        let text = format!(
            "\"@method\": POST\n\"@target-uri\": https://{HOST}{target}\n\"content-digest\": {digest}\n\
             \"@signature-params\": {input}"
        );
        let signature = BASE64_STANDARD.encode(sign(&text));
        vec![
            (HeaderName::from_static("content-digest"), digest),
            (HeaderName::from_static("signature-input"), format!("sig1={input}")),
            (HeaderName::from_static("signature"), format!("sig1=:{signature}:")),
        ]
    }

    fn cavage(&self, target: &str, number: u64) -> Vec<(HeaderName, String)> {
        let (date, id) = ("Fri, 15 Jan 2027 08:00:00 GMT", self.pair);
        let digest = format!("SHA-256={}", BASE64_STANDARD.encode(self.sha256()));
        let text = format!("date: {date}\nPOST {target} HTTP/1.1\ndigest: {digest}\nx-number: {number}");
        let signature = BASE64_STANDARD.encode(sign(&text));
        let authorization = format!(
            r#"hmac username="{id}", algorithm="hmac-sha512", headers="date request-line digest x-number", signature="{signature}""#
        );
        vec![
            (AUTHORIZATION, authorization),
            (DATE, date.to_owned()),
            (HeaderName::from_static("digest"), digest),
            (HeaderName::from_static("x-number"), number.to_string()),
        ]
    }

    fn plain(&self, target: &str, number: u64) -> Vec<(HeaderName, String)> {
        let (at, nonce) = ((NOW.as_micros() / 1_000_000).to_string(), format!("{number:016}"));
        let text = ["POST", target, &at, &nonce, &hex(self.sha256().as_ref())].join("\n");
        vec![
            (HeaderName::from_static("x-api-key"), self.pair.to_string()),
            (HeaderName::from_static("x-timestamp"), at),
            (HeaderName::from_static("x-nonce"), nonce),
            (HeaderName::from_static("x-signature"), hex(sign(&text).as_ref())),
        ]
    }
}

fn credential(id: CredentialId, api: usize, digest: claviger_model::Digest) -> Credential {
    Credential {
        id,
        digest,
        account: shapes::account_id(1),
        environment: shapes::environment_id(api, 0),
        key_type: shapes::key_type(),
        state: CredentialState::Active,
        allowlist: Allowlist::default(),
        permissions: PermissionSet::Everything,
        not_before: None,
        expires_at: None,
        origin: KeyOrigin::Own,
        successor: None,
        vouched_factor: false,
        user: None,
    }
}

fn sign(text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, SECRET.as_bytes()), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}
