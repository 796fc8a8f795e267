//! The two ends of the chain, under a keyed hash of their own: without it, the last entries could be cut off.

use super::chain::{AuditMac, HASH_LEN, NOTHING};
use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

const HEAD: &[u8] = b"claviger audit head 1\0";

/// Where the chain begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AuditHead {
    /// The last entry.
    pub(super) number: u64,
    /// Its hash.
    pub(super) hash: Vec<u8>,
    /// The chain begins after this entry: those up to it were removed, or are older than the chain.
    pub(super) chained_after: u64,
    /// What the first entry of the chain follows.
    pub(super) chained_hash: Vec<u8>,
    /// Entries up to this one were removed.
    pub(super) removed_to: u64,
    /// The keyed hash of all this.
    pub(super) mac: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadState {
    /// No entry of the chain is written yet.
    Fresh,
    /// It is as it was written.
    Intact,
    /// It is not.
    Altered,
}

impl AuditHead {
    pub(super) fn state(&self, mac: &dyn AuditMac) -> HeadState {
        let begun = self.number != self.chained_after
            || self.removed_to != 0
            || self.hash != NOTHING
            || self.chained_hash != NOTHING;
        match () {
            () if self.mac.is_empty() && !begun => HeadState::Fresh,
            () if self.mac == mac.mac(&self.bytes()) => HeadState::Intact,
            () => HeadState::Altered,
        }
    }

    pub(super) fn sealed(mut self, mac: &dyn AuditMac) -> Self {
        self.mac = mac.mac(&self.bytes()).to_vec();
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let numbers = [self.number, self.chained_after, self.removed_to].map(u64::to_be_bytes).concat();
        // Of one length each, or altered.
        let hashes = [&self.hash, &self.chained_hash]
            .map(|hash| [&[u8::from(hash.len() == HASH_LEN)], &**hash].concat());
        [HEAD, &numbers, &hashes.concat()].concat()
    }
}

fn read_row(fields: &mut Fields<'_>) -> Result<AuditHead, StoreError> {
    Ok(AuditHead {
        number: fields.count()?,
        hash: fields.bytes()?.to_vec(),
        chained_after: fields.count()?,
        chained_hash: fields.bytes()?.to_vec(),
        removed_to: fields.count()?,
        mac: fields.bytes()?.to_vec(),
    })
}

pub(super) async fn read(on: &mut Conn<'_>) -> Result<AuditHead, StoreError> {
    on.one(sql::AUDIT_HEAD, &[], read_row).await
}

pub(super) async fn write(on: &mut Conn<'_>, head: &AuditHead) -> Result<(), StoreError> {
    let args = [
        head.number.into(),
        head.hash.as_slice().into(),
        head.chained_after.into(),
        head.chained_hash.as_slice().into(),
        head.removed_to.into(),
        head.mac.as_slice().into(),
    ];
    on.execute(sql::PUT_AUDIT_HEAD, &args).await.map(drop)
}
