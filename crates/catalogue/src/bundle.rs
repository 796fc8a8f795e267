use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that reading a catalogue needs: what the command line sends to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bundle {
    /// The catalogue itself.
    pub catalogue: SourceFile,
    /// The OpenAPI documents by the names that the catalogue gives them ([`crate::documents_named`]).
    #[serde(default)]
    pub documents: BTreeMap<String, String>,
    /// The variables that the catalogue refers to ([`crate::variables_named`]), those that are not set left out.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// A file and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFile {
    /// Its name, as mistakes show it.
    pub name: String,
    /// Its text.
    pub text: String,
}
