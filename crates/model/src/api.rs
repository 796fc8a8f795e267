use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ApiId, ApiPolicy, EnvironmentId, Permission, Slug, VersionName};

/// A versioned collection of endpoints with one policy for the credentials made for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Api {
    /// Its id.
    pub id: ApiId,
    /// Its slug, unique: how catalogues, keys of the command line and permissions name it.
    pub slug: Slug,
    /// Its name, for people.
    pub name: String,
    /// How credentials for it look and behave.
    pub policy: ApiPolicy,
    /// Its versions, oldest first; the last is the latest. Never empty.
    pub versions: Vec<ApiVersion>,
    /// Its deployments. Never empty.
    pub environments: Vec<Environment>,
}

/// One version of an API: what its OpenAPI document says, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiVersion {
    /// What stands for `{version}` in a path.
    pub name: VersionName,
    /// Its endpoints, in the order of the document.
    pub endpoints: Vec<Endpoint>,
}

/// One operation of an OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path template below the route, such as `/customers/{id}`.
    pub path: String,
    /// One line for people, if the document has one.
    pub summary: Option<String>,
    /// What a credential needs to call it: all of them.
    pub permissions: Vec<Permission>,
}

/// A deployment of an API with its own upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its slug, unique within the API; the second part of a key.
    pub slug: Slug,
    /// Where accepted requests go: an `http` or `https` URL whose path may contain `{version}`. What follows the
    /// route in the caller's path is appended to it.
    pub upstream: String,
    /// Which requests belong here.
    pub routes: Vec<Route>,
}

/// A host and a path prefix of the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The host name in lower case, without a port; any host if absent.
    pub host: Option<String>,
    /// The path prefix, such as `/billing/{version}`: `/` for every path, or starts with `/`, does not end with one, and contains
    /// `{version}` as a whole segment at most once. Without it every request is for the latest version.
    pub path: String,
}
