use claviger_model::{AccountNumber, AuditEntry, Time};
use claviger_store::NumberedAuditEntry;
use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Actor, App, AppError, UseCase};

/// Entries of one answer, if nothing else is said, and at the most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;
/// An answer ends with the entry that passes this many bytes, so that it fits through the control socket.
const MOST_BYTES: usize = 8 << 20;

/// Which entries of the audit to list: those that fit everything given, in the order in which they were written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AuditFilter {
    /// After this place: where the last page ended.
    #[serde(default)]
    pub after: u64,
    /// On what is this account's, and on the account.
    pub account: Option<AccountNumber>,
    /// On the object with this id or name.
    pub object: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// From this moment on.
    pub since: Option<Time>,
    /// At most so many; 100 if left out, 1,000 at the most. There can be fewer, where they are long.
    pub limit: Option<u32>,
}

/// An entry of the audit, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditView {
    /// Its place: 1 is the first.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// With what they came in.
    pub via: Option<String>,
    /// From where.
    pub from: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: AuditObject,
    /// The id of the account whose thing it is.
    pub account: Option<String>,
    /// The request that it was done by.
    pub request_id: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The object before.
    #[schemars(schema_with = "anything")]
    pub before: Option<Value>,
    /// The object afterwards.
    #[schemars(schema_with = "anything")]
    pub after: Option<Value>,
    /// What chains it to the entry before it, in hexadecimal digits.
    pub hash: Option<String>,
}

/// Not every reader of schemas knows that `true` is one.
fn anything(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({})
}

/// What something was done to, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditObject {
    /// Its kind.
    pub kind: Option<String>,
    /// Its id or name.
    pub id: String,
}

impl App {
    pub(crate) async fn list_audit(
        &self,
        actor: &Actor,
        filter: AuditFilter,
    ) -> Result<Vec<AuditView>, AppError> {
        let reach = self.authorize(actor, UseCase::AuditRead)?;
        let account = match &filter.account {
            Some(number) => Some(self.account_id(number, reach).await?),
            None => reach.account(),
        };
        let limit = filter.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(AppError::Invalid(format!("a limit is 1 to {MOST}, and {limit} was given")));
        }
        let stored = claviger_store::AuditFilter {
            after: filter.after,
            account: account.map(|id| id.to_string()),
            object: filter.object,
            action: filter.action,
            since: filter.since,
            limit,
        };
        Ok(that_fit(self.store.audit(&stored).await?).map(view).collect())
    }
}

fn that_fit(entries: Vec<NumberedAuditEntry>) -> impl Iterator<Item = NumberedAuditEntry> {
    let mut bytes = 0;
    entries.into_iter().take_while(move |numbered| {
        let AuditEntry { before, after, .. } = &numbered.entry;
        let room = bytes < MOST_BYTES;
        bytes += [before, after].into_iter().flatten().map(String::len).sum::<usize>();
        room
    })
}

fn view(NumberedAuditEntry { number, entry, hash }: NumberedAuditEntry) -> AuditView {
    AuditView {
        seq: number,
        at: entry.at,
        actor: entry.actor,
        via: entry.via,
        from: entry.from,
        action: entry.action,
        object: AuditObject { kind: entry.kind, id: entry.object },
        account: entry.account,
        request_id: entry.request,
        reason: entry.reason,
        before: entry.before.map(json),
        after: entry.after.map(json),
        hash: hash.map(|hash| hex(&hash)),
    }
}

/// What somebody has made unreadable is shown as it is.
fn json(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}
