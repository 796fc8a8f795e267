use std::borrow::Cow;
use std::fmt;

use claviger_model::{SignatureAlgorithm, SignatureForm, Time};

use super::cavage::Lines;
use super::digest::{content_digest_fits, digest_fits};
use super::plain;
use super::rfc9421::Input;
use super::{Body, SignatureFault};
use crate::Parts as Request;

/// What a signed request says of its signature. Nothing says yet that it is true.
pub struct Claim<'r> {
    pub(crate) key_id: Cow<'r, str>,
    pub(crate) algorithm: Named,
    pub(crate) signed_at: Time,
    pub(crate) expires_at: Option<Time>,
    pub(crate) nonce: Option<Cow<'r, str>>,
    pub(crate) signature: Vec<u8>,
    pub(crate) covered: Covered<'r>,
}

/// The algorithm that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// None, and so that of the pair.
    Nothing,
    /// One that is served.
    Known(SignatureAlgorithm),
    /// Another one.
    Unknown,
}

/// What is signed, as each form has it.
pub(crate) enum Covered<'r> {
    Rfc9421(Input),
    Cavage(Lines<'r>),
    Plain(plain::Parts<'r>),
}

impl Named {
    /// The algorithm with this word, in whatever case.
    pub(crate) fn read(word: &str) -> Self {
        let known = SignatureAlgorithm::from_word(&word.to_ascii_lowercase());
        known.map_or(Self::Unknown, Self::Known)
    }
}

impl Claim<'_> {
    /// The public id of the pair that is said to have signed. Of any text and length.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The form on the wire.
    #[must_use]
    pub const fn form(&self) -> SignatureForm {
        match self.covered {
            Covered::Rfc9421(_) => SignatureForm::Rfc9421,
            Covered::Cavage(_) => SignatureForm::Cavage,
            Covered::Plain(_) => SignatureForm::Plain,
        }
    }

    /// When it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> Time {
        self.signed_at
    }

    /// From when on it does not count, if it says so.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Time> {
        self.expires_at
    }

    /// What makes it the one that it is: its nonce, else the signature itself.
    #[must_use]
    pub fn mark(&self) -> Mark<'_> {
        self.nonce.as_ref().map_or(Mark::Signature(&self.signature), |nonce| Mark::Nonce(nonce.as_bytes()))
    }

    /// The signature itself.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The algorithm that it names, if it names one that is served.
    #[must_use]
    pub const fn algorithm(&self) -> Option<SignatureAlgorithm> {
        match self.algorithm {
            Named::Known(named) => Some(named),
            Named::Nothing | Named::Unknown => None,
        }
    }

    /// Whether it can have been made with this algorithm. What it names may be nothing.
    #[must_use]
    pub fn admits(&self, algorithm: SignatureAlgorithm) -> bool {
        match self.algorithm {
            Named::Nothing => true,
            Named::Known(named) => named == algorithm,
            Named::Unknown => false,
        }
    }

    /// Whether the text to sign depends on the body itself, and not only on a digest among the headers.
    #[must_use]
    pub const fn needs_body(&self) -> bool {
        matches!(self.covered, Covered::Plain(_))
    }

    /// Whether everything is signed that has to be.
    ///
    /// # Errors
    /// [`SignatureFault::NotCovered`] with what is missing.
    pub fn check_coverage(&self, body: Body<'_>) -> Result<(), SignatureFault> {
        match &self.covered {
            Covered::Rfc9421(input) => input.check_coverage(body),
            Covered::Cavage(lines) => lines.check_coverage(body),
            Covered::Plain(_) => Ok(()),
        }
    }

    /// How many texts may have been signed. There are several where the form names something that this side cannot know
    /// for sure, such as whether TLS ended in front of it.
    #[must_use]
    pub fn readings(&self) -> usize {
        match &self.covered {
            Covered::Rfc9421(input) => input.readings(),
            Covered::Cavage(lines) => lines.readings(),
            Covered::Plain(_) => 1,
        }
    }

    /// A text that may have been signed, by its number: the most likely one is 0.
    ///
    /// # Errors
    /// [`SignatureFault`] if something is signed that the request does not have.
    pub fn text(&self, request: &Request<'_>, body: &[u8], reading: usize) -> Result<String, SignatureFault> {
        match &self.covered {
            Covered::Rfc9421(input) => input.text(request, reading),
            Covered::Cavage(lines) => lines.text(request, reading),
            Covered::Plain(parts) => Ok(parts.text(request, body)),
        }
    }

    /// Whether the body is the one that was signed, where a signed header says so.
    ///
    /// # Errors
    /// [`SignatureFault::Digest`] if no digest can be read.
    pub fn body_fits(&self, request: &Request<'_>, body: &[u8]) -> Result<bool, SignatureFault> {
        match &self.covered {
            Covered::Rfc9421(input) if input.covers_digest() => content_digest_fits(request.headers, body),
            Covered::Cavage(lines) if lines.covers_digest() => digest_fits(request.headers, body),
            // The text of the plain form holds the digest; a request without a body needs none.
            Covered::Rfc9421(_) | Covered::Cavage(_) | Covered::Plain(_) => Ok(true),
        }
    }
}

/// What is accepted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'c> {
    /// What the signer chose for that.
    Nonce(&'c [u8]),
    /// The signature itself.
    Signature(&'c [u8]),
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("form", &self.form()).finish_non_exhaustive()
    }
}
