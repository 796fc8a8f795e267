//! Signed requests (contract row S5): what a request says of its signature, and what has to be signed.
//!
//! Three forms on the wire end in the same [`Claim`]: which pair, when, what for a text, and the signature.

mod body;
mod cavage;
mod claim;
mod component;
mod dictionary;
mod digest;
mod fault;
mod fields;
mod input;
mod key;
mod look;
mod plain;
mod rfc9421;
mod shown_name;
#[cfg(test)]
mod tests;
mod text;

pub use body::Body;
pub use claim::{Claim, Mark};
pub use fault::SignatureFault;
pub use key::SigningKey;
pub use look::looks_signed;
pub(crate) use look::{challenge, look, own_headers};
pub use shown_name::ShownName;
