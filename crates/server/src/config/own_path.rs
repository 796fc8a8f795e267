use std::borrow::Cow;

use claviger_policy::Target;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A path of the gateway that is the product's own. One that ends in a slash stands for all that is below it, and for
/// itself without the slash.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OwnPath(String);

/// The path is none that a request could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a path starts with a slash, and has no query and no character that is written in another way")]
pub struct OwnPathError;

impl OwnPath {
    /// Whether it stands for this path, which is in canonical form.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        match self.0.strip_suffix('/') {
            Some(parent) => {
                path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            None => path == self.0,
        }
    }
}

impl TryFrom<String> for OwnPath {
    type Error = OwnPathError;

    /// What is not in canonical form would be compared in vain.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let canonical = Target::read(&text).is_ok_and(|target| target.path() == text);
        if canonical { Ok(Self(text)) } else { Err(OwnPathError) }
    }
}

impl JsonSchema for OwnPath {
    fn schema_name() -> Cow<'static, str> {
        "OwnPath".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^/[^?#]*$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Result<OwnPath, OwnPathError> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_slash_at_the_end_is_for_all_that_is_below() {
        let below = path("/api/").unwrap();
        for (asked, covered) in [
            ("/api", true),
            ("/api/", true),
            ("/api/x/y", true),
            ("/apis", false),
            ("/", false),
            ("/v1/api/", false),
        ] {
            assert_eq!(below.covers(asked), covered, "{asked}");
        }
        let exact = path("/v2/api/login").unwrap();
        for (asked, covered) in
            [("/v2/api/login", true), ("/v2/api/login/", false), ("/v2/api/login/x", false)]
        {
            assert_eq!(exact.covers(asked), covered, "{asked}");
        }
        assert!(["/", "/a", "/a/b"].iter().all(|asked| path("/").unwrap().covers(asked)));
    }

    #[test]
    fn what_no_request_could_have_is_refused() {
        for text in ["", "api/", "/a//b", "/a/../b", "/%61pi", "/a%3f", "/a?b", "/a b", "http://a/"] {
            assert_eq!(path(text), Err(OwnPathError), "{text}");
        }
    }
}
