use claviger_model::PermissionSet;
use http::{HeaderName, HeaderValue};

use crate::Grant;

/// What the name of every identity header starts with. A caller's own are removed, with `_` or `.` for `-` as well.
pub const IDENTITY_PREFIX: &str = "x-claviger-";

const ACCOUNT: HeaderName = HeaderName::from_static("x-claviger-account");
const USER: HeaderName = HeaderName::from_static("x-claviger-user");
const KEY_ID: HeaderName = HeaderName::from_static("x-claviger-key-id");
const API: HeaderName = HeaderName::from_static("x-claviger-api");
const VERSION: HeaderName = HeaderName::from_static("x-claviger-version");
const ENVIRONMENT: HeaderName = HeaderName::from_static("x-claviger-environment");
const PERMISSIONS: HeaderName = HeaderName::from_static("x-claviger-permissions");

/// Who a request acts for, as the upstream is told. Every name is always there, with an empty value if need be.
#[must_use]
pub fn identity_headers(grant: &Grant<'_>) -> [(HeaderName, HeaderValue); 7] {
    [
        (ACCOUNT, grant.account_number.clone()),
        (USER, HeaderValue::from_static("")),
        (KEY_ID, visible(&grant.credential.to_string())),
        (API, grant.api.slug.clone()),
        (VERSION, grant.version.name.clone()),
        (ENVIRONMENT, grant.environment.slug.clone()),
        (PERMISSIONS, permissions(grant.permissions)),
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
