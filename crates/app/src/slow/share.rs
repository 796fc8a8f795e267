use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

/// So many turns at a time for each of them, and room for so many who have one or wait.
pub(super) struct Shares<K> {
    turns: usize,
    room: usize,
    members: Mutex<HashMap<K, Share>>,
}

struct Share {
    turns: Arc<Semaphore>,
    members: usize,
}

/// One who has a turn of a share or waits for it. What is left behind by the last one is dropped.
pub(super) struct Member<K: Copy + Eq + Hash> {
    shares: Arc<Shares<K>>,
    of: K,
    turns: Arc<Semaphore>,
}

impl<K: Copy + Eq + Hash> Shares<K> {
    pub(super) fn new(turns: usize, room: usize) -> Arc<Self> {
        Arc::new(Self { turns, room, members: Mutex::default() })
    }

    fn members(&self) -> MutexGuard<'_, HashMap<K, Share>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins those of a share. None if there is no room among them.
    pub(super) fn join(self: &Arc<Self>, of: K) -> Option<Member<K>> {
        let mut all = self.members();
        let new = || Share { turns: Arc::new(Semaphore::new(self.turns)), members: 0 };
        let share = all.entry(of).or_insert_with(new);
        if share.members >= self.room {
            return None;
        }
        share.members += 1;
        Some(Member { shares: Arc::clone(self), of, turns: Arc::clone(&share.turns) })
    }
}

impl<K: Copy + Eq + Hash> Member<K> {
    pub(super) fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.turns)
    }
}

impl<K: Copy + Eq + Hash> Drop for Member<K> {
    fn drop(&mut self) {
        let mut all = self.shares.members();
        let Some(share) = all.get_mut(&self.of) else { return };
        share.members -= 1;
        if share.members == 0 {
            all.remove(&self.of);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_room_for_so_many_and_leaves_nothing_behind() {
        let shares = Shares::new(1, 2);
        let (first, second) = (shares.join('a').unwrap(), shares.join('a').unwrap());
        assert!(shares.join('a').is_none());
        assert!(shares.join('b').is_some());
        let turn = first.turns().try_acquire_owned().unwrap();
        assert!(second.turns().try_acquire_owned().is_err());
        drop((turn, first));
        assert!(second.turns().try_acquire_owned().is_ok());
        assert!(shares.join('a').is_some());
        drop(second);
        assert!(shares.members().is_empty());
    }
}
