//! The audit: entries that are only ever added, each chained to the one before it.

mod chain;
mod head;
mod prune;
mod rows;
mod verify;
mod walk;

pub use chain::{AuditMac, HASH_LEN};
pub use prune::AuditPruned;
pub use rows::{AuditFilter, NumberedAuditEntry};
pub use verify::{AuditPoint, AuditReport};
pub use walk::{AuditBreak, Breach};

pub(crate) use prune::prune;
pub(crate) use rows::{after, list};
pub(crate) use verify::verify;

use claviger_model::AuditEntry;

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};
use chain::Link;
use head::{AuditHead, HeadState};

fn read_number(fields: &mut Fields<'_>) -> Result<u64, StoreError> {
    fields.count()
}

/// Appends an entry and moves the head on to it. Numbered like the change log, by the same row: whoever holds it is the
/// only one who writes, and an entry that vanished would leave a gap.
///
/// Where the head was changed by others the entry is written all the same, for changes have to go on; but its hash fits
/// nothing, so that the place stays broken for good.
pub(crate) async fn append(
    mut on: Conn<'_>,
    mac: &dyn AuditMac,
    entry: &AuditEntry,
) -> Result<u64, StoreError> {
    let head = head::read(&mut on).await?;
    let number = on.one(sql::NEXT_AUDIT, &[], read_number).await?;
    let intact = head.state(mac) != HeadState::Altered && number == head.number + 1;
    let link = Link { previous: &head.hash, number, entry };
    let hash = if intact { link.hash(mac) } else { link.broken(mac) };
    rows::insert(&mut on, number, entry, &hash).await?;
    head::write(&mut on, &AuditHead { number, hash: hash.to_vec(), ..head }.sealed(mac)).await?;
    Ok(number)
}
