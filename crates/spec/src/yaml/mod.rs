//! YAML, and so JSON, read into a tree that remembers the line and the column of everything.
//!
//! Types are read out of the tree rather than out of the text, because types that buffer (`untagged`, `flatten`,
//! `tag`) lose the place of a mistake otherwise, and because a check that comes after reading needs places too.

mod closest;
mod deserialize;
mod error;
pub(crate) mod node;
mod parse;
mod serialize;
mod write;

pub use closest::{closest, shown};
pub use error::{WriteError, YamlError};
pub use node::{Key, Node, Place};
pub use parse::{Limits, parse};
pub use write::write;
