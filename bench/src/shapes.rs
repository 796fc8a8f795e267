//! The accounts, APIs, allowlists and permission sets of the population.

use std::net::{IpAddr, Ipv4Addr};

use claviger_model::{
    Account, AccountId, Activation, Allowlist, AllowlistRule, Api, ApiId, ApiPolicy, ApiVersion, BasicUser,
    CredentialKind, Editable, Endpoint, Environment, EnvironmentId, Format, KeyType, OwnerRule,
    PermissionSet, Refusals, Route, Scheme, Slug, VersionMixing,
};
use ipnet::IpNet;

/// Slug and prefix of each API.
pub(crate) const APIS: [(&str, &str); 3] = [("customers", "ncu"), ("billing", "nbi"), ("cloudstore", "ncs")];
pub(crate) const ENVIRONMENTS: [&str; 2] = ["production", "sandbox"];
pub(crate) const VERSIONS: [&str; 2] = ["v1", "v2"];
pub(crate) const RESOURCES: [&str; 6] = ["invoices", "payments", "contacts", "addresses", "volumes", "usage"];
const ACTIONS: [(&str, &str, &str); 4] =
    [("GET", "", "read"), ("POST", "", "create"), ("GET", "/{id}", "read"), ("DELETE", "/{id}", "delete")];
/// How many different allowlists there are, besides the empty one.
pub(crate) const ALLOWLISTS: usize = 1000;
/// Every allowlist lets this address in.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// Ids that sort by age, as real ones do: made one after the other in milliseconds.
pub(crate) fn id(kind: u64, number: u64) -> u128 {
    let millis = 1_790_000_000_000 + u128::from(number);
    (millis << 80) | (u128::from(kind) << 64) | u128::from(number)
}

pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId::from_u128(id(1, number))
}

pub(crate) fn account_number(number: u64) -> String {
    (100_000 + number).to_string()
}

pub(crate) fn api_id(place: usize) -> ApiId {
    ApiId::from_u128(id(2, place as u64))
}

pub(crate) fn environment_id(api: usize, environment: usize) -> EnvironmentId {
    EnvironmentId::from_u128(id(3, (api * ENVIRONMENTS.len() + environment) as u64))
}

/// An account with a name of usual length.
pub(crate) fn account(number: u64) -> Account {
    Account {
        id: account_id(number),
        number: parsed(&account_number(number)),
        realm: parsed(&format!("customer-{number}")),
        name: format!("Customer {number} Limited"),
        second_factor: claviger_model::SecondFactorRule::Optional,
    }
}

/// An API like those of the examples. All its requests go to `upstream`.
pub(crate) fn api(place: usize, upstream: &str) -> Api {
    let (slug, prefix) = APIS[place];
    Api {
        id: api_id(place),
        slug: parsed(slug),
        name: slug.to_owned(),
        policy: policy(prefix),
        versions: VERSIONS.map(|name| version(slug, name)).into(),
        environments: (0..ENVIRONMENTS.len()).map(|number| environment(place, number, upstream)).collect(),
    }
}

fn policy(prefix: &str) -> ApiPolicy {
    ApiPolicy {
        prefix: parsed(prefix),
        schemes: vec![Scheme::Basic { user: BasicUser::AccountNumber }],
        methods: ["GET", "POST", "DELETE"].map(str::to_owned).into(),
        request_media_types: vec!["application/json".to_owned()],
        formats: vec![Format::Xml, Format::Json],
        key_types: vec![KeyType {
            slug: key_type(),
            name: "Standard".to_owned(),
            kind: CredentialKind::ApiKey,
        }],
        activation: Activation::Immediate,
        recoverable: false,
        allowlist: AllowlistRule::default(),
        owners: OwnerRule::default(),
        editable: Editable::ALL.to_vec(),
        max_lifetime: None,
        version_mixing: VersionMixing::default(),
        login_tokens: claviger_model::LoginTokens::Refuse,
        refusals: Refusals::default(),
    }
}

fn version(slug: &str, name: &str) -> ApiVersion {
    let endpoint = |resource: &str, (method, rest, action): (&str, &str, &str)| Endpoint {
        method: method.to_owned(),
        path: format!("/{resource}{rest}"),
        summary: None,
        permissions: vec![parsed(&format!("{slug}:{resource}:{action}"))],
    };
    let of_resource = |resource| ACTIONS.map(|action| endpoint(resource, action));
    ApiVersion { name: parsed(name), endpoints: RESOURCES.into_iter().flat_map(of_resource).collect() }
}

fn environment(api: usize, number: usize, upstream: &str) -> Environment {
    let (slug, environment) = (APIS[api].0, ENVIRONMENTS[number]);
    Environment {
        id: environment_id(api, number),
        slug: parsed(environment),
        upstream: format!("{upstream}/{slug}/{{version}}"),
        routes: vec![Route { host: None, path: format!("{}/{slug}/{{version}}", route_prefix(number)) }],
    }
}

/// What stands before the API's slug in the routes of an environment.
pub(crate) fn route_prefix(environment: usize) -> &'static str {
    if environment == 0 { "" } else { "/sandbox" }
}

pub(crate) fn key_type() -> Slug {
    parsed("standard")
}

/// One address or network of the customer's own, and the network of the client of all requests.
pub(crate) fn allowlist(number: usize) -> Allowlist {
    let [.., high, low] = (number as u64).to_be_bytes();
    let own = IpNet::from(IpAddr::from([198, 18 + (high & 1), low, 1 + (high >> 1)]));
    let shared = "203.0.113.0/24".parse();
    Allowlist::new([Some(own), shared.ok()].into_iter().flatten().collect())
}

/// Everything, reading only, or reading and creating.
pub(crate) fn permission_sets(slug: &str) -> [PermissionSet; 3] {
    let only = |actions: &[&str]| {
        let names =
            RESOURCES.iter().flat_map(|resource| actions.iter().map(move |action| (resource, action)));
        PermissionSet::only(
            names.map(|(resource, action)| parsed(&format!("{slug}:{resource}:{action}"))).collect(),
        )
    };
    [PermissionSet::Everything, only(&["read"]), only(&["read", "create"])]
}

/// Reads a text of this file's own making.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}
