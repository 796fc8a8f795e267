//! What is declared, with the ids of what is there already and new ids for the rest.

use claviger_catalogue::{DesiredAccount, DesiredApi, DesiredEnvironment};
use claviger_model::{Account, AccountId, Api, ApiId, Entropy, Environment, EnvironmentId, Time};

/// Gives ids to what is new.
pub(super) struct Ids<'a> {
    pub(super) now: Time,
    pub(super) entropy: &'a dyn Entropy,
}

impl Ids<'_> {
    pub(super) fn account(&self, desired: DesiredAccount, present: Option<&Account>) -> Account {
        let id = present.map_or_else(|| AccountId::new(self.now, self.entropy.array()), |present| present.id);
        // Left out, it stays as the account's own people set it.
        let said = desired.second_factor.or(present.map(|present| present.second_factor));
        let second_factor = said.unwrap_or_default();
        Account { id, number: desired.number, realm: desired.realm, name: desired.name, second_factor }
    }

    pub(super) fn api(&self, desired: DesiredApi, present: Option<&Api>) -> Api {
        let environments = desired.environments.into_iter();
        Api {
            id: present.map_or_else(|| ApiId::new(self.now, self.entropy.array()), |present| present.id),
            slug: desired.slug,
            name: desired.name,
            policy: desired.policy,
            versions: desired.versions,
            environments: environments.map(|environment| self.environment(environment, present)).collect(),
        }
    }

    fn environment(&self, desired: DesiredEnvironment, present: Option<&Api>) -> Environment {
        let same = present.and_then(|api| api.environments.iter().find(|one| one.slug == desired.slug));
        Environment {
            id: same.map_or_else(|| EnvironmentId::new(self.now, self.entropy.array()), |same| same.id),
            slug: desired.slug,
            upstream: desired.upstream,
            routes: desired.routes,
        }
    }
}
