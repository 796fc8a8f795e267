use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::yaml::node::{Plain, Spelling, Value};
use crate::yaml::{Key, Node, Place, YamlError, closest, shown};

impl Node {
    /// Reads a value of a type out of this part of the tree.
    pub fn read_as<T: DeserializeOwned>(&self) -> Result<T, YamlError> {
        T::deserialize(self).map_err(|error| {
            let found = YamlError::new(error.place.unwrap_or(self.place), &error.message);
            match &error.help {
                Some(help) => found.with_help(help),
                None => found,
            }
        })
    }

    /// A type that buffers sees an unknown field only after the field's place is lost; its name finds it again.
    fn locate(&self, mut error: ReadError) -> ReadError {
        let field = error.field.as_deref().and_then(|field| self.key(field));
        error.place = error.place.or(Some(field.map_or(self.place, |field| field.place)));
        error
    }

    fn visit<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.value {
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::Plain(Plain::Nothing, _) => visitor.visit_unit(),
            Value::Plain(Plain::Flag(flag), _) => visitor.visit_bool(*flag),
            Value::Plain(Plain::Unsigned(number), _) => visitor.visit_u64(*number),
            Value::Plain(Plain::Signed(number), _) => visitor.visit_i64(*number),
            Value::Plain(Plain::Float(number), _) => visitor.visit_f64(*number),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Mapping(entries) => visitor.visit_map(Entries { rest: entries.iter(), value: None }),
        }
    }

    /// Where a text is wanted, a number without quotes is taken as it was written.
    fn visit_text<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.value {
            Value::Plain(Plain::Nothing, _) => visitor.visit_unit(),
            Value::Plain(_, Spelling::Known(text)) => visitor.visit_borrowed_str(text),
            _ => self.visit(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit(visitor).map_err(|error| self.locate(error))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.visit_text(visitor).map_err(|error| self.locate(error))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if matches!(self.value, Value::Plain(Plain::Nothing, _)) {
            return visitor.visit_none();
        }
        visitor.visit_some(self).map_err(|error| self.locate(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self).map_err(|error: ReadError| self.locate(error))
    }

    /// Derived readers would take a list for the fields in their order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &str,
        _: &[&str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if matches!(self.value, Value::List(_)) {
            return Err(self.locate(de::Error::invalid_type(de::Unexpected::Seq, &"a mapping")));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &str,
        _: &[&str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let read = match (&self.value, self.text()) {
            (Value::Mapping(entries), _) => {
                visitor.visit_enum(MapAccessDeserializer::new(Entries { rest: entries.iter(), value: None }))
            }
            (_, Some(text)) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            _ => self.visit(visitor),
        };
        read.map_err(|error: ReadError| self.locate(error))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        let read = self.0.next().map(|item| seed.deserialize(item).map_err(|error| item.locate(error)));
        read.transpose()
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, (Key, Node)>,
    value: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        let read = seed.deserialize(BorrowedStrDeserializer::<ReadError>::new(&key.text));
        read.map(Some).map_err(|error| ReadError { place: error.place.or(Some(key.place)), ..error })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let value = self.value.take().ok_or_else(|| de::Error::custom("a value was read before its key"))?;
        seed.deserialize(value).map_err(|error| value.locate(error))
    }
}

/// How derived readers say that nothing fits; what follows is the name of a Rust type.
const UNTAGGED: &str = "data did not match any variant of untagged enum";

/// A mistake whose place may not be known yet.
#[derive(Debug)]
pub struct ReadError {
    place: Option<Place>,
    field: Option<String>,
    message: String,
    help: Option<String>,
}

impl ReadError {
    fn unknown(what: &str, name: &str, known: &'static [&'static str]) -> Self {
        let message = format!("{what} `{}` is not known here", shown(name));
        let help = match closest(name, known) {
            Some(name) => format!("did you mean `{name}`?"),
            None if known.is_empty() => "nothing is known here".to_owned(),
            None => format!("known here: {}", known.join(", ")),
        };
        Self { help: Some(help), field: Some(name.to_owned()), ..de::Error::custom(message) }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        let message = if message.starts_with(UNTAGGED) {
            "this is of no form that is known here".into()
        } else {
            message
        };
        Self { place: None, field: None, message, help: None }
    }

    fn invalid_type(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::custom(format_args!("expected {}, found {}", name_wanted(wanted), name_found(&found)))
    }

    fn invalid_value(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        Self::invalid_type(found, wanted)
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        Self { field: None, ..Self::unknown("the value", name, known) }
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::unknown("the field", name, known)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::custom(format_args!("`{name}` is missing"))
    }
}

fn name_found(found: &de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Unit | de::Unexpected::Option => "nothing".to_owned(),
        de::Unexpected::Str(text) => format!("the text `{}`", shown(text)),
        de::Unexpected::Bool(flag) => format!("`{flag}`"),
        de::Unexpected::Unsigned(number) => format!("the number {number}"),
        de::Unexpected::Signed(number) => format!("the number {number}"),
        de::Unexpected::Float(number) => format!("the number {number}"),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::Map => "a mapping".to_owned(),
        other => other.to_string(),
    }
}

/// The names that derived readers give are those of Rust.
fn name_wanted(wanted: &dyn de::Expected) -> String {
    let wanted = wanted.to_string();
    match wanted.as_str() {
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a mapping".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "u8" | "u16" | "u32" | "u64" => "a whole number in range".to_owned(),
        text if text.starts_with("struct ") || text.starts_with("internally tagged enum ") => {
            "a mapping".to_owned()
        }
        _ => wanted,
    }
}
