use std::fmt;

use claviger_model::{Span, Time};

use crate::{RowError, Secret};

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The key, or why there is none.
    pub found: Result<Foreign, RowError>,
}

/// A key that was made elsewhere, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What is known of the key itself.
    pub secret: Secret,
    /// Whose it is.
    pub owner: Owner,
    /// What it was called.
    pub label: Option<String>,
    /// When it ends.
    pub expires: Option<Expiry>,
    /// From where it may be used.
    pub addresses: Vec<String>,
    /// The e-mail addresses of those who answer for it.
    pub owners: Vec<String>,
    /// The permissions that it was given; none means that the file says nothing of them.
    pub permissions: Vec<String>,
    /// Whether it worked.
    pub switch: Switch,
    /// What the file says about it and is not carried over.
    pub left: Vec<Left>,
}

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The file does not say.
    Unsaid,
    /// The account with this number or realm.
    Account(String),
    /// Somebody by these names elsewhere, who may be an account here.
    Known(Vec<String>),
}

/// When a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// At this moment.
    At(Time),
    /// So long after the file was written.
    In(Span),
}

/// Whether a key worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It did.
    On,
    /// It was switched off.
    Off,
}

/// What is not carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Roles, or groups of an access list.
    Roles,
    /// Rate limits and credits.
    Limits,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Roles => "its roles and groups",
            Self::Limits => "its limits and credits",
        })
    }
}

impl Foreign {
    /// A key of which nothing more is known.
    #[must_use]
    pub fn of(secret: Secret) -> Self {
        Self {
            secret,
            owner: Owner::Unsaid,
            label: None,
            expires: None,
            addresses: Vec::new(),
            owners: Vec::new(),
            permissions: Vec::new(),
            switch: Switch::On,
            left: Vec::new(),
        }
    }
}
