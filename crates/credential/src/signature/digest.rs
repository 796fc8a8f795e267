//! Digests of bodies: `Content-Digest` (RFC 9530) and its forerunner `Digest` (RFC 3230).

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use super::SignatureFault;
use super::fields::joined;

pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
pub(crate) const DIGEST: HeaderName = HeaderName::from_static("digest");

/// Whether the body is the one that `Content-Digest` is of.
pub(crate) fn content_digest_fits(headers: &HeaderMap, body: &[u8]) -> Result<bool, SignatureFault> {
    const FAULT: SignatureFault = SignatureFault::Digest("Content-Digest");
    let value = joined(headers, &CONTENT_DIGEST, "Content-Digest")?.ok_or(FAULT)?;
    let members: Dictionary = Parser::new(value.as_ref()).parse().map_err(|_| FAULT)?;
    let bytes = |entry: &ListEntry| match entry {
        ListEntry::Item(item) => match &item.bare_item {
            BareItem::ByteSequence(bytes) => Some(bytes.clone()),
            _ => None,
        },
        ListEntry::InnerList(_) => None,
    };
    let given = members.iter().map(|(name, entry)| Some((name.as_str().to_owned(), bytes(entry)?)));
    fits(given.collect::<Option<Vec<_>>>().ok_or(FAULT)?, body).ok_or(FAULT)
}

/// Whether the body is the one that `Digest` is of.
pub(crate) fn digest_fits(headers: &HeaderMap, body: &[u8]) -> Result<bool, SignatureFault> {
    const FAULT: SignatureFault = SignatureFault::Digest("Digest");
    let value = joined(headers, &DIGEST, "Digest")?.ok_or(FAULT)?;
    let text = str::from_utf8(&value).map_err(|_| FAULT)?;
    let member = |member: &str| {
        let (name, value) = member.trim().split_once('=')?;
        Some((name.to_ascii_lowercase(), STANDARD.decode(value).ok()?))
    };
    fits(text.split(',').map(member).collect::<Option<Vec<_>>>().ok_or(FAULT)?, body).ok_or(FAULT)
}

/// Whether each digest of a known kind is that of the body; none if there is no such digest.
fn fits(given: Vec<(String, Vec<u8>)>, body: &[u8]) -> Option<bool> {
    let mut answer = None;
    for (name, bytes) in given {
        let kind = match name.as_str() {
            "sha-256" => &SHA256,
            "sha-512" => &SHA512,
            _ => continue,
        };
        answer = Some(answer.unwrap_or(true) && digest(kind, body).as_ref() == bytes);
    }
    answer
}
