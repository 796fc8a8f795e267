//! What a caller needs for an operation.

use std::collections::BTreeMap;

use claviger_model::{Permission, Slug};

use crate::yaml::{Node, Place, YamlError};

/// The scopes of the first requirement that names any: requirements are alternatives, and one that names no scope
/// says only how to authenticate, which is the policy's business here.
pub(crate) fn of_security(security: &Node) -> Result<Vec<Permission>, YamlError> {
    security.read_as::<Vec<BTreeMap<String, Vec<String>>>>()?;
    let mut permissions = Vec::new();
    for requirement in security.items() {
        let scopes = requirement.entries().iter().flat_map(|(_, scopes)| scopes.items());
        for scope in scopes {
            let permission = of_scope(scope)?;
            if !permissions.contains(&permission) {
                permissions.push(permission);
            }
        }
        if !permissions.is_empty() {
            break;
        }
    }
    Ok(permissions)
}

fn of_scope(scope: &Node) -> Result<Permission, YamlError> {
    let text = scope.text().unwrap_or_default();
    text.parse().map_err(|error| YamlError::new(scope.place(), &format!("the scope {error}")))
}

/// The permission of an operation that names no scopes: the API, the first tag or word of the path, and the action
/// that the method stands for.
pub(crate) fn by_default(
    api: &Slug,
    method: &str,
    path: &str,
    tags: &[String],
    place: Place,
) -> Result<Permission, YamlError> {
    let tag = tags.first().map(|tag| word(tag)).filter(|tag| !tag.is_empty());
    let literal =
        || path.split('/').filter(|part| !part.starts_with('{')).map(word).find(|part| !part.is_empty());
    let resource = tag.or_else(literal).unwrap_or_else(|| "root".to_owned());
    let text = format!("{api}:{resource}:{}", action(method));
    text.parse().map_err(|error| YamlError::new(place, &format!("the default permission {error}")))
}

fn action(method: &str) -> &'static str {
    match method {
        "POST" => "create",
        "PUT" | "PATCH" => "update",
        "DELETE" => "delete",
        _ => "read",
    }
}

/// A tag or a segment as part of a permission: lower case, everything unusual a hyphen, at most 64 characters.
fn word(text: &str) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.is_empty() && !word.ends_with('-') {
            word.push('-');
        }
        if word.len() == 64 {
            break;
        }
    }
    word.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_comes_from_tag_then_path_then_root() {
        let api: Slug = "shop".parse().unwrap();
        let permission = |method: &str, path: &str, tags: &[&str]| {
            let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            by_default(&api, method, path, &tags, Place::START).unwrap().to_string()
        };
        assert_eq!(permission("GET", "/x/y", &["Price Lists", "other"]), "shop:price-lists:read");
        assert_eq!(permission("POST", "/{id}/Orders/x", &[]), "shop:orders:create");
        assert_eq!(permission("PATCH", "/{id}", &[]), "shop:root:update");
        assert_eq!(permission("DELETE", "/a", &["\u{1f600}"]), "shop:a:delete");
        assert_eq!(permission("TRACE", "/", &[]), "shop:root:read");
        assert_eq!(permission("PUT", "/", &[&"x y".repeat(100)]).len(), "shop::update".len() + 64);
    }
}
