//! Digests of bodies: `Content-Digest` (RFC 9530) and its forerunner `Digest` (RFC 3230).

use aws_lc_rs::digest::{Algorithm, SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};

use super::SignatureFault;
use super::dictionary::byte_sequences;
use super::fields::joined;

pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
pub(crate) const DIGEST: HeaderName = HeaderName::from_static("digest");

/// Whether the body is the one that `Content-Digest` is of.
pub(crate) fn content_digest_fits(headers: &HeaderMap, body: &[u8]) -> Result<bool, SignatureFault> {
    const FAULT: SignatureFault = SignatureFault::Digest("Content-Digest");
    let value = joined(headers, &CONTENT_DIGEST, "Content-Digest")?.ok_or(FAULT)?;
    let members = byte_sequences(&value).ok_or(FAULT)?;
    let given = members.into_iter().map(|(name, bytes)| Some((name.as_str(), bytes?)));
    fits(given.collect::<Option<Vec<_>>>().ok_or(FAULT)?, body).ok_or(FAULT)
}

/// Whether the body is the one that `Digest` is of.
pub(crate) fn digest_fits(headers: &HeaderMap, body: &[u8]) -> Result<bool, SignatureFault> {
    const FAULT: SignatureFault = SignatureFault::Digest("Digest");
    let value = joined(headers, &DIGEST, "Digest")?.ok_or(FAULT)?;
    let text = str::from_utf8(&value).map_err(|_| FAULT)?;
    fits(text.split(',').map(member).collect::<Option<Vec<_>>>().ok_or(FAULT)?, body).ok_or(FAULT)
}

/// A member of `Digest`: its name, and the bytes.
fn member(text: &str) -> Option<(&str, Vec<u8>)> {
    let (name, value) = text.trim().split_once('=')?;
    Some((name, STANDARD.decode(value).ok()?))
}

/// Whether each digest of a known kind is that of the body; none if there is no such digest. Names of `Digest` are of any
/// case, and those of `Content-Digest` in lower case.
fn fits(given: Vec<(&str, Vec<u8>)>, body: &[u8]) -> Option<bool> {
    const KINDS: [(&str, &Algorithm); 2] = [("sha-256", &SHA256), ("sha-512", &SHA512)];
    let mut answer = None;
    for (name, bytes) in given {
        let Some((_, kind)) = KINDS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)) else {
            continue;
        };
        answer = Some(answer.unwrap_or(true) && digest(kind, body).as_ref() == bytes);
    }
    answer
}
