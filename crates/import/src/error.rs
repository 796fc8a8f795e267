use std::fmt;

use crate::bcrypt::HIGHEST_COST;
use crate::secret::{LONGEST, SHORTEST};
use crate::{MOST_BYTES, MOST_ROWS};

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is too long.
    #[error("the file is longer than {} MiB; split it", MOST_BYTES >> 20)]
    TooLong,
    /// It has too many rows.
    #[error("the file has more than {MOST_ROWS} rows; split it")]
    TooManyRows,
    /// The header names a column that is none, or one twice.
    #[error(
        "line {line}: what stands in column {column} of the header is no column, or stands there twice; there are {key}, account, label, expires_at, addresses, owners and permissions"
    )]
    Header {
        /// The line of the header, from 1.
        line: u32,
        /// Which column, from 1.
        column: usize,
        /// What the column of keys is called.
        key: &'static str,
    },
    /// It is neither YAML nor JSON, or too large a tree.
    #[error("line {line}, column {column}: this cannot be read as YAML or JSON, or is too much of it")]
    Tree {
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// A list of keys looks like another file.
    #[error("line {line} looks like {like}; nothing was taken. If these are keys, say so with --as-is")]
    Looks {
        /// The line, from 1.
        line: u32,
        /// Like what.
        like: Likeness,
    },
}

/// What a list of keys can look like that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Digests.
    Sha256,
    /// Digests of passwords, with or without user names.
    Htpasswd,
    /// YAML or JSON.
    Tree,
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "a SHA-256: give --format sha256",
            Self::Htpasswd => "the digest of a password: give --format htpasswd",
            Self::Tree => "YAML or JSON: give --format kong or --format unkey",
        })
    }
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// There is no key in it.
    #[error("there is no key in this row")]
    NoKey,
    /// The key can be guessed.
    #[error("the key has fewer than {SHORTEST} characters and can be guessed")]
    Short,
    /// The key is longer than any request can carry it.
    #[error("the key is longer than {LONGEST} bytes")]
    Long,
    /// The key has characters that cannot be sent.
    #[error("the key has control characters, or spaces at its ends")]
    Unseen,
    /// It stands for a key that is elsewhere.
    #[error("this is no key but the name of one, which stands in a vault or in the environment")]
    Reference,
    /// A line of a list looks like a row of a table.
    #[error("this is no key alone: columns are separated by commas, and a header line has to name them")]
    NoHeader,
    /// The row is not as long as the header.
    #[error("the row has not as many cells as the header")]
    Cells,
    /// A quoted cell goes on after its end, or has none.
    #[error("a quoted cell does not end where it should")]
    Quotes,
    /// It is no SHA-256.
    #[error("this is no SHA-256: 64 hexadecimal digits, or 32 bytes in base64")]
    NotSha256,
    /// A digest of another kind.
    #[error("this is a digest of a kind that is not known here")]
    OtherDigest,
    /// The time of expiry cannot be read.
    #[error("the time of expiry cannot be read; write it as 2027-01-01T00:00:00Z")]
    Time,
    /// A line without a colon.
    #[error("a line is a user name, a colon and a digest")]
    NoColon,
    /// MD5.
    #[error(
        "this is an MD5 digest ($apr1$ or $1$), which is guessed too quickly to be kept; give this user a new key"
    )]
    Md5,
    /// SHA-1.
    #[error(
        "this is a SHA-1 digest ({{SHA}}), which is guessed too quickly to be kept; give this user a new key"
    )]
    Sha1,
    /// SHA-256 crypt, SHA-512 crypt and the like.
    #[error("this is a crypt digest that is not bcrypt; only bcrypt ($2a$, $2b$, $2y$) is checked here")]
    OtherCrypt,
    /// Crypt with DES, or a password as it is.
    #[error(
        "this is no bcrypt digest ($2a$, $2b$, $2y$) but DES crypt or a password in the clear; give this user a new key"
    )]
    NotBcrypt,
    /// A bcrypt digest that is damaged.
    #[error("this bcrypt digest is damaged")]
    BadBcrypt,
    /// A bcrypt digest that takes seconds or hours to check.
    #[error(
        "the cost of this bcrypt digest is not one of 4 to {HIGHEST_COST}: to check it would take too long"
    )]
    Cost,
    /// The password of Kong's Basic authentication.
    #[error(
        "Kong keeps a SHA-1 of this password and the consumer's id together, of which no digest of the password can be made; give this consumer a new key"
    )]
    KongBasic,
    /// A credential of Kong that is no key.
    #[error("this is a secret to sign with, an OAuth client or a certificate, and no key")]
    NoKeyCredential,
    /// A key that Unkey had deleted.
    #[error("this key was deleted there")]
    Deleted,
}
