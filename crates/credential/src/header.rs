//! `X-API-Key: <key>`, the name as the API chooses.

use claviger_model::Scheme;

use crate::places::{MAX_VALUE, Places};
use crate::plain;
use crate::present::{Answer, Presented};
use crate::{Malformed, NotPresented};

/// Whether the request carries a key in this header.
pub(crate) fn look<'r, 's>(scheme: &'s Scheme, name: &str, places: &Places<'r>) -> Answer<'r, 's> {
    let found = places.header(name).transpose()?.and_then(|value| key(value).map_err(NotPresented::from));
    Some(found.map(|key| Presented::plain(scheme, key)))
}

fn key(value: &[u8]) -> Result<&str, Malformed> {
    if value.len() > MAX_VALUE { Err(Malformed::ValueTooLong) } else { plain::text(value) }
}

/// The challenge of a scheme that no RFC names: where the key belongs. `name` is one word.
pub(crate) fn challenge(realm: &str, name: &str) -> String {
    format!("ApiKey realm={realm}, in=\"header\", name=\"{name}\"")
}
