//! A credential and what it calls, for services that have no request at hand.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_model::{Environment, Scheme, Slug};
use claviger_policy::{CompiledApi, Place};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use crate::parts::Original;

/// A signature is one of a request, so that there is none without it.
const SIGNED: &str =
    "the API takes signed requests: only a whole request can carry a signature, not `credential`";

/// A credential, and an API or an endpoint of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(crate) struct Shorthand {
    /// The slug of the API.
    pub(crate) api: Slug,
    /// The environment; may be left out where there is one only.
    environment: Option<Slug>,
    /// The version of the endpoint; the latest if left out.
    version: Option<String>,
    /// The method of the endpoint. Without method and path, the question is whether the key is good for the API at all.
    method: Option<String>,
    /// The path below the version, such as `/customers`.
    path: Option<String>,
    /// The user name that goes with the key, for APIs that take Basic.
    user: Option<String>,
    /// The key.
    key: String,
    /// From where the request came.
    pub(crate) client: IpAddr,
}

/// A request that presents a credential.
pub(crate) struct Expanded {
    pub(crate) original: Original,
    pub(crate) headers: HeaderMap,
    /// Where the credential is to be good, if no endpoint is named.
    pub(crate) place: Option<Place>,
}

impl Shorthand {
    /// The request that presents this credential there, in the first of the schemes of its API that can; none where there
    /// is no such place.
    pub(crate) fn expand(&self, api: &Arc<CompiledApi>) -> Result<Option<Expanded>, &'static str> {
        let endpoint = self.endpoint()?;
        let scheme = api.api.policy.schemes.iter().find(|scheme| !matches!(scheme, Scheme::Signature(_)));
        let scheme = scheme.ok_or(SIGNED)?;
        let environment = self.environment(api);
        let found = environment.and_then(|found| Some((found, found.routes.first()?)));
        let Some((environment, route)) = found else { return Ok(None) };
        let place = Place { api: api.api.id, environment: environment.id };
        let place = endpoint.is_none().then_some(place);
        let (method, path) = endpoint.unwrap_or(("GET", "/"));
        let version = self.version.as_deref().unwrap_or("latest");
        let prefix = route.path.replace("{version}", version);
        let target = format!("{}{path}{}", prefix.trim_end_matches('/'), self.query(path, scheme));
        // Any host will do where the route names none.
        let host = route.host.as_deref().unwrap_or("localhost");
        let headers = self.header(scheme).map(header_map).transpose()?.unwrap_or_default();
        Ok(Some(Expanded { original: Original::read(method, host, &target)?, headers, place }))
    }

    /// The method and path of the endpoint, if one is named.
    fn endpoint(&self) -> Result<Option<(&str, &str)>, &'static str> {
        match (&self.method, &self.path, &self.version) {
            (Some(method), Some(path), _) => Ok(Some((method, path))),
            (None, None, None) => Ok(None),
            (None, None, Some(_)) => Err("`version` goes with `method` and `path`"),
            _ => Err("give both `method` and `path`, or neither"),
        }
    }

    fn query(&self, path: &str, scheme: &Scheme) -> String {
        let Scheme::Query { name } = scheme else { return String::new() };
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{separator}{}={}", encoded(name.as_str()), encoded(&self.key))
    }

    /// Name and value of the header that carries the credential.
    fn header<'a>(&'a self, scheme: &'a Scheme) -> Option<(&'a str, String)> {
        let key = &self.key;
        let value = match scheme {
            Scheme::Basic { .. } => {
                let user = self.user.as_deref().unwrap_or_default();
                format!("Basic {}", STANDARD.encode(format!("{user}:{key}")))
            }
            Scheme::ApiToken { word } => format!("{} {key}", word.as_str()),
            Scheme::Bearer {} => format!("Bearer {key}"),
            Scheme::Raw {} => key.clone(),
            Scheme::Header { name } => return Some((name.as_str(), key.clone())),
            Scheme::Query { .. } | Scheme::Signature(_) => return None,
        };
        Some((AUTHORIZATION.as_str(), value))
    }

    fn environment<'a>(&self, api: &'a Arc<CompiledApi>) -> Option<&'a Environment> {
        match (&self.environment, api.api.environments.as_slice()) {
            (Some(slug), all) => all.iter().find(|environment| environment.slug == *slug),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

fn header_map((name, value): (&str, String)) -> Result<HeaderMap, &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "the scheme's header is not one")?;
    let mut value = HeaderValue::try_from(value).map_err(|_| "the credential cannot stand in a header")?;
    value.set_sensitive(true);
    Ok([(name, value)].into_iter().collect())
}

/// Percent-encoded, but for unreserved characters (RFC 3986 section 2.3).
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
