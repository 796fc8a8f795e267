//! The life of keys.

mod allow;
mod create;
mod import;
mod life;
mod read;
mod view;

pub use import::{Import, ImportLine, ImportOutcome, ImportReport};
pub(crate) use view::ROW;
