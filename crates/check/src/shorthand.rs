//! A credential and what it calls, for services that have no request at hand.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_model::{Environment, Slug};
use claviger_policy::{CompiledApi, Snapshot};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use crate::parts::Original;

/// A credential, and an endpoint of an API.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shorthand {
    /// The slug of the API.
    pub(crate) api: Slug,
    /// The environment; may be left out where there is one only.
    environment: Option<Slug>,
    /// The version; the latest if left out.
    version: Option<String>,
    /// The method of the endpoint.
    method: String,
    /// The path below the version, such as `/customers`.
    path: String,
    /// The user name that goes with the key.
    user: String,
    /// The key.
    key: String,
    /// From where the request came.
    pub(crate) client: IpAddr,
}

impl Shorthand {
    /// The request that presents this credential there; none where there is no such place.
    pub(crate) fn expand(&self, snapshot: &Snapshot) -> Result<Option<(Original, HeaderMap)>, &'static str> {
        let api = snapshot.apis().find(|api| api.api.slug == self.api);
        let environment = api.and_then(|api| self.environment(api));
        let Some(route) = environment.and_then(|environment| environment.routes.first()) else {
            return Ok(None);
        };
        let version = self.version.as_deref().unwrap_or("latest");
        let prefix = route.path.replace("{version}", version);
        let target = format!("{}{}", prefix.trim_end_matches('/'), self.path);
        // Any host will do where the route names none.
        let host = route.host.as_deref().unwrap_or("localhost");
        Ok(Some((Original::read(&self.method, host, &target)?, self.headers()?)))
    }

    fn environment<'a>(&self, api: &'a Arc<CompiledApi>) -> Option<&'a Environment> {
        match (&self.environment, api.api.environments.as_slice()) {
            (Some(slug), all) => all.iter().find(|environment| environment.slug == *slug),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    fn headers(&self) -> Result<HeaderMap, &'static str> {
        let presented = format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.key)));
        let mut value = HeaderValue::from_str(&presented).map_err(|_| "the credential is too long")?;
        value.set_sensitive(true);
        Ok([(AUTHORIZATION, value)].into_iter().collect())
    }
}
