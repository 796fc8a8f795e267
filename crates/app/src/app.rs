use std::sync::Arc;

use claviger_door::Snapshots;
use claviger_model::{Clock, Entropy, Span, Time};
use claviger_policy::Snapshot;
use claviger_store::{ChangeSignal, Store};
use claviger_vault::Vault;

use crate::follow::Follower;
use crate::once::{KEPT_FOR, or_kept};
use crate::people::{Passwords, RelyingParty, SignInRules, Sso};
use crate::{Actor, AppError, Command, Outcome, Recorder, UseCase};

/// How much is kept of what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// How many changes the log keeps.
    pub changes: u64,
    /// For how long the audit is kept; for good, if nothing is said.
    pub audit: Option<Span>,
}

/// Everything that use cases need.
pub struct App {
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) recorder: Recorder,
    pub(crate) follower: Follower,
    pub(crate) passwords: Passwords,
    pub(crate) sign_in: SignInRules,
    pub(crate) sso: Sso,
    pub(crate) relying_party: Option<RelyingParty>,
}

impl App {
    /// Does what the command says, if the actor may. That they may not stands in the audit as well.
    pub async fn run(&self, actor: &Actor, command: Command) -> Result<Outcome, AppError> {
        // Boxed: what every command needs together is large.
        let outcome = or_kept(Box::pin(self.dispatch(actor, command)).await);
        if let Err(AppError::Forbidden { use_case, .. }) = &outcome {
            self.audit_forbidden(actor, use_case).await;
        }
        outcome
    }

    async fn dispatch(&self, actor: &Actor, command: Command) -> Result<Outcome, AppError> {
        use Command as Do;
        match command {
            Do::Apply { bundle, mode } => self.apply(actor, &bundle, mode).await.map(Outcome::from),
            Do::Export => self.export(actor).await.map(Outcome::Exported),
            Do::AccountCreate(new) => self.create_account(actor, new).await.map(Outcome::from),
            Do::AccountEdit { account, second_factor, known } => {
                self.edit_account(actor, &account, second_factor, known).await.map(Outcome::from)
            }
            Do::AccountShow { account } => self.show_account(actor, &account).await.map(Outcome::from),
            Do::AccountList(part) => self.list_accounts(actor, part).await.map(Outcome::Accounts),
            Do::KeyCreate(new) => self.create_key(actor, new).await.map(Outcome::from),
            Do::KeyImport(import) => self.import_keys(actor, import).await.map(Outcome::Imported),
            Do::KeyList(filter) => self.list_keys(actor, filter).await.map(Outcome::Keys),
            Do::KeyShow { id, reveal } => self.show_key(actor, id, reveal).await.map(Outcome::from),
            Do::KeyAllow { id, addresses } => self.allow_key(actor, id, addresses).await,
            Do::KeyEdit { id, edit, unchanged_since } => {
                let edited = self.edit_key(actor, UseCase::KeyEdit, id, edit, unchanged_since).await;
                edited.map(Outcome::from)
            }
            Do::KeyOwners { id, owners } => self.own_key(actor, id, owners).await,
            Do::KeyDescribe { id, label, memo } => self.describe_key(actor, id, label, memo).await,
            Do::KeyTag { id, edits } => self.tag_key(actor, id, edits).await,
            Do::KeyRotate { id, overlap } => self.rotate_key(actor, id, overlap).await.map(Outcome::from),
            Do::KeyRotateCancel { id, reason } => {
                self.cancel_rotation(actor, id, reason).await.map(Outcome::from)
            }
            Do::KeyBulk { chosen, event, reason, mode } => {
                self.change_lives(actor, chosen, event, reason, mode).await.map(Outcome::from)
            }
            Do::KeyLife { id, event, reason } => {
                self.change_life(actor, id, event, reason).await.map(Outcome::from)
            }
            Do::KeyDebug { id, until } => self.debug_key(actor, id, until).await.map(Outcome::from),
            Do::ServiceCreate(new) => self.create_service(actor, new).await.map(Outcome::from),
            Do::ServiceList(part) => self.list_services(actor, part).await.map(Outcome::Services),
            Do::ServiceRevoke { name, reason } => {
                self.revoke_service(actor, name, reason).await.map(Outcome::from)
            }
            Do::People(command) => self.run_people(actor, command).await.map(Outcome::People),
            Do::Explain { request } => self.explain(actor, request).await.map(Outcome::explained),
            Do::AuditList(filter) => self.list_audit(actor, filter).await.map(Outcome::Audit),
            Do::AuditVerify { noted } => self.verify_audit(actor, noted).await.map(Outcome::AuditVerified),
            Do::EnvironmentList { api } => self.list_environments(actor, &api).map(Outcome::Environments),
            Do::ApiList => self.list_apis(actor).map(Outcome::Apis),
            Do::Permissions { api } => self.endpoint_needs(actor, &api).map(Outcome::Permissions),
            Do::Document { api, version } => {
                self.document(actor, &api, version.as_ref()).await.map(Outcome::Document)
            }
            Do::KeyFormat { api } => self.key_forms(api).map(Outcome::KeyForms),
        }
    }

    /// The snapshots of this node, for doors.
    #[must_use]
    pub fn snapshots(&self) -> &Arc<Snapshots> {
        self.follower.snapshots()
    }

    /// Where doors leave what people may ask about later.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Applies what other processes changed. Called from time to time, and when the database calls.
    pub async fn follow(&self) -> Result<(), AppError> {
        Ok(self.follower.catch_up(&self.store, &*self.clock).await?)
    }

    /// When this node's snapshot was last seen to be level with the change log.
    #[must_use]
    pub fn level_at(&self) -> Time {
        self.follower.level_at()
    }

    /// What tells of changes that other processes make, if the database does.
    pub async fn change_signal(&self) -> Option<ChangeSignal> {
        let signal = self.store.change_signal().await;
        signal.inspect_err(|error| tracing::warn!(%error, "the database does not tell of changes")).ok()
    }

    /// Throws away what is older than it has to be kept.
    pub async fn prune(&self, keep: Keep) -> Result<(), AppError> {
        self.recorder.prune(&self.store, self.now()).await?;
        self.forget_attempts().await?;
        self.store.prune_answers(self.now().before(KEPT_FOR)).await?;
        self.forget_challenges().await?;
        self.store.prune_invitations(self.now()).await?;
        // The last one stays: a process that fell behind has to see that something is missing.
        self.store.prune_changes(keep.changes.max(1)).await?;
        if let Some(audit) = keep.audit {
            while self.prune_audit(audit).await? {}
        }
        Ok(())
    }

    /// Writes what is still in memory, at the end.
    pub async fn close(&self) {
        self.recorder.flush().await;
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots().load_full()
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }
}

impl Outcome {
    fn explained(refusal: claviger_model::Refusal) -> Self {
        Self::Explained(Box::new(refusal))
    }
}
