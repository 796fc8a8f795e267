//! A signer of the test's own. It shares no code with the product.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use claviger_model::{Clock, Entropy};
use claviger_server::ambient::{SystemClock, SystemEntropy};

use super::Sent;
use crate::bed::Bed;

/// A key pair, as its holder has it.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// The word for how it signs.
    pub(crate) algorithm: &'static str,
}

/// A form on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Rfc9421,
    Cavage,
    Plain,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::Rfc9421, Self::Cavage, Self::Plain];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Rfc9421 => "rfc9421",
            Self::Cavage => "cavage",
            Self::Plain => "plain",
        }
    }
}

/// A request that is not signed yet.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) method: String,
    /// `http` or `https`.
    pub(crate) protocol: &'static str,
    pub(crate) authority: String,
    pub(crate) target: String,
    /// Headers that are signed, in the forms that can.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The time of signing, in seconds since 1970.
    pub(crate) at: u64,
    pub(crate) nonce: String,
    /// Further parameters of RFC 9421, such as `;expires=1`.
    pub(crate) parameters: String,
}

impl Pair {
    pub(crate) fn create(bed: &Bed, account: &str, api: &str, more: &[&str]) -> Self {
        let make = ["key", "create", "--account", account, "--api", api, "--type", "pair"];
        let view = bed.json(&[&make, more].concat());
        let text = |name: &str| view[name].as_str().unwrap_or_else(|| panic!("no {name}: {view}")).to_owned();
        let algorithm = if more.contains(&"hmac-sha256") { "hmac-sha256" } else { "hmac-sha512" };
        Self { id: text("id"), secret: text("secret"), algorithm }
    }

    pub(crate) fn mac(&self, text: &str) -> Vec<u8> {
        let kind = if self.algorithm == "hmac-sha256" { hmac::HMAC_SHA256 } else { hmac::HMAC_SHA512 };
        hmac::sign(&hmac::Key::new(kind, self.secret.as_bytes()), text.as_bytes()).as_ref().to_vec()
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    u64::try_from(SystemClock.now().as_micros() / 1_000_000).expect("it is after 1970")
}

/// Another one each time.
pub(crate) fn nonce() -> String {
    let mut bytes = [0; 12];
    SystemEntropy.fill(&mut bytes);
    hex(&bytes)
}

impl Draft {
    pub(crate) fn new(method: &str, authority: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            protocol: "http",
            authority: authority.into(),
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
            at: now(),
            nonce: nonce(),
            parameters: String::new(),
        }
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn at(self, at: u64) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn nonce(self, nonce: &str) -> Self {
        Self { nonce: nonce.into(), ..self }
    }

    pub(crate) fn parameters(self, parameters: &str) -> Self {
        Self { parameters: parameters.into(), ..self }
    }

    /// Signs everything that can be signed.
    pub(crate) fn sign(&self, pair: &Pair, form: Form) -> Sent {
        let own = self.headers.iter().map(|(name, _)| name.as_str());
        let digest = (!self.body.is_empty()).then_some(());
        match form {
            Form::Rfc9421 => {
                let digest = digest.map(|()| "content-digest");
                let names: Vec<_> = ["@method", "@target-uri"].into_iter().chain(own).chain(digest).collect();
                let (at, id, nonce, more) = (self.at, &pair.id, &self.nonce, &self.parameters);
                self.rfc9421(pair, &names, &format!(";created={at};keyid=\"{id}\";nonce=\"{nonce}\"{more}"))
            }
            Form::Cavage => {
                let digest = digest.map(|()| "digest");
                let names = ["date", "@request-target", "x-request-nonce"].into_iter();
                let names: Vec<_> = names.chain(own).chain(digest).collect();
                self.cavage(pair, &names, pair.algorithm)
            }
            Form::Plain => self.plain(pair),
        }
    }

    /// With these components and parameters.
    pub(crate) fn rfc9421(&self, pair: &Pair, components: &[&str], parameters: &str) -> Sent {
        let names: Vec<_> = components.iter().map(|name| format!("\"{name}\"")).collect();
        let mut sent = self.unsigned();
        if !self.body.is_empty() {
            sent = sent.with("Content-Digest", &format!("sha-256=:{}:", base64(&self.hash())));
        }
        let lines = components.iter().map(|name| format!("\"{name}\": {}\n", self.component(name, &sent)));
        let params = format!("({}){parameters}", names.join(" "));
        let text = lines.collect::<String>() + "\"@signature-params\": " + &params;
        let signature = base64(&pair.mac(&text));
        sent.with("Signature-Input", &format!("sig1={params}"))
            .with("Signature", &format!("sig1=:{signature}:"))
    }

    fn component(&self, name: &str, sent: &Sent) -> String {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        match name {
            "@method" => self.method.clone(),
            "@target-uri" => format!("{}://{}{}", self.protocol, self.authority, self.target),
            "@authority" => self.authority.clone(),
            "@path" => path.to_owned(),
            "@query" => format!("?{query}"),
            name => sent.header(name).unwrap_or_default().to_owned(),
        }
    }

    /// In Kong's form, with these names of headers and this algorithm.
    pub(crate) fn cavage(&self, pair: &Pair, names: &[&str], algorithm: &str) -> Sent {
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(self.at));
        let mut sent = self.unsigned().with("Date", &date).with("X-Request-Nonce", &self.nonce);
        if !self.body.is_empty() {
            sent = sent.with("Digest", &format!("SHA-256={}", base64(&self.hash())));
        }
        let lines: Vec<_> = names.iter().map(|name| self.line(name, &sent)).collect();
        let signature = base64(&pair.mac(&lines.join("\n")));
        let (id, names) = (&pair.id, names.join(" "));
        let value = format!(
            "hmac username=\"{id}\", algorithm=\"{algorithm}\", headers=\"{names}\", signature=\"{signature}\""
        );
        sent.with("Authorization", &value)
    }

    fn line(&self, name: &str, sent: &Sent) -> String {
        match name {
            "request-line" => format!("{} {} HTTP/1.1", self.method, self.target),
            "@request-target" | "(request-target)" => {
                format!("{name}: {} {}", self.method.to_lowercase(), self.target)
            }
            name => format!("{name}: {}", sent.header(name).unwrap_or_default()),
        }
    }

    fn plain(&self, pair: &Pair) -> Sent {
        let at = self.at.to_string();
        let hash = hex(&self.hash());
        let text = [&*self.method, &self.target, &at, &self.nonce, &hash].join("\n");
        let sent = self.unsigned().with("X-API-Key", &pair.id).with("X-Timestamp", &at);
        sent.with("X-Nonce", &self.nonce).with("X-Signature", &hex(&pair.mac(&text)))
    }

    fn hash(&self) -> Vec<u8> {
        digest(&SHA256, &self.body).as_ref().to_vec()
    }

    /// The request without a signature.
    pub(crate) fn unsigned(&self) -> Sent {
        Sent {
            method: self.method.clone(),
            authority: self.authority.clone(),
            target: self.target.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        }
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
