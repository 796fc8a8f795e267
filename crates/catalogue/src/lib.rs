//! Catalogues: the YAML in which accounts and APIs are declared, read into what should exist.
//!
//! What is there can be written as a catalogue as well.
//!
//! This crate is pure: a [`Bundle`] carries the catalogue, the documents that it names and the variables that it
//! refers to, so that the same mistakes are found wherever it is read. As many mistakes as can be found are reported
//! at once, each with its file, line and column; only a catalogue that is no YAML, or not of the right shape, is
//! reported with its first mistake alone.

mod bundle;
mod check;
mod cursor;
mod desired;
mod entries;
mod mistake;
mod read;
mod variables;
mod write;

pub use bundle::{Bundle, SourceFile};
pub use desired::{Desired, DesiredAccount, DesiredApi, DesiredEnvironment};
pub use entries::schema;
pub use mistake::{Mistake, Mistakes};
pub use read::{documents_named, read, variables_named};
pub use write::{Described, FILE_NAME, write};
