use claviger_model::PermissionSet;
use http::{HeaderName, HeaderValue};

use crate::Grant;

/// What the name of every identity header starts with. A caller's own are removed, with `_` or `.` for `-` as well.
pub const IDENTITY_PREFIX: &str = "x-claviger-";

/// Who a request acts for, as the upstream is told. Every name is always there, with an empty value if need be.
#[must_use]
pub fn identity_headers(grant: &Grant<'_>) -> [(HeaderName, HeaderValue); 7] {
    let name = HeaderName::from_static;
    [
        (name("x-claviger-account"), grant.account_number.clone()),
        (name("x-claviger-user"), HeaderValue::from_static("")),
        (name("x-claviger-key-id"), visible(&grant.credential.to_string())),
        (name("x-claviger-api"), grant.api.slug.clone()),
        (name("x-claviger-version"), grant.version.name.clone()),
        (name("x-claviger-environment"), grant.environment.slug.clone()),
        (name("x-claviger-permissions"), permissions(grant.permissions)),
    ]
}

/// `*` for everything the API offers, else the permissions with spaces between.
fn permissions(set: &PermissionSet) -> HeaderValue {
    match set {
        PermissionSet::Everything => HeaderValue::from_static("*"),
        PermissionSet::Only(list) => {
            let names: Vec<_> = list.iter().map(claviger_model::Permission::as_str).collect();
            visible(&names.join(" "))
        }
    }
}

fn visible(text: &str) -> HeaderValue {
    // Ids and permissions are visible ASCII, so the default is never taken.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
