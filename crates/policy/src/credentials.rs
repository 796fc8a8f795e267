//! Credentials by digest: 4,096 small tables in two levels, shared between snapshots until one changes.
//!
//! A change copies one table and two short lists of pointers; readers of earlier snapshots never wait. Digests are
//! keyed, so their bits are evenly spread and nobody outside can choose them: they are their own hash.

use std::sync::Arc;

use claviger_model::{CredentialId, CredentialState, Digest, Time};
use hashbrown::HashTable;

const FAN: usize = 64;

/// What is kept of a credential in memory: 104 bytes. Shared values are numbers.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) digest: Digest,
    id: [u8; 16],
    not_before: i64,
    expires_at: i64,
    /// The change that made it so; older changes do not undo it.
    pub(crate) change: u64,
    pub(crate) account: u32,
    pub(crate) environment: u32,
    pub(crate) allowlist: u32,
    pub(crate) permissions: u32,
    pub(crate) key_type: u32,
    pub(crate) slot: u32,
    /// Whose it is within the account; 0 for nobody's.
    pub(crate) user: u32,
    pub(crate) state: CredentialState,
    /// Whether it has a successor.
    pub(crate) replaced: bool,
    /// Whether somebody else vouched for a second factor of whoever got it.
    pub(crate) vouched_factor: bool,
}

/// The parts of an [`Entry`] that are packed.
pub(crate) struct Validity {
    pub(crate) id: CredentialId,
    pub(crate) not_before: Option<Time>,
    pub(crate) expires_at: Option<Time>,
}

/// The parts of an [`Entry`] that are numbers of shared values.
pub(crate) struct Shared {
    pub(crate) account: u32,
    pub(crate) environment: u32,
    pub(crate) allowlist: u32,
    pub(crate) permissions: u32,
    pub(crate) key_type: u32,
    pub(crate) user: u32,
}

impl Entry {
    /// Where its time begins if nothing was said of it.
    pub(crate) const ALWAYS: Time = Time::from_micros(i64::MIN);
    /// Where its time ends if nothing was said of it.
    pub(crate) const FOREVER: Time = Time::from_micros(i64::MAX);

    pub(crate) fn new(
        digest: Digest,
        change: u64,
        state: CredentialState,
        valid: &Validity,
        shared: &Shared,
    ) -> Self {
        Self {
            digest,
            id: valid.id.as_u128().to_be_bytes(),
            not_before: valid.not_before.unwrap_or(Self::ALWAYS).as_micros(),
            expires_at: valid.expires_at.unwrap_or(Self::FOREVER).as_micros(),
            change,
            account: shared.account,
            environment: shared.environment,
            allowlist: shared.allowlist,
            permissions: shared.permissions,
            key_type: shared.key_type,
            slot: 0,
            user: shared.user,
            state,
            replaced: false,
            vouched_factor: false,
        }
    }

    /// The same, of a credential that has this successor.
    pub(crate) fn with_successor(self, successor: Option<CredentialId>) -> Self {
        Self { replaced: successor.is_some(), ..self }
    }

    /// The same, of a session for which a second factor was vouched for, or not.
    pub(crate) fn with_vouched_factor(self, vouched_factor: bool) -> Self {
        Self { vouched_factor, ..self }
    }

    pub(crate) fn id(&self) -> CredentialId {
        CredentialId::from_u128(u128::from_be_bytes(self.id))
    }

    pub(crate) fn not_before(&self) -> Time {
        Time::from_micros(self.not_before)
    }

    pub(crate) fn expires_at(&self) -> Time {
        Time::from_micros(self.expires_at)
    }

    /// The same, ended for good.
    pub(crate) fn ended(&self) -> Self {
        Self { state: CredentialState::Revoked, ..self.clone() }
    }

    /// Whether `newer` takes this entry's place. Revoked is final, whatever the order in which changes arrive.
    fn gives_way_to(&self, newer: &Self) -> bool {
        match (self.state, newer.state) {
            (CredentialState::Revoked, CredentialState::Revoked) => newer.change > self.change,
            (CredentialState::Revoked, _) => false,
            (_, CredentialState::Revoked) => true,
            _ => newer.change > self.change,
        }
    }
}

#[derive(Debug, Default)]
struct Shard {
    entries: Vec<Entry>,
    index: HashTable<u32>,
}

impl Clone for Shard {
    /// Leaves room for one more, so that the change for which it is copied does not copy it twice.
    fn clone(&self) -> Self {
        let mut entries = Vec::with_capacity(self.entries.len() + 1);
        entries.extend_from_slice(&self.entries);
        Self { entries, index: self.index.clone() }
    }
}

