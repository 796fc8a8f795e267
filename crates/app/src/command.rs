//! What the ways in ask for, and what they get: plain data that can cross a socket.

use claviger_catalogue::Bundle;
use claviger_model::{
    Account, AccountNumber, CredentialId, EmailAddress, LifeEvent, Notes, Owners, Permission, Refusal,
    RequestId, Scope, SecondFactorRule, ShownState, SignatureAlgorithm, Slug, Span, TagEdit, TagFilter, Time,
    VersionName,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ApiView, AuditFilter, AuditNoted, AuditVerified, AuditView, BulkLine, Difference, EndpointNeeds,
    EnvironmentView, Import, ImportReport, KeyForm, KeyPlace, KeySort, KeyView, Part, PeopleCommand,
    PeopleOutcome, ServiceView, Tag, WhichUser,
};

/// Something to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", content = "with", rename_all = "snake_case")]
pub enum Command {
    /// Make what is there equal to a catalogue, or tell the difference.
    Apply {
        /// The catalogue and its files.
        bundle: Bundle,
        /// Whether to change anything.
        mode: ApplyMode,
    },
    /// Show what is there as a catalogue.
    Export,
    /// Make an account.
    AccountCreate(NewAccount),
    /// Say whether an account asks its people for a second factor.
    AccountEdit {
        /// Which.
        account: AccountNumber,
        /// What it asks from now on.
        second_factor: SecondFactorRule,
        /// The account as whoever asks knows it: it is changed only if that is so.
        #[serde(default)]
        known: Option<Tag>,
    },
    /// Show an account.
    AccountShow {
        /// Which.
        account: AccountNumber,
    },
    /// List the accounts, by number.
    AccountList(Part<AccountNumber>),
    /// Make a key.
    KeyCreate(NewKey),
    /// Take keys over that were made elsewhere, or tell what would be taken.
    KeyImport(Import),
    /// List keys.
    KeyList(KeyFilter),
    /// Show a key.
    KeyShow {
        /// Which.
        id: CredentialId,
        /// With its secret or not.
        reveal: Reveal,
    },
    /// Change from where a key may be used.
    KeyAllow {
        /// Which.
        id: CredentialId,
        /// Every address and range from now on.
        addresses: Vec<String>,
    },
    /// Change several things about a key at once.
    KeyEdit {
        /// Which.
        id: CredentialId,
        /// What changes.
        edit: KeyEdit,
        /// When it was last changed, as whoever asks knows it: it is changed only if that is so.
        unchanged_since: Option<Time>,
    },
    /// Say who answers for a key.
    KeyOwners {
        /// Which.
        id: CredentialId,
        /// Everyone from now on.
        owners: Owners,
    },
    /// Change the label or the memo of a key.
    KeyDescribe {
        /// Which.
        id: CredentialId,
        /// The new label; empty for none. It stays if left out.
        label: Option<String>,
        /// The new memo; empty for none. It stays if left out.
        memo: Option<String>,
    },
    /// Change the tags of a key.
    KeyTag {
        /// Which.
        id: CredentialId,
        /// What changes, one after the other.
        edits: Vec<TagEdit>,
    },
    /// Make a key's successor.
    KeyRotate {
        /// Which.
        id: CredentialId,
        /// How long both work.
        overlap: Span,
    },
    /// Take a rotation back.
    KeyRotateCancel {
        /// The key that was to be replaced.
        id: CredentialId,
        /// Why, for the audit and for the successor's end.
        reason: Option<String>,
    },
    /// Let the same happen to many keys, or to none of them.
    KeyBulk {
        /// Which.
        chosen: Chosen,
        /// What.
        event: LifeEvent,
        /// Why, for the audit.
        reason: Option<String>,
        /// Whether to change anything.
        mode: ApplyMode,
    },
    /// Let something happen to a key.
    KeyLife {
        /// Which.
        id: CredentialId,
        /// What.
        event: LifeEvent,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Have the refused signatures of a key pair explained for a while: they are answered with the text that should
    /// have been signed.
    KeyDebug {
        /// Which.
        id: CredentialId,
        /// For how long from now on, at most an hour; no longer, if absent.
        until: Option<Span>,
    },
    /// Let a service ask whether credentials are good.
    ServiceCreate(NewService),
    /// List the services that may ask.
    ServiceList(Part<Slug>),
    /// End a service's right to ask.
    ServiceRevoke {
        /// Which.
        name: Slug,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Something about people.
    People(PeopleCommand),
    /// Show why a request was refused.
    Explain {
        /// Which.
        request: RequestId,
    },
    /// List entries of the audit.
    AuditList(AuditFilter),
    /// Prove that the audit is what was written, or say where it is not.
    AuditVerify {
        /// An entry that has to be there still.
        noted: Option<AuditNoted>,
    },
    /// List the APIs.
    ApiList,
    /// List the environments of an API.
    EnvironmentList {
        /// Which.
        api: Slug,
    },
    /// Show what each endpoint of an API needs.
    Permissions {
        /// Which.
        api: Slug,
    },
    /// Show the document of an API, with what each operation needs.
    Document {
        /// Which API.
        api: Slug,
        /// Which of its versions; the latest if left out.
        version: Option<VersionName>,
    },
    /// Show what keys look like.
    KeyFormat {
        /// Of which API; of all, if absent.
        api: Option<Slug>,
    },
}

/// Many keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// These.
    Ids(Vec<CredentialId>),
    /// All that fit, or the newest of them if there is a limit; a place in the list does not count.
    Where(KeyFilter),
}

/// Whether anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplyMode {
    /// Tell the difference only.
    DryRun,
    /// Make it so.
    Commit,
}

