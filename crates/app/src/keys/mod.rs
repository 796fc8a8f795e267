//! The life of keys.

mod allow;
mod bulk;
mod create;
mod life;
mod notes;
mod pair;
mod read;
mod rotate;
mod secret;
mod view;

pub(crate) use view::ROW;
