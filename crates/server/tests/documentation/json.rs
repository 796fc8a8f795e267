//! What commands print as JSON is described, field by field.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::Document;
use crate::none;
use crate::running::{Running, written};

/// Commands, and the heading under which their fields are.
const COMMANDS: [(&str, &[&str]); 13] = [
    ("Keys", &["key", "list", "--limit", "1000"]),
    ("Keys", &["key", "create", "--account", "100042", "--api", "customers", "--allow", "::1"]),
    ("Many keys", &["key", "disable", "--where", "api=customers", "--where", "state=active", "--dry-run"]),
    ("Accounts and services", &["account", "list"]),
    ("Accounts and services", &["account", "create", "--number", "7", "--realm", "seven", "--name", "Seven"]),
    ("Accounts and services", &["account", "edit", "7", "--second-factor", "optional"]),
    ("People", &["user", "list"]),
    ("People", &["user", "invite", "json@example.com", "--account", "7", "--role", "member"]),
    ("Accounts and services", &["service", "create", "json", "--api", "customers"]),
    ("Accounts and services", &["service", "revoke", "json", "--reason", "Done"]),
    (
        "Catalogues",
        &["apply", "-f", "examples/openid/catalogue.yaml", "--set", "SAMPLE_UPSTREAM=http://[::1]:1"],
    ),
    ("Endpoints and forms", &["permissions", "monitoring"]),
    ("Endpoints and forms", &["keyformat"]),
];

#[test]
fn every_field_is_described() {
    let document = Document::named("docs/json.md");
    let running = Running::start();
    let mut missing = Vec::new();
    for (heading, args) in COMMANDS {
        let output = running.run("claviger", &[&["--json"], args].concat());
        let printed: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{args:?}: {error}: {}", written(&output)));
        let known = described(&document, heading);
        let fields = fields(&printed);
        assert!(!fields.is_empty(), "{args:?} prints nothing: {printed}");
        missing.extend(
            fields.difference(&known).map(|field| format!("docs/json.md, {heading}: no row for `{field}`")),
        );
    }
    none(&missing);
}

/// The words in the first cells of the table below the heading.
fn described(document: &Document, heading: &str) -> BTreeSet<String> {
    let start = format!("## {heading}");
    let lines = document.text.lines().skip_while(|line| *line != start).skip(1);
    let rows = lines.take_while(|line| !line.starts_with("## ")).filter_map(|line| line.split('|').nth(1));
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The names of an object's fields, or those of every object of a list.
fn fields(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => fields.keys().cloned().collect(),
        Value::Array(items) => items.iter().flat_map(fields).collect(),
        _ => BTreeSet::new(),
    }
}
