//! The life of keys.

mod allow;
mod create;
mod life;
mod read;
mod view;

pub(crate) use view::ROW;
