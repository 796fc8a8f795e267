use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{Error, Location, MessageFormatter, Options, Spanned, UserMessageFormatter};

use crate::yaml::node::{Plain, Spelling, Value};
use crate::yaml::{Key, Node, Place, YamlError, shown};

/// How much of a text is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text, in bytes.
    pub bytes: usize,
    /// The most values: texts, numbers, lists and mappings, those that aliases repeat included.
    pub nodes: usize,
}

/// The most lists and mappings within each other.
const MAX_DEPTH: usize = 64;

/// Reads one YAML or JSON document.
pub fn parse(text: &str, limits: &Limits) -> Result<Node, YamlError> {
    if text.len() > limits.bytes {
        let message = format!("the document has {} bytes; at most {} are read", text.len(), limits.bytes);
        return Err(YamlError::new(Place::START, &message));
    }
    let tree = serde_saphyr::from_str_with_options::<Node>(text, options(limits));
    let mut tree = tree.map_err(|error| refused(&error, limits))?;
    tree.spell(text);
    Ok(tree)
}

fn options(limits: &Limits) -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: limits.nodes,
            max_events: limits.nodes.saturating_mul(3),
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_recorded_anchor_events: 500_000,
            max_total_scalar_bytes: limits.bytes.saturating_mul(2),
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 16,
        },
        emit_comments: false,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

fn refused(error: &Error, limits: &Limits) -> YamlError {
    let place = error.location().map_or(Place::START, place_of);
    let place = if place.line == 0 { Place::START } else { place };
    YamlError::new(place, &message(error, limits))
}

fn message(error: &Error, limits: &Limits) -> String {
    match error.without_snippet() {
        Error::AliasError { error, .. } => message(error, limits),
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("`{}` is given twice", shown(key)),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => format!(
            "the document is too large: at most {} values, {MAX_DEPTH} levels and 100,000 repeated by aliases are read",
            limits.nodes
        ),
        error => UserMessageFormatter.format_message(error).into_owned(),
    }
}

fn place_of(location: Location) -> Place {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: small(location.line()), column: small(location.column()) }
}

fn bytes_of(location: Location) -> Range<usize> {
    let index =
        |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    let start = index(location.span().byte_offset());
    start..start.saturating_add(index(location.span().byte_len()))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { mut value, referenced, defined } = Spanned::<Value>::deserialize(deserializer)?;
        if let Value::Plain(_, spelling) = &mut value {
            *spelling = Spelling::At(bytes_of(defined));
        }
        Ok(Self { place: place_of(referenced), value })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = Spanned::<Box<str>>::deserialize(deserializer)?;
        Ok(Self { text: key.value, place: place_of(key.referenced) })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

fn plain(plain: Plain) -> Value {
    Value::Plain(plain, Spelling::At(0..0))
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, a list or a mapping")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(plain(Plain::Nothing))
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(plain(Plain::Nothing))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(plain(Plain::Flag(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(plain(Plain::Unsigned(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(plain(u64::try_from(value).map_or(Plain::Signed(value), Plain::Unsigned)))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Value, E> {
        Ok(plain(large(&value.to_string())))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Value, E> {
        Ok(plain(large(&value.to_string())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(plain(Plain::Float(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = mapping.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Mapping(entries))
    }
}

/// A whole number beyond 64 bits: nothing that reads it needs it exactly.
fn large(digits: &str) -> Plain {
    digits.parse::<u64>().map_or_else(|_| Plain::Float(digits.parse().unwrap_or(f64::MAX)), Plain::Unsigned)
}
