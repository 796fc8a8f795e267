use std::net::IpAddr;

use claviger_model::{Allowlist, CredentialId, PermissionSet, Slug, Time, VersionName};
use claviger_policy::{Bearer, Callable};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;

/// What a credential is and can do, as whoever holds it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BearerView {
    /// Its id; not its secret.
    pub id: CredentialId,
    /// Its kind: that of a key, `login-token` or `session`.
    pub key_type: Slug,
    /// The number of the account; none for those who stand above accounts and belong to none.
    pub account: Option<String>,
    /// Whose it is within the account, by user name; nobody's, if it belongs to the account itself.
    pub user: Option<String>,
    /// The API that it was made for; none, if it was given for signing in.
    pub api: Option<Slug>,
    /// The environment of it.
    pub environment: Option<Slug>,
    /// What it was given. Of a user's, what they may themselves counts as well.
    pub permissions: PermissionSet,
    /// From where it works; from everywhere, if it is empty.
    pub allowlist: Allowlist,
    /// From this moment on it is refused.
    pub expires_at: Option<Time>,
    /// Every endpoint that it can call at this moment.
    pub endpoints: Vec<CallableView>,
}

/// An endpoint that a credential can call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallableView {
    /// The API.
    pub api: Slug,
    /// The version of it.
    pub version: VersionName,
    /// The HTTP method.
    pub method: String,
    /// The path template below the route.
    pub path: String,
}

impl App {
    /// What a credential is and can do, if it works from this address now. Whoever holds it may know: nobody else is
    /// told anything.
    #[must_use]
    pub fn bearer(&self, secret: &str, client: IpAddr) -> Option<BearerView> {
        let snapshot = self.snapshot();
        let bearer = snapshot.bearer(secret, client, self.now())?;
        Some(view(&bearer, &snapshot.callable(&bearer)))
    }
}

fn view(bearer: &Bearer<'_>, callable: &[Callable<'_>]) -> BearerView {
    BearerView {
        id: bearer.credential,
        key_type: bearer.key_type.clone(),
        account: bearer.account.map(|account| account.number.to_string()),
        user: bearer.user.map(|user| user.username.to_string()),
        api: bearer.place.map(|(api, _)| api.api.slug.clone()),
        environment: bearer.place.map(|(_, environment)| environment.slug.clone()),
        permissions: bearer.permissions.clone(),
        allowlist: bearer.allowlist.clone(),
        expires_at: bearer.expires_at,
        endpoints: callable.iter().map(endpoint).collect(),
    }
}

fn endpoint(callable: &Callable<'_>) -> CallableView {
    CallableView {
        api: callable.api.api.slug.clone(),
        version: callable.version.clone(),
        method: callable.endpoint.method.clone(),
        path: callable.endpoint.path.clone(),
    }
}
