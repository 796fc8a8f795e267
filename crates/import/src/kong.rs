//! What Kong says of consumers: `deck gateway dump` and declarative configurations, with credentials inside their
//! consumers or beside them, and the answers of the Admin API to `/key-auths`.

use std::collections::HashMap;

use claviger_model::Span;
use claviger_spec::yaml::Node;

use crate::documents::{self, Document, says, text};
use crate::{Expiry, Foreign, ImportError, Left, Owner, Row, RowError, Secret};

const KEYS: &str = "keyauth_credentials";
const PASSWORDS: &str = "basicauth_credentials";
/// Credentials that are no keys.
const OTHERS: [&str; 5] = [
    "jwt_secrets",
    "hmacauth_credentials",
    "oauth2_credentials",
    "mtls_auth_credentials",
    "keyauth_enc_credentials",
];

/// A consumer: what it is called, and whether groups restrict it.
#[derive(Debug, Clone, Default)]
struct Consumer {
    names: Vec<String>,
    left: Vec<Left>,
}

/// Consumers by their ids and names.
type Consumers = HashMap<String, Consumer>;

pub(crate) fn read(text: &str) -> Result<Vec<Row>, ImportError> {
    let mut rows = Vec::new();
    for document in documents::read(text)? {
        let consumers = consumers(&document.root);
        for node in document.root.get("consumers").map(Node::items).unwrap_or_default() {
            let consumer = consumer(node);
            credentials(&document, node, |_| consumer.clone(), &mut rows);
        }
        credentials(&document, &document.root, |node| named(node, &consumers), &mut rows);
        let listed = document.root.get("data").unwrap_or(&document.root).items();
        rows.extend(listed.iter().map(|node| row(&document, node, answered(node))));
        let alone = says(&document.root, "key");
        rows.extend(alone.then(|| row(&document, &document.root, answered(&document.root))));
    }
    Ok(rows)
}

/// Reads what stands under the names of credentials.
fn credentials(document: &Document, within: &Node, owner: impl Fn(&Node) -> Consumer, rows: &mut Vec<Row>) {
    let listed = |name: &str| within.get(name).map(Node::items).unwrap_or_default();
    rows.extend(listed(KEYS).iter().map(|node| row(document, node, key(node, owner(node)))));
    rows.extend(listed(PASSWORDS).iter().map(|node| row(document, node, Err(RowError::KongBasic))));
    let others = OTHERS.iter().flat_map(|name| listed(name));
    rows.extend(others.map(|node| row(document, node, Err(RowError::NoKeyCredential))));
}

fn row(document: &Document, node: &Node, found: Result<Foreign, RowError>) -> Row {
    Row { line: document.line(node), found }
}

/// An item of an answer of the Admin API.
fn answered(node: &Node) -> Result<Foreign, RowError> {
    match () {
        () if says(node, "password") => Err(RowError::KongBasic),
        () if says(node, "secret") || says(node, "client_id") => Err(RowError::NoKeyCredential),
        () => key(node, named(node, &Consumers::new())),
    }
}

fn key(node: &Node, consumer: Consumer) -> Result<Foreign, RowError> {
    let mut foreign = Foreign::of(Secret::plain(text(node, "key").unwrap_or_default())?);
    if let Some(seconds) = text(node, "ttl") {
        let seconds: u32 = seconds.parse().map_err(|_| RowError::Time)?;
        foreign.expires = Some(Expiry::In(Span::from_secs(seconds)));
    }
    foreign.label = consumer.names.last().cloned();
    foreign.left = consumer.left;
    foreign.owner = if consumer.names.is_empty() { Owner::Unsaid } else { Owner::Known(consumer.names) };
    Ok(foreign)
}

fn consumer(node: &Node) -> Consumer {
    let names = ["custom_id", "username"].iter().filter_map(|name| text(node, name)).map(str::to_owned);
    let groups = says(node, "acls") || says(node, "groups");
    Consumer { names: names.collect(), left: groups.then_some(Left::Roles).into_iter().collect() }
}

fn consumers(root: &Node) -> Consumers {
    let listed = root.get("consumers").map(Node::items).unwrap_or_default();
    let each = |node: &Node| {
        let consumer = consumer(node);
        let ids = text(node, "id").map(str::to_owned).into_iter().chain(consumer.names.clone());
        ids.map(|id| (id, consumer.clone())).collect::<Vec<_>>()
    };
    listed.iter().flat_map(each).collect()
}

