use std::sync::Arc;

use claviger_model::{CredentialId, Format, Reason};
use http::Method;

use crate::Denial;
use crate::compiled::CompiledApi;
use crate::witness::{Witness, Words};

/// The end of a judgement, before the parts that every refusal has are added.
pub(crate) struct Stop {
    pub(crate) reason: Reason,
    pub(crate) scheme: Option<&'static str>,
    pub(crate) credential: Option<CredentialId>,
    pub(crate) allow: Vec<Method>,
    pub(crate) detail: Option<Box<str>>,
    pub(crate) string_to_sign: Option<Box<str>>,
}

impl Stop {
    pub(crate) fn because(reason: Reason) -> Self {
        Self { reason, scheme: None, credential: None, allow: Vec::new(), detail: None, string_to_sign: None }
    }

    pub(crate) fn saying(reason: Reason, detail: impl Into<Box<str>>) -> Self {
        Self { detail: Some(detail.into()), ..Self::because(reason) }
    }

    pub(crate) fn into_denial(self, api: Option<&Arc<CompiledApi>>, format: Format) -> Denial<'_> {
        let Self { reason, scheme, credential, allow, detail, string_to_sign } = self;
        let (detail, string_to_sign) = (detail.map(String::from), string_to_sign.map(String::from));
        Denial { reason, api, scheme, credential, format, allow, detail, string_to_sign }
    }
}

/// An error's words as a sentence.
pub(crate) fn sentence(error: &impl std::fmt::Display) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// Goes on if the check passed.
pub(crate) fn ensure(
    witness: &mut impl Witness,
    check: &'static str,
    passed: bool,
    words: impl FnOnce() -> Words,
    stop: impl FnOnce() -> Stop,
) -> Result<(), Stop> {
    witness.check(check, passed, words);
    if passed { Ok(()) } else { Err(stop()) }
}
