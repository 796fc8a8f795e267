//! Keys and key pairs.

mod input;
mod life;
mod list;
mod make;
mod notes;
mod view;

pub(super) use life::LifeMutation;
pub(super) use list::KeyQuery;
pub(super) use make::MakeMutation;
pub(super) use notes::NoteMutation;
