//! What an operation is held against its library's types without.
//!
//! Schemas and callbacks decide nothing here, and they are where documents nest: a library that tries several forms
//! at each level takes time that doubles with every level around a mistake.

use crate::yaml::Node;
use crate::yaml::node::Value;

/// Fields whose entries have names of the writer's: a header may well be called `schema`.
const NAMING: [&str; 7] = ["callbacks", "content", "encoding", "examples", "headers", "links", "responses"];
const LEFT_OUT: [&str; 2] = ["callbacks", "schema"];

/// What the keys of a mapping are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Fields,
    Names,
}

/// The operation with every schema and callback emptied.
pub(crate) fn pruned(operation: &Node) -> Node {
    prune(operation, Keys::Fields)
}

fn prune(node: &Node, keys: Keys) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| prune(item, Keys::Fields)).collect()),
        Value::Mapping(entries) => {
            let pruned =
                entries.iter().map(|(key, value)| (key.clone(), prune_entry(&key.text, value, keys)));
            Value::Mapping(pruned.collect())
        }
        other => other.clone(),
    };
    Node { place: node.place, value }
}

fn prune_entry(key: &str, value: &Node, keys: Keys) -> Node {
    if keys == Keys::Fields && LEFT_OUT.contains(&key) && value.is_mapping() {
        return Node { place: value.place, value: Value::Mapping(Vec::new()) };
    }
    let below = if keys == Keys::Fields && NAMING.contains(&key) { Keys::Names } else { Keys::Fields };
    prune(value, below)
}
