use claviger_store::{AuditBreak, AuditReport, Breach};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AuditNoted;
use super::read::hex;
use super::write::Chain;
use crate::{Actor, App, AppError, UseCase};

/// What came of going along the whole audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditVerified {
    /// How many entries are as they were written, and where they were written.
    pub verified: u64,
    /// How many entries are older than the chain, so that nothing can be said of them.
    pub unchained: u64,
    /// Entries up to this one were removed because they were old; 0 for none.
    pub removed_to: u64,
    /// The last entry.
    pub head: u64,
    /// Its hash, in hexadecimal digits.
    pub head_hash: String,
    /// The first thing that is wrong.
    pub broken: Option<AuditBroken>,
}

/// Where the audit is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditBroken {
    /// The first place.
    pub seq: i64,
    /// What is wrong, in a word: `changed`, `missing`, `order`, `truncated`, `added`, `head` or `rejoined`.
    pub what: String,
    /// For people.
    pub message: String,
}

impl App {
    pub(crate) async fn verify_audit(
        &self,
        actor: &Actor,
        noted: Option<AuditNoted>,
    ) -> Result<AuditVerified, AppError> {
        self.authorize(actor, UseCase::AuditVerify)?;
        let report = self.store.verify_audit(&Chain(self.vault.audit_key())).await?;
        let broken = match (report.broken, noted) {
            (None, Some(noted)) => self.compare(&report, &noted).await?,
            (broken, _) => broken,
        };
        Ok(AuditVerified {
            verified: report.verified,
            unchained: report.unchained,
            removed_to: report.removed_to,
            head: report.head.number,
            head_hash: hex(&report.head.hash),
            broken: broken.map(view),
        })
    }

    /// A database can be put back to what it was a while ago, and nothing in it tells. Somebody who noted an entry
    /// elsewhere can.
    async fn compare(
        &self,
        report: &AuditReport,
        noted: &AuditNoted,
    ) -> Result<Option<AuditBreak>, AppError> {
        if noted.seq <= report.removed_to {
            return Err(AppError::Invalid(format!(
                "entry {} was removed because it was old; note a later one",
                noted.seq
            )));
        }
        let found = self.store.audit_entries(noted.seq - 1, 1).await?;
        let what = match found.first() {
            Some(entry) if entry.number == noted.seq => {
                let same = entry.hash.as_ref().is_some_and(|hash| hex(hash) == noted.hash);
                (!same).then_some(Breach::Changed)
            }
            _ => Some(Breach::CutOff),
        };
        Ok(what.map(|what| AuditBreak { number: i64::try_from(noted.seq).unwrap_or(i64::MAX), what }))
    }
}

fn view(broken: AuditBreak) -> AuditBroken {
    AuditBroken { seq: broken.number, what: broken.what.as_str().to_owned(), message: broken.to_string() }
}
