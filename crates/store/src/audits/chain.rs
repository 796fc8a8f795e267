//! What an entry's hash is made of.

use claviger_model::AuditEntry;

/// The length of a hash, in bytes.
pub const HASH_LEN: usize = 32;

/// The hash before the first entry.
pub(super) const NOTHING: [u8; HASH_LEN] = [0; HASH_LEN];

const ENTRY: &[u8] = b"claviger audit entry 1\0";
const BROKEN: &[u8] = b"claviger audit broken 1\0";

/// What chains entries: a keyed hash. Whoever can write to the database and has not the key can make no entry that fits.
pub trait AuditMac: Send + Sync {
    /// The keyed hash of a message.
    fn mac(&self, message: &[u8]) -> [u8; HASH_LEN];
}

/// An entry in its place.
#[derive(Clone, Copy)]
pub(super) struct Link<'a> {
    /// The hash of the entry before it.
    pub(super) previous: &'a [u8],
    pub(super) number: u64,
    pub(super) entry: &'a AuditEntry,
}

impl Link<'_> {
    /// The hash of an entry that follows the one before it.
    pub(super) fn hash(self, mac: &dyn AuditMac) -> [u8; HASH_LEN] {
        mac.mac(&self.bytes(ENTRY))
    }

    /// The hash of an entry that was written where the end of the chain was not what it should have been.
    pub(super) fn broken(self, mac: &dyn AuditMac) -> [u8; HASH_LEN] {
        mac.mac(&self.bytes(BROKEN))
    }

    /// Each part with its length before it: no two entries have the same bytes.
    fn bytes(self, what: &[u8]) -> Vec<u8> {
        let AuditEntry {
            at,
            actor,
            via,
            from,
            action,
            kind,
            object,
            account,
            request,
            reason,
            before,
            after,
        } = self.entry;
        let texts = [
            Some(actor),
            via.as_ref(),
            from.as_ref(),
            Some(action),
            kind.as_ref(),
            Some(object),
            account.as_ref(),
            request.as_ref(),
            reason.as_ref(),
            before.as_ref(),
            after.as_ref(),
        ];
        let mut bytes = what.to_vec();
        bytes.extend(self.number.to_be_bytes());
        put(&mut bytes, Some(self.previous));
        bytes.extend(at.as_micros().to_be_bytes());
        for text in texts {
            put(&mut bytes, text.map(String::as_bytes));
        }
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    bytes.push(u8::from(part.is_some()));
    if let Some(part) = part {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
}

#[cfg(test)]
mod tests {
    use claviger_model::Time;
    use proptest::prelude::*;

    use super::*;

    type Parts = (u64, Vec<u8>, i64, [String; 3], [Option<String>; 8]);

    /// Short parts of few letters, so that entries are often alike but for where one part ends.
    fn parts() -> impl Strategy<Value = Parts> {
        let texts = prop::array::uniform3("[ab]{0,2}");
        let optional = prop::array::uniform8(prop::option::of("[ab]{0,2}"));
        (0..3u64, prop::collection::vec(0..2u8, 0..3), 0..3i64, texts, optional)
    }

    fn bytes((number, previous, at, [actor, action, object], optional): Parts) -> Vec<u8> {
        let [via, from, kind, account, request, reason, before, after] = optional;
        let at = Time::from_micros(at);
        let entry = AuditEntry {
            at,
            actor,
            via,
            from,
            action,
            kind,
            object,
            account,
            request,
            reason,
            before,
            after,
        };
        Link { previous: &previous, number, entry: &entry }.bytes(ENTRY)
    }

    proptest! {
        #[test]
        fn different_entries_have_different_bytes(one in parts(), other in parts()) {
            prop_assert_eq!(one == other, bytes(one) == bytes(other));
        }

        #[test]
        fn no_part_can_give_to_its_neighbour(parts in parts(), at in 0..7usize) {
            let mut moved = parts.clone();
            let (left, right) = (moved.4[at].take(), moved.4[at + 1].take());
            moved.4[at + 1] = Some(left.unwrap_or_default() + &right.unwrap_or_default());
            prop_assert_eq!(parts == moved, bytes(parts) == bytes(moved));
        }
    }
}
