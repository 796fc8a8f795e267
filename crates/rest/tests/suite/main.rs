//! Management over REST, on an installation in memory: every answer is held against the document.

mod catalogue;
mod credential;
mod keys;
mod lists;
mod matrix;
mod once;
mod passkeys;
mod people;
mod records;
mod requests;
mod signing_in;
mod site;
mod sso;
mod standing;
