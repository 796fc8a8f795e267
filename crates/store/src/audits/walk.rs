//! Going along the chain, from entry to entry.

use std::fmt;

use super::chain::{AuditMac, Link};
use super::head::AuditHead;
use super::rows::{self, NumberedAuditEntry};
use crate::StoreError;
use crate::db::Conn;

/// How many entries are in memory at one time.
const PAGE: u32 = 500;

/// Where the audit is not what was written, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditBreak {
    /// The first place at which something is wrong.
    pub number: i64,
    /// What.
    pub what: Breach,
}

/// What is wrong with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// Another entry was written there than the one that is there.
    Changed,
    /// The entry is not there.
    Missing,
    /// The entry is there, and stands at another place.
    Moved {
        /// Where it stands.
        to: u64,
    },
    /// The entry and all that came after it are not there.
    CutOff,
    /// Nothing was written there.
    Added,
    /// The record of where the audit begins and ends was changed.
    Head,
    /// When the entry was written, the end of the audit was not what it should have been.
    Rejoined,
}

impl Breach {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Moved { .. } => "order",
            Self::CutOff => "truncated",
            Self::Added => "added",
            Self::Head => "head",
            Self::Rejoined => "rejoined",
        }
    }
}

impl fmt::Display for AuditBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number;
        match self.what {
            Breach::Changed => write!(f, "entry {number} was changed, or another was put in its place"),
            Breach::Missing => write!(f, "entry {number} is missing"),
            Breach::Moved { to } => write!(f, "the order was changed: entry {number} stands at {to}"),
            Breach::CutOff => write!(f, "the end was cut off, from entry {number} on"),
            Breach::Added => write!(f, "entry {number} was added by something else"),
            Breach::Head => {
                write!(
                    f,
                    "the record of where the audit begins and ends was changed; it says that {number} is the last entry"
                )
            }
            Breach::Rejoined => {
                write!(
                    f,
                    "when entry {number} was written, the end of the audit was not what it should have been"
                )
            }
        }
    }
}

/// How far one is.
pub(super) struct Walk<'a> {
    mac: &'a dyn AuditMac,
    /// The chain begins after this one.
    chained_after: u64,
    /// The last place that is as it should be.
    pub(super) at: u64,
    /// Its hash.
    pub(super) hash: Vec<u8>,
    /// How many entries of the chain were seen.
    pub(super) verified: u64,
    /// How many entries were seen that are older than the chain.
    pub(super) unchained: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(mac: &'a dyn AuditMac, head: &AuditHead) -> Self {
        Self {
            mac,
            chained_after: head.chained_after,
            at: head.removed_to,
            hash: head.chained_hash.clone(),
            verified: 0,
            unchained: 0,
        }
    }

    /// Goes on to the last entry.
    pub(super) async fn go_on(
        &mut self,
        on: &mut Conn<'_>,
        last: u64,
    ) -> Result<Option<AuditBreak>, StoreError> {
        loop {
            let page = match page(on, self.at).await? {
                Page::Rows(rows) => rows,
                Page::Unreadable(number) => return Ok(Some(AuditBreak { number, what: Breach::Changed })),
            };
            if page.is_empty() {
                return Ok((self.at < last).then(|| broken(self.at + 1, Breach::CutOff)));
            }
            for row in &page {
                if let Some(what) = self.step(row, last) {
                    let number = if what == Breach::Added { row.number } else { self.at + 1 };
                    let what = self.look_for_moved(on, what, row.number).await?;
                    return Ok(Some(broken(number, what)));
                }
            }
        }
    }

    /// Takes one more entry, or says what is wrong with it.
    pub(super) fn step(&mut self, row: &NumberedAuditEntry, last: u64) -> Option<Breach> {
        let NumberedAuditEntry { number, hash, .. } = row;
        match *number {
            number if number > last => {
                return Some(if self.at < last { Breach::CutOff } else { Breach::Added });
            }
            number if number != self.at + 1 => return Some(Breach::Missing),
            // Whatever has a hash is no older than the chain.
            number if number <= self.chained_after && hash.is_none() => self.unchained += 1,
            _ => match hash.as_ref().filter(|hash| self.fits(row, hash)) {
                Some(hash) => {
                    self.hash.clone_from(hash);
                    self.verified += 1;
                }
                None => return Some(self.judge(row)),
            },
        }
        self.at = *number;
        None
    }

    fn link<'l>(&'l self, number: u64, row: &'l NumberedAuditEntry) -> Link<'l> {
        Link { previous: &self.hash, number, entry: &row.entry }
    }

    fn fits(&self, row: &NumberedAuditEntry, hash: &[u8]) -> bool {
        self.link(row.number, row).hash(self.mac) == *hash
    }

    fn judge(&self, row: &NumberedAuditEntry) -> Breach {
        let rejoined = self.link(row.number, row).broken(self.mac);
        if row.hash.as_ref().is_some_and(|hash| *hash == rejoined) {
            Breach::Rejoined
        } else {
            Breach::Changed
        }
    }

    /// Whether the entry of the next place stands somewhere else.
    async fn look_for_moved(&self, on: &mut Conn<'_>, what: Breach, from: u64) -> Result<Breach, StoreError> {
        if !matches!(what, Breach::Changed | Breach::Missing) || self.at < self.chained_after {
            return Ok(what);
        }
        let mut after = from.saturating_sub(1);
        while let Page::Rows(rows) = page(on, after).await? {
            let Some(last) = rows.last() else { break };
            after = last.number;
            let moved = rows.iter().find(|row| {
                let hash = self.link(self.at + 1, row).hash(self.mac);
                row.hash.as_ref().is_some_and(|kept| *kept == hash)
            });
            if let Some(row) = moved {
                return Ok(Breach::Moved { to: row.number });
            }
        }
        Ok(what)
    }
}

enum Page {
    Rows(Vec<NumberedAuditEntry>),
    /// The next row is none that was ever written.
    Unreadable(i64),
}

/// The next entries. Those before one that cannot be read come first.
async fn page(on: &mut Conn<'_>, after: u64) -> Result<Page, StoreError> {
    let mut limit = PAGE;
    loop {
        match rows::after(on, after, limit).await {
            Err(StoreError::Corrupt { .. }) if limit > 1 => limit /= 2,
            Err(StoreError::Corrupt { id, .. }) => {
                let next = i64::try_from(after).unwrap_or(i64::MAX).saturating_add(1);
                return Ok(Page::Unreadable(id.parse().unwrap_or(next)));
            }
            rows => return rows.map(Page::Rows),
        }
    }
}

fn broken(number: u64, what: Breach) -> AuditBreak {
    AuditBreak { number: i64::try_from(number).unwrap_or(i64::MAX), what }
}
