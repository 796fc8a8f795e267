//! Signed requests (contract row S5): what a request says of its signature, and what has to be signed.

mod key;

pub use key::SigningKey;
