use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a call needs and a credential may have: `api:resource:action`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Permission(Box<str>);

/// Why a text is not a permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a permission: write `api:resource:action` in letters, digits, `-`, `_` and `.`")]
pub struct PermissionError(String);

impl Permission {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is done to the resource: the last of the three parts.
    #[must_use]
    pub fn action(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or_default()
    }
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

impl FromStr for Permission {
    type Err = PermissionError;

    fn from_str(text: &str) -> Result<Self, PermissionError> {
        let parts = text.split(':').filter(|part| is_part(part)).count();
        if parts == 3 && text.split(':').count() == 3 && text.len() <= 200 {
            return Ok(Self(text.into()));
        }
        Err(PermissionError(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for Permission {
    type Error = PermissionError;

    fn try_from(text: String) -> Result<Self, PermissionError> {
        text.parse()
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.0.into()
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Permission {
    fn schema_name() -> Cow<'static, str> {
        "Permission".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "`api:resource:action`, each of them a slug" })
    }
}

/// What a credential may do at the API it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionSet {
    /// Whatever the API offers, now and after it grows.
    #[default]
    Everything,
    /// These and no others; sorted, without duplicates.
    Only(Vec<Permission>),
}

impl PermissionSet {
    /// Whether `needed` is granted.
    #[must_use]
    pub fn allows(&self, needed: &Permission) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(granted) => granted.binary_search(needed).is_ok(),
        }
    }

    /// The set of exactly these, sorted, without duplicates.
    #[must_use]
    pub fn only(mut permissions: Vec<Permission>) -> Self {
        permissions.sort_unstable();
        permissions.dedup();
        Self::Only(permissions)
    }
}

/// How much of an API's permissions a credential gets (contract row S8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything, now and after the API grows.
    #[default]
    Admin,
    /// Those whose action is `read`, `create` or `update`.
    Developer,
    /// Those whose action is `read`.
    ReadOnly,
}

impl Scope {
    /// Whether permissions with this action are in this scope.
    #[must_use]
    pub fn has_action(self, action: &str) -> bool {
        match self {
            Self::Admin => true,
            Self::Developer => ["read", "create", "update"].contains(&action),
            Self::ReadOnly => action == "read",
        }
    }

    /// The set of those of an API's permissions that are in this scope.
    #[must_use]
    pub fn of(self, offered: Vec<Permission>) -> PermissionSet {
        if self == Self::Admin {
            return PermissionSet::Everything;
        }
        let within = |permission: &Permission| self.has_action(permission.action());
        PermissionSet::only(offered.into_iter().filter(within).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_what_s8_says() {
        let all = ["a:b:read", "a:b:create", "a:b:update", "a:b:delete", "a:b:export"];
        let offered = || all.iter().map(|text| text.parse().unwrap()).collect::<Vec<Permission>>();
        let allowed = |scope: Scope| {
            let set = scope.of(offered());
            offered()
                .iter()
                .filter(|one| set.allows(one))
                .map(|one| one.action().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(allowed(Scope::Admin), ["read", "create", "update", "delete", "export"]);
        assert_eq!(allowed(Scope::Developer), ["read", "create", "update"]);
        assert_eq!(allowed(Scope::ReadOnly), ["read"]);
    }

    #[test]
    fn a_permission_has_three_parts_and_no_wildcard() {
        assert!("billing:invoices:read".parse::<Permission>().is_ok());
        for text in ["billing:invoices", "a:b:c:d", "a::c", "a:*:c", ""] {
            assert!(text.parse::<Permission>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_grants_what_it_lists() {
        let read: Permission = "billing:invoices:read".parse().unwrap();
        let create: Permission = "billing:invoices:create".parse().unwrap();
        let set = PermissionSet::only(vec![read.clone(), read.clone()]);
        assert!(set.allows(&read) && !set.allows(&create));
        assert!(PermissionSet::Everything.allows(&create));
    }
}
