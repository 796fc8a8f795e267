//! `Authorization: <key>`, without a word before it.

use claviger_model::Scheme;

use crate::places::Places;
use crate::plain;
use crate::present::{Answer, Presented};

/// Whether the Authorization header is a key and nothing else. The schemes with a word are asked before.
pub(crate) fn look<'r, 's>(scheme: &'s Scheme, places: &mut Places<'r>) -> Answer<'r, 's> {
    let value = places.take_single_word()?;
    Some(plain::text(value).map(|key| Presented::plain(scheme, key)).map_err(Into::into))
}

/// The challenge of a scheme that no RFC names: where the key belongs.
pub(crate) fn challenge(realm: &str) -> String {
    format!("ApiKey realm={realm}, in=\"header\", name=\"Authorization\"")
}
