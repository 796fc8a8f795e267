//! `${NAME}` and `${NAME:-default}`.

use std::collections::BTreeMap;

/// Why a text with variables cannot be filled in. It never shows a variable's value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VariableError {
    /// `${` without its `}`.
    Unclosed,
    /// What stands between the braces is no name.
    NotAName(String),
    /// It has no value, and the text no default.
    NotSet(String),
}

impl VariableError {
    /// What is wrong, and what would be right.
    pub(crate) fn message_and_help(&self) -> (String, String) {
        match self {
            Self::Unclosed => {
                ("`${` has no `}`".to_owned(), "write `${NAME}` or `${NAME:-default}`".to_owned())
            }
            Self::NotAName(name) => {
                let message = format!("`{name}` is not the name of a variable");
                (message, "a name has letters, digits and `_`, and a default follows `:-`".to_owned())
            }
            Self::NotSet(name) => {
                let help = format!("set it where the catalogue is applied, or write `${{{name}:-default}}`");
                (format!("the variable `{name}` is not set"), help)
            }
        }
    }
}

struct Variable<'a> {
    name: &'a str,
    default: Option<&'a str>,
}

/// A text as what stands before each variable, and what stands after the last one.
struct Parts<'a> {
    variables: Vec<(&'a str, Variable<'a>)>,
    rest: &'a str,
}

fn parts(text: &str) -> Result<Parts<'_>, VariableError> {
    let mut variables = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, after) = after.split_once('}').ok_or(VariableError::Unclosed)?;
        variables.push((before, variable(inner)?));
        rest = after;
    }
    Ok(Parts { variables, rest })
}

fn variable(inner: &str) -> Result<Variable<'_>, VariableError> {
    let (name, default) = match inner.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(VariableError::NotAName(claviger_spec::yaml::shown(name)));
    }
    Ok(Variable { name, default })
}

/// The text with its variables filled in. As in a shell, a default also stands for an empty value.
pub(crate) fn filled(text: &str, values: &BTreeMap<String, String>) -> Result<String, VariableError> {
    let parts = parts(text)?;
    let mut filled = String::with_capacity(text.len());
    for (before, variable) in parts.variables {
        filled.push_str(before);
        let value = values.get(variable.name).map(String::as_str);
        let value =
            value.filter(|value| !value.is_empty() || variable.default.is_none()).or(variable.default);
        filled.push_str(value.ok_or_else(|| VariableError::NotSet(variable.name.to_owned()))?);
    }
    filled.push_str(parts.rest);
    Ok(filled)
}

/// The variables that a text refers to; none, if it cannot be read.
pub(crate) fn named(text: &str) -> Vec<&str> {
    parts(text).map_or_else(|_| Vec::new(), |parts| parts.variables.iter().map(|(_, v)| v.name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Result<String, VariableError> {
        let values =
            [("A", "1"), ("EMPTY", ""), ("_b2", "${A}")].map(|(name, value)| (name.into(), value.into()));
        filled(text, &BTreeMap::from(values))
    }

    #[test]
    fn values_and_defaults_are_those_of_a_shell() {
        let cases = [
            ("x", "x"),
            ("${A}", "1"),
            ("<${A}-${A}>", "<1-1>"),
            ("${A:-2}", "1"),
            ("${NO:-http://h:1/{version}", "http://h:1/{version"),
            ("${NO:-}", ""),
            ("${EMPTY}", ""),
            ("${EMPTY:-2}", "2"),
            ("${_b2}", "${A}"),
            ("$A $ {A}", "$A $ {A}"),
        ];
        for (text, wanted) in cases {
            assert_eq!(fill(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        assert_eq!(fill("a${A"), Err(VariableError::Unclosed));
        assert_eq!(fill("${NO}"), Err(VariableError::NotSet("NO".into())));
        for name in ["", "1A", "A-B", "a b"] {
            assert_eq!(fill(&format!("${{{name}}}")), Err(VariableError::NotAName(name.into())));
        }
    }
}
