//! The fields that a JSON Schema describes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The path of every field that holds a value, such as `gateway.limits.head`. Lists leave no trace in a path.
pub(crate) fn fields(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(schema, schema, "", &mut found);
    found
}

fn walk(root: &Value, node: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(target) = node["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        return walk(root, root.pointer(target).expect("a reference leads somewhere"), path, found);
    }
    let mut inner: Vec<_> = below(node).map(|node| (path.to_owned(), node)).collect();
    inner.extend(properties(node).map(|(name, node)| (joined(path, name), node)));
    inner.extend(chosen(node).map(|node| (joined(path, "*"), node)));
    if inner.is_empty() && node["type"] != "null" {
        found.insert(path.to_owned());
    }
    for (path, node) in inner {
        walk(root, node, &path, found);
    }
}

/// Alternatives, and what a list holds.
fn below(node: &Value) -> impl Iterator<Item = &Value> {
    let choices = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|name| node[name].as_array()).flatten();
    choices.chain(node.get("items"))
}

fn properties(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node["properties"].as_object().into_iter().flat_map(Map::iter)
}

/// What stands under names that people choose: `*` in a path.
fn chosen(node: &Value) -> impl Iterator<Item = &Value> {
    let by_pattern = node["patternProperties"].as_object().into_iter().flat_map(Map::values);
    by_pattern.chain(node.get("additionalProperties").filter(|more| more.is_object()))
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
