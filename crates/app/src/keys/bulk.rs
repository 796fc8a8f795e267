use std::collections::BTreeSet;

use claviger_model::{CredentialRecord, LifeEvent, Time};
use claviger_store::CredentialFilter;

use super::life::use_case;
use super::read::MOST_KEYS;
use crate::accounts::check_name;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, ApplyMode, BulkLine, Chosen};

impl App {
    /// Lets the same happen to many keys in one transaction: to all of them, or to none.
    pub(crate) async fn change_lives(
        &self,
        actor: &Actor,
        chosen: Chosen,
        event: LifeEvent,
        reason: Option<String>,
        mode: ApplyMode,
    ) -> Result<Vec<BulkLine>, AppError> {
        reason.as_deref().map(|reason| check_name("reason", reason)).transpose()?;
        let reach = self.authorize(actor, use_case(event))?;
        let chosen = self.read_chosen(chosen, reach).await?;
        let mut unit = self.begin(actor, use_case(event)).await?;
        unit.because(reason.clone());
        let mut lines = Vec::new();
        for before in unit.chosen(chosen).await? {
            let after = unit
                .change_life(&before, event, reason.clone())
                .await
                .map_err(|error| named(&before, error))?;
            lines.push(line(&before, &after, unit.now));
        }
        match mode {
            ApplyMode::Commit => self.commit(unit, lines).await,
            ApplyMode::DryRun => unit.tx.rollback().await.map(|()| lines).map_err(AppError::from),
        }
    }

    async fn read_chosen(&self, chosen: Chosen, reach: Reach) -> Result<Read, AppError> {
        Ok(match chosen {
            Chosen::Ids(ids) => Read::Ids(ids.into_iter().collect()),
            Chosen::Where(filter) => {
                // Unless fewer are wanted, one more than can be changed tells that there are too many.
                let all = filter.limit.is_none();
                let filter = self.stored_filter(filter, reach).await?;
                let limit = if all { MOST_KEYS + 1 } else { filter.limit };
                Read::Where(Box::new(CredentialFilter { after: None, limit, ..filter }))
            }
        })
    }
}

/// What was chosen, in the words of the store.
enum Read {
    Ids(BTreeSet<claviger_model::CredentialId>),
    Where(Box<CredentialFilter>),
}

impl Unit {
    /// The keys, the oldest first: in one order, whoever else changes some of them.
    async fn chosen(&mut self, chosen: Read) -> Result<Vec<CredentialRecord>, AppError> {
        let keys = match chosen {
            Read::Ids(ids) => {
                check_number(ids.len())?;
                let mut keys = Vec::with_capacity(ids.len());
                for id in ids {
                    keys.push(self.key(id).await?);
                }
                keys
            }
            Read::Where(filter) => {
                let found = self.tx.credentials(&filter).await?;
                found.iter().try_for_each(|(record, _)| self.check(&record.credential))?;
                found.into_iter().rev().map(|(record, _)| record).collect()
            }
        };
        check_number(keys.len()).map(|()| keys)
    }
}

fn check_number(keys: usize) -> Result<(), AppError> {
    if keys <= MOST_KEYS as usize {
        return Ok(());
    }
    Err(AppError::Invalid(format!(
        "more than {MOST_KEYS} keys are meant, which is too many for one command; with `--limit {MOST_KEYS}` and a \
         `--where state=` it can be repeated until no key fits"
    )))
}

fn named(key: &CredentialRecord, error: AppError) -> AppError {
    match error {
        AppError::Transition(error) => AppError::Bulk { id: key.credential.id, error },
        other => other,
    }
}

fn line(before: &CredentialRecord, after: &CredentialRecord, now: Time) -> BulkLine {
    BulkLine {
        id: before.credential.id,
        label: before.label.clone(),
        before: before.credential.shown_state(now),
        after: after.credential.shown_state(now),
    }
}
