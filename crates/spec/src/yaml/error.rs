use std::fmt;

use crate::yaml::Place;
use crate::yaml::closest::clean;

/// A mistake in a document, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl YamlError {
    /// A mistake at a place.
    #[must_use]
    pub fn new(place: Place, message: &str) -> Self {
        Self { line: place.line, column: place.column, message: clean(message), help: None }
    }

    /// The same mistake, with what would be right.
    #[must_use]
    pub fn with_help(self, help: &str) -> Self {
        Self { help: Some(clean(help)), ..self }
    }
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

impl std::error::Error for YamlError {}

/// That a value cannot be said in YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written in YAML: {0}")]
pub struct WriteError(pub(super) String);
