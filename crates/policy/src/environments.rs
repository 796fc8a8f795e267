use std::sync::Arc;

use claviger_model::{ApiId, EnvironmentId};
use imbl::HashMap;

use crate::CompiledApi;

/// The number of [`EnvironmentId::PEOPLE`].
pub(crate) const PEOPLE: u32 = 0;

/// Environments by a number that stays the same for as long as this snapshot and its successors live.
#[derive(Debug, Clone)]
pub(crate) struct Environments {
    numbers: HashMap<EnvironmentId, u32>,
    ids: Vec<EnvironmentId>,
    apis: Vec<Option<ApiId>>,
}

impl Default for Environments {
    fn default() -> Self {
        let mut environments = Self { numbers: HashMap::new(), ids: Vec::new(), apis: Vec::new() };
        environments.number(EnvironmentId::PEOPLE);
        environments
    }
}

impl Environments {
    /// The number of an environment, known already or still to come.
    pub(crate) fn number(&mut self, id: EnvironmentId) -> u32 {
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let number = u32::try_from(self.apis.len()).unwrap_or(u32::MAX);
        self.apis.push(None);
        self.ids.push(id);
        self.numbers.insert(id, number);
        number
    }

    /// Notes which API each environment belongs to; if several claim it, the first. Those of no API are of none, as
    /// if they had never belonged to one: what was before must not matter.
    pub(crate) fn assign(&mut self, apis: &[Arc<CompiledApi>]) {
        self.apis.fill(None);
        for api in apis {
            for environment in &api.environments {
                if let Some(place) = self.apis.get_mut(environment.number as usize) {
                    place.get_or_insert(api.api.id);
                }
            }
        }
    }

    /// The API of an environment.
    pub(crate) fn find(&self, id: EnvironmentId) -> Option<ApiId> {
        self.api(*self.numbers.get(&id)?)
    }

    /// The environment with this number.
    pub(crate) fn id(&self, number: u32) -> Option<EnvironmentId> {
        self.ids.get(number as usize).copied()
    }

    /// The API that the environment with this number belongs to.
    pub(crate) fn api(&self, number: u32) -> Option<ApiId> {
        self.apis.get(number as usize).copied().flatten()
    }
}
