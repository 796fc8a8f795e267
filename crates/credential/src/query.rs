//! `?apiToken=<key>`: a parameter of the query.
//!
//! A query is read as forms write it: parameters with `&` between, name and value with `=` between. A name counts after
//! it was percent-decoded once, so that no spelling of it gets past. `+` means itself: a key contains no spaces.

use std::borrow::Cow;
use std::fmt::Write;

use claviger_model::Scheme;
use zeroize::Zeroizing;

use crate::places::{MAX_VALUE, Places};
use crate::plain;
use crate::present::{Answer, Presented};
use crate::{Malformed, NotPresented};

/// One parameter, as it stands in the query.
#[derive(Clone, Copy)]
pub(crate) struct Parameter<'q> {
    whole: &'q str,
    pub(crate) name: &'q str,
    pub(crate) value: &'q str,
}

/// The parameters of a query, empty ones included: joined with `&`, they are the query again.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = Parameter<'_>> {
    query.split('&').map(|whole| {
        let (name, value) = whole.split_once('=').unwrap_or((whole, ""));
        Parameter { whole, name, value }
    })
}

impl<'q> Parameter<'q> {
    /// Whether the decoded name is this. A percent sign that encodes nothing means itself.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        Decoded(self.name.as_bytes()).eq(name.bytes())
    }

    /// Whether it carries a credential in one of these schemes.
    fn is_credential(&self, schemes: &[Scheme]) -> bool {
        let own = |scheme: &Scheme| matches!(scheme, Scheme::Query { name } if self.is_named(name.as_str()));
        schemes.iter().any(own)
    }

    /// The decoded value.
    fn secret(&self) -> Result<Secret<'q>, Malformed> {
        if self.value.len() > MAX_VALUE {
            return Err(Malformed::ValueTooLong);
        }
        if !self.value.contains('%') {
            return plain::text(self.value.as_bytes()).map(Secret::AsSent);
        }
        // The exact size, or more: growing would leave a copy of the key in freed memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.value.len()));
        bytes.extend(Decoded(self.value.as_bytes()));
        plain::text(&bytes)?;
        Ok(Secret::Decoded(bytes))
    }
}

/// A key from a query.
pub(crate) enum Secret<'q> {
    /// As it stands there.
    AsSent(&'q str),
    /// A copy, because some of it was percent-encoded. It is visible ASCII.
    Decoded(Zeroizing<Vec<u8>>),
}

/// The bytes that a text means, its percent-encodings decoded once.
struct Decoded<'t>(&'t [u8]);

impl Iterator for Decoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        let encoded = if *first == b'%' { encoded(rest) } else { None };
        self.0 = if encoded.is_some() { rest.get(2..).unwrap_or_default() } else { rest };
        Some(encoded.unwrap_or(*first))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len().div_ceil(3), Some(self.0.len()))
    }
}

/// A text of a form, decoded: plus signs are spaces, and percent-encodings bytes.
pub(crate) fn form_decoded(text: &str) -> Vec<u8> {
    FormDecoded(text.as_bytes()).collect()
}

/// Whether two texts of a form mean the same. Nothing is copied: a stranger chooses how often this is asked.
pub(crate) fn form_same(one: &str, other: &str) -> bool {
    FormDecoded(one.as_bytes()).eq(FormDecoded(other.as_bytes()))
}

/// The bytes that a text of a form means.
struct FormDecoded<'t>(&'t [u8]);

impl Iterator for FormDecoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some(rest) = self.0.strip_prefix(b"+") {
            self.0 = rest;
            return Some(b' ');
        }
        let mut decoded = Decoded(self.0);
        let byte = decoded.next();
        self.0 = decoded.0;
        byte
    }
}

/// Bytes percent-encoded as the values of forms are, spaces included.
pub(crate) fn form_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"*-._".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// The byte that the two hexadecimal digits at the start stand for.
fn encoded(text: &[u8]) -> Option<u8> {
    let digit = |place: usize| char::from(*text.get(place)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Whether the request carries a key as this parameter.
pub(crate) fn look<'r, 's>(scheme: &'s Scheme, name: &str, places: &Places<'r>) -> Answer<'r, 's> {
    let secret = |parameter: Parameter<'r>| parameter.secret().map_err(NotPresented::from);
    let found = places.parameter(name).transpose()?.and_then(secret);
    Some(found.map(|secret| Presented::in_query(scheme, secret)))
}

/// The names of the parameters that carry credentials in these schemes, each as it is spelt in the query.
pub fn credential_parameters<'q>(query: &'q str, schemes: &[Scheme]) -> impl Iterator<Item = &'q str> {
    parameters(query).filter(|parameter| parameter.is_credential(schemes)).map(|parameter| parameter.name)
}

/// The query of a request to an API that accepts these schemes, without the parameters that carry credentials: every
/// occurrence and every spelling. The rest stays as it is, byte for byte; of a query of nothing else, nothing stays.
#[must_use]
pub fn without_credentials<'q>(query: Option<&'q str>, schemes: &[Scheme]) -> Option<Cow<'q, str>> {
    let query = query?;
    let is_credential = |parameter: &Parameter<'_>| parameter.is_credential(schemes);
    if !parameters(query).any(|parameter| is_credential(&parameter)) {
        return Some(Cow::Borrowed(query));
    }
    let kept = parameters(query).filter(|parameter| !is_credential(parameter));
    let mut rest = String::with_capacity(query.len());
    for (place, parameter) in kept.enumerate() {
        if place > 0 {
            rest.push('&');
        }
        rest.push_str(parameter.whole);
    }
    (!rest.is_empty()).then_some(Cow::Owned(rest))
}

