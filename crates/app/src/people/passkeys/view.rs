use claviger_model::{PasskeyId, Time};
use claviger_store::PasskeyRecord;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::PasskeyMade;
use crate::Shown;

/// A passkey, as its user is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyView {
    /// Its id; not what its device calls it.
    pub id: PasskeyId,
    /// What its user calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Time,
    /// When it was last used.
    pub last_used_at: Option<Time>,
}

impl From<&PasskeyRecord> for PasskeyView {
    fn from(record: &PasskeyRecord) -> Self {
        let PasskeyRecord { id, name, created_at, last_used_at, .. } = record.clone();
        Self { id, name, created_at, last_used_at }
    }
}

/// What a browser is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyOptions {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON()`, or `parseRequestOptionsFromJSON()`.
    pub public_key: Map<String, Value>,
}

/// A passkey to add to oneself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// What one calls it.
    pub name: String,
    /// What the browser answered.
    pub credential: PasskeyMade,
}

/// A passkey that was added.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyAdded {
    /// The passkey.
    pub passkey: PasskeyView,
    /// Recovery codes, shown once, if it is the first second factor: each works once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery_codes: Vec<Shown>,
}