/// Whether a secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reveal {
    /// It is, where the API's policy makes keys recoverable.
    Secret,
    /// It is not.
    Nothing,
}

/// An account to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewAccount {
    /// Its number.
    pub number: AccountNumber,
    /// Its realm.
    pub realm: Slug,
    /// Its name.
    pub name: String,
}

/// A key to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewKey {
    /// Whose, by number; may be left out by whoever is in an account.
    #[serde(default)]
    pub account: Option<AccountNumber>,
    /// For which API.
    pub api: Slug,
    /// For which of its environments; may be left out where there is one only.
    pub environment: Option<Slug>,
    /// Of which kind; the API's first if left out.
    pub key_type: Option<Slug>,
    /// What its owner calls it.
    pub label: Option<String>,
    /// What it may do; whatever the API offers if left out.
    #[serde(default)]
    pub access: Access,
    /// How a key pair signs; the first of the API's algorithms if left out. Other keys have none.
    #[serde(default)]
    pub algorithm: Option<SignatureAlgorithm>,
    /// From where it may be used.
    pub addresses: Vec<String>,
    /// Before this moment it is refused.
    pub not_before: Option<Time>,
    /// How long it lives; as long as the API's policy allows if left out.
    pub lifetime: Option<Span>,
    /// What is noted about it.
    #[serde(default)]
    pub notes: Notes,
    /// Whose it is within the account: of whoever makes it, or of a machine. Of the account itself, if an operator
    /// leaves it out.
    #[serde(default)]
    pub user: Option<WhichUser>,
}

/// What changes about a key; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct KeyEdit {
    /// The new label; empty for none.
    pub label: Option<String>,
    /// The new memo; empty for none.
    pub memo: Option<String>,
    /// Everyone who answers for it from now on.
    pub owners: Option<Owners>,
    /// Every address and range from which it may be used from now on.
    pub addresses: Option<Vec<String>>,
    /// What changes of its tags, one after the other.
    pub tags: Vec<TagEdit>,
}

/// What a new key may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// What this scope has of the permissions that the API's endpoints name.
    Scope(Scope),
    /// These, each of which an endpoint of the API names. At least one.
    Only(Vec<Permission>),
}

impl Default for Access {
    fn default() -> Self {
        Self::Scope(Scope::Admin)
    }
}

/// Which keys to list: those that fit everything given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct KeyFilter {
    /// Of this account.
    pub account: Option<AccountNumber>,
    /// For this API.
    pub api: Option<Slug>,
    /// Shown in this state.
    pub state: Option<ShownState>,
    /// With this, in whatever case, in id, hint, label, memo, owners or tags.
    #[serde(default)]
    pub search: Option<String>,
    /// With this tag.
    #[serde(default)]
    pub tag: Option<TagFilter>,
    /// With this owner.
    #[serde(default)]
    pub owner: Option<EmailAddress>,
    /// Of this user.
    #[serde(default)]
    pub user: Option<WhichUser>,
    /// In which order.
    #[serde(default)]
    pub sort: KeySort,
    /// Behind this place: where the last page ended.
    pub after: Option<KeyPlace>,
    /// At most so many; 100 if left out, 1,000 at the most.
    pub limit: Option<u32>,
}

/// A service that is to ask whether credentials are good.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewService {
    /// What to call it.
    pub name: Slug,
    /// The APIs that it may ask about. At least one.
    pub apis: Vec<Slug>,
}

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "done", content = "with", rename_all = "snake_case")]
pub enum Outcome {
    /// What a catalogue changed, or would change.
    Applied(Vec<Difference>),
    /// What is there, as a catalogue.
    Exported(Bundle),
    /// Accounts.
    Accounts(Vec<Account>),
    /// One of them.
    Account(Account),
    /// What became of each row of a file of keys.
    Imported(ImportReport),
    /// Keys.
    Keys(Vec<KeyView>),
    /// One key.
    Key(Box<KeyView>),
    /// What happened, or would happen, to many keys: the oldest first.
    Bulk(Vec<BulkLine>),
    /// Services that may ask.
    Services(Vec<ServiceView>),
    /// One of them.
    Service(ServiceView),
    /// Something about people.
    People(PeopleOutcome),
    /// A refusal.
    Explained(Box<Refusal>),
    /// Entries of the audit, the oldest first.
    Audit(Vec<AuditView>),
    /// What came of going along the whole audit.
    AuditVerified(AuditVerified),
    /// Environments of an API.
    Environments(Vec<EnvironmentView>),
    /// APIs.
    Apis(Vec<ApiView>),
    /// What the endpoints of an API need.
    Permissions(Vec<EndpointNeeds>),
    /// An OpenAPI document in JSON.
    Document(String),
    /// What keys look like.
    KeyForms(Vec<KeyForm>),
}
