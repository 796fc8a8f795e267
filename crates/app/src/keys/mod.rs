//! The life of keys.

mod allow;
mod create;
mod life;
mod pair;
mod read;
mod view;

pub(crate) use view::ROW;
