//! What endpoints need, and what a key gets of it.

use claviger_model::{Api, Permission, PermissionSet, Slug};
use claviger_spec::yaml::closest;

use crate::{Access, Actor, App, AppError, EndpointNeeds, UseCase};

impl App {
    /// Every endpoint of an API with what it needs: the oldest version first, in the order of its document.
    pub(crate) fn endpoint_needs(&self, actor: &Actor, api: &Slug) -> Result<Vec<EndpointNeeds>, AppError> {
        self.authorize(actor, UseCase::ApiRead)?;
        let snapshot = self.snapshot();
        let found = snapshot.apis().find(|compiled| compiled.api.slug == *api);
        let found = found.ok_or_else(|| self.no_api(api))?;
        let endpoints = found.api.versions.iter().flat_map(|version| {
            version.endpoints.iter().map(|endpoint| EndpointNeeds {
                version: version.name.clone(),
                method: endpoint.method.clone(),
                path: endpoint.path.clone(),
                summary: endpoint.summary.clone(),
                permissions: endpoint.permissions.clone(),
            })
        });
        Ok(endpoints.collect())
    }
}

/// The permissions that an API's endpoints name, sorted.
fn offered(api: &Api) -> Vec<Permission> {
    let endpoints = api.versions.iter().flat_map(|version| &version.endpoints);
    let mut offered: Vec<_> = endpoints.flat_map(|endpoint| endpoint.permissions.iter().cloned()).collect();
    offered.sort_unstable();
    offered.dedup();
    offered
}

/// What a key of this API gets.
///
/// # Errors
/// [`AppError::Invalid`] if it would get nothing, or something that no endpoint of the API names.
pub(crate) fn granted(api: &Api, access: &Access) -> Result<PermissionSet, AppError> {
    let set = match access {
        Access::Scope(scope) => scope.of(offered(api)),
        Access::Only(wanted) => only(api, wanted)?,
    };
    if set == PermissionSet::only(Vec::new()) {
        return Err(AppError::Invalid(format!(
            "a key of `{}` with no permission at all is of no use",
            api.slug
        )));
    }
    Ok(set)
}

fn only(api: &Api, wanted: &[Permission]) -> Result<PermissionSet, AppError> {
    let offered = offered(api);
    match wanted.iter().find(|permission| offered.binary_search(permission).is_err()) {
        Some(unknown) => Err(unknown_permission(api, unknown, &offered)),
        None => Ok(PermissionSet::only(wanted.to_vec())),
    }
}

fn unknown_permission(api: &Api, unknown: &Permission, offered: &[Permission]) -> AppError {
    let names: Vec<_> = offered.iter().map(Permission::as_str).collect();
    let help = match closest(unknown.as_str(), &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`claviger permissions {}` lists them", api.slug),
    };
    AppError::Invalid(format!("no endpoint of `{}` needs the permission `{unknown}`; {help}", api.slug))
}

#[cfg(test)]
mod tests {
    use claviger_model::{ApiVersion, Endpoint, Scope};

    use super::*;

    fn permission(text: &str) -> Permission {
        text.parse().unwrap()
    }

    fn api(permissions: &[&str]) -> Api {
        let policy = serde_json::json!({
            "prefix": "ab", "schemes": [], "key_types": [],
        });
        let endpoint = |text: &&str| Endpoint {
            method: "GET".into(),
            path: "/".into(),
            summary: None,
            permissions: vec![permission(text)],
        };
        let endpoints = permissions.iter().map(endpoint).collect();
        Api {
            id: claviger_model::ApiId::from_u128(1),
            slug: "things".parse().unwrap(),
            name: "Things".into(),
            policy: serde_json::from_value(policy).unwrap(),
            versions: vec![ApiVersion { name: "v1".parse().unwrap(), endpoints }],
            environments: vec![],
        }
    }

    #[test]
    fn a_key_gets_what_it_is_given_and_nothing_unknown() {
        let api = api(&["things:a:read", "things:a:delete", "things:b:create", "things:a:read"]);
        let get = |access: Access| granted(&api, &access).map_err(|error| error.to_string());
        assert_eq!(get(Access::default()), Ok(PermissionSet::Everything));
        let developer = PermissionSet::only(vec![permission("things:a:read"), permission("things:b:create")]);
        assert_eq!(get(Access::Scope(Scope::Developer)), Ok(developer.clone()));
        let listed = vec![permission("things:b:create"), permission("things:a:read")];
        assert_eq!(get(Access::Only(listed)), Ok(developer));
        let slip = get(Access::Only(vec![permission("things:a:reed")])).unwrap_err();
        assert_eq!(
            slip,
            "no endpoint of `things` needs the permission `things:a:reed`; did you mean `things:a:read`?"
        );
        let other = get(Access::Only(vec![permission("x:y:z")])).unwrap_err();
        assert!(other.ends_with("`claviger permissions things` lists them"), "{other}");
    }

    #[test]
    fn a_key_for_nothing_is_not_made() {
        let api = api(&["things:a:delete"]);
        for access in [Access::Scope(Scope::ReadOnly), Access::Only(vec![])] {
            assert!(granted(&api, &access).is_err(), "{access:?}");
        }
    }
}
