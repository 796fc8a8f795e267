use claviger_import::{ImportFormat, Left, Trust};
use claviger_model::{AccountNumber, CredentialId, EmailAddress, Slug};
use serde::{Deserialize, Serialize};

use crate::{Access, ApplyMode, Shown};

/// Keys to take over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    /// For which API.
    pub api: Slug,
    /// For which of its environments; may be left out where there is one only.
    pub environment: Option<Slug>,
    /// Whose they are where a row does not say, by number.
    pub account: Option<AccountNumber>,
    /// Of which kind; the API's first if left out.
    pub key_type: Option<Slug>,
    /// What they may do where a row does not say.
    #[serde(default)]
    pub access: Access,
    /// From where they may be used where a row does not say.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Who answers for them where a row does not say.
    #[serde(default)]
    pub owners: Vec<EmailAddress>,
    /// What the file is.
    pub format: ImportFormat,
    /// Whether a list of keys may look like something else.
    #[serde(default)]
    pub trust: Trust,
    /// The file. `Debug` does not show it.
    pub file: Shown,
    /// Whether anything is taken over.
    pub mode: ApplyMode,
}

/// What became of a file of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// How many keys were imported, or would be.
    pub imported: usize,
    /// How many were there already.
    pub present: usize,
    /// How many rows were refused.
    pub refused: usize,
    /// Each row, in the order of the file.
    pub rows: Vec<ImportLine>,
}

/// What became of a row. No part of a key is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLine {
    /// Its line, from 1.
    pub line: u32,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// The key that it is now, or was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<CredentialId>,
    /// The number of the account that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Why it was refused, or what was left behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It is a key from now on; in a dry run, it would be.
    Imported,
    /// It was imported before, and stays as it is.
    Present,
    /// It cannot be taken over.
    Refused,
}

impl ImportOutcome {
    /// The word for it, as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Present => "already there",
            Self::Refused => "refused",
        }
    }
}

/// What became of a row that is a key.
pub(super) enum Taken {
    /// A new one; in a dry run it has no id yet.
    New { key: Option<CredentialId>, account: String },
    /// One that is known, by its id where it is not of the same dry run.
    Known { key: Option<CredentialId> },
}

impl Taken {
    pub(super) fn line(self, line: u32, left: &[Left]) -> ImportLine {
        let parts: Vec<_> = left.iter().map(ToString::to_string).collect();
        let note = (!parts.is_empty()).then(|| format!("without {}", parts.join(" and ")));
        match self {
            Self::New { key, account } => {
                ImportLine { line, outcome: ImportOutcome::Imported, key, account: Some(account), note }
            }
            Self::Known { key } => {
                ImportLine { line, outcome: ImportOutcome::Present, key, account: None, note: None }
            }
        }
    }
}

impl ImportLine {
    pub(super) fn refused(line: u32, why: String) -> Self {
        Self { line, outcome: ImportOutcome::Refused, key: None, account: None, note: Some(why) }
    }
}

impl ImportReport {
    pub(super) fn extend(&mut self, lines: Vec<ImportLine>) {
        for line in &lines {
            match line.outcome {
                ImportOutcome::Imported => self.imported += 1,
                ImportOutcome::Present => self.present += 1,
                ImportOutcome::Refused => self.refused += 1,
            }
        }
        self.rows.extend(lines);
    }
}
