use claviger_model::{Api, CredentialKind, CredentialRecord, Rotation, Time, VersionUses};
use claviger_store::{CredentialFilter, UsedCredential};
use claviger_vault::Row;

use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, RotationView, UseCase};

/// Where a key's sealed secret is stored.
pub(crate) const ROW: fn(&str) -> Row<'_> = |id| Row { table: "credential", column: "sealed", id };

impl App {
    /// A key as people are shown it.
    pub(super) fn view(&self, record: &CredentialRecord, uses: Option<&VersionUses>) -> KeyView {
        let snapshot = self.snapshot();
        let credential = &record.credential;
        let place = snapshot.environment(credential.environment);
        let kind = self.kind(record);
        let signing = snapshot.signing(credential.id);
        let gone = || "(removed)".to_owned();
        let window = place.map(|(api, _)| api.api.policy.version_mixing.window).unwrap_or_default();
        let versions: Vec<_> = uses
            .into_iter()
            .flat_map(|uses| [Some(uses.last.clone()), uses.other.clone()])
            .flatten()
            .collect();
        KeyView {
            id: credential.id,
            account: snapshot
                .account(credential.account)
                .map_or_else(gone, |account| account.number.to_string()),
            user: credential
                .user
                .map(|user| snapshot.user(user).map_or_else(gone, |user| user.username.to_string())),
            api: place.map_or_else(gone, |(api, _)| api.api.slug.to_string()),
            environment: place.map_or_else(gone, |(_, environment)| environment.slug.to_string()),
            key_type: credential.key_type.clone(),
            state: credential.shown_state(self.now()).to_string(),
            label: record.label.clone(),
            kind,
            algorithm: signing.map(|(algorithm, _)| algorithm),
            debug_until: signing.and_then(|(_, until)| until).filter(|until| *until > self.now()),
            hint: record.hint.clone(),
            permissions: credential.permissions.clone(),
            allowlist: credential.allowlist.clone(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            not_before: credential.not_before,
            expires_at: credential.expires_at,
            revoked_at: record.revocation.as_ref().map(|end| end.at),
            revoked_reason: record.revocation.as_ref().and_then(|end| end.reason.clone()),
            notes: record.notes.clone(),
            rotation: record.succession.rotation.as_ref().map(|rotation| countdown(rotation, self.now())),
            successor: credential.successor,
            predecessor: record.succession.predecessor,
            late_uses: record.succession.late_uses,
            last_used_at: uses.map(|uses| uses.last.at),
            version_mixed: matches!(versions.as_slice(), [last, other] if other.at.after(window) > last.at),
            versions,
            recoverable: kind == CredentialKind::ApiKey
                && place.is_some_and(|(api, _)| api.api.policy.recoverable),
            key: None,
            secret: None,
        }
    }

    /// The same with its last uses, up to this moment.
    pub(super) async fn used_view(&self, record: &CredentialRecord) -> Result<KeyView, AppError> {
        self.recorder.flush().await;
        Ok(self.view_with(record, &self.store.credentials(&only(record)).await?))
    }

    /// Begins a change of a key that is shown afterwards, with its uses up to this moment.
    pub(super) async fn begin_on_key(&self, actor: &Actor, use_case: UseCase) -> Result<Unit, AppError> {
        // What is still in memory is written on a connection of its own: before this one begins to write.
        self.recorder.flush().await;
        self.begin(actor, use_case).await
    }

    /// The same as it is in this transaction, with its last uses up to the last time that they were written.
    pub(super) async fn view_in(
        &self,
        unit: &mut Unit,
        record: &CredentialRecord,
    ) -> Result<KeyView, AppError> {
        Ok(self.view_with(record, &unit.tx.credentials(&only(record)).await?))
    }

    fn view_with(&self, record: &CredentialRecord, found: &[UsedCredential]) -> KeyView {
        let found = found.iter().find(|(found, _)| found.credential.id == record.credential.id);
        let mut view = self.view(record, found.and_then(|(_, uses)| uses.as_ref()));
        view.late_uses = found.map_or(view.late_uses, |(record, _)| record.succession.late_uses);
        view
    }

    /// The API that a key was made for, as it is in this transaction.
    pub(super) async fn api_of(&self, unit: &mut Unit, record: &CredentialRecord) -> Result<Api, AppError> {
        let environment = record.credential.environment;
        let apis = unit.tx.apis().await?;
        let mut owners =
            apis.into_iter().filter(|api| api.environments.iter().any(|one| one.id == environment));
        owners.next().ok_or_else(|| AppError::Invalid("the API that this key was made for is gone".into()))
    }
}

/// Lists are newest first and begin after an id, so that this one comes first in the list after the next id.
/// A filter that this key alone passes.
fn only(record: &CredentialRecord) -> CredentialFilter {
    CredentialFilter {
        after: Some(just_after(record.credential.id)),
        limit: 1,
        ..CredentialFilter::default()
    }
}

fn just_after(id: claviger_model::CredentialId) -> claviger_model::CredentialId {
    claviger_model::CredentialId::from_u128(id.as_u128().saturating_add(1))
}

fn countdown(rotation: &Rotation, now: Time) -> RotationView {
    let Rotation { started_at, ends_at, .. } = *rotation;
    let remaining = ends_at.as_micros().saturating_sub(now.as_micros()) / 1_000_000;
    RotationView { started_at, ends_at, remaining_seconds: u64::try_from(remaining).unwrap_or(0) }
}
