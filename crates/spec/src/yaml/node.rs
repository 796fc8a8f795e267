use std::ops::Range;

/// Where something begins in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// The beginning of a text.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A value and where it stands. What came by an alias stands where the alias does.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// The name of an entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub text: Box<str>,
    /// Where it stands.
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Plain(Plain, Spelling),
    Text(Box<str>),
    List(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

/// What YAML takes a word without quotes for, where it is more than text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Plain {
    Nothing,
    Flag(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// How such a word was written: `1.10` is another version name than `1.1`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spelling {
    /// The bytes of the document, before they are looked up.
    At(Range<usize>),
    Known(Box<str>),
}

impl Node {
    /// Where it begins.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The value of an entry, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| *name.text == *key).map(|(_, node)| node)
    }

    /// The name of an entry, if this is a mapping that has it.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&Key> {
        self.entries().iter().find(|(name, _)| *name.text == *key).map(|(name, _)| name)
    }

    /// The entries in the order of the text; none, if this is no mapping.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        if let Value::Mapping(entries) = &self.value { entries } else { &[] }
    }

    /// The items; none, if this is no list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Mapping(_))
    }

    /// The text, also of a word without quotes such as `3.0`.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Plain(Plain::Nothing, _) => None,
            Value::Text(text) | Value::Plain(_, Spelling::Known(text)) => Some(text),
            _ => None,
        }
    }

    /// Looks the spelling of every plain word up in the text that the tree was read from.
    pub(crate) fn spell(&mut self, text: &str) {
        match &mut self.value {
            Value::Plain(_, spelling) => {
                if let Spelling::At(range) = spelling {
                    *spelling = Spelling::Known(text.get(range.clone()).unwrap_or_default().trim().into());
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| item.spell(text)),
            Value::Mapping(entries) => entries.iter_mut().for_each(|(_, node)| node.spell(text)),
            Value::Text(_) => {}
        }
    }
}
