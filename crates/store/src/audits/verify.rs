use super::chain::AuditMac;
use super::head::{self, HeadState};
use super::rows;
use super::walk::{AuditBreak, Breach, Walk};
use crate::StoreError;
use crate::db::Conn;

/// What came of going along the whole audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// How many entries are as they were written and where they were written.
    pub verified: u64,
    /// How many entries before them are older than the chain, so that nothing can be said of them.
    pub unchained: u64,
    /// Entries up to this one were removed because they were old; 0 for none.
    pub removed_to: u64,
    /// The last entry, by the record of where the audit ends.
    pub head: AuditPoint,
    /// Where the first thing is wrong.
    pub broken: Option<AuditBreak>,
}

/// An entry by its place and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPoint {
    /// Its place; 0 where there is no entry.
    pub number: u64,
    /// Its hash.
    pub hash: Vec<u8>,
}

/// Goes along everything, on one view of the data.
pub(crate) async fn verify(mut on: Conn<'_>, mac: &dyn AuditMac) -> Result<AuditReport, StoreError> {
    let head = head::read(&mut on).await?;
    let mut walk = Walk::new(mac, &head);
    let broken = if head.state(mac) == HeadState::Altered {
        Some(AuditBreak { number: i64::try_from(head.number).unwrap_or(i64::MAX), what: Breach::Head })
    } else if let Some(number) = before_the_first(&mut on, head.removed_to).await? {
        Some(AuditBreak { number, what: Breach::Added })
    } else {
        walk.go_on(&mut on, head.number).await?
    };
    Ok(AuditReport {
        verified: walk.verified,
        unchained: walk.unchained,
        removed_to: head.removed_to,
        head: AuditPoint { number: head.number, hash: head.hash },
        broken,
    })
}

/// A row where none can be any more.
async fn before_the_first(on: &mut Conn<'_>, removed_to: u64) -> Result<Option<i64>, StoreError> {
    let removed_to = i64::try_from(removed_to).unwrap_or(i64::MAX);
    Ok(rows::first(on).await?.filter(|first| *first <= removed_to))
}
