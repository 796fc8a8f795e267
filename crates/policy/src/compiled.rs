use std::sync::Arc;

use claviger_model::{Api, ApiVersion, CredentialId, Endpoint, Environment, EnvironmentId, VersionName};
use http::{HeaderName, HeaderValue};

use crate::endpoints::Endpoints;
use crate::environments::Environments;
use crate::upstream::UpstreamAddress;

/// Why an API cannot be served as it is defined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// An endpoint's method or path is not one, or its path contradicts another.
    #[error("the endpoint {method} {path} cannot be told apart from another one, or is not well formed")]
    Endpoint {
        /// Its method.
        method: String,
        /// Its path template.
        path: String,
    },
    /// An environment's upstream is not an address.
    #[error(transparent)]
    Upstream(#[from] crate::UpstreamError),
    /// A method of the policy is not one.
    #[error("`{0}` is not an HTTP method")]
    Method(String),
    /// A thing that is never empty is.
    #[error("an API has at least one version, one environment, one scheme, one key type and one format")]
    Empty,
    /// The secret of a key pair cannot be opened.
    #[error("the secret of the key pair {0} cannot be opened")]
    Sealed(CredentialId),
    /// There are more versions than can be told apart.
    #[error("an API has at most 255 versions over its life")]
    TooManyVersions,
}

/// An API, ready for decisions.
#[derive(Debug)]
pub struct CompiledApi {
    /// As defined.
    pub api: Api,
    pub(crate) slug: HeaderValue,
    pub(crate) methods: Vec<http::Method>,
    pub(crate) credential_headers: Vec<HeaderName>,
    pub(crate) versions: Vec<CompiledVersion>,
    pub(crate) environments: Vec<CompiledEnvironment>,
    /// Every version that this API ever had in this process, by number less one.
    numbered: Vec<VersionName>,
}

/// A version, ready for decisions.
#[derive(Debug)]
pub struct CompiledVersion {
    /// As defined.
    pub version: ApiVersion,
    pub(crate) endpoints: Endpoints,
    pub(crate) number: u8,
    pub(crate) name: HeaderValue,
}

/// An environment, ready for decisions.
#[derive(Debug)]
pub struct CompiledEnvironment {
    /// As defined.
    pub environment: Environment,
    /// Where its requests go.
    pub upstream: Arc<UpstreamAddress>,
    pub(crate) number: u32,
    pub(crate) slug: HeaderValue,
}

fn header(text: &str) -> HeaderValue {
    // Slugs and version names are visible ASCII, so the default is never taken.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl CompiledApi {
    /// Makes an API ready. `known` are the versions that it had before, by number less one; new ones are added.
    pub(crate) fn compile(
        api: Api,
        known: &mut Vec<VersionName>,
        environments: &mut Environments,
    ) -> Result<Self, CompileError> {
        let policy = &api.policy;
        let empty = [
            api.versions.is_empty(),
            api.environments.is_empty(),
            policy.schemes.is_empty(),
            policy.key_types.is_empty(),
            policy.formats.is_empty(),
        ];
        if empty.contains(&true) {
            return Err(CompileError::Empty);
        }
        let mut numbered = known.clone();
        let versions = compile_versions(&api.versions, &mut numbered)?;
        let environments = compile_environments(&api, environments)?;
        let methods = policy.methods.iter().map(|text| method(text)).collect::<Result<_, _>>()?;
        // Names that a policy can hold are always good names.
        let own = claviger_credential::own_headers(&policy.schemes);
        let credential_headers = own.filter_map(|name| name.parse().ok()).collect();
        known.clone_from(&numbered);
        let slug = header(api.slug.as_str());
        Ok(Self { api, slug, methods, credential_headers, versions, environments, numbered })
    }

    /// The environment with this id.
    pub(crate) fn environment(&self, id: EnvironmentId) -> Option<&CompiledEnvironment> {
        self.environments.iter().find(|environment| environment.environment.id == id)
    }

    /// The version with this name; the last one for `latest`.
    pub(crate) fn version(&self, name: Option<&str>) -> Option<&CompiledVersion> {
        match name {
            None | Some("latest") => self.versions.last(),
            Some(name) => self.versions.iter().find(|version| version.version.name.as_str() == name),
        }
    }

    /// The name of a version by the number that uses are noted with.
    #[must_use]
    pub fn version_name(&self, number: u8) -> Option<&VersionName> {
        self.numbered.get(usize::from(number).checked_sub(1)?)
    }

    /// The number of a version, past or present.
    #[must_use]
    pub fn version_number(&self, name: &VersionName) -> Option<u8> {
        let place = self.numbered.iter().position(|known| known == name)?;
        u8::try_from(place + 1).ok()
    }
}

impl CompiledVersion {
    pub(crate) fn endpoint(&self, index: usize) -> Option<&Endpoint> {
        self.version.endpoints.get(index)
    }
}

fn method(text: &str) -> Result<http::Method, CompileError> {
    http::Method::from_bytes(text.as_bytes()).map_err(|_| CompileError::Method(text.to_owned()))
}

fn compile_versions(
    versions: &[ApiVersion],
    numbered: &mut Vec<VersionName>,
) -> Result<Vec<CompiledVersion>, CompileError> {
    let mut compiled = Vec::with_capacity(versions.len());
    for version in versions {
        let place = numbered.iter().position(|known| *known == version.name).unwrap_or_else(|| {
            numbered.push(version.name.clone());
            numbered.len() - 1
        });
        compiled.push(CompiledVersion {
            endpoints: Endpoints::compile(&version.endpoints)?,
            number: u8::try_from(place + 1).map_err(|_| CompileError::TooManyVersions)?,
            name: header(version.name.as_str()),
            version: version.clone(),
        });
    }
    Ok(compiled)
}

fn compile_environments(
    api: &Api,
    numbers: &mut Environments,
) -> Result<Vec<CompiledEnvironment>, CompileError> {
    let compile = |environment: &Environment| {
        Ok(CompiledEnvironment {
            upstream: Arc::new(environment.upstream.parse()?),
            number: numbers.number(environment.id),
            slug: header(environment.slug.as_str()),
            environment: environment.clone(),
        })
    };
    api.environments.iter().map(compile).collect()
}
