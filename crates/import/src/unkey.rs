//! Unkey's keys: its table or what was given to its own migration (`hash`), or its API's list with decrypted keys
//! (`plaintext`); under `keys` or `data`, as a list, or one on each line.

use claviger_model::Time;
use claviger_spec::yaml::Node;

use crate::documents::{self, says, text};
use crate::{Expiry, Foreign, ImportError, Left, Owner, Row, RowError, Secret, Switch};

pub(crate) fn read(text: &str) -> Result<Vec<Row>, ImportError> {
    let mut rows = Vec::new();
    for document in documents::read(text)? {
        let row = |node: &Node| Row { line: document.line(node), found: key(node) };
        match listed(&document.root) {
            Some(items) => rows.extend(items.iter().map(row)),
            None => rows.push(row(&document.root)),
        }
    }
    Ok(rows)
}

fn listed(root: &Node) -> Option<&[Node]> {
    let inner = ["keys", "data"].iter().find_map(|name| root.get(name));
    match inner {
        Some(inner) if inner.is_mapping() => listed(inner),
        Some(inner) => Some(inner.items()),
        None if root.is_mapping() => None,
        None => Some(root.items()),
    }
}

fn key(node: &Node) -> Result<Foreign, RowError> {
    if says(node, "deletedAt") || says(node, "deleted_at") {
        return Err(RowError::Deleted);
    }
    let mut foreign = Foreign::of(secret(node)?);
    foreign.owner = owner(node);
    foreign.label = text(node, "name").map(str::to_owned);
    foreign.expires = node.get("expires").and_then(Node::text).map(expiry).transpose()?;
    foreign.permissions = names(node, "permissions");
    let off = text(node, "enabled").is_some_and(|enabled| matches!(enabled, "false" | "0"));
    foreign.switch = if off { Switch::Off } else { Switch::On };
    let limits = ["remaining", "credits", "ratelimit", "ratelimits"].iter().any(|name| says(node, name));
    let left = [says(node, "roles").then_some(Left::Roles), limits.then_some(Left::Limits)];
    foreign.left = left.into_iter().flatten().collect();
    Ok(foreign)
}

/// The key itself says more than its hash.
fn secret(node: &Node) -> Result<Secret, RowError> {
    if let Some(plain) = text(node, "plaintext").or_else(|| text(node, "key")) {
        return Secret::plain(plain);
    }
    let hash = node.get("hash").ok_or(RowError::NoKey)?;
    match text(hash, "variant") {
        None | Some("sha256_base64") => {
            Secret::sha256(hash.text().or_else(|| text(hash, "value")).unwrap_or_default())
        }
        Some(_) => Err(RowError::OtherDigest),
    }
}

fn owner(node: &Node) -> Owner {
    let fields = ["externalId", "external_id", "ownerId", "owner_id"];
    let identity = node.get("identity").and_then(|identity| text(identity, "externalId"));
    let found = identity.or_else(|| fields.iter().find_map(|name| text(node, name)));
    found.map_or(Owner::Unsaid, |name| Owner::Known(vec![name.to_owned()]))
}

/// Milliseconds, or a text as databases and APIs write times.
fn expiry(text: &str) -> Result<Expiry, RowError> {
    let millis = text.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1000)).map(Time::from_micros);
    // Its columns hold times of UTC without saying so.
    let written = || text.replace(' ', "T");
    let moment = millis.or_else(|| written().parse().ok()).or_else(|| format!("{}Z", written()).parse().ok());
    moment.map(Expiry::At).ok_or(RowError::Time)
}

/// A list of names, or of mappings that have one.
fn names(node: &Node, list: &str) -> Vec<String> {
    let name = |item: &Node| {
        item.text().or_else(|| text(item, "slug")).or_else(|| text(item, "name")).map(str::to_owned)
    };
    node.get(list).map(Node::items).unwrap_or_default().iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-256 of `abc` (FIPS 180-4) in base64.
    const ABC: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

    #[test]
    fn a_migration_has_hashes() {
        let text = format!(
            r#"{{"migrationId": "m", "apiId": "api_1", "keys": [
{{"hash": "{ABC}", "name": "Prod", "externalId": "100042", "expires": 1798761600000, "enabled": false,
  "permissions": ["things:a:read"], "roles": ["admin"], "meta": {{"plan": "pro"}}, "credits": {{"remaining": 5}}}},
{{"hash": {{"value": "{ABC}", "variant": "sha256_base64"}}, "ownerId": "x"}},
{{"hash": {{"value": "{ABC}", "variant": "md5"}}}},
{{"start": "prod_x"}}
]}}"#
        );
        let rows = read(&text).unwrap();
        let first = rows[0].found.as_ref().unwrap();
        assert_eq!(first.secret, Secret::sha256(ABC).unwrap());
        assert_eq!(first.owner, Owner::Known(vec!["100042".into()]));
        assert_eq!(first.expires, Some(Expiry::At("2027-01-01T00:00:00Z".parse().unwrap())));
        assert_eq!((first.switch, first.label.as_deref()), (Switch::Off, Some("Prod")));
        assert_eq!(first.permissions, ["things:a:read"]);
        assert_eq!(first.left, [Left::Roles, Left::Limits]);
        assert_eq!(rows[1].found.as_ref().unwrap().owner, Owner::Known(vec!["x".into()]));
        let rest: Vec<_> = rows[2..].iter().map(|row| (row.line, row.found.clone().unwrap_err())).collect();
        assert_eq!(rest, [(5, RowError::OtherDigest), (6, RowError::NoKey)]);
    }

    #[test]
    fn an_answer_of_its_api_has_keys() {
        let text = r#"{"meta": {"requestId": "r"}, "data": [{"keyId": "key_1", "start": "prod_abc",
            "plaintext": "prod_abcdefgh", "enabled": true, "identity": {"id": "i", "externalId": "u"},
            "expires": null, "roles": []}], "pagination": {"hasMore": false}}"#;
        let rows = read(text).unwrap();
        let found = rows[0].found.as_ref().unwrap();
        assert_eq!((found.switch, found.expires, found.left.len()), (Switch::On, None, 0));
        assert_eq!(found.owner, Owner::Known(vec!["u".into()]));
    }

    #[test]
    fn one_on_each_line_and_rows_of_its_table() {
        let text = format!(
            "{{\"hash\":\"{ABC}\",\"owner_id\":\"u\",\"expires\":\"2027-01-01 00:00:00.000\"}}\n\n\
             {{\"hash\":\"{ABC}\",\"deleted_at\":\"2025-01-01 00:00:00\"}}\n{{\"hash\":\"nonsense\"}}\n"
        );
        let rows = read(&text).unwrap();
        let found: Vec<_> = rows.iter().map(|row| (row.line, row.found.as_ref().err().copied())).collect();
        assert_eq!(found, [(1, None), (3, Some(RowError::Deleted)), (4, Some(RowError::NotSha256))]);
        assert_eq!(
            rows[0].found.as_ref().unwrap().expires,
            Some(Expiry::At("2027-01-01T00:00:00Z".parse().unwrap()))
        );
    }
}
