use std::fmt;

use claviger_spec::yaml::{Place, YamlError};
use serde::{Deserialize, Serialize};

/// Something wrong in a catalogue or in a document that it names. Shown as `file:line:column: message (help)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// All mistakes that were found, at most 1,000. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

impl fmt::Display for Mistakes {
    /// One mistake a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "\n" })?;
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistake {}
impl std::error::Error for Mistakes {}

const MOST: usize = 1_000;

/// The mistakes found so far.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    file: &'a str,
    mistakes: Vec<Mistake>,
}

impl<'a> Found<'a> {
    /// None yet, in the catalogue of this name.
    pub(crate) fn nothing(file: &'a str) -> Self {
        Self { file, mistakes: Vec::new() }
    }

    /// A mistake at a place of the catalogue.
    pub(crate) fn add(&mut self, place: Place, message: &str) {
        self.add_in(self.file, YamlError::new(place, message));
    }

    /// A mistake at a place of the catalogue, and what would be right.
    pub(crate) fn add_with_help(&mut self, place: Place, message: &str, help: &str) {
        self.add_in(self.file, YamlError::new(place, message).with_help(help));
    }

    /// A mistake in a file. One that two versions share a document with is found twice and kept once.
    pub(crate) fn add_in(&mut self, file: &str, error: YamlError) {
        let YamlError { line, column, message, help } = error;
        let mistake = Mistake { file: file.to_owned(), line, column, message, help };
        if self.mistakes.len() < MOST && !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
    }

    /// The value, if nothing is wrong.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(value) } else { Err(Mistakes(self.mistakes)) }
    }
}
