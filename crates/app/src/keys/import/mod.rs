//! Keys that were made elsewhere are taken over.

mod owners;
mod report;
mod secret;
mod take;

use std::collections::HashSet;

use claviger_import::{ImportError, Row};
use claviger_model::{Api, CredentialKind, Digest, Environment, KeyType, PermissionSet, Slug};

use super::create::{environment, key_type};
use crate::permissions::granted;
use crate::unit::Unit;
use crate::{Actor, App, AppError, ApplyMode, UseCase};

use owners::Owners;
pub use report::{Import, ImportLine, ImportOutcome, ImportReport};

/// Rows of one transaction.
const BATCH: usize = 1000;

/// An import under way.
struct Run {
    import: Import,
    owners: Owners,
    /// What the rows so far are found by: a dry run writes nothing that could be found again.
    seen: HashSet<Digest>,
    report: ImportReport,
}

/// For what the keys are, as it is in this transaction.
struct Place {
    api: Api,
    environment: Environment,
    key_type: Slug,
    permissions: PermissionSet,
}

impl App {
    /// Takes the keys of a file over and tells of each row what became of it. What is there already stays as it is, so
    /// that a second import changes nothing.
    pub(crate) async fn import_keys(&self, actor: &Actor, import: Import) -> Result<ImportReport, AppError> {
        self.authorize(actor, UseCase::KeyImport)?;
        let owners = Owners::new(self.store.accounts().await?, import.account.as_ref())?;
        let (import, rows) = read(import).await?;
        let mut run = Run { import, owners, seen: HashSet::new(), report: ImportReport::default() };
        // Once for a file without rows: its API may be mistyped.
        for rows in rows.chunks(BATCH).chain(rows.is_empty().then_some([].as_slice())) {
            if let Err(error) = self.import_batch(actor, &mut run, rows).await {
                let done = run.report.imported;
                let halted = done > 0 && run.import.mode == ApplyMode::Commit;
                return Err(if halted { AppError::Halted { done, error: error.into() } } else { error });
            }
        }
        Ok(run.report)
    }

    async fn import_batch(&self, actor: &Actor, run: &mut Run, rows: &[Row]) -> Result<(), AppError> {
        let mut unit = self.begin(actor, UseCase::KeyImport).await?;
        let place = unit.place(&run.import).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.push(self.import_row(&mut unit, &place, run, row).await?);
        }
        if run.import.mode == ApplyMode::Commit {
            self.commit_untold(unit).await?;
        }
        run.report.extend(lines);
        Ok(())
    }

    async fn import_row(
        &self,
        unit: &mut Unit,
        place: &Place,
        run: &mut Run,
        row: &Row,
    ) -> Result<ImportLine, AppError> {
        let found = match &row.found {
            Ok(found) => found,
            Err(why) => return Ok(ImportLine::refused(row.line, why.to_string())),
        };
        match self.take(unit, place, run, found).await {
            Ok(taken) => Ok(taken.line(row.line, &found.left)),
            Err(AppError::Invalid(why)) => Ok(ImportLine::refused(row.line, why)),
            Err(error) => Err(error),
        }
    }
}

/// A long file takes seconds to read: not on the threads that serve requests.
async fn read(import: Import) -> Result<(Import, Vec<Row>), AppError> {
    let reading = tokio::task::spawn_blocking(move || -> Result<_, ImportError> {
        let rows = claviger_import::read(import.format, import.trust, import.file.expose())?;
        Ok((import, rows))
    });
    let read =
        reading.await.map_err(|error| AppError::Invalid(format!("the file cannot be read: {error}")))?;
    Ok(read?)
}

impl Unit {
    async fn place(&mut self, import: &Import) -> Result<Place, AppError> {
        let api = self.tx.api_by_slug(&import.api).await?;
        let api = api.ok_or_else(|| AppError::not_found("API", &import.api))?;
        let environment = environment(&api, import.environment.as_ref())?.clone();
        let KeyType { slug: key_type, kind, .. } = key_type(&api, import.key_type.as_ref())?.clone();
        if kind == CredentialKind::KeyPair {
            return Err(AppError::Invalid(format!(
                "`{key_type}` is a type of key pairs, and what is imported are keys"
            )));
        }
        let permissions = granted(&api, &import.access)?;
        Ok(Place { api, environment, key_type, permissions })
    }
}
