use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a catalogue makes of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// What happens to it.
    pub kind: DifferenceKind,
    /// What it is: `account` or `api`.
    pub what: String,
    /// Its number or slug.
    pub name: String,
    /// What changes within it.
    pub lines: Vec<Line>,
}

/// What happens to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// It is made.
    Create,
    /// It is changed.
    Change,
}

/// One value that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Where, such as `policy.version_mixing.action`.
    pub path: String,
    /// The value before; absent if there was none. One that is long is text, cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value afterwards; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

const MOST_LINES: usize = 200;
const LONGEST_VALUE: usize = 120;

/// What differs between two values, members by name.
pub(super) fn lines(before: &impl Serialize, after: &impl Serialize) -> Result<Vec<Line>, serde_json::Error> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut lines = Vec::new();
    compare(String::new(), Some(&before), Some(&after), &mut lines);
    Ok(lines)
}

fn compare(path: String, before: Option<&Value>, after: Option<&Value>, lines: &mut Vec<Line>) {
    if before == after || lines.len() >= MOST_LINES {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let dot = if path.is_empty() { "" } else { "." };
                compare(format!("{path}{dot}{key}"), before.get(key), after.get(key), lines);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                compare(format!("{path}[{index}]"), before.get(index), after.get(index), lines);
            }
        }
        _ => lines.push(Line { path, before: before.map(short), after: after.map(short) }),
    }
}

fn short(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= LONGEST_VALUE {
        return value.clone();
    }
    text.chars().take(LONGEST_VALUE).chain(['…']).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_each_value_that_differs() {
        let before = json!({"name": "a", "policy": {"x": 1, "y": 2}, "list": [1, 2]});
        let after = json!({"name": "a", "policy": {"x": 1, "y": 3}, "list": [1], "new": true});
        let line = |path: &str, before: Option<Value>, after: Option<Value>| Line {
            path: path.into(),
            before,
            after,
        };
        let expected = [
            line("list[1]", Some(json!(2)), None),
            line("new", None, Some(json!(true))),
            line("policy.y", Some(json!(2)), Some(json!(3))),
        ];
        assert_eq!(lines(&before, &after).unwrap(), expected);
        assert!(lines(&before, &before).unwrap().is_empty());
    }
}