/// The consumer that a credential names, by a text or by a mapping.
fn named(node: &Node, consumers: &Consumers) -> Consumer {
    let Some(reference) = node.get("consumer") else { return Consumer::default() };
    let inside = consumer(reference);
    let name = reference.text().or_else(|| text(reference, "id"));
    let known = name.or(inside.names.first().map(String::as_str)).and_then(|name| consumers.get(name));
    match (known, name) {
        (Some(known), _) => known.clone(),
        (None, Some(name)) if inside.names.is_empty() => {
            Consumer { names: vec![name.to_owned()], left: Vec::new() }
        }
        (None, _) => inside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, Result<Owner, RowError>)> {
        let rows = read(text).unwrap();
        rows.into_iter().map(|row| (row.line, row.found.map(|found| found.owner))).collect()
    }

    fn known(names: &[&str]) -> Owner {
        Owner::Known(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_dump_has_credentials_in_their_consumers() {
        let text = r#"
_format_version: "3.0"
consumers:
- custom_id: "100042"
  username: luka
  acls:
  - group: gold
  keyauth_credentials:
  - key: 4174348a-9222-4e81
    ttl: 3600
    tags: [a]
  - key: 12345678
  basicauth_credentials:
  - password: 0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33
    username: luka
- keyauth_credentials:
  - key: "{vault://env/luka}"
  jwt_secrets:
  - key: abcdefgh
    secret: abcdefgh
services: []
"#;
        let luka = || Ok(known(&["100042", "luka"]));
        let wanted = [
            (9, luka()),
            (12, luka()),
            (14, Err(RowError::KongBasic)),
            (17, Err(RowError::Reference)),
            (19, Err(RowError::NoKeyCredential)),
        ];
        assert_eq!(found(text), wanted);
        let first = read(text).unwrap().remove(0).found.unwrap();
        assert_eq!(first.expires, Some(Expiry::In(Span::from_secs(3600))));
        assert_eq!((first.label.as_deref(), first.left.as_slice()), (Some("luka"), [Left::Roles].as_slice()));
    }

    #[test]
    fn a_declarative_configuration_has_them_beside() {
        let text = "consumers:\n- id: 59d1ef15\n  username: anna\n- username: bert\nkeyauth_credentials:\n\
            - key: 4174348a-9222\n  consumer: 59d1ef15\n  ttl: ~\n- key: 4174348a-9223\n  consumer: bert\n\
            - key: 4174348a-9224\n  consumer: gone\n- key: 4174348a-9225\n";
        let wanted = [
            (6, Ok(known(&["anna"]))),
            (9, Ok(known(&["bert"]))),
            (11, Ok(known(&["gone"]))),
            (13, Ok(Owner::Unsaid)),
        ];
        assert_eq!(found(text), wanted);
    }

    #[test]
    fn the_admin_api_answers_in_json() {
        let text = "{\"data\": [\n{\"key\":\"4174348a-9222\",\"id\":\"x\",\"tags\":null,\"ttl\":null,\"consumer\":{\"id\":\"59d1\"}},\n\
            {\"username\":\"a\",\"password\":\"b\",\"consumer\":{\"id\":\"59d1\"}}\n], \"next\": null}";
        assert_eq!(found(text), [(2, Ok(known(&["59d1"]))), (3, Err(RowError::KongBasic))]);
        assert_eq!(found("[{\"key\":\"4174348a-9222\"}]"), [(1, Ok(Owner::Unsaid))]);
        let pages = "{\"data\":[{\"key\":\"4174348a-9222\"}]}\n{\"data\":[{\"key\":\"4174348a-9223\"}]}\n";
        assert_eq!(found(pages), [(1, Ok(Owner::Unsaid)), (2, Ok(Owner::Unsaid))]);
    }

    #[test]
    fn what_is_no_tree_says_where_and_not_what() {
        let error = read("consumers:\n- keyauth_credentials:\n  - key: [my-secret-key\n").unwrap_err();
        assert!(
            matches!(error, ImportError::Tree { .. }) && !error.to_string().contains("secret"),
            "{error}"
        );
    }
}
