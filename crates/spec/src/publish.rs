//! A document as callers are shown it: each operation says what it needs.

use claviger_model::{Endpoint, Permission};

use crate::SpecError;
use crate::read::LIMITS;
use crate::yaml::node::{Spelling, Value};
use crate::yaml::{Key, Node, Place, parse};

/// The permissions of an operation, for programs.
const EXTENSION: &str = "x-claviger-permissions";

/// The document in JSON, with what each operation needs in its description and in `x-claviger-permissions`. The
/// `endpoints` are those that were read out of it.
pub fn publish(text: &str, endpoints: &[Endpoint]) -> Result<Node, SpecError> {
    let mut document = parse(text, &LIMITS)?;
    // A version without quotes, such as 1.10, is a text all the same.
    if let Some(version) = document.get_mut("info").and_then(|info| info.get_mut("version")) {
        version.become_text();
    }
    for endpoint in endpoints {
        let method = endpoint.method.to_ascii_lowercase();
        let item = document.get_mut("paths").and_then(|paths| paths.get_mut(&endpoint.path));
        if let Some(operation) = item.and_then(|item| item.get_mut(&method)) {
            state_needs(operation, &endpoint.permissions);
        }
    }
    Ok(document)
}

fn state_needs(operation: &mut Node, needed: &[Permission]) {
    let own = operation.get("description").and_then(Node::text).unwrap_or_default();
    if let Some(description) = described(own, needed) {
        operation.set("description", Value::Text(description.into()));
    }
    let place = operation.place;
    let names = needed.iter().map(|name| Node { place, value: Value::Text(name.as_str().into()) });
    operation.set(EXTENSION, Value::List(names.collect()));
}

/// A description that names what is needed; none if the writer's own does.
fn described(own: &str, needed: &[Permission]) -> Option<String> {
    let quoted = |name: &Permission| format!("`{name}`");
    if needed.iter().all(|name| own.contains(&quoted(name))) {
        return None;
    }
    let noun = if needed.len() == 1 { "permission" } else { "permissions" };
    let names: Vec<_> = needed.iter().map(quoted).collect();
    let sentence = format!("Needs the {noun} {}.", names.join(", "));
    Some(if own.is_empty() { sentence } else { format!("{}\n\n{sentence}", own.trim_end()) })
}

impl Node {
    fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Value::Mapping(entries) = &mut self.value else { return None };
        entries.iter_mut().find(|(name, _)| *name.text == *key).map(|(_, node)| node)
    }

    /// Gives an entry this value; a new one comes last.
    fn set(&mut self, key: &str, value: Value) {
        let place = self.place;
        if let Some(node) = self.get_mut(key) {
            node.value = value;
        } else if let Value::Mapping(entries) = &mut self.value {
            let key = Key { text: key.into(), place: Place::START };
            entries.push((key, Self { place, value }));
        }
    }

    fn become_text(&mut self) {
        if let Value::Plain(_, Spelling::Known(text)) = &self.value {
            self.value = Value::Text(text.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    const DOCUMENT: &str = "
openapi: 3.1.0
info: { title: Shop, version: 1.10 }
paths:
  /orders:
    get:
      summary: List
      description: Needs the permission `shop:orders:read`.
      x-claviger-permissions: [forged]
      security: [{ key: ['shop:orders:read'] }]
      responses: { '200': { description: Fine, content: { a/b: { example: { z: 1, a: -2.5, n: null } } } } }
    post:
      description: |
        Makes an order.
      security: [{ key: ['shop:orders:create', 'shop:orders:read'] }]
      responses: {}
    delete:
      tags: [Orders]
      responses: {}
";

    fn published() -> serde_json::Value {
        let spec = read(DOCUMENT, &"shop".parse().unwrap()).unwrap();
        serde_json::to_value(publish(DOCUMENT, &spec.endpoints).unwrap()).unwrap()
    }

    #[test]
    fn every_operation_says_what_it_needs() {
        let document = published();
        let of = |method: &str| {
            let operation = &document["paths"]["/orders"][method];
            (operation["description"].as_str().unwrap().to_owned(), operation[EXTENSION].to_string())
        };
        let get = ("Needs the permission `shop:orders:read`.".into(), r#"["shop:orders:read"]"#.into());
        assert_eq!(of("get"), get);
        let (text, names) = of("post");
        assert_eq!(
            text,
            "Makes an order.\n\nNeeds the permissions `shop:orders:create`, `shop:orders:read`."
        );
        assert_eq!(names, r#"["shop:orders:create","shop:orders:read"]"#);
        assert_eq!(of("delete").0, "Needs the permission `shop:orders:delete`.");
    }

    #[test]
    fn everything_else_stays_and_is_read_as_before() {
        let document = published();
        assert_eq!(document["info"]["version"], "1.10");
        let content = &document["paths"]["/orders"]["get"]["responses"]["200"]["content"];
        assert_eq!(content["a/b"]["example"], serde_json::json!({ "z": 1, "a": -2.5, "n": null }));
        let slug = "shop".parse().unwrap();
        let again = read(&document.to_string(), &slug).unwrap();
        assert_eq!(again.endpoints.len(), 3);
        for endpoint in read(DOCUMENT, &slug).unwrap().endpoints {
            assert!(again.endpoints.contains(&endpoint), "{endpoint:?}");
        }
    }
}
