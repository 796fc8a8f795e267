//! What people note about a credential. No decision depends on it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EmailAddress, NameError, TagName};

/// What people note about a credential, besides its label.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Notes {
    /// Some text, at most [`Notes::LONGEST_MEMO`] characters.
    #[serde(default)]
    pub memo: Option<String>,
    /// Who answers for it.
    #[serde(default)]
    pub owners: Owners,
    /// By what it is found.
    #[serde(default)]
    pub tags: Tags,
}

impl Notes {
    /// The most characters of a memo.
    pub const LONGEST_MEMO: usize = 500;
}

/// Why something cannot be noted about a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotesError {
    /// Too few or too many owners.
    #[error("this API takes {} for a key, and {given} were given", number(*.min, *.max, "owner", "owners"))]
    WrongNumberOfOwners {
        /// How many were given.
        given: usize,
        /// The fewest taken.
        min: u16,
        /// The most taken.
        max: u16,
    },
    /// The name of a tag breaks the rule.
    #[error(transparent)]
    TagName(#[from] NameError),
    /// The value of a tag breaks the rule.
    #[error("the value of a tag has at most 100 characters, no control characters and no space at its ends")]
    TagValue,
    /// Too many tags.
    #[error("a key has at most {} tags", Tags::MOST)]
    TooManyTags,
    /// An edit of tags neither sets nor removes one.
    #[error("`{0}` says neither `+name`, `+name=value` nor `-name`")]
    NotAnEdit(String),
}

/// How many of something a rule takes, in words.
pub(crate) fn number(min: u16, max: u16, one: &str, many: &str) -> String {
    match (min, max) {
        (1, 1) => format!("exactly one {one}"),
        (min, max) if min == max => format!("exactly {min} {many}"),
        (min, max) => format!("{min} to {max} {many}"),
    }
}

/// The e-mail addresses of those who answer for a credential, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<EmailAddress>", into = "Vec<EmailAddress>")]
pub struct Owners(Vec<EmailAddress>);

/// How many owners an API takes for a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OwnerRule {
    /// The fewest; 0 makes them optional.
    pub min: u16,
    /// The most.
    pub max: u16,
}

impl Default for OwnerRule {
    fn default() -> Self {
        Self { min: 0, max: 10 }
    }
}

impl Owners {
    /// Their addresses.
    #[must_use]
    pub fn addresses(&self) -> &[EmailAddress] {
        &self.0
    }

    /// Holds them against the rule.
    pub fn check(&self, rule: &OwnerRule) -> Result<(), NotesError> {
        let (given, &OwnerRule { min, max }) = (self.0.len(), rule);
        let fits = (usize::from(min)..=usize::from(max)).contains(&given);
        if fits { Ok(()) } else { Err(NotesError::WrongNumberOfOwners { given, min, max }) }
    }
}

/// An address that is there already, in whatever case, is left out.
impl From<Vec<EmailAddress>> for Owners {
    fn from(addresses: Vec<EmailAddress>) -> Self {
        let mut owners = Vec::<EmailAddress>::with_capacity(addresses.len());
        for address in addresses {
            if !owners.iter().any(|known| known.as_str().eq_ignore_ascii_case(address.as_str())) {
                owners.push(address);
            }
        }
        Self(owners)
    }
}

impl From<Owners> for Vec<EmailAddress> {
    fn from(owners: Owners) -> Self {
        owners.0
    }
}

/// The value of a tag; empty for a tag that is a name alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagValue(Box<str>);

impl TagValue {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for TagValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TagValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "maxLength": 100 })
    }
}

impl FromStr for TagValue {
    type Err = NotesError;

    fn from_str(text: &str) -> Result<Self, NotesError> {
        let fits = text.chars().count() <= 100 && !text.chars().any(char::is_control) && text.trim() == text;
        if fits { Ok(Self(text.into())) } else { Err(NotesError::TagValue) }
    }
}

impl TryFrom<String> for TagValue {
    type Error = NotesError;

    fn try_from(text: String) -> Result<Self, NotesError> {
        text.parse()
    }
}

impl From<TagValue> for String {
    fn from(value: TagValue) -> Self {
        value.0.into()
    }
}

/// A tag. As text: `name`, or `name=value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tag {
    /// Its name.
    pub name: TagName,
    /// Its value.
    pub value: TagValue,
}

impl FromStr for Tag {
    type Err = NotesError;

