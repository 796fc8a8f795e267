//! Keys that were made elsewhere, read from the files in which others give them away.
//!
//! A file becomes rows; each is a key with what is known about it, or says why it cannot be taken. No message repeats
//! what a file holds: where a column is mistaken for another, that would be a secret.
//!
//! This crate is pure: no clock, no randomness, no files, sockets or runtime.

mod bcrypt;
mod documents;
mod error;
mod htpasswd;
mod kong;
mod likeness;
mod row;
mod secret;
mod table;
mod unkey;

use serde::{Deserialize, Serialize};

pub use error::{ImportError, Likeness, RowError};
pub use row::{Expiry, Foreign, Left, Owner, Row, Switch};
pub use secret::Secret;

/// The longest file, in bytes.
pub const MOST_BYTES: usize = 32 << 20;
/// The most rows of a file.
pub const MOST_ROWS: usize = 100_000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// A key on each line, or CSV whose header names the column `key`.
    Plain,
    /// A SHA-256 on each line, in hexadecimal or base64, or CSV whose header names the column `sha256`.
    Sha256,
    /// User names and bcrypt digests of passwords, as `htpasswd -B` writes them.
    Htpasswd,
    /// What `deck gateway dump`, a declarative configuration or Kong's Admin API says of consumers and their keys.
    Kong,
    /// Unkey's keys with their hashes or their plain text.
    Unkey,
}

impl ImportFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Plain, Self::Sha256, Self::Htpasswd, Self::Kong, Self::Unkey];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Sha256 => "sha256",
            Self::Htpasswd => "htpasswd",
            Self::Kong => "kong",
            Self::Unkey => "unkey",
        }
    }

    /// The format with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// Whether a list of keys is looked at for signs that it is something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// What looks like digests, or like a file of another kind, is refused.
    #[default]
    Checked,
    /// The keys are what they look like.
    AsIs,
}

/// Reads the rows of a file, in its order.
///
/// # Errors
/// [`ImportError`] if the file as a whole cannot be read, or looks like one of another format. A row that cannot be
/// read is still a row.
pub fn read(format: ImportFormat, trust: Trust, text: &str) -> Result<Vec<Row>, ImportError> {
    if text.len() > MOST_BYTES {
        return Err(ImportError::TooLong);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = match format {
        ImportFormat::Plain => table::read(text, table::Keys::AsTheyAre, trust)?,
        ImportFormat::Sha256 => table::read(text, table::Keys::Sha256, trust)?,
        ImportFormat::Htpasswd => htpasswd::read(text),
        ImportFormat::Kong => kong::read(text)?,
        ImportFormat::Unkey => unkey::read(text)?,
    };
    if rows.len() > MOST_ROWS { Err(ImportError::TooManyRows) } else { Ok(rows) }
}

/// A line's number, from its place.
fn line_number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}