fn hash(digest: &Digest) -> u64 {
    digest.0[8..16].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

impl Shard {
    fn position(&self, digest: &Digest) -> Option<usize> {
        let same = |position: &u32| self.entries.get(*position as usize).is_some_and(|e| e.digest == *digest);
        self.index.find(hash(digest), same).map(|position| *position as usize)
    }

    fn push(&mut self, entry: Entry) {
        let Self { entries, index } = self;
        let position = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let rehash = |position: &u32| entries.get(*position as usize).map_or(0, |entry| hash(&entry.digest));
        index.insert_unique(hash(&entry.digest), position, rehash);
        entries.push(entry);
    }

    fn shrink(&mut self) {
        let Self { entries, index } = self;
        // A new list rather than `shrink_to_fit`: the allocator keeps the old place of what shrinks by less than half.
        if entries.capacity() > entries.len() {
            let mut exact = Vec::with_capacity(entries.len());
            exact.append(entries);
            *entries = exact;
        }
        index
            .shrink_to_fit(|position| entries.get(*position as usize).map_or(0, |entry| hash(&entry.digest)));
    }
}

type Branch = Vec<Arc<Shard>>;

/// All credentials, by digest.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    branches: Vec<Arc<Branch>>,
    len: u32,
}

impl Default for Credentials {
    fn default() -> Self {
        // All are one empty table until a change makes each its own.
        let shard = Arc::new(Shard::default());
        let branch = Arc::new(vec![shard; FAN]);
        Self { branches: vec![branch; FAN], len: 0 }
    }
}

fn place(digest: &Digest) -> (usize, usize) {
    (usize::from(digest.0[0]) % FAN, usize::from(digest.0[1]) % FAN)
}

impl Credentials {
    pub(crate) fn get(&self, digest: &Digest) -> Option<&Entry> {
        let (branch, shard) = place(digest);
        let shard = self.branches.get(branch)?.get(shard)?;
        shard.entries.get(shard.position(digest)?)
    }

    /// Puts an entry in, unless what is there is newer or final. A new entry gets the next free slot.
    pub(crate) fn put(&mut self, mut entry: Entry) {
        let (branch, shard) = place(&entry.digest);
        let Some(branch) = self.branches.get_mut(branch).map(Arc::make_mut) else { return };
        let Some(shard) = branch.get_mut(shard).map(Arc::make_mut) else { return };
        match shard.position(&entry.digest).and_then(|position| shard.entries.get_mut(position)) {
            Some(present) if present.gives_way_to(&entry) => {
                entry.slot = present.slot;
                *present = entry;
            }
            Some(_) => {}
            None => {
                entry.slot = self.len;
                self.len += 1;
                shard.push(entry);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// Gives back the room that growing left over.
    pub(crate) fn shrink(&mut self) {
        for branch in self.branches.iter_mut().filter_map(Arc::get_mut) {
            branch.iter_mut().filter_map(Arc::get_mut).for_each(Shard::shrink);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.branches.iter().flat_map(|branch| branch.iter()).flat_map(|shard| shard.entries.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_as_small_as_documented() {
        assert_eq!(size_of::<Entry>(), 104);
    }

    fn entry(seed: u8, change: u64, state: CredentialState) -> Entry {
        let valid = Validity { id: CredentialId::from_u128(1), not_before: None, expires_at: None };
        let shared =
            Shared { account: 0, environment: 0, allowlist: 0, permissions: 0, key_type: 0, user: 0 };
        Entry::new(Digest([seed; 32]), change, state, &valid, &shared)
    }

    #[test]
    fn a_copy_is_not_touched_by_later_changes() {
        let mut table = Credentials::default();
        table.put(entry(1, 1, CredentialState::Active));
        let earlier = table.clone();
        table.put(entry(1, 2, CredentialState::Disabled));
        table.put(entry(2, 3, CredentialState::Active));
        assert_eq!(earlier.get(&Digest([1; 32])).unwrap().state, CredentialState::Active);
        assert!(earlier.get(&Digest([2; 32])).is_none());
        assert_eq!(table.get(&Digest([1; 32])).unwrap().state, CredentialState::Disabled);
        assert_eq!((earlier.len(), table.len(), table.iter().count()), (1, 2, 2));
    }

    #[test]
    fn older_changes_and_changes_after_the_end_do_nothing() {
        let mut table = Credentials::default();
        table.put(entry(1, 5, CredentialState::Disabled));
        table.put(entry(1, 4, CredentialState::Active));
        assert_eq!(table.get(&Digest([1; 32])).unwrap().state, CredentialState::Disabled);
        table.put(entry(1, 3, CredentialState::Revoked));
        table.put(entry(1, 9, CredentialState::Active));
        assert_eq!(table.get(&Digest([1; 32])).unwrap().state, CredentialState::Revoked);
    }
}