    fn from_str(text: &str) -> Result<Self, NotesError> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Ok(Self { name: name.parse()?, value: value.parse()? })
    }
}

/// Which tags are looked for. As text: `name` for whatever value, or `name=value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagFilter {
    /// The name.
    pub name: TagName,
    /// The value; any if absent.
    pub value: Option<TagValue>,
}

impl FromStr for TagFilter {
    type Err = NotesError;

    fn from_str(text: &str) -> Result<Self, NotesError> {
        let value = text.split_once('=').map(|(_, value)| value.parse()).transpose()?;
        let name = text.split('=').next().unwrap_or(text).parse()?;
        Ok(Self { name, value })
    }
}

/// A change of a credential's tags. As text: `+name`, `+name=value`, or `-name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagEdit {
    /// It has this tag from now on, in place of one with the same name.
    Set(Tag),
    /// It has no tag of this name any more.
    Remove(TagName),
}

impl FromStr for TagEdit {
    type Err = NotesError;

    fn from_str(text: &str) -> Result<Self, NotesError> {
        match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(tag), _) => Ok(Self::Set(tag.parse()?)),
            (_, Some(name)) => Ok(Self::Remove(name.parse()?)),
            _ => Err(NotesError::NotAnEdit(text.chars().take(64).collect())),
        }
    }
}

/// The tags of a credential, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Tags(BTreeMap<TagName, TagValue>);

impl Tags {
    /// The most that a credential has.
    pub const MOST: usize = 32;

    /// These tags; of two with one name, the later.
    pub fn of(tags: impl IntoIterator<Item = Tag>) -> Result<Self, NotesError> {
        Self(tags.into_iter().map(|tag| (tag.name, tag.value)).collect()).checked()
    }

    /// The same after these changes, one after the other.
    pub fn edited(mut self, edits: &[TagEdit]) -> Result<Self, NotesError> {
        for edit in edits {
            match edit {
                TagEdit::Set(tag) => self.0.insert(tag.name.clone(), tag.value.clone()),
                TagEdit::Remove(name) => self.0.remove(name),
            };
        }
        self.checked()
    }

    /// Holds their number against the rule.
    pub fn checked(self) -> Result<Self, NotesError> {
        if self.0.len() <= Self::MOST { Ok(self) } else { Err(NotesError::TooManyTags) }
    }

    /// Each name with its value, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&TagName, &TagValue)> {
        self.0.iter()
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let (comma, equals) =
                (if index == 0 { "" } else { ", " }, if value.0.is_empty() { "" } else { "=" });
            write!(f, "{comma}{name}{equals}{}", value.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(texts: &[&str]) -> Vec<TagEdit> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn tags_are_set_and_removed_in_order() {
        let tags = Tags::default().edited(&edits(&["+team=core", "+nightly", "+team=billing=eu"])).unwrap();
        assert_eq!(tags.to_string(), "nightly, team=billing=eu");
        assert_eq!(tags.edited(&edits(&["-team", "-unknown"])).unwrap().to_string(), "nightly");
        let full = (0..32).map(|number| format!("t{number}=x").parse().unwrap());
        let full = Tags::of(full).unwrap();
        assert_eq!(full.clone().edited(&edits(&["+one-more"])), Err(NotesError::TooManyTags));
        assert!(full.edited(&edits(&["-t1", "+one-more"])).is_ok());
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", "=x", "A=x", "a= x", "a=x\n", "a b"] {
            assert!(text.parse::<Tag>().is_err(), "{text}");
        }
        for text in ["a", "", "+", "-", "-a=b"] {
            assert!(text.parse::<TagEdit>().is_err(), "{text}");
        }
        assert_eq!("a".parse::<TagFilter>().unwrap().value, None);
        assert_eq!("a=".parse::<TagFilter>().unwrap().value, Some(TagValue::default()));
    }

    #[test]
    fn an_owner_is_named_once_and_their_number_is_held_against_the_rule() {
        let owners: Owners = serde_json::from_str(r#"["a@b", "c@d", "A@B"]"#).unwrap();
        assert_eq!(serde_json::to_string(&owners).unwrap(), r#"["a@b","c@d"]"#);
        assert!(owners.check(&OwnerRule { min: 1, max: 2 }).is_ok());
        for (min, max) in [(3, 9), (0, 1)] {
            assert!(owners.check(&OwnerRule { min, max }).is_err());
        }
    }
}
