//! draft-cavage-http-signatures, as its own clients and those of Kong's `hmac-auth` write it.

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_model::Time;
use http::{HeaderMap, HeaderName};

use super::claim::{Claim, Covered, Named};
use super::digest::DIGEST;
use super::text::{absent, carries_credentials, push_field, time};
use super::{Body, SignatureFault};
use crate::Parts;

const DATE: HeaderName = HeaderName::from_static("date");
const X_DATE: HeaderName = HeaderName::from_static("x-date");
const MOST_LINES: usize = 64;
/// The versions of HTTP that a request line may name: the one on this side's wire need not be the signer's.
const VERSIONS: [&str; 3] = ["1.1", "2.0", "1.0"];

type Read<T> = Result<T, SignatureFault>;

/// The lines of the text, in order.
pub(crate) struct Lines<'r> {
    covered: Vec<Line>,
    created: Option<&'r str>,
    expires: Option<&'r str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// `request-line`.
    Request,
    /// `@request-target` or `(request-target)`.
    Target(&'static str),
    Created,
    Expires,
    Field(HeaderName),
}

/// The parameters of the Authorization header.
#[derive(Default)]
struct Parameters<'r> {
    key_id: Option<&'r str>,
    algorithm: Option<&'r str>,
    headers: Option<&'r str>,
    signature: Option<&'r str>,
    created: Option<&'r str>,
    expires: Option<&'r str>,
}

/// What follows the word `hmac` or `Signature`.
pub(crate) fn read<'r>(credentials: &'r [u8], headers: &HeaderMap) -> Read<Box<Claim<'r>>> {
    let text = str::from_utf8(credentials).map_err(|_| SignatureFault::NotParameters)?;
    let given = Parameters::read(text)?;
    let lines = Lines::read(&given)?;
    let signature = given.signature.ok_or(SignatureFault::ParameterMissing("signature"))?;
    let expires_at = given.expires.map(|text| seconds(text, "expires")).transpose()?;
    let algorithm = match given.algorithm.ok_or(SignatureFault::ParameterMissing("algorithm"))? {
        // It names none: the pair's is meant.
        "hs2019" => Named::Nothing,
        word => Named::read(word),
    };
    Ok(Box::new(Claim {
        key_id: Cow::Borrowed(given.key_id.ok_or(SignatureFault::ParameterMissing("username"))?),
        algorithm,
        signed_at: lines.signed_at(headers)?,
        expires_at,
        nonce: None,
        signature: STANDARD.decode(signature).map_err(|_| SignatureFault::Parameter("signature"))?,
        covered: Covered::Cavage(lines),
    }))
}

fn seconds(text: &str, name: &'static str) -> Read<Time> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.and_then(time).ok_or(SignatureFault::Parameter(name))
}

impl<'r> Parameters<'r> {
    /// `name="value"`, or a bare number, between commas.
    fn read(text: &'r str) -> Read<Self> {
        let mut found = Self::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=').ok_or(SignatureFault::NotParameters)?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or(SignatureFault::NotParameters)?,
                None => after.split_at(after.find(',').unwrap_or(after.len())),
            };
            found.put(name.trim(), value)?;
            let after = after.trim_start();
            rest = after.strip_prefix(',').unwrap_or(after).trim_start();
            if !after.is_empty() && (!after.starts_with(',') || rest.is_empty()) {
                return Err(SignatureFault::NotParameters);
            }
        }
        Ok(found)
    }

    fn put(&mut self, name: &str, value: &'r str) -> Read<()> {
        let place = match name {
            "username" | "keyId" => &mut self.key_id,
            "algorithm" => &mut self.algorithm,
            "headers" => &mut self.headers,
            "signature" => &mut self.signature,
            "created" => &mut self.created,
            "expires" => &mut self.expires,
            // Others mean nothing here, and nobody signed them.
            _ => return Ok(()),
        };
        if place.replace(value).is_some() { Err(SignatureFault::NotParameters) } else { Ok(()) }
    }
}

