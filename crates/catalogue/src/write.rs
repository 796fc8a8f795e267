use std::collections::BTreeMap;

use claviger_model::{Account, Api, ApiVersion, Environment, Route, VersionName};
use claviger_spec::yaml::{self, WriteError};

use crate::entries::{AccountEntry, ApiEntry, Catalogue, EnvironmentEntry, RouteEntry, VersionEntry};
use crate::read::VERSION;
use crate::{Bundle, SourceFile};

/// The name of a catalogue that was written.
pub const FILE_NAME: &str = "catalogue.yaml";

/// An API as it is, with the text of each version's OpenAPI document.
#[derive(Debug, Clone)]
pub struct Described {
    /// The API.
    pub api: Api,
    /// The documents.
    pub documents: BTreeMap<VersionName, String>,
}

/// A catalogue that declares what is there, with its documents: to apply it there changes nothing. It refers to no
/// variable, for nobody knows any more what was one.
///
/// # Errors
/// [`WriteError`], which no account and no API is a reason for.
pub fn write(accounts: Vec<Account>, apis: Vec<Described>) -> Result<Bundle, WriteError> {
    let mut documents = BTreeMap::new();
    for described in &apis {
        for (version, text) in &described.documents {
            documents.insert(document(&described.api, version), text.clone());
        }
    }
    let catalogue = Catalogue {
        version: VERSION,
        accounts: accounts.into_iter().map(account).collect(),
        apis: apis.into_iter().map(|described| api(described.api)).collect(),
    };
    let text = yaml::write(&catalogue)?;
    let catalogue = SourceFile { name: FILE_NAME.to_owned(), text };
    Ok(Bundle { catalogue, documents, variables: BTreeMap::new() })
}

/// Where a version's document is: in a folder of its API, so that no two are one file.
fn document(api: &Api, version: &VersionName) -> String {
    format!("{}/{version}.yaml", api.slug)
}

fn account(account: Account) -> AccountEntry {
    let Account { id: _, number, realm, name, second_factor } = account;
    AccountEntry { number, realm, name, second_factor: Some(second_factor) }
}

fn api(api: Api) -> ApiEntry {
    let version = |version: &ApiVersion| VersionEntry {
        name: version.name.clone(),
        document: document(&api, &version.name),
    };
    ApiEntry {
        versions: api.versions.iter().map(version).collect(),
        slug: api.slug,
        name: api.name,
        policy: api.policy,
        environments: api.environments.into_iter().map(environment).collect(),
    }
}

fn environment(environment: Environment) -> EnvironmentEntry {
    let Environment { id: _, slug, upstream, routes } = environment;
    let route = |Route { host, path }| RouteEntry { host, path };
    EnvironmentEntry { slug, upstream, routes: routes.into_iter().map(route).collect() }
}
