//! Old entries go, and the chain holds: its beginning moves on to the last of them.

use claviger_model::Time;

use super::chain::AuditMac;
use super::head::{self, HeadState};
use super::rows;
use super::verify::AuditPoint;
use super::walk::{AuditBreak, Breach, Walk};
use crate::db::Conn;
use crate::{StoreError, sql};

/// What became of old entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditPruned {
    /// There are none.
    Nothing,
    /// They were removed, up to this one.
    To(AuditPoint),
    /// They stay, for they are not what was written: they are evidence.
    Kept(AuditBreak),
}

/// Removes entries from before this moment, at most so many. The last entry always stays.
pub(crate) async fn prune(
    on: &mut Conn<'_>,
    mac: &dyn AuditMac,
    before: Time,
    most: u32,
) -> Result<AuditPruned, StoreError> {
    let mut head = head::read(on).await?;
    let rows = rows::after(on, head.removed_to, most).await?;
    let old: Vec<_> =
        rows.iter().take_while(|row| row.entry.at < before && row.number < head.number).collect();
    let Some(last) = old.last() else { return Ok(AuditPruned::Nothing) };
    if head.state(mac) == HeadState::Altered {
        return Ok(kept(head.number, Breach::Head));
    }
    let mut walk = Walk::new(mac, &head);
    for row in &old {
        if let Some(what) = walk.step(row, head.number) {
            return Ok(kept(walk.at + 1, what));
        }
    }
    head.removed_to = last.number;
    head.chained_after = head.chained_after.max(last.number);
    head.chained_hash = walk.hash;
    // The head first: by it the database knows what may be removed.
    let point = AuditPoint { number: last.number, hash: head.chained_hash.clone() };
    head::write(on, &head.sealed(mac)).await?;
    on.execute(sql::REMOVE_AUDITS, &[point.number.into()]).await?;
    Ok(AuditPruned::To(point))
}

fn kept(number: u64, what: Breach) -> AuditPruned {
    AuditPruned::Kept(AuditBreak { number: i64::try_from(number).unwrap_or(i64::MAX), what })
}
