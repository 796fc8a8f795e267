//! Passwords.

mod change;
mod common;
mod hash;
mod rules;

pub(super) use hash::NOBODYS;
pub(crate) use hash::Passwords;
pub use rules::PasswordError;
