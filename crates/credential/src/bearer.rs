//! `Authorization: Bearer <key>` (RFC 6750 section 2.1).

use claviger_model::Scheme;

use crate::places::Places;
use crate::plain;
use crate::present::{Answer, Presented};

/// Whether the request carries a bearer key.
pub(crate) fn look<'r, 's>(scheme: &'s Scheme, places: &mut Places<'r>) -> Answer<'r, 's> {
    let value = places.take_authorization("Bearer")?;
    Some(plain::after_word(value).map(|key| Presented::plain(scheme, key)).map_err(Into::into))
}

/// The challenge (RFC 6750 section 3) with a realm that is quoted already.
pub(crate) fn challenge(realm: &str) -> String {
    format!("Bearer realm={realm}")
}
