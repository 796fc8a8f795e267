use http::HeaderMap;
use http::header::{AUTHORIZATION, AsHeaderName, HeaderValue, PROXY_AUTHORIZATION};

use crate::query::{self, Parameter};
use crate::{Malformed, NotPresented};

/// Longer values are not looked into.
pub(crate) const MAX_VALUE: usize = 4096;

/// Where a request can carry credentials. A scheme takes what it recognises as its own, so that one header is never
/// two credentials, and what is left in the end is known to belong to nobody.
pub(crate) struct Places<'r> {
    headers: &'r HeaderMap,
    query: Option<&'r str>,
    authorization: Option<&'r [u8]>,
}

impl<'r> Places<'r> {
    /// Finds the places in a request. A second Authorization header is a second credential, whatever it says.
    pub(crate) fn of(headers: &'r HeaderMap, query: Option<&'r str>) -> Result<Self, NotPresented> {
        let authorization = only(headers.get_all(AUTHORIZATION).iter())?.map(HeaderValue::as_bytes);
        Ok(Self { headers, query, authorization })
    }

    /// Takes the Authorization header if it starts with this scheme word, in whatever case (RFC 9110 section 11.1),
    /// and returns what follows the word and its spaces.
    pub(crate) fn take_authorization(&mut self, word: &str) -> Option<&'r [u8]> {
        let value = self.authorization.filter(|value| value.len() <= MAX_VALUE)?;
        let rest = after_word(value, word)?;
        self.authorization = None;
        Some(rest)
    }

    /// Takes the Authorization header if it is one word. To be asked for last: the word may be a scheme's.
    pub(crate) fn take_single_word(&mut self) -> Option<&'r [u8]> {
        let fits =
            |value: &&[u8]| (1..=MAX_VALUE).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic);
        let value = self.authorization.filter(fits)?;
        self.authorization = None;
        Some(value)
    }

    /// What follows this word in `Proxy-Authorization`, if it begins with it. Two of it are two credentials.
    pub(crate) fn proxy_authorization(&self, word: &str) -> Result<Option<&'r [u8]>, NotPresented> {
        let value = self.header(PROXY_AUTHORIZATION)?.filter(|value| value.len() <= MAX_VALUE);
        Ok(value.and_then(|value| after_word(value, word)))
    }

    /// The headers of the request.
    pub(crate) const fn headers(&self) -> &'r HeaderMap {
        self.headers
    }

    /// The header with this name. Two of it are two credentials.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Result<Option<&'r [u8]>, NotPresented> {
        Ok(only(self.headers.get_all(name).iter())?.map(HeaderValue::as_bytes))
    }

    /// The parameter with this name, however the name is percent-encoded. Two of it are two credentials.
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<Parameter<'r>>, NotPresented> {
        only(query::parameters(self.query.unwrap_or_default()).filter(|parameter| parameter.is_named(name)))
    }

    /// What is wrong with the place that no scheme has taken, if there is one.
    pub(crate) fn untaken(&self) -> Option<Malformed> {
        self.authorization.map(|value| match value.len() {
            0..=MAX_VALUE => Malformed::UnacceptedScheme,
            _ => Malformed::HeaderTooLong,
        })
    }
}

/// What follows this word, in whatever case, and its spaces.
fn after_word<'r>(value: &'r [u8], word: &str) -> Option<&'r [u8]> {
    let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (found, rest) = value.split_at_checked(end)?;
    if !found.eq_ignore_ascii_case(word.as_bytes()) {
        return None;
    }
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    rest.get(spaces..)
}

/// The one item there is, if there is one; a second one is one too many.
fn only<T>(mut items: impl Iterator<Item = T>) -> Result<Option<T>, NotPresented> {
    let first = items.next();
    if items.next().is_some() { Err(NotPresented::Ambiguous) } else { Ok(first) }
}
