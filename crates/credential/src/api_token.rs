//! `Authorization: apiToken <key>`, the word as the API chooses.

use claviger_model::Scheme;

use crate::places::Places;
use crate::plain;
use crate::present::{Answer, Presented};

/// Whether the request carries a key behind this word.
pub(crate) fn look<'r, 's>(scheme: &'s Scheme, word: &str, places: &mut Places<'r>) -> Answer<'r, 's> {
    let value = places.take_authorization(word)?;
    Some(plain::after_word(value).map(|key| Presented::plain(scheme, key)).map_err(Into::into))
}

/// The challenge (RFC 9110 section 11.6.1) with a realm that is quoted already.
pub(crate) fn challenge(realm: &str, word: &str) -> String {
    format!("{word} realm={realm}")
}
