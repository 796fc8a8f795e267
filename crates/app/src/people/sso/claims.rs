use claviger_model::EmailAddress;
use serde_json::{Map, Value};

/// More values of a claim than anybody has.
const MOST_VALUES: usize = 1000;

/// What a provider said of somebody, verified.
#[derive(Clone, PartialEq, Eq)]
pub struct SsoClaims {
    /// What the provider calls them, for good.
    pub subject: String,
    /// How they proved themselves there (RFC 8176): of the ID token, and of nothing else.
    pub methods: Vec<String>,
    /// Which class their proof is of: of the ID token, and of nothing else.
    pub class: Option<String>,
    /// Everything else.
    pub others: Map<String, Value>,
}

impl std::fmt::Debug for SsoClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SsoClaims(…)")
    }
}

impl SsoClaims {
    /// The texts of a claim: a text, a number, or a list of these. A dot leads into objects, where no claim is called so.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.find(name) {
            Some(Value::Array(list)) => list.iter().take(MOST_VALUES).filter_map(text).collect(),
            Some(value) => text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn find(&self, name: &str) -> Option<&Value> {
        if let Some(found) = self.others.get(name) {
            return Some(found);
        }
        let mut path = name.split('.');
        let first = self.others.get(path.next()?)?;
        path.try_fold(first, |object, step| object.get(step))
    }

    /// Their e-mail address, if the provider says that it is theirs.
    pub(super) fn verified_email(&self) -> Option<EmailAddress> {
        let verified = self.others.get("email_verified") == Some(&Value::Bool(true));
        self.others.get("email")?.as_str().filter(|_| verified)?.parse().ok()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(others: Value) -> SsoClaims {
        let Value::Object(others) = others else { panic!("no object") };
        SsoClaims { subject: "s".into(), methods: vec![], class: None, others }
    }

    #[test]
    fn texts_are_found_by_name_or_path() {
        let claims = claims(json!({
            "groups": ["a", 7, null, {"b": "c"}], "one": "x", "number": 300_200,
            "realm_access": { "roles": ["r"] }, "https://example.com/roles": ["n"], "a": "no object",
        }));
        let table: [(&str, &[&str]); 7] = [
            ("groups", &["a", "7"]),
            ("one", &["x"]),
            ("number", &["300200"]),
            ("realm_access.roles", &["r"]),
            ("https://example.com/roles", &["n"]),
            ("a.b", &[]),
            ("missing", &[]),
        ];
        for (name, texts) in table {
            assert_eq!(claims.texts(name), texts, "{name}");
        }
    }

    #[test]
    fn an_address_counts_only_if_the_provider_says_that_it_is_theirs() {
        let table = [
            (json!({ "email": "a@example.com", "email_verified": true }), true),
            (json!({ "email": "a@example.com", "email_verified": "true" }), false),
            (json!({ "email": "a@example.com", "email_verified": false }), false),
            (json!({ "email": "a@example.com" }), false),
            (json!({ "email": "no address", "email_verified": true }), false),
        ];
        for (others, counts) in table {
            assert_eq!(claims(others.clone()).verified_email().is_some(), counts, "{others}");
        }
    }
}
