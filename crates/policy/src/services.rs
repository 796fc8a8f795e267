//! Services that may ask, by the digests of their tokens.

use claviger_model::{Digest, Service, Slug};
use imbl::HashMap;

use crate::Snapshot;

/// Services by name. One that is gone keeps its place, so that an older change does not bring it back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Services(HashMap<Slug, Place>);

#[derive(Debug, Clone)]
struct Place {
    change: u64,
    service: Option<Service>,
}

impl Services {
    pub(crate) fn put(&mut self, service: Service, change: u64) {
        self.set(service.name.clone(), Place { change, service: Some(service) });
    }

    pub(crate) fn remove(&mut self, name: Slug, change: u64) {
        self.set(name, Place { change, service: None });
    }

    fn set(&mut self, name: Slug, place: Place) {
        if self.0.get(&name).is_none_or(|old| old.change < place.change) {
            self.0.insert(name, place);
        }
    }
}

impl Snapshot {
    /// The service with this token.
    #[must_use]
    pub fn service(&self, token: &str) -> Option<&Service> {
        let presented = self.digest_key.digest(token.as_bytes());
        let services = self.services.0.values().filter_map(|place| place.service.as_ref());
        // Every service is looked at: which one it was takes no other time than none.
        services.fold(
            None,
            |found, service| if same(&service.digest, &presented) { Some(service) } else { found },
        )
    }
}

/// In the same time whatever they are.
fn same(one: &Digest, other: &Digest) -> bool {
    let differing = one.0.iter().zip(&other.0).fold(0, |bits, (one, other)| bits | (one ^ other));
    std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use claviger_credential::DigestKey;
    use claviger_model::{ApiId, Change, ChangeNumber, NumberedChange, Time};

    use super::*;

    const KEY: DigestKey = DigestKey::new([7; 32]);

    fn service(name: &str, token: &str) -> Change {
        Change::Service(Service {
            name: name.parse().unwrap(),
            digest: KEY.digest(token.as_bytes()),
            apis: vec![ApiId::from_u128(1)],
            created_at: Time::from_secs(0),
        })
    }

    fn after<const N: usize>(changes: [(u64, Change); N]) -> Snapshot {
        let mut snapshot = Snapshot::empty(Arc::new(KEY));
        for (number, change) in changes {
            snapshot.apply(&NumberedChange { number: ChangeNumber(number), change }).unwrap();
        }
        snapshot
    }

    #[test]
    fn a_service_is_known_by_its_token_until_it_is_removed() {
        let both = [(1, service("one", "a")), (2, service("two", "b"))];
        let snapshot = after(both.clone());
        let found = |snapshot: &Snapshot, token| snapshot.service(token).map(|one| one.name.to_string());
        assert_eq!(found(&snapshot, "a").as_deref(), Some("one"));
        assert_eq!(found(&snapshot, "b").as_deref(), Some("two"));
        assert_eq!(found(&snapshot, "c"), None);
        let [one, two] = both;
        let removed = (3, Change::ServiceRemoved("one".parse().unwrap()));
        assert_eq!(found(&after([one.clone(), two.clone(), removed.clone()]), "a"), None);
        assert_eq!(found(&after([removed.clone(), two, one]), "a"), None);
        let anew = after([removed, (4, service("one", "d"))]);
        assert_eq!((found(&anew, "a"), found(&anew, "d").as_deref()), (None, Some("one")));
    }
}
