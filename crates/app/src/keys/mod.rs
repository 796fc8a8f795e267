//! The life of keys.

mod allow;
mod bulk;
mod create;
mod default_api;
mod hand_on;
mod import;
mod life;
mod notes;
mod pair;
mod read;
mod rotate;
mod secret;
mod view;

pub use import::{Import, ImportLine, ImportOutcome, ImportReport};
pub(crate) use view::ROW;
