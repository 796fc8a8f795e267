use serde::{Serialize, Serializer};

use crate::yaml::Node;
use crate::yaml::node::{Plain, Value};

/// The values alone, with the entries of mappings in the order of the text.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Plain(Plain::Nothing, _) => serializer.serialize_unit(),
            Value::Plain(Plain::Flag(flag), _) => serializer.serialize_bool(*flag),
            Value::Plain(Plain::Unsigned(number), _) => serializer.serialize_u64(*number),
            Value::Plain(Plain::Signed(number), _) => serializer.serialize_i64(*number),
            Value::Plain(Plain::Float(number), _) => serializer.serialize_f64(*number),
            Value::List(items) => serializer.collect_seq(items),
            Value::Mapping(entries) => {
                serializer.collect_map(entries.iter().map(|(key, node)| (&*key.text, node)))
            }
        }
    }
}
