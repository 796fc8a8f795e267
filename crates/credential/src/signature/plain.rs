//! The plain form: four headers, and a text of five lines that a short script can make.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use http::HeaderName;

use super::SignatureFault;
use super::claim::{Claim, Covered, Named};
use super::look::Found;
use super::text::time;
use crate::places::Places;
use crate::{NotPresented, Parts as Request};

const KEY: HeaderName = HeaderName::from_static("x-api-key");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-timestamp");
const NONCE: HeaderName = HeaderName::from_static("x-nonce");
pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("x-signature");

const LONGEST_NONCE: usize = 128;
const SHORTEST_NONCE: usize = 8;

/// What of the text is in headers of its own.
pub(crate) struct Parts<'r> {
    timestamp: &'r str,
    nonce: &'r str,
}

/// Whether the request carries a signature of this form.
pub(crate) fn look<'r>(places: &Places<'r>) -> Found<'r> {
    match (places.header(KEY), places.header(SIGNATURE)) {
        (Ok(None), Ok(None)) => None,
        _ => Some(read(places)),
    }
}

fn read<'r>(places: &Places<'r>) -> Result<Box<Claim<'r>>, NotPresented> {
    let key_id = text(places, KEY, "X-API-Key")?;
    let timestamp = text(places, TIMESTAMP, "X-Timestamp")?;
    let nonce = text(places, NONCE, "X-Nonce")?;
    let signature = text(places, SIGNATURE, "X-Signature")?;
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let signed_at = timestamp.parse().ok().filter(|_| digits).and_then(time);
    let good = (SHORTEST_NONCE..=LONGEST_NONCE).contains(&nonce.len())
        && nonce.bytes().all(|byte| byte.is_ascii_graphic());
    if !good {
        return Err(SignatureFault::Header("X-Nonce").into());
    }
    Ok(Box::new(Claim {
        key_id: Cow::Borrowed(key_id),
        algorithm: Named::Nothing,
        signed_at: signed_at.ok_or(SignatureFault::Header("X-Timestamp"))?,
        expires_at: None,
        nonce: Some(Cow::Borrowed(nonce)),
        signature: HEXLOWER_PERMISSIVE
            .decode(signature.as_bytes())
            .map_err(|_| SignatureFault::Header("X-Signature"))?,
        covered: Covered::Plain(Parts { timestamp, nonce }),
    }))
}

fn text<'r>(places: &Places<'r>, name: HeaderName, shown: &'static str) -> Result<&'r str, NotPresented> {
    let value = places.header(name)?.ok_or(SignatureFault::HeaderMissing(shown))?;
    let good = |text: &&str| (1..=256).contains(&text.len());
    Ok(str::from_utf8(value).ok().filter(good).ok_or(SignatureFault::Header(shown))?)
}

impl Parts<'_> {
    /// Method, target, timestamp, nonce, and the SHA-256 of the body in hexadecimal digits: five lines.
    pub(crate) fn text(&self, request: &Request<'_>, body: &[u8]) -> String {
        let head = [request.method.as_str(), request.target, self.timestamp, self.nonce];
        let mut text = head.join("\n");
        text.push('\n');
        HEXLOWER.encode_append(digest(&SHA256, body).as_ref(), &mut text);
        text
    }
}
