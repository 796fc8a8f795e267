//! Passwords.

mod change;
mod common;
mod hash;
mod rules;

pub(crate) use hash::Passwords;
pub(super) use hash::NOBODYS;
pub use rules::PasswordError;
