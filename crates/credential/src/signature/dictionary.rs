//! Dictionaries of structured fields (RFC 9651), read without a table: what is named in a signature is little.

use std::convert::Infallible;

use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{BareItemFromInput, KeyRef, Parser};

/// As many members, or parameters, as are looked through. More are refused.
const MOST: usize = 64;

/// There are more than are looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are more than {MOST}")]
pub(super) struct TooMany;

/// Values by their names, in the order of their names. Of several with one name the last one counts, in the place of the
/// first (RFC 9651 section 4.2).
pub(super) struct Few<'d, V>(Vec<(&'d KeyRef, V)>);

impl<V> Default for Few<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'d, V> Few<'d, V> {
    pub(super) fn put(&mut self, name: &'d KeyRef, value: V) -> Result<&mut V, TooMany> {
        let place = self.0.iter().position(|(known, _)| *known == name).unwrap_or(self.0.len());
        match self.0.get_mut(place) {
            Some((_, known)) => *known = value,
            None if place < MOST => self.0.push((name, value)),
            None => return Err(TooMany),
        }
        self.0.get_mut(place).map(|(_, value)| value).ok_or(TooMany)
    }

    pub(super) fn get(&self, name: &str) -> Option<&V> {
        self.0.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'d KeyRef, &V)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

impl<'d, V> IntoIterator for Few<'d, V> {
    type Item = (&'d KeyRef, V);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The members of a dictionary of byte sequences; none for one that is something else. None in all if it is no dictionary.
pub(super) fn byte_sequences(value: &[u8]) -> Option<Few<'_, Option<Vec<u8>>>> {
    Parser::new(value).parse_dictionary_with_visitor(Sequences(Few::default())).ok()
}

struct Sequences<'d>(Few<'d, Option<Vec<u8>>>);

/// Where the bytes of a member go.
struct Bytes<'m>(&'m mut Option<Vec<u8>>);

impl<'d> DictionaryVisitor<'d> for Sequences<'d> {
    type Out = Few<'d, Option<Vec<u8>>>;
    type Error = TooMany;

    fn entry(&mut self, name: &'d KeyRef) -> Result<impl EntryVisitor<'d>, TooMany> {
        self.0.put(name, None).map(Bytes)
    }

    fn finish(self) -> Result<Self::Out, TooMany> {
        Ok(self.0)
    }
}

impl<'d> EntryVisitor<'d> for Bytes<'_> {
    type Error = Infallible;

    fn item(self) -> Result<impl ItemVisitor<'d>, Infallible> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'d>, Infallible> {
        Ok(Ignored)
    }
}

impl<'d> ItemVisitor<'d> for Bytes<'_> {
    type Out = ();
    type Error = Infallible;

    fn bare_item(
        self,
        item: BareItemFromInput<'d>,
    ) -> Result<impl ParameterVisitor<'d, Out = ()>, Infallible> {
        if let BareItemFromInput::ByteSequence(bytes) = item {
            *self.0 = Some(bytes);
        }
        Ok(Ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> &KeyRef {
        KeyRef::from_str(name).unwrap()
    }

    #[test]
    fn the_last_one_counts_in_the_place_of_the_first() {
        let mut few = Few::default();
        for (name, value) in [("a", 1), ("b", 2), ("a", 3)] {
            few.put(named(name), value).unwrap();
        }
        assert_eq!(few.into_iter().collect::<Vec<_>>(), [(named("a"), 3), (named("b"), 2)]);
    }

    #[test]
    fn more_than_few_are_refused() {
        let names: Vec<_> = (0..=MOST).map(|number| format!("n{number}")).collect();
        let mut few = Few::default();
        let put: Vec<_> = names.iter().map(|name| few.put(named(name), ()).is_ok()).collect();
        assert_eq!(put, [[true; MOST].as_slice(), &[false]].concat());
        assert_eq!(few.put(named("n0"), ()), Ok(&mut ()), "it is there already");
    }

    #[test]
    fn what_is_no_byte_sequence_is_none() {
        let read = |text: &'static str| {
            byte_sequences(text.as_bytes())
                .map(|few| few.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>())
        };
        assert_eq!(
            read("a=:YQ==:;p=1, b=1, c, d=(:YQ==:)"),
            Some(vec![Some(b"a".to_vec()), None, None, None])
        );
        assert_eq!(read("a=:YQ==:, a=1"), Some(vec![None]));
        assert_eq!(read("a=:YQ=, b"), None);
    }
}
