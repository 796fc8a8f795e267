//! Contract row A5: what is published of an endpoint says what it needs.

use serde_json::Value;

use crate::bed::{Bed, Engine};

#[test]
fn every_published_operation_says_what_it_needs() {
    let bed = Bed::start(Engine::Sqlite);
    for api in ["monitoring", "customers"] {
        let document = bed.json(&["document", api]);
        let version = document["info"]["version"].as_str().expect("a version").to_owned();
        assert_eq!(bed.json(&["document", api, &version]), document);
        let needs = bed.json(&["permissions", "--api", api]);
        let rows = needs.as_array().into_iter().flatten().filter(|row| row["version"] == version.as_str());
        let mut seen = 0;
        for row in rows {
            says(&document, row);
            seen += 1;
        }
        assert!(seen > 0, "{api}");
    }
    assert_eq!(bed.cli(&["document", "monitoring", "v9"]).status, 4);
    assert_eq!(bed.cli(&["document", "nothing"]).status, 4);
}

fn says(document: &Value, row: &Value) {
    let (path, method) = (row["path"].as_str().expect("a path"), row["method"].as_str().expect("a method"));
    let operation = &document["paths"][path][method.to_lowercase()];
    assert_eq!(operation["x-claviger-permissions"], row["permissions"], "{method} {path}");
    let description = operation["description"].as_str().unwrap_or_default();
    for name in row["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(description.contains(&format!("`{name}`")), "{method} {path}: {description}");
    }
}
