use claviger_model::{Span, Time};
use claviger_store::AuditPruned;
use serde_json::json;

use super::Object;
use super::read::hex;
use super::write::Chain;
use crate::{Actor, App, AppError, UseCase};

/// How many entries are removed in one transaction: changes wait for it.
const AT_ONCE: u32 = 5000;
const DAY: i64 = 86_400_000_000;

impl App {
    /// Removes entries that are older than they have to be kept, whole days at a time: each removal is an entry itself.
    /// Gives whether there can be more.
    pub(crate) async fn prune_audit(&self, keep_for: Span) -> Result<bool, AppError> {
        let mut unit = self.begin(&Actor::Server, UseCase::AuditPrune).await?;
        let before = midnight(unit.now.before(keep_for));
        let key = self.vault.audit_key();
        match unit.tx.prune_audit(&Chain(key), before, AT_ONCE).await? {
            AuditPruned::Nothing => Ok(false),
            AuditPruned::Kept(broken) => {
                tracing::error!(%broken, "old entries of the audit are kept: it is not what was written");
                Ok(false)
            }
            AuditPruned::To(point) => {
                let last = json!({ "removed_to": point.number, "hash": hex(&point.hash) });
                unit.audit(Object::new("audit", &point.number), None, Some(&last)).await?;
                self.commit_untold(unit).await?;
                Ok(true)
            }
        }
    }
}

/// The beginning of the day, in UTC.
const fn midnight(time: Time) -> Time {
    Time::from_micros(time.as_micros().div_euclid(DAY).saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        let time = |text: &str| text.parse::<Time>().unwrap();
        assert_eq!(midnight(time("2026-11-22T09:00:01Z")), time("2026-11-22T00:00:00Z"));
        assert_eq!(midnight(time("2026-11-22T00:00:00Z")), time("2026-11-22T00:00:00Z"));
        assert_eq!(midnight(time("1969-12-31T23:59:59Z")), time("1969-12-31T00:00:00Z"));
    }
}
