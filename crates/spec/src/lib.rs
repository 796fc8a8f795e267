//! OpenAPI documents, read into the endpoints that a decision needs.
//!
//! This crate is pure: a document is a text, and what it refers to in other files is not read. The document is first
//! read into a tree that remembers where everything stands ([`yaml`]), so that every mistake has a line and a column;
//! each operation of the tree is then held against the types of the specification's own version.

mod dialect;
mod permissions;
mod prune;
mod publish;
mod read;
mod template;
pub mod yaml;

pub use publish::publish;
pub use read::{Spec, read};
pub use template::{SegmentError, TemplateError, check_literal};

/// Why a text is not a document that can be read, and where.
pub type SpecError = yaml::YamlError;