impl<'r> Lines<'r> {
    fn read(given: &Parameters<'r>) -> Read<Self> {
        let names = given.headers.ok_or(SignatureFault::ParameterMissing("headers"))?;
        let mut lines = Vec::new();
        for name in names.split(' ').filter(|name| !name.is_empty()) {
            let line = Line::read(name).ok_or(SignatureFault::UnknownComponent)?;
            if matches!(&line, Line::Field(name) if carries_credentials(name.as_str())) {
                return Err(SignatureFault::CredentialCovered);
            }
            if lines.contains(&line) {
                return Err(SignatureFault::RepeatedComponent);
            }
            if lines.len() == MOST_LINES {
                return Err(SignatureFault::TooManyComponents);
            }
            lines.push(line);
        }
        Ok(Self { covered: lines, created: given.created, expires: given.expires })
    }

    fn covers_field(&self, name: &HeaderName) -> bool {
        self.covered.iter().any(|line| matches!(line, Line::Field(field) if field == name))
    }

    /// The date that was signed. `X-Date` is for clients that may not set `Date`, and counts before it.
    fn signed_at(&self, headers: &HeaderMap) -> Read<Time> {
        for name in [X_DATE, DATE] {
            if self.covers_field(&name) {
                return date(headers, &name);
            }
        }
        match self.created.filter(|_| self.covered.contains(&Line::Created)) {
            Some(created) => seconds(created, "created"),
            None => Err(SignatureFault::NotCovered("`date` or `x-date`")),
        }
    }

    pub(crate) fn covers_digest(&self) -> bool {
        self.covers_field(&DIGEST)
    }

    pub(crate) fn check_coverage(&self, body: Body<'_>) -> Read<()> {
        let target = |line: &Line| matches!(line, Line::Request | Line::Target(_));
        if !self.covered.iter().any(target) {
            Err(SignatureFault::NotCovered("`request-line`, `@request-target` or `(request-target)`"))
        } else if !body.is_empty() && !self.covers_digest() {
            Err(SignatureFault::NotCovered("`digest`, and the request has a body"))
        } else {
            Ok(())
        }
    }

    /// One for each version of HTTP that a request line may name.
    pub(crate) fn readings(&self) -> usize {
        if self.covered.contains(&Line::Request) { VERSIONS.len() } else { 1 }
    }

    pub(crate) fn text(&self, parts: &Parts<'_>, reading: usize) -> Read<String> {
        let version = VERSIONS.get(reading).copied().unwrap_or_default();
        let mut text = String::with_capacity(256);
        for (place, line) in self.covered.iter().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            match line {
                Line::Request => {
                    let parts = [parts.method.as_str(), " ", parts.target, " HTTP/", version];
                    text.extend(parts);
                }
                Line::Target(name) => {
                    text.extend([name, ": "]);
                    text.extend(parts.method.as_str().chars().map(|letter| letter.to_ascii_lowercase()));
                    text.extend([" ", parts.target]);
                }
                Line::Created => text.extend(["(created): ", self.created.unwrap_or_default()]),
                Line::Expires => text.extend(["(expires): ", self.expires.unwrap_or_default()]),
                Line::Field(name) => {
                    text.extend([name.as_str(), ": "]);
                    push_field(parts, name, &mut text)?;
                }
            }
        }
        Ok(text)
    }
}

impl Line {
    fn read(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        Some(match lower.as_str() {
            "request-line" => Self::Request,
            "@request-target" => Self::Target("@request-target"),
            "(request-target)" => Self::Target("(request-target)"),
            "(created)" => Self::Created,
            "(expires)" => Self::Expires,
            name => Self::Field(HeaderName::from_bytes(name.as_bytes()).ok()?),
        })
    }
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Read<Time> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or_else(|| absent(name))?;
    let text = value.to_str().map_err(|_| SignatureFault::Date)?;
    let date = httpdate::parse_http_date(text.trim()).map_err(|_| SignatureFault::Date)?;
    let since = date.duration_since(UNIX_EPOCH).map_err(|_| SignatureFault::Date)?;
    let seconds = i64::try_from(since.as_secs()).ok().and_then(time);
    seconds.filter(|_| values.next().is_none()).ok_or(SignatureFault::Date)
}