/// The challenge of a scheme that no RFC names: where the key belongs. `name` is one word.
pub(crate) fn challenge(realm: &str, name: &str) -> String {
    format!("ApiKey realm={realm}, in=\"query\", name=\"{name}\"")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use proptest::prelude::*;

    use super::*;
    use crate::present;

    fn schemes() -> [Scheme; 1] {
        [Scheme::Query { name: "apiToken".parse().unwrap() }]
    }

    fn presented(query: &str) -> Result<String, NotPresented> {
        let schemes = schemes();
        present(&HeaderMap::new(), Some(query), &schemes).map(|presented| presented.secret().to_owned())
    }

    fn rest(query: &str) -> Option<String> {
        without_credentials(Some(query), &schemes()).map(Cow::into_owned)
    }

    #[test]
    fn the_parameter_is_found_wherever_it_stands() {
        for query in
            ["apiToken=k_1", "a=b&apiToken=k_1", "apiToken=k_1&a", "&&apiToken=k_1&", "apiToken=k%5F1"]
        {
            assert_eq!(presented(query).as_deref(), Ok("k_1"), "{query}");
        }
        assert_eq!(presented("apiToken=a+b").as_deref(), Ok("a+b"));
        assert_eq!(presented("apiToken=a=b").as_deref(), Ok("a=b"));
    }

    #[test]
    fn a_name_is_decoded_exactly_once() {
        for name in ["api%54oken", "%61%70%69%54%6f%6B%65%6e", "apiToke%6E"] {
            assert_eq!(presented(&format!("{name}=k")).as_deref(), Ok("k"), "{name}");
        }
        for name in
            ["api%2554oken", "api%5", "apitoken", "apiToken%20", "apiToken%00", "api+Token", "%apiToken"]
        {
            assert_eq!(presented(&format!("{name}=k")), Err(NotPresented::Missing), "{name}");
        }
        for query in ["", "a=apiToken", "a=1;apiToken=k", "apiToken[]=k"] {
            assert_eq!(presented(query), Err(NotPresented::Missing), "{query}");
        }
    }

    #[test]
    fn a_value_is_decoded_exactly_once() {
        assert_eq!(presented("apiToken=a%2541").as_deref(), Ok("a%41"));
        assert_eq!(presented("apiToken=a%zz%4").as_deref(), Ok("a%zz%4"));
    }

    #[test]
    fn two_of_it_are_ambiguous_however_they_are_spelt() {
        for query in [
            "apiToken=a&apiToken=a",
            "apiToken=a&api%54oken=b",
            "%61piToken=&x=y&apiToken",
            "apiToken&apiToken=a",
        ] {
            assert_eq!(presented(query), Err(NotPresented::Ambiguous), "{query}");
        }
    }

    #[test]
    fn what_is_malformed_says_why() {
        let reason = |query: &str| presented(query).unwrap_err();
        assert_eq!(reason("apiToken"), Malformed::Empty.into());
        assert_eq!(reason("apiToken="), Malformed::Empty.into());
        for value in ["%ff", "%20a", "a%0a", "\u{e9}", "%00"] {
            assert_eq!(reason(&format!("apiToken={value}")), Malformed::NotVisible.into(), "{value}");
        }
        assert_eq!(reason(&format!("apiToken={}", "a".repeat(4097))), Malformed::ValueTooLong.into());
    }

    #[test]
    fn the_rest_of_the_query_stays_as_it_is() {
        for (query, kept) in [
            ("apiToken=k", None),
            ("apiToken=k&", None),
            ("apiToken=k&api%54oken=l", None),
            ("a=1&apiToken=k&b=%7E+%zz", Some("a=1&b=%7E+%zz")),
            ("&&apiToken=k&&", Some("&&&")),
            ("apiToken=k&a", Some("a")),
            ("a&apiToken", Some("a")),
            ("", Some("")),
            ("api%2554oken=k", Some("api%2554oken=k")),
            ("a=%61&&=", Some("a=%61&&=")),
        ] {
            assert_eq!(rest(query).as_deref(), kept, "{query}");
        }
        assert_eq!(without_credentials(None, &schemes()), None);
        let without = [Scheme::Bearer {}];
        assert_eq!(without_credentials(Some("apiToken=k"), &without).as_deref(), Some("apiToken=k"));
    }

    #[test]
    fn texts_of_forms_are_the_same_if_they_mean_the_same() {
        for (one, other, same) in [
            ("a+b", "a%20b", true),
            ("%2B", "+", false),
            ("%2B", "%2b", true),
            ("%2", "%252", true),
            ("a", "ab", false),
        ] {
            assert_eq!(form_same(one, other), same, "{one} {other}");
            assert_eq!(form_decoded(one) == form_decoded(other), same, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_the_parameter_stays(before in "[a-c&=%6]{0,12}", value in "[a-z%0-9]{0,12}", after in "[a-c&=%6]{0,12}") {
            let query = format!("{before}&apiToken={value}&{after}");
            let rest = rest(&query).unwrap_or_default();
            prop_assert_eq!(presented(&rest), Err(NotPresented::Missing));
            prop_assert_eq!(&rest, &format!("{before}&{after}"));
        }

        #[test]
        fn any_query_is_read_or_refused(query in "(apiToken|%61|=|&|%|\\PC|[0-9a-f]){0,24}") {
            let found = presented(&query);
            let rest = rest(&query);
            if found == Err(NotPresented::Missing) {
                prop_assert_eq!(rest.as_deref(), Some(query.as_str()));
            } else {
                prop_assert!(rest.is_none_or(|rest| rest.len() < query.len()));
            }
        }
    }
}
