//! What is said of JSON that cannot be read.

/// A field's name of more letters may be a credential that was put in the wrong place.
const LONGEST_NAME: usize = 24;

/// The error, without values: one of them may be the credential.
#[must_use]
pub fn without_values(error: &serde_json::Error) -> String {
    without_name(&without_string(&error.to_string()))
}

/// serde shows a string that stands where something else should, and says last what should.
fn without_string(text: &str) -> String {
    let cut = || {
        let (before, rest) = text.split_once("string \"")?;
        let (_, after) = rest.rsplit_once("\", expected ")?;
        Some(format!("{before}string, expected {after}"))
    };
    cut().unwrap_or_else(|| text.to_owned())
}

/// serde shows the name of a field, or of a variant, that there is not, and then those that there are.
fn without_name(text: &str) -> String {
    let cut = || {
        let (before, rest) = text.split_once(" `").filter(|(before, _)| before.starts_with("unknown "))?;
        let name = rest.rsplit_once("`, expected ").map_or(rest, |(name, _)| name);
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let harmless = name.len() <= LONGEST_NAME && name.chars().all(plain);
        (!harmless).then(|| format!("{before}{}", rest.get(name.len() + 1..).unwrap_or_default()))
    };
    cut().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is only read")]
    struct Sample {
        count: u8,
        names: Vec<String>,
    }

    fn told(json: &str) -> String {
        without_values(&serde_json::from_str::<Sample>(json).unwrap_err())
    }

    #[test]
    fn values_are_not_told_and_places_are() {
        assert_eq!(
            told(r#"{"count": "a\", expected \"secret"}"#),
            "invalid type: string, expected u8 at line 1 column 34"
        );
        assert_eq!(
            told(r#"{"names": "Bearer secret"}"#),
            "invalid type: string, expected a sequence at line 1 column 25"
        );
        assert_eq!(
            told(r#"{"cuont": 1}"#),
            "unknown field `cuont`, expected `count` or `names` at line 1 column 8"
        );
        for secret in ["Bearer secret", "secret`, sesame", "an_underscore_and_many_digits_0000"] {
            let told = told(&format!(r#"{{"{secret}": 1}}"#));
            assert!(told.starts_with("unknown field, expected `count`"), "{told}");
        }
    }
}
