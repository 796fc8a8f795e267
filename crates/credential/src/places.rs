use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::{Malformed, NotPresented};

/// Longer values are not looked into.
const MAX_VALUE: usize = 4096;

/// Where a request can carry credentials. A scheme takes what it recognises as its own, so that one header is never
/// two credentials, and what is left in the end is known to belong to nobody.
pub(crate) struct Places<'r> {
    authorization: Option<&'r [u8]>,
}

impl<'r> Places<'r> {
    /// Finds the places in a request. A second Authorization header is a second credential, whatever it says.
    pub(crate) fn of(headers: &'r HeaderMap) -> Result<Self, NotPresented> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let authorization = values.next().map(http::HeaderValue::as_bytes);
        if values.next().is_some() {
            return Err(NotPresented::Ambiguous);
        }
        Ok(Self { authorization })
    }

    /// Takes the Authorization header if it starts with this scheme word, in whatever case (RFC 9110 section 11.1),
    /// and returns what follows the word and its spaces.
    pub(crate) fn take_authorization(&mut self, word: &str) -> Option<&'r [u8]> {
        let value = self.authorization.filter(|value| value.len() <= MAX_VALUE)?;
        let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
        let (found, rest) = value.split_at_checked(end)?;
        if !found.eq_ignore_ascii_case(word.as_bytes()) {
            return None;
        }
        self.authorization = None;
        let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
        rest.get(spaces..)
    }

    /// What is wrong with the place that no scheme has taken, if there is one.
    pub(crate) fn untaken(&self) -> Option<Malformed> {
        self.authorization.map(|value| match value.len() {
            0..=MAX_VALUE => Malformed::UnacceptedScheme,
            _ => Malformed::HeaderTooLong,
        })
    }
}
