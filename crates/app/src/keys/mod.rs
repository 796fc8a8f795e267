//! The life of keys.

mod bulk;
mod create;
mod default_api;
mod edit;
mod hand_on;
mod import;
mod life;
mod notes;
mod pair;
mod part;
mod read;
mod rotate;
mod secret;
mod sort;
mod view;

pub use import::{Import, ImportLine, ImportOutcome, ImportReport};
pub use sort::{KeyPlace, KeyPlaceError, KeySort};
pub(crate) use view::ROW;
